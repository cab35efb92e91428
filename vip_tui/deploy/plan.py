"""What apply would change: the observed state against the wanted one. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vip_tui.keepalived.recipe import (
    ADVERT_INTERVAL_S,
    IMAGE_DEFAULTS,
    run_command,
)
from vip_tui.keepalived.spec import CONTAINER_NAME, ContainerState, Difference, differences
from vip_tui.keepalived.timers import clean_stop_bound, master_down_interval
from vip_tui.nodes.commands import LOAD_IP_VS, PERSIST_IP_VS
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.resolve import ResolvedCluster, ResolvedNode

Action = Literal["load-ip_vs", "persist-ip_vs", "pull", "create", "replace", "start", "leave"]
Kind = Literal["none", "fresh", "rolling", "cut-over"]

# Old and new containers that differ in one of these ignore each other's advertisements.
CUTS_OVER = frozenset({"KEEPALIVED_ROUTER_ID", "KEEPALIVED_PASSWORD", "KEEPALIVED_VIRTUAL_IPS"})


@dataclass(frozen=True, slots=True)
class Step:
    """One change on one node, with the shell commands that would do the same."""

    action: Action
    summary: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NodePlan:
    """What is done on one node."""

    target: ResolvedNode
    steps: tuple[Step, ...]
    changed: tuple[Difference, ...] = ()

    @property
    def name(self) -> str:
        """The node's name."""
        return self.target.name

    @property
    def container_action(self) -> Action:
        """What happens to the container: create, replace, start or leave."""
        return self.steps[-1].action


@dataclass(frozen=True, slots=True)
class Plan:
    """All that apply would do, of what kind it is, and what it costs the clients."""

    resolved: ResolvedCluster
    kind: Kind
    cost: str
    nodes: tuple[NodePlan, ...]
    holder: str | None

    @property
    def changes(self) -> int:
        """How many steps change something."""
        return sum(step.action != "leave" for node in self.nodes for step in node.steps)

    def as_dict(self) -> dict[str, object]:
        """The plan of the JSON contract."""
        return {
            "changes": self.changes,
            "kind": self.kind,
            "cost": self.cost,
            "nodes": [
                {
                    "name": node.name,
                    "steps": [
                        {
                            "action": step.action,
                            "summary": step.summary,
                            "commands": list(step.commands),
                        }
                        for step in node.steps
                    ],
                }
                for node in self.nodes
            ],
        }


def make_plan(resolved: ResolvedCluster, learnt: Sequence[Learnt]) -> Plan:
    """Compare what was learnt with what is wanted."""
    nodes = tuple(
        _node_plan(target, one) for target, one in zip(resolved.nodes, learnt, strict=True)
    )
    kind = _kind(nodes, learnt)
    holder = next(
        (
            target.name
            for target, one in zip(resolved.nodes, learnt, strict=True)
            if one.host is not None
            and any(one.host.holds(vip.address) for vip in resolved.router.vips)
        ),
        None,
    )
    return Plan(resolved, kind, _cost(kind, nodes, holder), nodes, holder)


def _node_plan(target: ResolvedNode, one: Learnt) -> NodePlan:
    steps = []
    host = one.host
    if host is not None and host.ip_vs == "loadable":
        steps.append(Step("load-ip_vs", "load ip_vs", (LOAD_IP_VS.script,)))
    if host is not None and host.ip_vs in ("loaded", "loadable") and not host.ip_vs_persisted:
        summary = "load ip_vs at every boot"
        steps.append(Step("persist-ip_vs", summary, (PERSIST_IP_VS.script.strip(),)))
    docker = one.docker
    container = docker.container if docker else None
    changed = differences(target.spec, container, IMAGE_DEFAULTS) if container else ()
    if container is not None and not changed:
        steps.append(_keep(container))
        return NodePlan(target, tuple(steps))
    if docker is None or not docker.image_present:
        command = shlex.join(["docker", "pull", target.spec.image])
        steps.append(Step("pull", f"pull {target.spec.image}", (command,)))
    steps.append(_make(target, container, changed))
    return NodePlan(target, tuple(steps), changed)


def _keep(container: ContainerState) -> Step:
    if container.status == "paused":
        command = f"docker unpause {CONTAINER_NAME}"
        return Step("start", "let the paused container go on", (command,))
    if container.status not in ("running", "restarting"):
        summary = f"start the container, which is {container.status}"
        return Step("start", summary, (f"docker start {CONTAINER_NAME}",))
    return Step("leave", "as it should be")


def _make(
    target: ResolvedNode, container: ContainerState | None, changed: tuple[Difference, ...]
) -> Step:
    run = run_command(target.spec)
    if container is None:
        summary = f"create keepalived, priority {target.member.priority}"
        return Step("create", summary, (run,))
    fields = "; ".join(str(difference) for difference in changed)
    former = (f"docker rm -f {CONTAINER_NAME}",)
    return Step("replace", f"replace keepalived: {fields}", (*former, run))


def _kind(nodes: Sequence[NodePlan], learnt: Sequence[Learnt]) -> Kind:
    touched = [node for node in nodes if any(step.action != "leave" for step in node.steps)]
    if not touched:
        return "none"
    running = [
        any(difference.field in CUTS_OVER for difference in node.changed)
        for node, one in zip(nodes, learnt, strict=True)
        if one.docker and one.docker.container and one.docker.container.running
    ]
    if not running:
        return "fresh"
    # Where one runs that is right already, the others join it; only where none does, all change.
    return "cut-over" if all(running) else "rolling"


def _cost(kind: Kind, nodes: Sequence[NodePlan], holder: str | None) -> str:
    priorities = [node.target.member.priority for node in nodes]
    if kind == "none":
        return "nothing to do"
    if kind == "fresh":
        down = master_down_interval(max(priorities), ADVERT_INTERVAL_S)
        return f"none: nobody holds the VIP yet; it answers about {down:.1f} s after the start"
    if kind == "cut-over":
        down = master_down_interval(max(priorities), ADVERT_INTERVAL_S)
        return f"the VIP is down for about {down:.1f} s: old and new do not hear each other"
    moved = [node for node in nodes if node.name == holder]
    if not moved or moved[0].container_action != "replace":
        return "none: the holder is not touched"
    others = [
        priority for node, priority in zip(nodes, priorities, strict=True) if node != moved[0]
    ]
    gap = clean_stop_bound(tuple(others), ADVERT_INTERVAL_S)
    return f"one handover, about {gap:.2f} s without the VIP; it stays where it moved to"


def start_order(plan: Plan) -> tuple[NodePlan, ...]:
    """The order in which containers change: the holder last, else the highest priority first."""
    ranked = sorted(plan.nodes, key=lambda node: -node.target.member.priority)
    if plan.kind in ("fresh", "cut-over"):
        return tuple(ranked)
    return tuple(sorted(ranked, key=lambda node: node.name == plan.holder))
