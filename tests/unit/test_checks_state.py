"""The checks, once and again: what is known stays until it is known anew."""

from __future__ import annotations

from dataclasses import replace

from tests.unit import build
from tests.unit import recorded_checks as recorded
from vip_tui.tui.checks_state import Inquiry

CLUSTER = build.cluster(vrid=100)


def answered(state: Inquiry, *numbers: int) -> None:
    for number in numbers:
        assert state.take_node(number - 1, build.learnt(number))


def done() -> Inquiry:
    state = Inquiry(CLUSTER).again(CLUSTER)
    state.take(recorded.three(CLUSTER))
    return state


def test_all_nodes_are_asked_first_and_then_the_wire() -> None:
    state = Inquiry(CLUSTER).again(CLUSTER)
    assert state.asked == {0, 1, 2}
    assert state.title(2).plain == "Asking 3 nodes, all at once… 2 s"
    answered(state, 2)
    assert state.title(3).plain == "1 of 3 nodes has answered… 3 s"
    answered(state, 1)
    assert state.title(3).plain == "2 of 3 nodes have answered… 3 s"
    assert not state.listens
    answered(state, 3)
    assert state.listens
    assert state.title(1).plain == "All nodes have answered; listening on the wire… 1 s"


def test_what_needs_the_wire_is_not_told_before_it_was_asked() -> None:
    state = Inquiry(CLUSTER).again(CLUSTER)
    answered(state, 1)
    first, second, _ = state.view(0).nodes
    assert first.findings and "vip-free" not in {finding.id for finding in first.findings}
    assert not first.whole and not first.asking
    assert second.findings is None and second.asking


def test_one_node_is_asked_again_and_the_others_stay_as_they_were() -> None:
    before = done()
    state = before.again(CLUSTER, {1})
    assert state.asked == {1} and state.before is before.outcome and state.outcome is None
    first, second, third = state.view(1).nodes
    assert first.whole and third.whole
    assert second.asking and second.findings == before.view(1).nodes[1].findings
    assert second.stale == {finding.id for finding in second.findings or ()}
    assert state.title(1).plain == "Asking n2 again… 1 s"


def test_what_is_known_anew_takes_the_place_of_what_was() -> None:
    state = done().again(CLUSTER, {1})
    answered(state, 2)
    second = state.view(1).nodes[1]
    found = {finding.id: finding for finding in second.findings or ()}
    assert found["docker"].status == "pass"
    assert "docker" not in second.stale
    assert found["vip-free"].summary == recorded.FINE["vip-free"]  # from before, until it is heard
    assert "vip-free" in second.stale


def test_a_node_that_is_still_being_asked_goes_on_being_asked() -> None:
    state = done().again(CLUSTER, {1}).again(CLUSTER, {2})
    assert state.asked == {1, 2}
    assert state.title(0).plain == "Asking n2, n3 again… 0 s"


def test_another_cluster_is_asked_from_the_beginning() -> None:
    other = replace(CLUSTER, nodes=(*CLUSTER.nodes[:2], build.node(7)))
    state = done().again(other, {1})
    assert state.before is None and state.asked == {0, 1, 2}
    assert state.view(0).nodes[0].findings is None


def test_what_may_fail_is_no_other_cluster() -> None:
    state = done().again(replace(CLUSTER, allow=("docker",)), {1})
    assert state.before is not None and state.asked == {1}


def test_news_of_a_run_that_was_given_up_are_not_taken() -> None:
    state = done().again(CLUSTER, {1})
    assert not state.take_node(0, build.learnt(1))  # is not asked
    assert not state.take_node(1, build.learnt(3))  # another node
    other = replace(CLUSTER, nodes=(*CLUSTER.nodes[:2], build.node(7)))
    assert not state.take(recorded.three(other))
    assert state.outcome is None


def test_news_after_the_end_change_nothing() -> None:
    state = done()
    assert not state.take_node(1, build.learnt(2))
    assert state.view(0).nodes[1].fine == 13


def test_what_is_accepted_stands_in_nobody_s_way_and_is_counted() -> None:
    state = done()
    assert state.title(0).plain.startswith("✖ docker on n2 stands in the way. ")
    state.allow(("docker",))
    assert state.outcome is not None and state.outcome.cluster.allow == ("docker",)
    said = "✔ Nothing stands in the way. Enter makes the plan."
    assert state.title(0).plain == f"{said} (1 accepted risk, 1 warning, 1 unknown)"


def test_what_is_unknown_is_told_also_where_nothing_stands_in_the_way() -> None:
    state = Inquiry(CLUSTER).again(CLUSTER)
    state.take(recorded.outcome(CLUSTER, {}, recorded.NOT_HEARD))
    assert state.title(0).plain.endswith("Enter makes the plan. (1 unknown)")
