"""The verdict: the cluster's state in one word, with every reason for it. Pure.

A condition that an election passes through has to outlast the election before it is called a
verdict; until then the verdict is ``unknown``, and the reason says what is being waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vip_tui.cluster import Cluster
from vip_tui.keepalived.recipe import ADVERT_INTERVAL_S
from vip_tui.keepalived.timers import election_limit
from vip_tui.live.drift import drift
from vip_tui.live.model import WORST_FIRST, NodeView, ProbeView, Reason, Verdict

# What has to last before it is called by its name; each has a clock of its own.
Condition = Literal["split-brain", "no-master", "stale-vip", "empty-master", "silent"]
_SLACK_S = 0.5  # between a change on a node and our knowing of it


@dataclass(frozen=True, slots=True)
class Timing:
    """How long (seconds) a condition may last before it is called what it looks like."""

    no_master: float
    split_brain: float
    stale_vip: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The worst verdict, all reasons worst first, and since when each condition has lasted."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    pending: tuple[tuple[Condition, float], ...]


def timing(priorities: Sequence[int | None]) -> Timing:
    """The limits from the cluster's own timers; an unknown priority counts as the lowest."""
    known = tuple(priority or 1 for priority in priorities)
    election = election_limit(known, ADVERT_INTERVAL_S)
    # Of two masters one gives way at the other's next advertisement (RFC 3768, section 6.4.3).
    return Timing(
        no_master=election + _SLACK_S,
        split_brain=2 * ADVERT_INTERVAL_S + _SLACK_S,
        stale_vip=ADVERT_INTERVAL_S + _SLACK_S,
    )


def judge(
    cluster: Cluster,
    nodes: Sequence[NodeView],
    probe: ProbeView,
    limits: Timing,
    pending: tuple[tuple[Condition, float], ...],
    at: float,
) -> Judgement:
    """The verdict on these nodes at this moment (seconds, our monotonic clock)."""
    conditions: tuple[tuple[Condition, Reason | None, float], ...] = (
        ("split-brain", _split_brain(nodes), limits.split_brain),
        ("no-master", _no_master(cluster, nodes), limits.no_master),
        ("stale-vip", _stale_vip(nodes), limits.stale_vip),
        ("empty-master", _empty_master(nodes), limits.stale_vip),
        ("silent", _silent(nodes, probe, limits), 0.0),
    )
    since = dict(pending)
    lasting: list[tuple[Condition, float]] = []
    reasons: list[Reason] = []
    for condition, reason, limit in conditions:
        if reason is None:
            continue
        began = since.get(condition, at)
        lasting.append((condition, began))
        if at - began >= limit:
            reasons.append(reason)
        else:
            reasons.append(_unsettled(reason, limit))
    reasons += [*_unknown(nodes), *drift(cluster, nodes), *_degraded(nodes)]
    reasons.sort(key=lambda reason: WORST_FIRST.index(reason.verdict))
    verdict = reasons[0].verdict if reasons else "healthy"
    return Judgement(verdict, tuple(reasons), tuple(lasting))


def _unsettled(reason: Reason, limit: float) -> Reason:
    waiting = f"{reason.text}; an election may be under way"
    remedy = f"It settles within {limit:.1f} s."
    return Reason("unknown", waiting, reason.evidence, remedy, passing=True)


def _split_brain(nodes: Sequence[NodeView]) -> Reason | None:
    masters = [node for node in nodes if node.state == "master" and node.holds]
    if len(masters) < 2:
        return None
    *first, last = [node.name for node in masters]
    names = f"{', '.join(first)} and {last} are {'both' if len(first) == 1 else 'all'}"
    return Reason(
        "split-brain",
        f"{names} master and hold the VIP",
        "; ".join(f"{node.name}: {', '.join(node.holds)}" for node in masters),
        "They do not hear each other: look at the firewall (IP protocol 112), password and VRID.",
    )


