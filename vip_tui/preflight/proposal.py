"""What a Swarm's manager and its nodes said makes a proposed cluster. Pure."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from vip_tui.cluster import Cluster, Node, Vip, parse_name, parse_node
from vip_tui.errors import InputError, VipError
from vip_tui.keepalived.recipe import IMAGE_DEFAULTS
from vip_tui.keepalived.spec import ContainerState, read_list
from vip_tui.nodes.text import clean_line, parse_hostname
from vip_tui.preflight.docker_facts import SwarmNode
from vip_tui.preflight.facts import Address, HostFacts
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.resolve import choose_interface, is_dockers_own

CLUSTER_NAME = "swarm"
# A Swarm's node can say where SSH reaches it, if not at the address that the Swarm knows:
# docker node update --label-add vip-tui.ssh=user@address:port NODE
SSH_LABEL = "vip-tui.ssh"

_AVAILABILITY = ("active", "pause", "drain")


@dataclass(frozen=True, slots=True)
class SwarmMember:
    """A node of the Swarm as its manager lists it; ``problem`` is why it cannot take part yet."""

    name: str
    address: str  # as the Swarm knows it
    role: str  # manager worker
    availability: str  # active pause drain
    state: str  # ready down disconnected unknown
    problem: VipError | None = None
    leader: bool = False
    node: Node | None = None  # how SSH gets there, and what it is in the cluster
    node_id: str = ""


def members(listed: Sequence[SwarmNode], manager: Node, manager_id: str) -> tuple[SwarmMember, ...]:
    """The Swarm's nodes in the proposed order, each with the way to it.

    Those that take new tasks come first, the drained and what is down last; else by name. The
    operator's user and port are taken for all nodes, where they were given.
    """
    found = []
    taken: dict[tuple[str, int], str] = {}
    names = Counter(parse_hostname(node.hostname) for node in listed)
    for item in sorted(listed, key=_order):
        hostname = parse_hostname(item.hostname)
        name = hostname or clean_line(item.address, 60) or item.node_id[:12]
        member = SwarmMember(
            name=name,
            address=clean_line(item.address, 60),
            role=clean_line(item.role, 20),
            availability=clean_line(item.availability, 20),
            state=clean_line(item.state, 20),
            leader=item.leader,
            node_id=item.node_id,
        )
        try:
            node = manager if item.node_id == manager_id else _way_to(item, manager)
        except InputError as problem:
            detail = f"{problem.title} {problem.detail}"
            hint = "Give the Docker there an address: `docker swarm join --advertise-addr`."
            found.append(replace(member, problem=VipError("no way to it", detail, hint)))
            continue
        node = replace(node, name=_own_name(hostname) if names[hostname] == 1 else None)
        place = (node.address, node.port or 22)
        problem_there = None
        if place in taken:
            hint = f"Name it apart: `docker node update --label-add {SSH_LABEL}=user@address:port`."
            problem_there = VipError(f"has the address of {taken[place]}", node.endpoint, hint)
        elif item.state == "down":
            hint = "Is it switched off? If it is gone for good: `docker node rm`."
            problem_there = VipError("is down", "says the manager", hint)
        taken.setdefault(place, name)
        found.append(replace(member, problem=problem_there, node=node))
    return tuple(found)


def _order(node: SwarmNode) -> tuple[bool, int, list[tuple[int, str]], str]:
    known = node.availability in _AVAILABILITY
    place = _AVAILABILITY.index(node.availability) if known else len(_AVAILABILITY)
    return node.state == "down", place, _natural(node.hostname), node.node_id


def _natural(name: str) -> list[tuple[int, str]]:
    """A key by which n2 comes before n10."""
    words: list[tuple[int, str]] = []
    digits = ""
    for letter in f"{name}\0":
        if letter.isdecimal() and letter.isascii():
            digits += letter
            continue
        if digits:
            words.append((int(digits[:18]), ""))
            digits = ""
        words.append((-1, letter))
    return words


def _way_to(item: SwarmNode, manager: Node) -> Node:
    """How SSH gets to a node; raises InputError where its address is none."""
    if label := dict(item.labels).get(SSH_LABEL):
        return parse_node(label)
    return replace(parse_node(item.address), user=manager.user, port=manager.port)


def _own_name(hostname: str) -> str | None:
    try:
        return parse_name(hostname)
    except InputError:
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """The subnet that the VIP would move in, and who of the members has an address there."""

    network: IPv4Network
    members: tuple[int, ...]  # by their place in the list


def common_subnet(hosts: Sequence[HostFacts | None], preferred: str) -> Place | None:
    """The subnet that most nodes have; of several the one with the preferred address."""
    within: dict[IPv4Network, list[int]] = {}
    for index, host in enumerate(hosts):
        networks = {address.network for address in addresses_of(host)} if host else set()
        for network in sorted(networks):
            within.setdefault(network, []).append(index)
    if not within:
        return None
    try:
        wanted = ipaddress.ip_address(preferred)
    except ValueError:
        wanted = None
    best = max(within, key=lambda one: (len(within[one]), wanted is not None and wanted in one))
    return Place(best, tuple(within[best]))


def addresses_of(host: HostFacts) -> list[IPv4Interface]:
    """The IPv4 addresses that other machines could share a subnet with."""
    return [
        address.ip
        for address in host.addresses
        if isinstance(address.ip, IPv4Interface)
        and not is_dockers_own(address.interface)
        and address.ip.network.prefixlen < 31
        and not address.ip.is_link_local
    ]


def address_within(host: HostFacts, network: IPv4Network, preferred: str = "") -> Address | None:
    """A host's address in a subnet, rather the preferred one."""
    fitting = [
        address
        for address in host.addresses
        if address.ip.network == network and not is_dockers_own(address.interface)
    ]
    known = [address for address in fitting if str(address.ip.ip) == preferred]
    return next(iter(known or fitting), None)


