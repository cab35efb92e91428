"""What is on the wire: who answers for the VIP. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster
from vip_tui.keepalived.spec import ownership
from vip_tui.preflight.checks.unseen import unseen
from vip_tui.preflight.learnt import Finding, Learnt


def vip_free(cluster: Cluster, one: Learnt, others: Sequence[Learnt]) -> Finding:
    if one.host is None:
        return unseen("vip-free", one)
    for vip in cluster.vip:
        if one.host.holds(vip.address):
            return _held(cluster, one, str(vip.address))
    holders = [
        other
        for other in others
        if other.host is not None and any(other.host.holds(vip.address) for vip in cluster.vip)
    ]
    if holders:
        names = ", ".join(other.name for other in holders)
        return Finding("vip-free", "pass", f"held by {names} of this cluster")
    if one.answers is None:
        evidence = "the node could not ask the wire"
        return Finding("vip-free", "unknown", "could not be looked at", evidence)
    if one.answers:
        remedy = "Find that machine and take the address off it, or give another VIP."
        return Finding(
            "vip-free", "fail", "the VIP is in use on the wire", "; ".join(one.answers), remedy
        )
    return Finding("vip-free", "pass", "nobody answers for the VIP")


def _held(cluster: Cluster, one: Learnt, vip: str) -> Finding:
    container = one.docker.container if one.docker else None
    vips = tuple(str(item) for item in cluster.vip)
    if container is not None and ownership(container, cluster.name, vips) != "foreign":
        if container.running:
            return Finding("vip-free", "pass", "held by this node's keepalived")
        summary = f"{vip} is on the interface, but this node's keepalived does not run"
        remedy = "Take it off: `ip addr del`, or start the container."
        return Finding("vip-free", "warn", summary, f"container {container.status}", remedy)
    if one.docker is None:
        return Finding("vip-free", "unknown", f"{vip} is on this node; by whom, is not known")
    return Finding(
        "vip-free",
        "fail",
        f"{vip} is this node's own address",
        "on its interface, and no keepalived of this cluster put it there",
        "Give a VIP that no machine has, or take a stale one off with `ip addr del`.",
    )


CHECKS = {"vip-free": vip_free}
