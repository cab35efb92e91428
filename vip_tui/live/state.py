"""The reducer: observations in, one frozen Snapshot out. Pure; the clock is an argument."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from vip_tui.cluster import Cluster
from vip_tui.keepalived.spec import ContainerState
from vip_tui.live import observations as seen
from vip_tui.live.model import Event, NodeView, NodeWord, ProbeView, Snapshot, Verdict
from vip_tui.live.verdict import Condition, Timing, judge

EVENTS_KEPT = 500


@dataclass(frozen=True, slots=True)
class State:
    """All that was observed so far; ``reduce`` makes the next one."""

    cluster: Cluster
    timing: Timing
    nodes: tuple[NodeView, ...]
    probe: ProbeView = field(default_factory=ProbeView)
    events: tuple[Event, ...] = ()
    epoch: float = 0.0
    verdict: Verdict = "unknown"
    verdict_since: float = 0.0
    pending: tuple[tuple[Condition, float], ...] = field(default=())


def initial(cluster: Cluster, timing: Timing, at: float, epoch: float = 0.0) -> State:
    """Nothing seen yet: everything is unknown."""
    nodes = tuple(
        NodeView(node.label, node.endpoint, priority=node.priority) for node in cluster.nodes
    )
    return State(cluster, timing, nodes, epoch=epoch, verdict_since=at)


def reduce(state: State, observation: seen.Observation) -> State:
    """The state after one more observation."""
    if isinstance(observation, seen.Probed):
        probe = ProbeView(
            observation.silent, observation.took, asked=True, recent=observation.recent
        )
        return settle(replace(state, probe=probe), observation.at)
    if isinstance(observation, seen.ProbeMissing):
        return settle(replace(state, probe=ProbeView(problem=observation.problem)), observation.at)
    before = state.nodes[observation.node]
    after = _with_word(_node_after(before, observation), observation.at)
    nodes = (*state.nodes[: observation.node], after, *state.nodes[observation.node + 1 :])
    if isinstance(observation, seen.Connected):
        nodes = _named(state.cluster, nodes)
        after = nodes[observation.node]
    events = _node_events(before, after, observation.at)
    return settle(
        replace(state, nodes=nodes, events=(*state.events, *events)[-EVENTS_KEPT:]),
        observation.at,
    )


def _node_after(node: NodeView, observation: seen.Observation) -> NodeView:
    match observation:
        case seen.Connected(hostname=hostname):
            return replace(node, hostname=hostname, connected=True, problem=None)
        case seen.Lost(problem=problem):
            return replace(
                node,
                connected=False,
                problem=problem,
                holds=(),
                holds_known=False,
                container_known=False,
                vrrp=None,
            )
        case seen.AddressesRead(held=held):
            return replace(node, holds=tuple(sorted(held)), holds_known=True)
        case seen.AddressChanged(vip=vip, held=held):
            others = set(node.holds) - {vip}
            return replace(node, holds=tuple(sorted(others | ({vip} if held else set()))))
        case seen.ContainerSeen(container=container):
            return _container_after(node, container)
        case seen.DockerLost(problem=problem):
            return replace(node, container_known=False, vrrp=None, problem=problem)
        case seen.StateEntered(state=entered):
            return replace(node, vrrp=entered)
        case _:
            return node


def _named(cluster: Cluster, nodes: tuple[NodeView, ...]) -> tuple[NodeView, ...]:
    """Name the nodes after themselves; those of one hostname by their addresses."""
    names = [
        node.name or view.hostname or view.address
        for node, view in zip(cluster.nodes, nodes, strict=True)
    ]
    return tuple(
        replace(view, name=name if names.count(name) == 1 else view.address)
        for view, name in zip(nodes, names, strict=True)
    )


def _container_after(node: NodeView, container: ContainerState | None) -> NodeView:
    same_run = (
        container is not None
        and node.container is not None
        and container.running
        and (container.id, container.started_at) == (node.container.id, node.container.started_at)
    )
    priority = container.environment.get("KEEPALIVED_PRIORITY", "") if container else ""
    return replace(
        node,
        container=container,
        container_known=True,
        problem=None,
        vrrp=node.vrrp if same_run else None,
        priority=int(priority) if priority.isdecimal() else node.priority,
    )


def _with_word(node: NodeView, at: float) -> NodeView:
    word = node_word(node)
    return node if word == node.state else replace(node, state=word, since=at)


def node_word(node: NodeView) -> NodeWord:
    """The node's state in one word, from what Docker and keepalived's log say."""
    if node.connected is False:
        return "unreachable"
    if not node.container_known:
        return "unknown"
    if node.container is None:
        return "absent"
    if node.container.status in ("paused", "restarting"):
        return "paused" if node.container.status == "paused" else "restarting"
    if not node.container.running:
        return "stopped"
    return node.vrrp or "unknown"


def _node_events(before: NodeView, after: NodeView, at: float) -> tuple[Event, ...]:
    events = []
    name = after.name
    if before.connected != after.connected:
        lost = "no connection" if before.connected is None else "connection lost"
        problem = after.problem
        lost += f": {problem.detail or problem.title}" if problem else ""
        events.append(Event(at, "connection", name, "connected" if after.connected else lost))
    if before.state != after.state and after.state not in ("unknown", "unreachable"):
        kind: Literal["transition", "container"] = (
            "transition" if after.state in ("master", "backup", "fault") else "container"
        )
        events.append(Event(at, kind, name, _state_text(after)))
    if before.holds_known and after.holds_known:
        for vip in sorted(set(after.holds) - set(before.holds)):
            events.append(Event(at, "address", name, f"has {vip}"))
        for vip in sorted(set(before.holds) - set(after.holds)):
            events.append(Event(at, "address", name, f"no longer has {vip}"))
    return tuple(events)


def _state_text(node: NodeView) -> str:
    if node.state == "stopped" and node.container is not None:
        return f"container {node.container.status} ({node.container.exit_code})"
    if node.state == "absent":
        return "no container"
    if node.state in ("paused", "restarting"):
        return f"container {node.state}"
    return f"is {node.state.upper()}"


def settle(state: State, at: float) -> State:
    """Judge anew at this moment, and note where the verdict changes."""
    judgement = judge(state.cluster, state.nodes, state.probe, state.timing, state.pending, at)
    state = replace(state, pending=judgement.pending)
    if judgement.verdict == state.verdict:
        return state
    text = f"{state.verdict} → {judgement.verdict}"
    if judgement.reasons:
        text += f": {judgement.reasons[0].text}"
    event = Event(at, "verdict", "cluster", text)
    return replace(
        state,
        verdict=judgement.verdict,
        verdict_since=at,
        events=(*state.events, event)[-EVENTS_KEPT:],
    )


def snapshot(state: State, at: float) -> Snapshot:
    """The state as one frozen picture."""
    judgement = judge(state.cluster, state.nodes, state.probe, state.timing, state.pending, at)
    return Snapshot(
        at=at,
        verdict=judgement.verdict,
        since=state.verdict_since,
        reasons=judgement.reasons,
        nodes=state.nodes,
        probe=state.probe,
        events=state.events,
        epoch=state.epoch,
    )