def settled(node: Node, host: HostFacts, network: IPv4Network, swarm_address: str) -> Node:
    """The node with its interface named, where another one would be chosen by itself.

    The right one is that of the address by which the Swarm knows the node.
    """
    wanted = address_within(host, network, swarm_address)
    probe = Vip(network.broadcast_address)  # any address of the subnet that no node has
    if wanted is None or choose_interface((probe,), node, host) == wanted.interface:
        return node
    return replace(node, interface=wanted.interface)


def running_vrids(learnt: Iterable[Learnt]) -> set[int]:
    """The VRIDs of the containers that run keepalived on the nodes already."""
    found = set()
    for _, state in _running(learnt):
        number = {**IMAGE_DEFAULTS, **state.environment}["KEEPALIVED_ROUTER_ID"]
        if number.isascii() and number.isdecimal():
            found.add(int(number[:9]))
    return found


def _running(learnt: Iterable[Learnt]) -> Iterator[tuple[Learnt, ContainerState]]:
    """The containers that serve a VIP already, each with its node."""
    for one in learnt:
        if one.docker is None:
            continue
        for state in (one.docker.container, *(other.state for other in one.docker.others)):
            if state is not None and state.environment.get("KEEPALIVED_VIRTUAL_IPS"):
                yield one, state


def judged(member: SwarmMember, one: Learnt | None, place: Place | None) -> SwarmMember:
    """The member with what keeps it from taking part, now that it was asked."""
    if member.problem is not None or one is None:
        return member
    problem = one.problem or one.host_problem
    if problem is None and one.host is not None:
        own = addresses_of(one.host)
        if place is None or place.network not in [address.network for address in own]:
            where = f"in {place.network}" if place else "that others could share a subnet with"
            there = ", ".join(map(str, own)) or "no addresses"
            hint = "A VIP moves only within a subnet."
            problem = VipError(f"has no address {where}", there, hint)
    return replace(member, problem=problem)


def notes_on(
    found: Sequence[SwarmMember], learnt: Iterable[Learnt], place: Place | None
) -> tuple[str, ...]:
    """What an operator should know of the nodes before the cluster is made of them."""
    notes = [f"{item.name} is left out: {item.problem}" for item in found if item.problem]
    well = [item for item in found if item.problem is None]
    if drained := [item.name for item in well if item.availability == "drain"]:
        notes.append(f"last, as drained in the Swarm: {', '.join(drained)}")
    if paused := [item.name for item in well if item.availability == "pause"]:
        notes.append(f"paused in the Swarm: {', '.join(paused)}")
    if place is None:
        notes.append("no subnet was found that a VIP could be in")
    if len(well) < 2:
        notes.append("a cluster needs two nodes at least")
    for one, state in _running(learnt):
        vips = ", ".join(read_list(state.environment["KEEPALIVED_VIRTUAL_IPS"]))
        notes.append(f"{one.name} runs keepalived already, for {clean_line(vips, 80)}")
    return tuple(notes)


def proposed(
    taking_part: Sequence[Node], suggestions: Sequence[IPv4Address], vrid: int | None
) -> Cluster:
    """The cluster, ready but for the VIP where none could be suggested."""
    vips = tuple(Vip(address) for address in suggestions[:1])
    return Cluster(CLUSTER_NAME, vips, tuple(taking_part), vrid=vrid)
