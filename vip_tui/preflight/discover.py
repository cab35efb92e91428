"""From one manager to the cluster: a Swarm is asked for its nodes, and each node for its links."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from vip_tui.cluster import DEFAULT_IMAGE, Cluster, Node, Vip
from vip_tui.errors import VipError
from vip_tui.nodes.fleet import Fleet
from vip_tui.preflight.ask_wire import ask_wire
from vip_tui.preflight.docker_facts import Swarm, SwarmNode, read_info, read_swarm_nodes
from vip_tui.preflight.gather import learn
from vip_tui.preflight.heard import Heard
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.proposal import (
    SwarmMember,
    address_within,
    common_subnet,
    judged,
    members,
    notes_on,
    proposed,
    running_vrids,
    settled,
)
from vip_tui.preflight.vacancy import Vacancy, candidates, read_vacancy

__all__ = ["Discovery", "SwarmMember", "discover"]

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Discovery:
    """A Swarm's nodes in the proposed order, and the cluster that they could be.

    ``cluster`` has the nodes that can take part, and for its VIP the first suggestion or nothing.
    ``notes`` say what was left out, and what is not known.
    """

    nodes: tuple[SwarmMember, ...]
    cluster: Cluster
    suggestions: tuple[IPv4Address, ...]  # for the VIP: nobody answered for them
    notes: tuple[str, ...]


async def discover(manager: Node, fleet: Fleet, tell: Tell = lambda _text: None) -> Discovery:
    """Ask a manager for its Swarm, then all nodes side by side; nothing is changed anywhere.

    Raises the VipError of a manager that cannot be reached or is none; what is wrong with another
    node is its member's ``problem``.
    """
    swarm, listed = await _ask_manager(manager, fleet)
    listed_as = members(listed, manager, swarm.node_id)
    tell(f"{manager.endpoint} knows {', '.join(item.name for item in listed_as)}")
    # The manager is asked by the connection that is open, which goes by the node as it was typed.
    ways = [manager if item.node_id == swarm.node_id else item.node for item in listed_as]
    asked = await asyncio.gather(
        *(
            _learn(None if item.problem else way, fleet)
            for item, way in zip(listed_as, ways, strict=True)
        )
    )
    learnt = tuple(one for one in asked if one is not None)
    place = common_subnet([one.host if one else None for one in asked], swarm.address)
    found = tuple(judged(item, one, place) for item, one in zip(listed_as, asked, strict=True))
    taking_part = tuple(
        settled(item.node, one.host, place.network, item.address)
        for item, one in zip(found, asked, strict=True)
        if item.problem is None and item.node and one and one.host and place
    )
    vacancy = Vacancy(notes=("no free address was looked for: the manager is in no such subnet",))
    here = next((one for one in learnt if one.node == manager), None)
    if place and here and here.host and address_within(here.host, place.network):
        tell(f"asking on the wire for free addresses of {place.network}")
        wanted = candidates(place.network, [one.host for one in learnt if one.host])
        heard = await _hear(here, wanted, fleet)
        vacancy = read_vacancy(wanted, heard, here.name, running_vrids(learnt))
    cluster = proposed(taking_part, vacancy.addresses, vacancy.vrid)
    notes = (*notes_on(found, learnt, place), *vacancy.notes)
    return Discovery(found, cluster, vacancy.addresses, notes)


async def _hear(here: Learnt, wanted: Sequence[IPv4Address], fleet: Fleet) -> Heard:
    """What the manager's node hears on the wire when it asks for these; a failure is part of it."""
    asking = Cluster("", tuple(Vip(address) for address in wanted), (here.node,))
    (one,) = await ask_wire(asking, (here,), fleet)
    return one.heard or Heard(problem=here.problem)


async def _learn(way: Node | None, fleet: Fleet) -> Learnt | None:
    return None if way is None else await learn(way, DEFAULT_IMAGE, fleet)


async def _ask_manager(manager: Node, fleet: Fleet) -> tuple[Swarm, tuple[SwarmNode, ...]]:
    """Its part in its Swarm and what it lists; raises VipError where it is no manager."""
    engine = await fleet.engine(manager)
    swarm = read_info(await engine.info()).swarm
    if swarm is None or not swarm.active:
        state = swarm.state if swarm else "unknown"
        detail = (swarm.error if swarm else "") or f"docker info: LocalNodeState {state}"
        hint = "Make one there with `docker swarm init`, or list the nodes yourself: vip-tui setup."
        raise VipError(f"{manager.label} is in no Swarm", detail, hint)
    if not swarm.manager:
        addresses = ", ".join(dict.fromkeys(one.address for one in swarm.managers))
        hint = f"Ask a manager: {addresses}." if addresses else "Ask one of the Swarm's managers."
        detail = "only managers know all nodes of a Swarm"
        raise VipError(f"{manager.label} is a worker", detail, hint)
    return swarm, read_swarm_nodes(await engine.swarm_nodes())
