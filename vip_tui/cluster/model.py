"""Cluster, Node, Vip: what the operator asks for, and what must hold between the parts."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

from vip_tui.errors import InputError

IPAddress = IPv4Address | IPv6Address
Profile = Literal["recipe", "fast"]

DEFAULT_IMAGE = "osixia/keepalived:2.0.20"
MAX_NODES = 100
PASSWORD_LENGTH = 8  # VRRPv2's authentication field (RFC 2338, section 5.3.6.1)

CHECK_IDS = (
    *("reachable", "host-key", "auth", "privilege", "docker", "container", "image", "ip_vs"),
    *("interface", "vip-free", "routes", "sysctl", "firewall", "disk", "clock", "cloud", "swarm"),
    *("distinct", "subnet", "vrid-free", "latency", "versions", "vrrp-path"),
)
# What no operator can wave away: nothing can be deployed on a node that does not let us in.
NEVER_ALLOWED = ("reachable", "host-key", "auth")


class Secret:
    """A string that does not show itself in a ``repr``, a log or a traceback."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The string itself, for the one place that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(********)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))


@dataclass(frozen=True, slots=True)
class Vip:
    """A virtual address, with the prefix length where the operator gave one."""

    address: IPAddress
    prefix: int | None = None

    def __str__(self) -> str:
        return str(self.address) if self.prefix is None else f"{self.address}/{self.prefix}"

    @property
    def network(self) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
        """The subnet, where the prefix says it."""
        if self.prefix is None:
            return None
        return ipaddress.ip_network(f"{self.address}/{self.prefix}", strict=False)


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the cluster as the operator names it; what is ``None`` is found out later."""

    address: str
    user: str | None = None
    port: int | None = None
    name: str | None = None
    priority: int | None = None
    interface: str | None = None
    vrrp_address: IPAddress | None = None

    @property
    def label(self) -> str:
        """What to call the node before its hostname is known."""
        return self.name or self.endpoint

    @property
    def endpoint(self) -> str:
        """Address and, where it is not SSH's own, port."""
        if self.port in (None, 22):
            return self.address
        return (
            f"[{self.address}]:{self.port}"
            if ":" in self.address
            else f"{self.address}:{self.port}"
        )


@dataclass(frozen=True, slots=True)
class Cluster:
    """One virtual router and the nodes that take part in it."""

    name: str
    vip: tuple[Vip, ...]
    nodes: tuple[Node, ...]
    profile: Profile = "recipe"
    image: str = DEFAULT_IMAGE
    vrid: int | None = None
    password: Secret | None = None
    preempt: bool = True
    advert_ms: int = 100
    track: str | None = None
    probe: str = "icmp"
    allow: tuple[str, ...] = field(default=())


def check_nodes(nodes: tuple[Node, ...]) -> None:
    """What must hold between nodes: enough of them, and no two alike; raises InputError."""
    for index, node in enumerate(nodes):
        for other in nodes[:index]:
            if (node.address, node.port or 22) == (other.address, other.port or 22):
                raise InputError("node given twice", node.endpoint, "Give each machine once.")
            if _named_alike(node, other):
                name = node.name or other.name or ""
                raise InputError("name given twice", name, "Give each node its own name.")
            if node.vrrp_address is not None and node.vrrp_address == other.vrrp_address:
                address = str(node.vrrp_address)
                raise InputError("VRRP address given twice", address, "Each node has its own.")
            if node.priority is not None and node.priority == other.priority:
                raise InputError(
                    "priority given twice",
                    f"{other.label} and {node.label} both have {node.priority}",
                    "Give each node its own priority: the highest is the master.",
                )
    if len(nodes) < 2:
        hint = "A VIP that survives the loss of a node needs at least two."
        raise InputError("fewer than two nodes", str(len(nodes)), hint)
    if len(nodes) > MAX_NODES:
        raise InputError("too many nodes", str(len(nodes)), f"At most {MAX_NODES}.")


def _named_alike(node: Node, other: Node) -> bool:
    """Whether one's name is the other's, or the address that the other is called by."""
    names = {node.name, other.name} - {None}
    return len(names) < (node.name is not None) + (other.name is not None) or (
        node.name in (other.address, other.endpoint) or other.name in (node.address, node.endpoint)
    )


def check_vip(vip: Vip, nodes: tuple[Node, ...]) -> None:
    """What can be said of a VIP before any node was asked; raises InputError.

    A node's subnet is not known yet. Where the VIP carries its prefix that decides; else a VIP that
    does not even share a /16 (IPv6: a /48) with a node is taken to be outside every subnet.
    """
    for node in nodes:
        if vip.address in (node.vrrp_address, _address(node)):
            raise InputError(
                "VIP is a node's own address",
                f"{vip.address} is {node.label}",
                "Give an address that no machine has.",
            )
    known = [ip for node in nodes if (ip := node.vrrp_address or _address(node)) is not None]
    if len(known) < len(nodes) or any(ip.version != vip.address.version for ip in known):
        return  # a node by name, or of the other family: only the nodes can tell
    assumed = 16 if vip.address.version == 4 else 48
    length = vip.prefix if vip.prefix is not None else assumed
    network = ipaddress.ip_network(f"{vip.address}/{length}", strict=False)
    if nodes and not any(ip in network for ip in known):
        raise InputError(
            "VIP outside every node's subnet",
            f"{vip} and {', '.join(str(ip) for ip in known[:3])}",
            "Give a free address of the nodes' subnet, with /len if the subnet is that large.",
        )


def _address(node: Node) -> IPAddress | None:
    """The node's SSH address where it is an IP address, and not a name.

    An address of this machine itself is the near end of a tunnel: it says nothing of the node's.
    """
    try:
        address = ipaddress.ip_address(node.address)
    except ValueError:
        return None
    return None if address.is_loopback else address


def check_cluster(cluster: Cluster) -> None:
    """What must hold between the parts of a cluster; raises InputError."""
    check_nodes(cluster.nodes)
    if not cluster.vip:
        raise InputError("no VIP", "", "Give at least one address.")
    seen: set[IPAddress] = set()
    for vip in cluster.vip:
        if vip.address in seen:
            raise InputError("VIP given twice", str(vip))
        seen.add(vip.address)
        check_vip(vip, cluster.nodes)
    if cluster.profile == "recipe" and any(vip.address.version == 6 for vip in cluster.vip):
        raise InputError(
            "the recipe's image cannot hold an IPv6 VIP",
            ", ".join(str(vip) for vip in cluster.vip),
            "Give an IPv4 address.",
        )
