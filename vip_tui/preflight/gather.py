"""Asks all nodes at once for what the checks need, and times it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import replace

from vip_tui.cluster import Cluster, Node, Vip
from vip_tui.errors import VipError
from vip_tui.keepalived.spec import CONTAINER_NAME
from vip_tui.nodes.commands import ASK_FOR_ADDRESS
from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.reasons import engine_silent
from vip_tui.nodes.text import clean_line
from vip_tui.preflight import facts
from vip_tui.preflight.checks import check_all, check_node
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

    ``progress`` is told of each node as soon as what can be said of it alone is known. With
    ``only``, the others stay as they were ``before``.
    """
    began = time.monotonic()
    kept = dict(enumerate(before.learnt)) if before is not None and only is not None else {}
    asked = [
        index for index in range(len(cluster.nodes)) if index not in kept or index in (only or ())
    ]

    async def one(index: int) -> Learnt:
        learnt = await learn(cluster.nodes[index], cluster.image, fleet)
        progress(index, learnt)
        return learnt

    new = dict(zip(asked, await asyncio.gather(*map(one, asked)), strict=True))
    elapsed = time.monotonic() - began
    began = time.monotonic()
    wired = await asyncio.gather(*(_ask_the_wire(new[i], cluster.vip, fleet) for i in asked))
    everyone = kept | dict(zip(asked, wired, strict=True))
    learnt = tuple(everyone[index] for index in range(len(cluster.nodes)))
    findings = tuple(check_node(cluster, one, learnt) for one in learnt)
    listened = time.monotonic() - began
    return Preflight(cluster, learnt, findings, elapsed, listened, check_all(cluster, learnt))


async def learn(node: Node, image: str, fleet: Fleet) -> Learnt:
    """What one node says of itself and its Docker; a failure is part of the answer."""
    began = time.monotonic()
    try:
        connection = await fleet.connection(node)
    except VipError as problem:
        return Learnt(node, problem=problem)

    async def timed() -> tuple[facts.HostFacts | VipError, float]:
        return await _host(connection), time.monotonic() - began

    (host, took), docker = await asyncio.gather(timed(), _docker(node, image, fleet))
    learnt = Learnt(node, took_s=took)
    if isinstance(host, VipError):
        learnt = replace(learnt, host_problem=host)
    else:
        learnt = replace(learnt, host=host)
    if isinstance(docker, VipError):
        return replace(learnt, docker_problem=docker)
    return replace(learnt, docker=docker)


async def _host(connection: NodeConnection) -> facts.HostFacts | VipError:
    try:
        return facts.parse((await connection.run(facts.GATHER)).output)
    except VipError as problem:
        return problem


async def _docker(node: Node, image: str, fleet: Fleet) -> DockerFacts | VipError:
    try:
        async with asyncio.timeout(DOCKER_LIMIT_S):
            engine = await fleet.engine(node)
            return DockerFacts(
                *await asyncio.gather(
                    engine.version(), engine.has_image(image), engine.inspect(CONTAINER_NAME)
                )
            )
    except TimeoutError:
        return engine_silent(node.label, f"no answer within {DOCKER_LIMIT_S:g} s")
    except VipError as problem:
        return problem


async def _ask_the_wire(one: Learnt, vips: tuple[Vip, ...], fleet: Fleet) -> Learnt:
    """Ask from this node whether anybody answers for the VIPs."""
    if one.problem is not None or one.host is None:
        return one
    answers: list[str] = []
    try:
        connection = await fleet.connection(one.node)
        for vip in vips:
            output = (await connection.run(ASK_FOR_ADDRESS, str(vip.address))).output
            if answer := heard(str(vip.address), output):
                answers.append(answer)
    except VipError:
        return one  # not asked: the check says unknown
    return replace(one, answers=tuple(answers))


def heard(vip: str, output: str) -> str:
    """Who answers for a VIP, from ASK_FOR_ADDRESS's output; empty where nobody does."""
    for line in output.splitlines():
        words = line.split()
        if "lladdr" in words[:-1] and words[-1] == "REACHABLE":
            return clean_line(f"{vip} is at {words[words.index('lladdr') + 1]}")
    return f"{vip} answers ping" if "answered" in output.split() else ""
