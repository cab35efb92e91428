"""Where each node takes part: its interface, its address there, and those of the others. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vip_tui.cluster import Cluster, IPAddress, Node
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.resolve import choose_address, choose_interface, node_names


def own_interface(cluster: Cluster, one: Learnt) -> str:
    """The interface of the VIP on this node; empty where none is known."""
    chosen = choose_interface(cluster.vip, one.node, one.host) if one.host else one.node.interface
    return chosen or ""


def own_address(cluster: Cluster, one: Learnt) -> IPAddress | None:
    """The address that its peers know this node by, as far as it is known."""
    if one.host is None:
        return one.node.vrrp_address
    return choose_address(cluster.vip, one.node, one.host)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node takes part; the address is None where it is not known."""

    name: str  # which no other node has
    one: Learnt
    interface: str
    address: IPAddress | None


def places(cluster: Cluster, learnt: Sequence[Learnt]) -> tuple[Place, ...]:
    """The places of all nodes, in their order."""
    return tuple(
        Place(name, one, own_interface(cluster, one), own_address(cluster, one))
        for name, one in zip(node_names(learnt), learnt, strict=True)
    )


def peers(cluster: Cluster, one: Learnt, others: Sequence[Learnt]) -> dict[IPAddress, Learnt]:
    """The other nodes by their VRRP addresses, those that have one yet."""
    return {
        address: other
        for other in others
        if other.node != one.node and (address := own_address(cluster, other)) is not None
    }


def whose(cluster: Cluster, learnt: Sequence[Learnt]) -> dict[IPAddress, Learnt]:
    """The node of each address that any of them has, VIPs left out."""
    vips = {vip.address for vip in cluster.vip}
    found: dict[IPAddress, Learnt] = {}
    for one in learnt:
        addresses = [address.ip.ip for address in one.host.addresses] if one.host else []
        for ip in (*addresses, *_given(one.node)):
            if ip not in vips and not ip.is_loopback:
                found.setdefault(ip, one)
    return found


def _given(node: Node) -> Iterator[IPAddress]:
    """The addresses of a node that the operator gave."""
    if node.vrrp_address is not None:
        yield node.vrrp_address
    try:
        yield ipaddress.ip_address(node.address)
    except ValueError:
        return


def macs(one: Learnt) -> frozenset[str]:
    """The MAC addresses of a node's interfaces."""
    devices = one.host.devices if one.host else ()
    return frozenset(device.mac for device in devices if device.mac.strip("0:"))
