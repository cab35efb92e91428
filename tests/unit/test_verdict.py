"""The verdict's table (design, section 4), and how long a condition has to last."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.build import VIP, cluster, container, spec
from vip_tui.cluster import Cluster
from vip_tui.errors import UnreachableError
from vip_tui.live.model import WORST_FIRST, NodeView, ProbeView, Verdict
from vip_tui.live.verdict import Judgement, judge, timing

CLUSTER = cluster()
LIMITS = timing([200, 150, 100])
ANSWERING = ProbeView(silent=0.1, took=0.0004, asked=True)
LOST = UnreachableError("connection to n3 lost", "reset by peer", "Is it up?")


def view(number: int, state: Any, *held: str, **more: Any) -> NodeView:
    """A node that was fully seen."""
    made = container(spec(number)) if state != "absent" else None
    plain = NodeView(
        f"n{number}",
        f"198.18.0.{10 + number}",
        state=state,
        holds=held,
        holds_known=True,
        container=made,
        container_known=True,
        connected=True,
    )
    return replace(plain, **more)


def unreachable(number: int) -> NodeView:
    return NodeView(f"n{number}", "x", state="unreachable", connected=False, problem=LOST)


MASTER, BACKUP2, BACKUP3 = view(1, "master", VIP), view(2, "backup"), view(3, "backup")


def judged(
    *nodes: NodeView,
    after: float = 1000.0,
    probe: ProbeView = ANSWERING,
    wanted: Cluster = CLUSTER,
) -> Judgement:
    """The verdict once the picture has lasted for ``after`` seconds."""
    first = judge(wanted, nodes, probe, LIMITS, (), 0.0)
    return judge(wanted, nodes, probe, LIMITS, first.pending, after)


@pytest.mark.parametrize(
    ("nodes", "verdict"),
    [
        ((MASTER, BACKUP2, BACKUP3), "healthy"),
        ((MASTER, view(2, "master", VIP), BACKUP3), "split-brain"),
        ((view(1, "backup"), BACKUP2, BACKUP3), "no-master"),
        ((view(1, "stopped"), view(2, "stopped"), view(3, "absent")), "no-master"),
        ((view(1, "stopped", VIP), view(2, "master", VIP), BACKUP3), "stale-vip"),
        ((view(1, "paused", VIP), view(2, "master", VIP), BACKUP3), "stale-vip"),
        ((view(1, "absent", VIP), view(2, "master", VIP), BACKUP3), "stale-vip"),
        ((view(1, "backup", VIP), view(2, "master", VIP), BACKUP3), "stale-vip"),
        ((view(1, "fault", VIP), BACKUP2, BACKUP3), "stale-vip"),
        ((view(1, "unknown", VIP), BACKUP2, BACKUP3), "unknown"),
        ((unreachable(1), BACKUP2, BACKUP3), "unknown"),
        ((unreachable(1), unreachable(2), unreachable(3)), "unknown"),
        ((MASTER, view(2, "stopped"), BACKUP3), "degraded"),
        ((MASTER, view(2, "fault"), BACKUP3), "degraded"),
        ((MASTER, view(2, "absent"), BACKUP3), "degraded"),
        ((MASTER, view(2, "paused"), BACKUP3), "degraded"),
        ((MASTER, view(2, "restarting"), BACKUP3), "degraded"),
        ((MASTER, BACKUP2, unreachable(3)), "degraded"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(n.state for n in value),
)
def test_each_row_of_the_table(nodes: tuple[NodeView, ...], verdict: Verdict) -> None:
    found = judged(*nodes)
    assert found.verdict == verdict
    assert (found.reasons == ()) == (verdict == "healthy")


def test_a_container_that_differs_from_the_file_is_drift() -> None:
    odd = replace(BACKUP2, container=container(spec(2, image="old:1")))
    assert judged(MASTER, odd, BACKUP3).verdict == "drift"


TWO_VIPS = cluster(vips=(VIP, "198.18.0.101"))


@pytest.mark.parametrize(
    ("held", "healthy"),
    [((VIP, "198.18.0.101"), True), ((VIP,), False), (("198.18.0.101",), False)],
)
def test_of_two_vips_the_master_has_to_hold_both(held: tuple[str, ...], healthy: bool) -> None:
    nodes = [
        replace(one, container=container(spec(n, vips=TWO_VIPS.vip)))
        for n, one in ((1, view(1, "master", *held)), (2, BACKUP2), (3, BACKUP3))
    ]
    assert (judged(*nodes, wanted=TWO_VIPS).verdict == "healthy") == healthy


def test_the_worst_reason_is_the_verdict_and_all_are_listed() -> None:
    odd = replace(view(3, "stopped"), container=container(spec(3, image="old:1")))
    found = judged(view(1, "master", VIP), view(2, "master", VIP), odd)
    listed = [reason.verdict for reason in found.reasons]
    assert found.verdict == "split-brain"
    assert listed[0] == "split-brain"
    assert {"drift", "degraded"} <= set(listed)
    assert listed == sorted(listed, key=WORST_FIRST.index)


@pytest.mark.parametrize(
    ("nodes", "verdict", "limit"),
    [
        ((view(1, "backup"), BACKUP2, BACKUP3), "no-master", LIMITS.no_master),
        ((MASTER, view(2, "master", VIP), BACKUP3), "split-brain", LIMITS.split_brain),
        ((view(1, "stopped", VIP), BACKUP2, BACKUP3), "stale-vip", LIMITS.stale_vip),
    ],
    ids=["no-master", "split-brain", "stale-vip"],
)
class TestSettling:
    def test_until_an_election_must_have_ended_it_is_unknown_and_says_so(
        self, nodes: tuple[NodeView, ...], verdict: str, limit: float
    ) -> None:
        found = judged(*nodes, after=limit - 0.001)
        assert found.verdict == "unknown"
        assert found.reasons[0].passing
        assert "an election may be under way" in found.reasons[0].text

    def test_from_then_on_it_is_what_it_looks_like(
        self, nodes: tuple[NodeView, ...], verdict: str, limit: float
    ) -> None:
        found = judged(*nodes, after=limit)
        assert found.verdict == verdict
        assert not any(reason.passing for reason in found.reasons)

    def test_after_a_good_moment_the_clock_starts_anew(
        self, nodes: tuple[NodeView, ...], verdict: str, limit: float
    ) -> None:
        first = judge(CLUSTER, nodes, ANSWERING, LIMITS, (), 0.0)
        good = judge(CLUSTER, (MASTER, BACKUP2, BACKUP3), ANSWERING, LIMITS, first.pending, 1.0)
        again = judge(CLUSTER, nodes, ANSWERING, LIMITS, good.pending, limit + 0.5)
        assert (good.verdict, again.verdict) == ("healthy", "unknown")


def test_an_election_may_take_as_long_as_the_lowest_priority_needs() -> None:
    # Three intervals of 1 s and the skew of priority 100 (RFC 3768, section 6.1).
    assert LIMITS.no_master >= 3 + (256 - 100) / 256


def test_an_unknown_priority_counts_as_the_lowest() -> None:
    assert timing([None, 150]).no_master >= 3 + 255 / 256


@pytest.mark.parametrize(
    ("probe", "verdict"),
    [
        (ProbeView(silent=LIMITS.no_master - 0.1, took=0.001, asked=True), "healthy"),
        (ProbeView(silent=LIMITS.no_master, took=0.001, asked=True), "unknown"),
        (ProbeView(silent=3600.0, took=None, asked=True), "unknown"),
        (ProbeView(problem=LOST), "healthy"),
        (ProbeView(), "healthy"),
    ],
)
def test_a_vip_that_is_held_but_does_not_answer_is_unknown(
    probe: ProbeView, verdict: Verdict
) -> None:
    assert judged(MASTER, BACKUP2, BACKUP3, probe=probe).verdict == verdict


def test_a_master_whose_vip_is_not_on_its_interface_is_not_healthy() -> None:
    assert judged(MASTER, view(2, "master"), BACKUP3).verdict != "healthy"


def test_while_one_node_cannot_be_asked_nobody_says_that_there_is_no_master() -> None:
    found = judged(view(1, "backup"), BACKUP2, unreachable(3))
    assert "no-master" not in [reason.verdict for reason in found.reasons]
    assert found.verdict == "unknown"


def test_reasons_name_the_nodes_and_what_to_do() -> None:
    found = judged(view(1, "stopped", VIP), view(2, "master", VIP), unreachable(3))
    for reason in found.reasons:
        assert any(name in reason.text for name in ("n1", "n2", "n3"))
        assert reason.remedy


def test_each_condition_has_a_clock_of_its_own() -> None:
    # The VIP is silent for long; that a node is master without it is new, and may pass.
    silent = ProbeView(silent=3600.0, took=0.001, asked=True)
    first = judge(CLUSTER, (MASTER, BACKUP2, BACKUP3), silent, LIMITS, (), 0.0)
    nodes = (MASTER, view(2, "master"), BACKUP3)
    found = judge(CLUSTER, nodes, silent, LIMITS, first.pending, 1000.0)
    (fresh,) = [reason for reason in found.reasons if "n2" in reason.text]
    assert fresh.passing
