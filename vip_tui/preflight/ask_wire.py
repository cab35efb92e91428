"""Has every node ask and listen on the wire, all at the same time."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from vip_tui.cluster import Cluster
from vip_tui.errors import VipError
from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.listening import LISTEN, LISTEN_AS_USER, WINDOW_S
from vip_tui.preflight.heard import Heard, NowhereToListen
from vip_tui.preflight.hearing import parse_heard
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.peers import Place, places

# What the kernel would take as a name (dev_valid_name), and a shell or a tool as one word.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,14}")


async def ask_wire(
    cluster: Cluster,
    learnt: Sequence[Learnt],
    fleet: Fleet,
    told: Callable[[int, Learnt], object] = lambda _index, _learnt: None,
) -> tuple[Learnt, ...]:
    """The same nodes with what each of them heard; never raises for what a node does.

    They listen side by side, because each of them also hears what the others send.
    """
    met = places(cluster, learnt)

    async def one(index: int) -> Learnt:
        heard = await _heard(cluster, met[index], met, fleet)
        found = replace(learnt[index], heard=heard)
        told(index, found)
        return found

    return tuple(await asyncio.gather(*map(one, range(len(learnt)))))


async def _heard(
    cluster: Cluster, place: Place, met: Sequence[Place], fleet: Fleet
) -> Heard | None:
    one = place.one
    if one.problem is not None:
        return None
    if one.host is None or place.address is None or not _NAME.fullmatch(place.interface):
        hint = "See what `interface` says of the node."
        detail = "no interface in the VIP's subnet is known"
        nowhere = NowhereToListen("nowhere to listen", detail, hint)
        return Heard(problem=one.host_problem or nowhere)
    arguments = (
        f"{WINDOW_S:g}",
        place.interface,
        str(place.address),
        " ".join(str(vip.address) for vip in cluster.vip),
        " ".join(str(peer.address) for peer in met if peer is not place and peer.address),
    )
    try:
        connection = await fleet.connection(one.node)
        output = await _listen(connection, one, arguments)
    except VipError as problem:
        return Heard(problem=problem)
    return parse_heard(output, place.interface, place.address, time.monotonic())


async def _listen(connection: NodeConnection, one: Learnt, arguments: Sequence[str]) -> str:
    """As root where that can be had, else as far as the account itself gets."""
    host = one.host
    root = host is not None and (host.root or host.sudo or one.elevated)
    return (await connection.run(LISTEN if root else LISTEN_AS_USER, *arguments)).output
