"""Asks all nodes at once for what the checks need, and times it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import replace

from vip_tui.cluster import Cluster, Node
from vip_tui.errors import VipError
from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.reasons import EngineError, engine_silent
from vip_tui.preflight import ask_docker, facts
from vip_tui.preflight.ask_wire import ask_wire
from vip_tui.preflight.checks import check_all, check_node
from vip_tui.preflight.clock import clock_offset
from vip_tui.preflight.docker_facts import DockerFacts
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.outcome import Preflight

DOCKER_LIMIT_S = 6.0

Progress = Callable[[int, Learnt], object]


async def gather(
    cluster: Cluster,
    fleet: Fleet,
    progress: Progress = lambda _index, _learnt: None,
    before: Preflight | None = None,
    only: Collection[int] | None = None,
) -> Preflight:
    """Run every check on every node, side by side; never raises for what a node does.

    ``progress`` is told of each node as soon as what can be said of it alone is known, and again
    when it has listened. With ``only``, what the others say of themselves stays as it was
    ``before``; on the wire all of them listen anew, as each hears what the others send.
    """
    fleet.access.secrets.ask_again()
    began = _busy(fleet)
    kept = dict(enumerate(before.learnt)) if before is not None and only is not None else {}
    asked = [
        index for index in range(len(cluster.nodes)) if index not in kept or index in (only or ())
    ]

    async def one(index: int) -> Learnt:
        learnt = await learn(cluster.nodes[index], cluster.image, fleet)
        progress(index, learnt)
        return learnt

    new = dict(zip(asked, await asyncio.gather(*map(one, asked)), strict=True))
    elapsed = _busy(fleet) - began
    began = time.monotonic()
    everyone = kept | new
    alone = tuple(everyone[index] for index in range(len(cluster.nodes)))
    wired, further = await asyncio.gather(
        ask_wire(cluster, alone, fleet, progress),
        ask_docker.ask_further(alone, cluster.image, fleet),
    )
    learnt = tuple(
        replace(one, docker=other.docker) for one, other in zip(wired, further, strict=True)
    )
    findings = tuple(check_node(cluster, one, learnt) for one in learnt)
    listened = time.monotonic() - began
    return Preflight(cluster, learnt, findings, elapsed, listened, check_all(cluster, learnt))


async def learn(node: Node, image: str, fleet: Fleet) -> Learnt:
    """What one node says of itself and its Docker; a failure is part of the answer."""
    began = _busy(fleet)
    try:
        connection = await fleet.connection(node)
    except VipError as problem:
        return Learnt(node, problem=problem)
    learnt, docker = await asyncio.gather(
        _host(connection, lambda: _busy(fleet) - began), _docker(connection, image, fleet)
    )
    if isinstance(docker, VipError):
        return replace(learnt, docker_problem=docker)
    return replace(learnt, docker=docker)


def _busy(fleet: Fleet) -> float:
    """Seconds that pass, but for those in which the operator is asked something."""
    return time.monotonic() - fleet.access.secrets.asked_s


async def _host(connection: NodeConnection, took: Callable[[], float]) -> Learnt:
    """What the node itself says; where sudo asks for a password, as root too."""
    sent = time.time()
    try:
        output = (await connection.run(facts.GATHER)).output
    except VipError as problem:
        return Learnt(connection.node, host_problem=problem, took_s=took())
    host = facts.parse(output)
    clock = clock_offset(sent, time.time(), host.machine)
    learnt = Learnt(connection.node, host=host, clock=clock, took_s=took())
    if not host.sudo_asks:
        return learnt
    try:
        more = (await connection.run(facts.GATHER_AS_ROOT)).output
    except VipError as problem:
        return replace(learnt, elevation_problem=problem)
    return replace(learnt, host=facts.parse(output, more), elevated=True)


async def _docker(connection: NodeConnection, image: str, fleet: Fleet) -> DockerFacts | VipError:
    label, secrets = connection.node.label, fleet.access.secrets
    try:
        try:
            async with secrets.within(DOCKER_LIMIT_S):
                return await ask_docker.ask_at_once(connection, image)
        except EngineError:  # the Engine's own way in takes longer, and tells why
            if connection.elevation.can_ask:  # at a person's pace, which is not the Engine's
                await connection.elevation.password("docker")
            async with secrets.within(DOCKER_LIMIT_S):
                return await ask_docker.ask(await fleet.engine(connection.node), image)
    except TimeoutError:
        return engine_silent(label, f"no answer within {DOCKER_LIMIT_S:g} s")
    except VipError as problem:
        return problem
