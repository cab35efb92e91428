"""Interfaces and routes of a node. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster, IPAddress
from vip_tui.preflight.checks.unseen import unheard, unseen
from vip_tui.preflight.facts import HostFacts
from vip_tui.preflight.heard import Heard, Route
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.peers import own_address, own_interface, peers
from vip_tui.preflight.resolve import choose_address, choose_interface, fitting_interfaces

NAME_IT = "name it in the cluster file: `interface = …` of the node."


def interface(cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    host = one.host
    if host is None:
        return unseen("interface", one)
    if host.no_addresses:
        remedy = "Install iproute2 on the node: ip(8) tells its addresses, also while it runs."
        summary = "the node's addresses could not be read"
        return Finding("interface", "unknown", summary, host.no_addresses, remedy)
    chosen = choose_interface(cluster.vip, one.node, host)
    if chosen is None:
        return _none_fits(cluster, host)
    if not host.links and chosen not in host.up:
        summary = f"{chosen}: whether it is up could not be read"
        remedy = f"`ip link show {chosen}` on the node tells."
        return Finding("interface", "unknown", summary, "ip -o link says nothing", remedy)
    if not host.on(chosen) and chosen not in host.up and chosen not in host.links:
        there = " ".join(sorted({*host.links, *(address.interface for address in host.addresses)}))
        remedy = "Name one that is there in the cluster file."
        return Finding("interface", "fail", f"there is no interface {chosen}", there, remedy)
    if chosen not in host.up:
        remedy = f"On the node: `ip link set {chosen} up`; check the cable."
        evidence = f"no carrier, or not up; {_addresses(host, chosen) or 'no addresses'}"
        return Finding("interface", "fail", f"{chosen} is down", evidence, remedy)
    own = choose_address(cluster.vip, one.node, host)
    if own is None:
        summary = f"{chosen} has no IPv4 address of its own"
        return Finding("interface", "fail", summary, "", "Give it an address, or name another.")
    return _chosen(cluster, one, host, chosen, own)


def _none_fits(cluster: Cluster, host: HostFacts) -> Finding:
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


def _chosen(cluster: Cluster, one: Learnt, host: HostFacts, chosen: str, own: IPAddress) -> Finding:
    """The interface is well; what remains is whether it is the right one."""
    fitting = fitting_interfaces(cluster.vip, host)
    kind = next((device.kind for device in host.devices if device.name == chosen), "")
    evidence = f"{chosen}{f' ({kind})' if kind else ''}: {_addresses(host, chosen)}"
    rest = [name for name in fitting if name != chosen]
    if rest:
        evidence += "".join(f"; also fits: {name}: {_addresses(host, name)}" for name in rest)
    summary = f"{chosen}, {own}"
    if one.node.interface is not None and chosen not in fitting:
        vips = ", ".join(str(vip) for vip in cluster.vip)
        summary += f", is not in the subnet of {vips}"
        remedy = f"Only hosts with a route to it reach the VIP there; else {NAME_IT}"
        return Finding("interface", "warn", summary, evidence, remedy)
    at_ssh = any(str(address.ip.ip) == one.node.address for address in host.on(chosen))
    if rest and one.node.interface is None and not at_ssh:
        summary += f"; {', '.join(rest)} would fit as well"
        remedy = f"If it is the wrong one, {NAME_IT}"
        return Finding("interface", "warn", summary, evidence, remedy)
    return Finding("interface", "pass", summary, evidence)


def _addresses(host: HostFacts, interface: str) -> str:
    return " ".join(str(address.ip) for address in host.on(interface))


def routes(cluster: Cluster, one: Learnt, others: Sequence[Learnt]) -> Finding:
    if one.host is None:
        return unseen("routes", one)
    if one.heard is None or one.heard.problem is not None:
        return unheard("routes", one)
    met = peers(cluster, one, others)
    seen = [route for route in one.heard.routes if route.peer in met]
    if not seen:
        summary = "no peer's address was known to ask for"
        remedy = "Mend what keeps the other nodes from being asked."
        return Finding("routes", "unknown", summary, "", remedy)
    names = {address: other.name for address, other in met.items()}
    lost = [route for route in seen if not route.interface]
    evidence = "; ".join(route.line for route in lost or seen)
    if lost:
        who = ", ".join(names[route.peer] for route in lost)
        remedy = "Give the node an address in the peers' subnet, or a route to it."
        return Finding("routes", "fail", f"there is no route to {who}", evidence, remedy)
    return _taken(cluster, one, one.heard, seen, names)


def _taken(
    cluster: Cluster, one: Learnt, heard: Heard, seen: Sequence[Route], names: dict[IPAddress, str]
) -> Finding:
    """Every peer has a route: whether it leaves where, and as whom, the advertisements do."""
    interface, own = own_interface(cluster, one), own_address(cluster, one)
    astray = [route for route in seen if route.interface != interface]
    disguised = [route for route in seen if route.source is not None and route.source != own]
    evidence = "; ".join(route.line for route in astray or disguised or seen)
    if astray:
        who = ", ".join(names[route.peer] for route in astray)
        ways = ", ".join(dict.fromkeys(route.interface for route in astray))
        summary = f"to {who} the way is {ways}, but VRRP goes out of {interface}"
        remedy = f"Give the nodes one subnet on {interface}, or {NAME_IT}"
        return Finding("routes", "warn", summary, evidence, remedy)
    if disguised:
        who = ", ".join(names[route.peer] for route in disguised)
        sources = ", ".join(dict.fromkeys(str(route.source) for route in disguised))
        summary = f"{who} would see {sources}, not {own}"
        remedy = "Name the address that it has there: `vrrp_address = …` of the node."
        return Finding("routes", "warn", summary, evidence, remedy)
    summary = f"{len(seen)} peer{'s' * (len(seen) != 1)} out of {interface}, as {heard.own}"
    return Finding("routes", "pass", summary, evidence)


CHECKS = {"interface": interface, "routes": routes}
