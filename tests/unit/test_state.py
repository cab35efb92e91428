"""The reducer: what is observed becomes states, events and one snapshot."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.build import VIP, cluster, container, node, spec
from tests.unit.observe import CLUSTER, LATER, LOST, RUNS, TIMING, after, full_read, healthy
from vip_tui.cluster import Node
from vip_tui.errors import VipError
from vip_tui.live import observations as seen
from vip_tui.live.model import NodeView
from vip_tui.live.state import EVENTS_KEPT, State, initial, node_word, settle, snapshot


def texts(state: State, kind: str) -> list[str]:
    return [f"{event.node}: {event.text}" for event in state.events if event.kind == kind]


def test_before_anything_is_seen_everything_is_unknown() -> None:
    picture = snapshot(initial(CLUSTER, TIMING, 0.0), 0.0)
    assert picture.verdict == "unknown"
    assert [one.state for one in picture.nodes] == ["unknown"] * 3
    assert (picture.complete, picture.holders) == (False, ())


def test_a_full_read_of_a_deployed_cluster_is_healthy() -> None:
    picture = snapshot(healthy(), LATER)
    assert (picture.verdict, picture.reasons) == ("healthy", ())
    assert picture.holders == ("n1",)
    assert [one.priority for one in picture.nodes] == [200, 150, 100]
    assert picture.complete
    assert picture.known


@pytest.mark.parametrize(
    ("view", "word"),
    [
        (NodeView("n1", "a"), "unknown"),
        (NodeView("n1", "a", connected=False), "unreachable"),
        (NodeView("n1", "a", connected=True), "unknown"),
        (NodeView("n1", "a", connected=True, container_known=True), "absent"),
    ],
)
def test_a_node_without_a_container(view: NodeView, word: str) -> None:
    assert node_word(view) == word


@pytest.mark.parametrize(
    ("status", "vrrp", "word"),
    [
        *(("running", "master", "master"), ("running", "backup", "backup")),
        *(("running", "fault", "fault"), ("running", None, "unknown")),
        *(("paused", "master", "paused"), ("restarting", "master", "restarting")),
        *(("exited", "master", "stopped"), ("created", None, "stopped"), ("dead", None, "stopped")),
    ],
)
def test_a_nodes_word_is_dockers_and_then_keepalived_s(status: str, vrrp: Any, word: str) -> None:
    view = NodeView(
        "n1",
        "a",
        connected=True,
        container=container(spec(1), status=status),
        container_known=True,
        vrrp=vrrp,
    )
    assert node_word(view) == word


def test_what_the_log_said_counts_for_its_own_run_only() -> None:
    restarted = replace(RUNS[0], started_at="2026-11-22T22:00:00Z")
    state = after(*full_read(0, "master"), seen.ContainerSeen(2.0, 0, restarted))
    assert state.nodes[0].state == "unknown"


def test_the_same_run_read_again_keeps_its_state() -> None:
    state = after(*full_read(0, "master"), seen.ContainerSeen(2.0, 0, RUNS[0]))
    assert state.nodes[0].state == "master"


def test_a_lost_node_is_unreachable_and_what_it_holds_is_not_known() -> None:
    state = after(seen.Lost(LATER, 0, LOST), state=healthy())
    view = state.nodes[0]
    assert (view.state, view.holds, view.holds_known) == ("unreachable", (), False)
    assert view.problem is LOST


def test_a_node_that_comes_back_is_seen_anew() -> None:
    state = after(seen.Lost(LATER, 0, LOST), *full_read(0, "master", 1001, [VIP]), state=healthy())
    assert snapshot(settle(state, 2000.0), 2000.0).verdict == "healthy"


def test_docker_that_is_lost_leaves_the_addresses_known() -> None:
    problem = VipError("Docker on n1 does not answer")
    view = after(seen.DockerLost(LATER, 0, problem), state=healthy()).nodes[0]
    assert (view.state, view.holds, view.holds_known) == ("unknown", (VIP,), True)


def test_an_address_that_comes_and_goes_is_followed() -> None:
    came = after(seen.AddressChanged(LATER, 1, VIP, True), state=healthy())
    assert came.nodes[1].holds == (VIP,)
    gone = after(seen.AddressChanged(LATER, 1, VIP, False), state=came)
    assert gone.nodes[1].holds == ()


def test_two_nodes_of_one_hostname_can_still_be_told_apart() -> None:
    # A drill picks the node to stop by its name.
    wanted = cluster(Node("198.18.0.11"), Node("198.18.0.12"))
    state = initial(wanted, TIMING, 0.0)
    state = after(*(seen.Connected(1.0, index, "debian") for index in (0, 1)), state=state)
    assert len({view.name for view in state.nodes}) == 2


def test_a_name_in_the_file_counts_more_than_the_hostname() -> None:
    state = after(seen.Connected(1.0, 0, "debian"))
    assert state.nodes[0].name == "n1"


@pytest.mark.parametrize("priority", ["", "high", "-1", "4.5", "²"])
def test_a_priority_that_is_no_number_does_not_replace_the_files(priority: str) -> None:
    wanted = cluster(node(1, priority=42), node(2))
    odd = replace(RUNS[0], environment={"KEEPALIVED_PRIORITY": priority})
    state = after(seen.ContainerSeen(1.0, 0, odd), state=initial(wanted, TIMING, 0.0))
    assert state.nodes[0].priority == 42


@pytest.mark.parametrize(
    ("observation", "kind", "text"),
    [
        (seen.StateEntered(LATER, 1, "master"), "transition", "n2: is MASTER"),
        (seen.StateEntered(LATER, 1, "fault"), "transition", "n2: is FAULT"),
        (seen.ContainerSeen(LATER, 1, None), "container", "n2: no container"),
        (
            seen.ContainerSeen(LATER, 1, replace(RUNS[1], status="exited", exit_code=137)),
            "container",
            "n2: container exited (137)",
        ),
        (
            seen.ContainerSeen(LATER, 1, replace(RUNS[1], status="paused")),
            "container",
            "n2: container paused",
        ),
        (seen.AddressChanged(LATER, 1, VIP, True), "address", f"n2: has {VIP}"),
        (seen.AddressesRead(LATER, 0, frozenset()), "address", f"n1: no longer has {VIP}"),
        (
            seen.Lost(LATER, 1, LOST),
            "connection",
            "n2: connection lost: reset by peer",
        ),
    ],
)
def test_what_happens_is_an_event(observation: Any, kind: str, text: str) -> None:
    before = healthy()
    state = after(observation, state=before)
    assert texts(state, kind)[-1] == text
    assert len(texts(state, kind)) == len(texts(before, kind)) + 1


@pytest.mark.parametrize(
    "observation",
    [
        seen.StateEntered(LATER, 0, "master"),
        seen.AddressesRead(LATER, 0, frozenset({VIP})),
        seen.ContainerSeen(LATER, 0, RUNS[0]),
        seen.Connected(LATER, 0, "n1"),
        seen.Probed(LATER, 0.0, 0.001),
    ],
)
def test_what_was_known_already_is_no_event(observation: Any) -> None:
    before = healthy()
    assert after(observation, state=before).events == before.events


def test_a_lost_connection_is_told_once() -> None:
    state = after(*(seen.Lost(LATER + n, 1, LOST) for n in range(5)), state=healthy())
    assert sum("connection lost" in text for text in texts(state, "connection")) == 1


def test_a_change_of_the_verdict_is_an_event_with_its_reason() -> None:
    stopped = seen.ContainerSeen(LATER, 2, replace(RUNS[2], status="exited"))
    state = after(stopped, state=healthy())
    wanted = "cluster: healthy → degraded: n3 cannot take over: stopped"
    assert texts(state, "verdict")[-1] == wanted
    assert state.verdict_since == LATER


def test_only_the_last_events_are_kept() -> None:
    flapping = (seen.AddressChanged(LATER + n, 1, VIP, n % 2 == 0) for n in range(2000))
    state = after(*flapping, state=healthy())
    assert len(state.events) == EVENTS_KEPT
    assert state.events[-1].at == LATER + 1999


def test_a_snapshot_does_not_change_afterwards() -> None:
    state = healthy()
    picture = snapshot(state, LATER)
    after(seen.Lost(LATER, 0, LOST), state=state)
    assert picture == snapshot(state, LATER)


def test_the_probes_state_is_in_the_snapshot() -> None:
    answering = after(seen.Probed(LATER, 0.2, 0.0004), state=healthy())
    assert (answering.probe.silent, answering.probe.took) == (0.2, 0.0004)
    missing = after(seen.ProbeMissing(LATER, LOST), state=answering)
    assert (missing.probe.problem, missing.probe.asked) == (LOST, False)
