"""Interfaces and routes of a node. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster
from vip_tui.preflight.checks.unseen import unseen
from vip_tui.preflight.facts import HostFacts
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.resolve import choose_address, choose_interface


def interface(cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    host = one.host
    if host is None:
        return unseen("interface", one)
    chosen = choose_interface(cluster.vip, one.node, host)
    if chosen is None:
        subnets = ", ".join(
            f"{address.interface} {address.ip}"
            for address in host.addresses
            if address.ip.version == 4 and address.interface != "lo"
        )
        vips = ", ".join(str(vip) for vip in cluster.vip)
        return Finding(
            "interface",
            "fail",
            f"no interface is in the subnet of {vips}",
            subnets or "no addresses",
            "Give a VIP of the nodes' subnet, or name the interface in the cluster file.",
        )
    if not host.on(chosen) and chosen not in host.up:
        there = " ".join(sorted({address.interface for address in host.addresses}))
        remedy = "Name one that is there in the cluster file."
        return Finding("interface", "fail", f"there is no interface {chosen}", there, remedy)
    if chosen not in host.up:
        remedy = f"On the node: `ip link set {chosen} up`; check the cable."
        return Finding("interface", "fail", f"{chosen} is down", "no carrier", remedy)
    own = choose_address(cluster.vip, one.node, host)
    if own is None:
        summary = f"{chosen} has no IPv4 address of its own"
        return Finding("interface", "fail", summary, "", "Give it an address, or name another.")
    return Finding("interface", "pass", f"{chosen}, {own}", _addresses(host, chosen))


def _addresses(host: HostFacts, interface: str) -> str:
    return " ".join(str(address.ip) for address in host.on(interface))


CHECKS = {"interface": interface}