def _no_master(cluster: Cluster, nodes: Sequence[NodeView]) -> Reason | None:
    held = {vip for node in nodes for vip in node.holds}
    missing = [str(vip.address) for vip in cluster.vip if str(vip.address) not in held]
    if not missing or any(not node.holds_known for node in nodes):
        return None
    states = "; ".join(f"{node.name} {node.state}" for node in nodes)
    text = f"nobody holds {', '.join(missing)}"
    return Reason("no-master", text, states, "Start keepalived on a node: `vip-tui apply`.")


def _silent(nodes: Sequence[NodeView], probe: ProbeView, limits: Timing) -> Reason | None:
    """The kernel and keepalived say that the VIP is up, but nobody answers for it here."""
    holders = [node for node in nodes if node.state == "master" and node.holds]
    if not probe.asked or len(holders) != 1 or (probe.silent or 0.0) < limits.no_master:
        return None
    return Reason(
        "unknown",
        f"{holders[0].name} holds the VIP, but it does not answer from here",
        f"no answer for {probe.silent:.0f} s",
        "Is there a route from here, and may the probe through the firewall? Key `probe`.",
    )


def _stale_vip(nodes: Sequence[NodeView]) -> Reason | None:
    stale = [node for node in nodes if node.holds and node.state not in ("master", "unknown")]
    if not stale:
        return None
    node = stale[0]
    return Reason(
        "stale-vip",
        f"{node.name} holds {', '.join(node.holds)} but its keepalived is {node.state}",
        "the address is on the interface; the container and its log say otherwise",
        _stale_remedy(node),
    )


def _stale_remedy(node: NodeView) -> str:
    if node.state == "paused":  # it goes on as master, whatever is done to the address
        return f"On {node.name}: `docker unpause keepalived`."
    return f"On {node.name}: `ip addr del`, or start its container."


def _unknown(nodes: Sequence[NodeView]) -> list[Reason]:
    reasons = []
    holders = [node for node in nodes if node.holds]
    unseen = [node for node in nodes if not node.holds_known]
    if unseen and not holders:
        names = ", ".join(node.name for node in unseen)
        problems = [node.problem for node in unseen if node.problem]
        evidence = "; ".join(problem.title for problem in problems)
        text = f"no holder is seen, and {names} cannot be asked"
        remedy = problems[0].hint if problems else "Wait for the connection."
        reasons.append(Reason("unknown", text, evidence, remedy))
    for node in nodes:
        if node.state != "unknown":
            continue
        text = (
            f"{node.name} holds the VIP; what its keepalived believes is not known"
            if node.holds
            else f"whether {node.name} could take over is not known"
        )
        evidence = str(node.problem) if node.problem else "its log has not said yet"
        remedy = node.problem.hint if node.problem else f"Look at {node.name}'s keepalived log."
        reasons.append(Reason("unknown", text, evidence, remedy))
    return reasons


def _empty_master(nodes: Sequence[NodeView]) -> Reason | None:
    """For a moment after a stop the log is behind the kernel; for longer it is a contradiction."""
    empty = [node.name for node in nodes if node.state == "master" and not node.holds]
    if not empty:
        return None
    return Reason(
        "unknown",
        f"{empty[0]} is master by its log, but the VIP is not on its interface",
        "the log and the kernel's addresses disagree",
        f"On {empty[0]}: `docker restart keepalived`.",
    )


def _degraded(nodes: Sequence[NodeView]) -> list[Reason]:
    return [
        Reason(
            "degraded",
            f"{node.name} cannot take over: {node.state}",
            str(node.problem) if node.problem else "",
            _degraded_remedy(node),
        )
        for node in nodes
        if not node.holds and node.state not in ("backup", "master", "unknown")
    ]


def _degraded_remedy(node: NodeView) -> str:
    if node.problem is not None and node.problem.hint:
        return node.problem.hint
    return {
        "stopped": f"On {node.name}: `docker start keepalived`.",
        "absent": "`vip-tui apply` creates it.",
        "paused": f"On {node.name}: `docker unpause keepalived`.",
        "fault": f"Is {node.name}'s interface up?",
    }.get(node.state, f"Look at {node.name}'s keepalived log.")
