"""All checks, in the order of the catalogue: what was learnt becomes findings. Pure.

What could not be looked at is ``unknown``, never passed over.
"""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import CHECK_IDS, Cluster
from vip_tui.preflight.checks import access as ways_in
from vip_tui.preflight.checks import (
    across_docker,
    across_machines,
    across_network,
    across_vrrp,
    docker,
    firewall,
    image,
    kernel,
    network,
    place,
    swarm,
    wire,
)
from vip_tui.preflight.checks.access import ACCESS_CHECKS
from vip_tui.preflight.checks.kinds import ClusterCheck, NodeCheck
from vip_tui.preflight.learnt import Finding, Learnt

_OF_A_NODE: dict[str, NodeCheck] = {
    **ways_in.CHECKS,
    **docker.CHECKS,
    **image.CHECKS,
    **kernel.CHECKS,
    **network.CHECKS,
    **firewall.CHECKS,
    **wire.CHECKS,
    **place.CHECKS,
    **swarm.CHECKS,
}
_OF_ALL: dict[str, ClusterCheck] = {
    **across_docker.CHECKS,
    **across_machines.CHECKS,
    **across_network.CHECKS,
    **across_vrrp.CHECKS,
}
NODE_CHECKS = (*ACCESS_CHECKS, *(name for name in CHECK_IDS if name in _OF_A_NODE))
CLUSTER_CHECKS = tuple(name for name in CHECK_IDS if name in _OF_ALL)
# These need what is heard on the wire, or what others say: nodes, a registry, a manager.
LATE_CHECKS = frozenset({"vip-free", "routes", "firewall", "image", "swarm", "clock"})


def check_node(cluster: Cluster, one: Learnt, others: Sequence[Learnt]) -> tuple[Finding, ...]:
    """All findings of one node, in the order of the catalogue."""
    access = ways_in.access(one)
    if one.problem is not None:
        rest = NODE_CHECKS[len(access) :]
        unseen = "not looked at: there is no connection"
        return (
            *access,
            *(Finding(name, "unknown", unseen, because=access[-1].id) for name in rest),
        )
    names = NODE_CHECKS[len(ACCESS_CHECKS) :]
    return (*access, *(_OF_A_NODE[name](cluster, one, others) for name in names))


def check_all(cluster: Cluster, learnt: Sequence[Learnt]) -> tuple[Finding, ...]:
    """The findings across the nodes, in the order of the catalogue."""
    return tuple(_OF_ALL[name](cluster, learnt) for name in CLUSTER_CHECKS)


def blocking(findings: Sequence[Finding], allowed: Sequence[str]) -> tuple[Finding, ...]:
    """The findings that stop apply: those that fail and were not allowed."""
    return tuple(
        finding for finding in findings if finding.status == "fail" and finding.id not in allowed
    )
