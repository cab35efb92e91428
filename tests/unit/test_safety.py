"""Whether a drill may run, what it would do, and what its outcome means."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import VIP
from vip_tui.drill import safety
from vip_tui.errors import RefusedError, VipError
from vip_tui.live.model import NodeView, ProbeView, Reason, Snapshot

N1 = NodeView("n1", "198.18.0.11", "master", holds=(VIP,), holds_known=True, priority=200)
N2 = NodeView("n2", "198.18.0.12", "backup", holds_known=True, priority=150)
N3 = NodeView("n3", "198.18.0.13", "backup", holds_known=True, priority=100)
HEALTHY = Snapshot(
    at=1000.0,
    verdict="healthy",
    since=0.0,
    reasons=(),
    nodes=(N1, N2, N3),
    probe=ProbeView(silent=0.1, took=0.0004, asked=True),
    events=(),
)


def test_a_healthy_cluster_may_be_drilled() -> None:
    assert safety.refusals(HEALTHY) == []


@pytest.mark.parametrize(
    "verdict", ["split-brain", "no-master", "stale-vip", "unknown", "drift", "degraded"]
)
def test_any_other_verdict_refuses_with_its_reasons(verdict: Any) -> None:
    picture = replace(HEALTHY, verdict=verdict, reasons=(Reason(verdict, "n3 is down"),))
    refusals = safety.refusals(picture)
    assert verdict in refusals[0]
    assert "n3 is down" in refusals


def test_without_a_healthy_backup_the_drill_is_refused() -> None:
    picture = replace(HEALTHY, nodes=(N1, replace(N2, state="stopped")))
    assert "no healthy backup could take over" in safety.refusals(picture)


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        (ProbeView(problem=VipError("this machine may not send ping")), "may not send ping"),
        (ProbeView(silent=5.0, took=None, asked=True), "does not answer from here"),
        (ProbeView(), "does not answer from here"),
    ],
)
def test_without_an_answer_from_here_nothing_could_be_measured(
    probe: ProbeView, words: str
) -> None:
    (refusal,) = safety.refusals(replace(HEALTHY, probe=probe))
    assert "cannot be measured" in refusal
    assert words in refusal


def test_an_unsafe_picture_is_refused_with_every_reason() -> None:
    picture = replace(HEALTHY, verdict="degraded", nodes=(N1,), probe=ProbeView())
    with pytest.raises(RefusedError) as caught:
        safety.require_safe(picture)
    assert len(caught.value.detail.split("; ")) == 3


def test_the_blast_radius_names_who_gives_up_who_takes_over_and_within_which_bound() -> None:
    radius = safety.blast_radius(HEALTHY)
    assert (radius.source, radius.target, radius.vips) == ("n1", "n2", (VIP,))
    assert radius.bound_s == pytest.approx(0.4140625)
    assert radius.text == f"n1 gives up {VIP}; n2 should take it within 0.41 s"


def test_the_backup_with_the_highest_priority_should_take_over() -> None:
    picture = replace(HEALTHY, nodes=(replace(N2, priority=10), N1, N3))
    radius = safety.blast_radius(picture)
    assert (radius.source, radius.target) == ("n1", "n3")
    assert radius.bound_s == pytest.approx((256 - 100) / 256)


def test_a_backup_of_unknown_priority_counts_as_the_lowest() -> None:
    picture = replace(HEALTHY, nodes=(N1, replace(N2, priority=None)))
    assert safety.blast_radius(picture).bound_s == pytest.approx(255 / 256)


@pytest.mark.parametrize(
    ("gaps", "answers", "words"),
    [
        ([], 100, None),
        ([0.03, 0.1], 100, None),
        ([0.03, 0.15], 100, "a gap of 150 ms"),
        ([], 50, None),
        ([], 49, "only 49 of about 100"),
        ([], 0, "only 0 of about 100"),
    ],
)
def test_a_baseline_has_to_be_quiet(gaps: list[float], answers: int, words: str | None) -> None:
    noise = safety.noisy(gaps, answers, 100)
    assert noise is None if words is None else noise is not None and words in noise


@pytest.mark.parametrize(
    ("outage_s", "taken_by", "restored", "limit_s", "outcome"),
    [
        (0.42, "n2", True, None, "passed"),
        (0.0, "n2", True, None, "passed"),
        (0.414 + safety.MARGIN_S, "n2", True, None, "passed"),
        (0.7, "n2", True, None, "failed"),
        (0.7, "n2", True, 1.0, "passed"),
        (0.42, "n2", True, 0.4, "failed"),
        (0.42, None, True, None, "failed"),
        (0.42, "n2", False, None, "failed"),
        (None, "n2", True, None, "inconclusive"),
        (None, None, True, None, "failed"),
        (None, "n2", False, None, "failed"),
    ],
)
def test_the_outcome(
    outage_s: float | None,
    taken_by: str | None,
    restored: bool,
    limit_s: float | None,
    outcome: str,
) -> None:
    found, reasons = safety.verdict(outage_s, 0.414, taken_by, restored, limit_s)
    assert found == outcome
    assert (reasons == []) == (outcome == "passed")


@given(
    outage_s=st.none() | st.floats(0, 100),
    taken_by=st.none() | st.just("n2"),
    restored=st.booleans(),
    limit_s=st.none() | st.floats(0, 10),
)
def test_a_drill_passes_only_where_all_was_seen_to_go_well(
    outage_s: float | None, taken_by: str | None, restored: bool, limit_s: float | None
) -> None:
    outcome, _ = safety.verdict(outage_s, 0.414, taken_by, restored, limit_s)
    if outcome == "passed":
        assert outage_s is not None
        assert taken_by is not None
        assert restored
        assert outage_s <= (0.414 + safety.MARGIN_S if limit_s is None else limit_s)


def test_an_outage_over_the_limit_is_told_in_milliseconds() -> None:
    _, reasons = safety.verdict(0.7, 0.414, "n2", True, 0.5)
    assert reasons == ["700 ms without the VIP, over the most allowed: 0.50 s"]
