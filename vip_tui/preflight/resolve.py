"""The cluster file and the nodes' facts make the resolved cluster. Pure.

What the file leaves open is taken from our running containers, else chosen, so that a second apply
of the same file changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vip_tui.cluster import Cluster, IPAddress, Node, Secret, Vip
from vip_tui.errors import RefusedError
from vip_tui.keepalived.priorities import default_priorities
from vip_tui.keepalived.recipe import (
    IMAGE_DEFAULTS,
    Member,
    Router,
    container_spec,
)
from vip_tui.keepalived.spec import ContainerSpec, ContainerState, ownership
from vip_tui.preflight.facts import Address, HostFacts
from vip_tui.preflight.learnt import Learnt

_DOCKERS_OWN = re.compile(r"lo|docker\d+|docker_gwbridge|veth.*|br-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class ResolvedNode:
    """A node with everything decided: its name, its part in the router, its container."""

    node: Node
    name: str
    member: Member
    spec: ContainerSpec


@dataclass(frozen=True, slots=True)
class ResolvedCluster:
    """The cluster with nothing left open."""

    cluster: Cluster
    router: Router
    nodes: tuple[ResolvedNode, ...]


def our_container(cluster: Cluster, learnt: Learnt) -> ContainerState | None:
    """The node's container where it is this cluster's, or was made by hand for this VIP."""
    container = learnt.docker.container if learnt.docker else None
    vips = tuple(str(vip) for vip in cluster.vip)
    if container is None or ownership(container, cluster.name, vips) == "foreign":
        return None
    return container


def is_dockers_own(interface: str) -> bool:
    """Whether an interface is Docker's, or the loopback: no other machine is behind it."""
    return _DOCKERS_OWN.fullmatch(interface) is not None


def choose_interface(vips: Sequence[Vip], node: Node, host: HostFacts) -> str | None:
    """The interface for VRRP: the operator's, else the one whose subnet has every VIP."""
    if node.interface is not None:
        return node.interface
    fitting = _fitting(vips, host)
    ssh = [address for address in fitting if str(address.ip.ip) == node.address]
    best = [*ssh, *(address for address in fitting if address.interface in host.up), *fitting]
    return best[0].interface if best else None


def fitting_interfaces(vips: Sequence[Vip], host: HostFacts) -> tuple[str, ...]:
    """Every interface that could be chosen, in the kernel's order."""
    return tuple(dict.fromkeys(address.interface for address in _fitting(vips, host)))


def _fitting(vips: Sequence[Vip], host: HostFacts) -> list[Address]:
    return [
        address
        for address in host.addresses
        if not is_dockers_own(address.interface)
        and all(_in_subnet(vip, address) for vip in vips if vip.address.version == 4)
        and address.ip.version == 4
        and not any(vip.address == address.ip.ip for vip in vips)
    ]


def _in_subnet(vip: Vip, address: Address) -> bool:
    network = address.ip.network
    return network.prefixlen < network.max_prefixlen and vip.address in network


def choose_address(vips: Sequence[Vip], node: Node, host: HostFacts) -> IPAddress | None:
    """The node's own address on that interface, which its peers know it by."""
    if node.vrrp_address is not None:
        return node.vrrp_address
    interface = choose_interface(vips, node, host)
    own = [
        address
        for address in (host.on(interface) if interface else ())
        if address.ip.version == 4 and not any(vip.address == address.ip.ip for vip in vips)
    ]
    ssh = [address for address in own if str(address.ip.ip) == node.address]
    subnet = [address for address in own if any(_in_subnet(vip, address) for vip in vips)]
    best = [*ssh, *subnet, *own]
    return best[0].ip.ip if best else None


def resolve(cluster: Cluster, learnt: Sequence[Learnt], new_password: str) -> ResolvedCluster:
    """Decide what the file leaves open; raises RefusedError where a node's facts are missing.

    ``new_password`` is used only where neither the file nor a container of ours has one.
    """
    containers = [our_container(cluster, one) for one in learnt]
    running = [_environment(found) for found in containers if found is not None]
    router = Router(
        cluster=cluster.name,
        vips=cluster.vip,
        vrid=choose_vrid(cluster, learnt),
        password=cluster.password or _running_password(running) or Secret(new_password),
        image=cluster.image,
    )
    priorities = _priorities(cluster, containers)
    members = []
    for one, priority in zip(learnt, priorities, strict=True):
        interface = choose_interface(cluster.vip, one.node, one.host) if one.host else None
        address = choose_address(cluster.vip, one.node, one.host) if one.host else None
        if interface is None or address is None:
            detail = "no interface in the VIP's subnet is known"
            raise RefusedError(f"{one.name} cannot take part", detail, "Run `vip-tui check`.")
        members.append(Member(address, interface, priority))
    peers = tuple(member.vrrp_address for member in members)
    names = node_names(learnt)
    return ResolvedCluster(
        cluster,
        router,
        tuple(
            ResolvedNode(one.node, name, member, container_spec(router, member, peers))
            for one, name, member in zip(learnt, names, members, strict=True)
        ),
    )


