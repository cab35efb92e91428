"""The node's part in a Docker Swarm. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster
from vip_tui.preflight.checks.unseen import unseen_docker
from vip_tui.preflight.docker_facts import Swarm
from vip_tui.preflight.learnt import Finding, Learnt

# What a node says of itself that is neither in a Swarm nor out of one.
_NEITHER = {
    "pending": ("is still joining its Swarm", "On the node: `docker info`; are the managers up?"),
    "locked": ("is a manager that is locked", "On the node: `docker swarm unlock`."),
    "error": ("cannot take part in its Swarm", "On the node: `journalctl -u docker`."),
}


def swarm(_cluster: Cluster, one: Learnt, others: Sequence[Learnt]) -> Finding:
    said = one.docker.swarm if one.docker else None
    if said is None:
        return unseen_docker("swarm", one)
    role = "manager" if said.manager else "worker"
    if said.state in _NEITHER:
        words, remedy = _NEITHER[said.state]
        evidence = said.error or f"LocalNodeState {said.state}"
        return Finding("swarm", "warn", f"the node {words}", evidence, remedy)
    neighbours = [
        (other.name, other.docker.swarm)
        for other in others
        if other is not one and other.docker and other.docker.swarm and other.docker.swarm.active
    ]
    if not said.active:
        return _outside(said, [name for name, _ in neighbours])
    strangers = [name for name, their in neighbours if not _same(said, their)]
    if strangers:
        evidence = f"managers {', '.join(manager.address for manager in said.managers)}"
        summary = f"in another Swarm than {', '.join(strangers)}"
        remedy = "A published port answers only within its own Swarm: take nodes of one of them."
        return Finding("swarm", "warn", summary, evidence, remedy)
    return _inside(said, role)


def _outside(said: Swarm, neighbours: list[str]) -> Finding:
    evidence = f"LocalNodeState {said.state}"
    if neighbours:
        summary = f"not in the Swarm that {', '.join(neighbours)} {_are(neighbours)} in"
        remedy = "While it holds the VIP, no published port of the Swarm answers: let it join."
        return Finding("swarm", "warn", summary, evidence, remedy)
    summary = "no Swarm: a published port answers only on the node where its container runs"
    return Finding("swarm", "pass", summary, evidence)


def _inside(said: Swarm, role: str) -> Finding:
    evidence = f"{role}, {said.availability}, {said.seen_as}"
    if said.error:  # such as a lost quorum
        remedy = "On a manager: `docker node ls`; is a majority of the managers up?"
        return Finding("swarm", "warn", f"{role} of a Swarm that is not well", said.error, remedy)
    if said.availability is None:
        return Finding(
            "swarm",
            "unknown",
            f"{role}; whether it is drained only a manager knows, and none could be asked",
            f"node {said.node_id[:12]}",
            "On a manager: `docker node ls`, or take a manager into the cluster.",
        )
    if said.seen_as not in ("ready", None):
        summary = f"{role}, but the managers see it as {said.seen_as}"
        remedy = "Does the node reach the managers on TCP 2377 and 7946, UDP 7946 and 4789?"
        return Finding("swarm", "warn", summary, evidence, remedy)
    if said.availability == "drain":
        summary = f"{role}, drained: it runs no service, but can hold the VIP and route to those"
        remedy = "If it is to be switched off, leave it out; else nothing is to be done."
        return Finding("swarm", "warn", summary, evidence, remedy)
    return Finding("swarm", "pass", f"{role}, {said.availability}", evidence)


def _same(one: Swarm, other: Swarm) -> bool:
    """Whether two nodes are in one Swarm: its nodes know its managers by their ids."""
    ours = {manager.node_id for manager in one.managers}
    theirs = {manager.node_id for manager in other.managers}
    return not ours or not theirs or bool(ours & theirs)


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


CHECKS = {"swarm": swarm}
