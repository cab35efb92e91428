"""Clocks against each other: what a round trip allows to say, and when the check warns."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import cluster, host, learnt, machine
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.clock import Clock, clock_offset
from vip_tui.preflight.learnt import Finding, Learnt


def found(one: Learnt, *others: Learnt) -> Finding:
    return {item.id: item for item in check_node(cluster(), one, (one, *others))}["clock"]


def with_clock(number: int, offset: float, doubt: float = 0.05) -> Learnt:
    return replace(learnt(number), clock=Clock(offset, doubt))


@pytest.mark.parametrize(
    ("offset", "doubt", "status", "words"),
    [
        (0.0, 0.05, "pass", "goes with ours"),
        (1.04, 0.05, "pass", "goes with ours"),
        (1.3, 0.05, "warn", "1.3 s ahead of this machine's"),
        (-9.5, 0.05, "warn", "9.5 s behind this machine's"),
        (3.0, 2.5, "pass", "goes with ours"),
        (7200.0, 0.1, "warn", "2.0 h ahead of"),
        (-864_000.0, 0.1, "warn", "10.0 days behind"),
        (150.0, 0.1, "warn", "2.5 min ahead of"),
    ],
)
def test_a_clock_is_off_only_beyond_what_the_round_trip_leaves_open(
    offset: float, doubt: float, status: str, words: str
) -> None:
    item = found(with_clock(1, offset, doubt), with_clock(2, 0.0))
    assert (item.status, words in item.summary) == (status, True), item
    assert f"{offset:+.3f} s, give or take {doubt:.3f} s" in item.evidence
    assert ("NTP" in item.remedy) is (status == "warn")


def test_where_all_nodes_agree_it_is_our_clock_that_is_off() -> None:
    item = found(with_clock(1, 90.0), with_clock(2, 90.1), with_clock(3, 89.9))
    assert (item.status, "and so are all nodes" in item.summary) == ("warn", True)
    assert "set the clock of this machine" in item.remedy


def test_a_node_is_not_blamed_for_the_clock_of_another() -> None:
    good, bad = with_clock(1, 0.1), with_clock(2, -30.0)
    assert found(good, bad).status == "pass"
    assert found(bad, good).status == "warn"


def test_clocks_that_are_apart_though_each_is_near_ours_are_told() -> None:
    item = found(with_clock(1, 0.9), with_clock(2, -0.8))
    assert (item.status, "1.7 s apart from n2's" in item.summary) == ("warn", True)


def test_a_clock_that_was_not_told_is_unknown() -> None:
    item = found(replace(learnt(1), clock=None))
    assert (item.status, "date -u" in item.remedy) == ("unknown", True)


def test_whole_seconds_are_said() -> None:
    one = learnt(1, facts=host(1, machine=machine(1, clock_resolution_s=1.0)))
    assert "whole seconds" in found(replace(one, clock=Clock(0.2, 0.6))).evidence


MOMENTS = st.floats(1.6e9, 2.2e9)


@given(
    sent=MOMENTS,
    outward=st.floats(0, 5),
    back=st.floats(0, 5),
    skew=st.floats(-1e5, 1e5),
    resolution=st.sampled_from([1.0, 1e-9]),
)
def test_the_true_offset_is_always_within_the_doubt(
    sent: float, outward: float, back: float, skew: float, resolution: float
) -> None:
    read = sent + outward + skew
    told = float(int(read)) if resolution == 1.0 else read
    seen = machine(1, clock_s=told, clock_resolution_s=resolution)
    clock = clock_offset(sent, sent + outward + back, seen)
    assert clock is not None
    assert abs(clock.offset_s - skew) <= clock.uncertainty_s + 1e-5
    assert clock.uncertainty_s <= (outward + back + resolution) / 2 + 1e-5


def test_no_offset_without_a_time_or_where_ours_was_set_back() -> None:
    assert clock_offset(10.0, 11.0, machine(1, clock_s=None)) is None
    assert clock_offset(1_795_404_807.0, 1_795_404_806.0, machine(1)) is None