def node_names(learnt: Sequence[Learnt]) -> tuple[str, ...]:
    """A name for each node that no other node has."""
    count = Counter(one.name for one in learnt)
    return tuple(one.name if count[one.name] == 1 else one.node.endpoint for one in learnt)


def _environment(container: ContainerState) -> dict[str, str]:
    """What the container runs with: what it leaves out is the image's own value."""
    return {**IMAGE_DEFAULTS, **container.environment}


def _number(text: str, low: int, high: int) -> int | None:
    """The number, where it is one that a cluster file could have."""
    number = int(text) if re.fullmatch(r"[0-9]{1,3}", text) else 0
    return number if low <= number <= high else None


def _running_vrid(running: Sequence[dict[str, str]]) -> int | None:
    values = [_number(environment["KEEPALIVED_ROUTER_ID"], 1, 255) for environment in running]
    numbers = [value for value in values if value is not None]
    return max(numbers, key=numbers.count, default=None)


def _running_password(running: Sequence[dict[str, str]]) -> Secret | None:
    words = [word for environment in running if (word := environment.get("KEEPALIVED_PASSWORD"))]
    return Secret(max(words, key=words.count)) if words else None


def choose_vrid(cluster: Cluster, learnt: Sequence[Learnt]) -> int:
    """The file's VRID, else that of our running containers, else one that no other router has."""
    running = [_environment(found) for one in learnt if (found := our_container(cluster, one))]
    return cluster.vrid or _running_vrid(running) or new_vrid(cluster, vrids_of_others(learnt))


def new_vrid(cluster: Cluster, taken: Collection[int]) -> int:
    """The VIP's last byte, as is customary: two VIPs of one subnet then differ by themselves.

    Where that one is taken it is the next that is free; where all are, there is none to choose.
    """
    first = (int(cluster.vip[0].address) & 0xFF if cluster.vip else 0) or 51
    order = (*range(first, 256), *range(1, first))
    return next((number for number in order if number not in taken), first)


def vrids_of_others(learnt: Sequence[Learnt]) -> frozenset[int]:
    """The VRIDs of routers that are not this cluster's: heard, or of other containers on a node."""
    own = {
        address.ip.ip for one in learnt if one.host is not None for address in one.host.addresses
    }
    adverts = [advert for one in learnt if one.heard for advert in one.heard.adverts or ()]
    heard = {advert.vrid for advert in adverts if advert.source not in own}
    return frozenset(heard | {vrid for _, _, vrid in vrids_beside(learnt)})


def vrids_beside(learnt: Sequence[Learnt]) -> tuple[tuple[str, str, int], ...]:
    """The node, the name and the VRID of each container of the recipe's kind beside ours."""
    return tuple(
        (one.name, other.name, vrid)
        for one in learnt
        if one.docker is not None
        for other in one.docker.others
        if any(key.startswith("KEEPALIVED_") for key in other.state.environment)
        and (vrid := _number(_environment(other.state)["KEEPALIVED_ROUTER_ID"], 1, 255))
    )


def _priorities(cluster: Cluster, containers: Sequence[ContainerState | None]) -> tuple[int, ...]:
    """The file's priorities, else the running ones, else by the order of the nodes."""
    wanted: list[int | None] = []
    for node, container in zip(cluster.nodes, containers, strict=True):
        running = _environment(container)["KEEPALIVED_PRIORITY"] if container else ""
        number = _number(running, 1, 254)
        wanted.append(node.priority if node.priority is not None else number)
    if not any(wanted):
        return default_priorities(len(wanted))
    given = {node.priority for node in cluster.nodes}
    taken: set[int] = set()
    chosen = []
    ceiling = 254
    usual = default_priorities(len(wanted))
    for node, value, by_order in zip(cluster.nodes, wanted, usual, strict=True):
        if value is None or (node.priority is None and (value in taken or value in given)):
            others = taken | {number for number in wanted if number}
            free = by_order < ceiling and by_order not in others  # as on the first apply
            value = by_order if free else _free_priority(ceiling, others)
        taken.add(value)
        chosen.append(value)
        ceiling = value
    return tuple(chosen)


def _free_priority(ceiling: int, taken: set[int]) -> int:
    """A free priority, ten below the node before it where there is room."""
    below = [*range(ceiling - 10, 0, -1), *range(ceiling - 1, 0, -1), *range(254, 0, -1)]
    free: int = next(number for number in below if number not in taken)
    return free
