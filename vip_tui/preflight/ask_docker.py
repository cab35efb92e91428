"""Asks a node's Docker Engine for what the checks need; what leaves the machine is asked later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from vip_tui.errors import VipError
from vip_tui.keepalived.spec import ASIDE_NAME, CONTAINER_NAME, ContainerState, read_container
from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.docker_glance import (
    CONTAINERS,
    INFO,
    glance,
    inspect_container,
    inspect_image,
)
from vip_tui.nodes.engine import Engine
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.reasons import engine_silent
from vip_tui.preflight.docker_facts import (
    Another,
    DockerFacts,
    InRegistry,
    Listed,
    SwarmNode,
    read_image,
    read_info,
    read_listed,
    read_registry,
    read_swarm_nodes,
    runs_keepalived,
)
from vip_tui.preflight.learnt import Learnt

REGISTRY_LIMIT_S = 6.0
MANAGER_LIMIT_S = 4.0
MOST_OTHERS = 5  # containers under another name that are looked at
_EXPECTED = (HTTPStatus.OK, HTTPStatus.NOT_FOUND)


Inspect = Callable[[str], Awaitable[ContainerState | None]]


async def ask(engine: Engine, image: str) -> DockerFacts:
    """What the Engine itself knows, in two rounds; raises EngineError."""
    began = time.monotonic()
    info = await engine.info()
    container, listed, found = await asyncio.gather(
        engine.inspect(CONTAINER_NAME), engine.containers(), engine.image(image)
    )
    return await _facts(info, container, listed, found, engine.inspect, began)


async def ask_at_once(connection: NodeConnection, image: str) -> DockerFacts:
    """The same in one round over the node's connection, where this account may open the socket.

    Raises EngineError, which does not say why: ``ask`` does.
    """
    began = time.monotonic()

    async def inspect(name: str) -> ContainerState | None:
        (answer,) = await glance(connection, (inspect_container(name),))
        known = answer.status == HTTPStatus.OK and isinstance(answer.content, dict)
        return read_container(answer.content) if known else None

    questions = (INFO, inspect_container(CONTAINER_NAME), CONTAINERS, inspect_image(image))
    answers = await glance(connection, questions)
    for answer in answers:
        kind = list if answer is answers[2] else dict
        if answer.status not in _EXPECTED or not isinstance(answer.content, kind):
            raise engine_silent(connection.node.label, f"HTTP status {answer.status}")
    info, container, listed, found = (
        answer.content if answer.status == HTTPStatus.OK else None for answer in answers
    )
    if info is None or listed is None:
        raise engine_silent(connection.node.label, "it does not say what it is")
    seen = None if container is None else read_container(container)
    return await _facts(info, seen, listed, found, inspect, began)


async def _facts(
    info: Mapping[str, Any],
    container: ContainerState | None,
    listed: Sequence[Any],
    image: Mapping[str, Any] | None,
    inspect: Inspect,
    began: float,
) -> DockerFacts:
    known = read_listed(listed)
    return replace(
        read_info(info),
        container=container,
        image=None if image is None else read_image(image),
        aside=next((one for one in known if one.name == ASIDE_NAME), None),
        others=await _others(inspect, known),
        took_s=time.monotonic() - began,
    )


async def _others(inspect: Inspect, listed: Sequence[Listed]) -> tuple[Another, ...]:
    """What runs keepalived under another name: hardly ever there, so a round of its own."""
    suspects = [
        one
        for one in listed
        if one.name not in (CONTAINER_NAME, ASIDE_NAME)
        and one.status in ("running", "restarting", "paused")
        and runs_keepalived(one)
    ][:MOST_OTHERS]
    states = await asyncio.gather(*(inspect(one.id) for one in suspects))
    pairs = zip(suspects, states, strict=True)
    return tuple(Another(one.name, state) for one, state in pairs if state is not None)


async def ask_further(learnt: Sequence[Learnt], image: str, fleet: Fleet) -> tuple[Learnt, ...]:
    """What others know of the nodes: the registry of the image, a manager of the availability.

    Never raises for what a node, a registry or a manager does.
    """
    nodes, registries = await asyncio.gather(
        _ask_managers(learnt, fleet),
        asyncio.gather(*(_ask_registry(one, image, fleet) for one in learnt)),
    )
    return tuple(
        _knowing(one, {node.node_id: node for node in nodes}, registry)
        for one, registry in zip(learnt, registries, strict=True)
    )


def _knowing(one: Learnt, nodes: dict[str, SwarmNode], registry: InRegistry | None) -> Learnt:
    docker = one.docker
    if docker is None:
        return one
    swarm = docker.swarm
    listed = nodes.get(swarm.node_id) if swarm is not None else None
    if swarm is not None and listed is not None:
        swarm = replace(swarm, availability=listed.availability, seen_as=listed.state)
    return replace(one, docker=replace(docker, swarm=swarm, registry=registry or docker.registry))


async def _ask_registry(one: Learnt, image: str, fleet: Fleet) -> InRegistry | None:
    """None where there was no need, or no way, to ask."""
    if one.problem is not None or one.docker is None or one.docker.image is not None:
        return None
    try:
        return await look_for_image(await fleet.engine(one.node), image)
    except VipError:
        return None  # the check says that it could not be asked


async def look_for_image(engine: Engine, image: str) -> InRegistry:
    """Whether the image could be pulled; the registry's own words where not."""
    try:
        async with asyncio.timeout(REGISTRY_LIMIT_S):
            return read_registry(await engine.distribution(image))
    except TimeoutError:
        return InRegistry(problem=f"no answer within {REGISTRY_LIMIT_S:g} s", answered=False)
    except VipError as problem:
        said = problem.detail or problem.title
        # Podman has no such page, and says so; a registry would name the manifest.
        no_page = "not found" in said.lower() and "manifest" not in said.lower()
        return InRegistry(problem=said, answered=not no_page)


async def _ask_managers(learnt: Sequence[Learnt], fleet: Fleet) -> tuple[SwarmNode, ...]:
    """The nodes of every Swarm that a node manages; the first manager that answers is believed."""
    known: dict[str, SwarmNode] = {}
    for one in learnt:
        swarm = one.docker.swarm if one.docker and one.problem is None else None
        if swarm is None or not swarm.manager or swarm.node_id in known:
            continue
        try:
            async with asyncio.timeout(MANAGER_LIMIT_S):
                engine = await fleet.engine(one.node)
                listed = read_swarm_nodes(await engine.swarm_nodes())
        except (TimeoutError, VipError):
            continue  # without a quorum it cannot say: perhaps the next one can
        known |= {node.node_id: node for node in listed}
    return tuple(known.values())
