"""The embedded Swarm answers as a real one did: the same fields, and one Swarm for all hosts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.build import captured
from tests.unit.demo_live import reaching, serving
from vip_tui.nodes.reasons import EngineError
from vip_tui.preflight.ask_docker import ask, ask_further
from vip_tui.preflight.docker_facts import read_info, read_swarm_nodes
from vip_tui.preflight.learnt import Learnt

IMAGE = "osixia/keepalived:2.0.20"


def real(name: str) -> Any:
    return json.loads(captured(f"docker-{name}.json"))


def shape(value: Any, of: Any, where: str = "") -> None:
    """Every field that the embedded one has, a real one has too, of the same kind."""
    if isinstance(value, dict):
        for key, item in value.items():
            assert isinstance(of, dict) and key in of, f"no real one has {where}.{key}"
            if key != "Labels" and of[key] is not None and item is not None:
                shape(item, of[key], f"{where}.{key}")
    elif isinstance(value, list):
        for item in value if of else ():
            shape(item, of[0], f"{where}[]")
    else:
        assert isinstance(value, type(of)), f"{where}: {value!r} where a real one has {of!r}"


async def test_what_the_embedded_engine_says_has_the_form_of_a_real_one_s(tmp_path: Path) -> None:
    async with serving(tmp_path, 4) as cluster, reaching(cluster) as reach:
        manager, worker = await reach.engine(0), await reach.engine(3)
        reach.host().docker.images.add(IMAGE)
        shape(await manager.info(), real("info-manager"))
        shape(await worker.info(), real("info-worker"))
        listed = await manager.swarm_nodes()
        leader, plain = real("nodes")[2], real("nodes")[1]
        shape(listed[0], leader)
        shape(listed[3], plain)
        shape(await manager.image(IMAGE), real("image"))
        shape(await manager.distribution(IMAGE), real("distribution"))


async def test_all_hosts_are_in_one_swarm(tmp_path: Path) -> None:
    async with serving(tmp_path, 5) as cluster, reaching(cluster) as reach:
        engines = [await reach.engine(index) for index in range(5)]
        parts = [read_info(await engine.info()).swarm for engine in engines]
        listed = read_swarm_nodes(await engines[2].swarm_nodes())
    assert [part.manager for part in parts if part] == [True, True, True, False, False]
    assert [part.node_id for part in parts if part] == [node.node_id for node in listed]
    assert len({part.managers for part in parts if part}) == 1
    assert [node.leader for node in listed] == [True, False, False, False, False]


async def test_a_worker_cannot_list_the_nodes(tmp_path: Path) -> None:
    async with serving(tmp_path, 2) as cluster, reaching(cluster) as reach:
        with pytest.raises(EngineError, match="This node is not a swarm manager"):
            await (await reach.engine(1)).swarm_nodes()


async def test_a_host_whose_docker_is_down_is_down_for_the_swarm(tmp_path: Path) -> None:
    async with serving(tmp_path, 3, ["docker-down"]) as cluster, reaching(cluster) as reach:
        listed = read_swarm_nodes(await (await reach.engine()).swarm_nodes())
    assert [node.state for node in listed] == ["ready", "down", "ready"]


async def test_reaching_an_engine_and_asking_it_takes_four_requests(tmp_path: Path) -> None:
    """Each is a round trip through the forwarded socket: preflight has little time."""
    async with serving(tmp_path, 2) as cluster, reaching(cluster) as reach:
        said = await ask(await reach.engine(), IMAGE)
        asked = [entry.summary for entry in reach.fleet.log.entries()]
    assert asked[0] == "docker info"
    assert sorted(asked[1:]) == [
        *(f"docker image inspect {IMAGE}", "docker inspect keepalived", "docker ps --all"),
    ]
    assert said.version == "20.10.24" and said.took_s is not None


async def test_what_others_know_of_the_nodes_is_put_with_them(tmp_path: Path) -> None:
    async with serving(tmp_path, 3, ["drained"]) as cluster, reaching(cluster) as reach:
        reach.host(2).docker.images.add(IMAGE)
        alone = tuple(
            [
                Learnt(reach.node(index), docker=await ask(await reach.engine(index), IMAGE))
                for index in range(3)
            ]
        )
        learnt = await ask_further((*alone, Learnt(reach.node(0))), IMAGE, reach.fleet)
    swarms = [one.docker.swarm for one in learnt if one.docker]
    assert [one.availability for one in swarms if one] == ["active", "drain", "active"]
    assert {one.seen_as for one in swarms if one} == {"ready"}
    registries = [one.docker.registry for one in learnt if one.docker]
    assert [registry is None for registry in registries] == [False, False, True]
    assert learnt[3].docker is None


async def test_where_no_manager_is_among_the_nodes_availability_stays_unknown(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path, 5) as cluster, reaching(cluster) as reach:
        docker = await ask(await reach.engine(4), IMAGE)
        (one,) = await ask_further([Learnt(reach.node(4), docker=docker)], IMAGE, reach.fleet)
    assert one.docker is not None and one.docker.swarm is not None
    assert one.docker.swarm.availability is None


async def test_a_manager_that_does_not_answer_is_passed_over(tmp_path: Path) -> None:
    async with serving(tmp_path, 3) as cluster, reaching(cluster) as reach:
        learnt = [
            Learnt(reach.node(index), docker=await ask(await reach.engine(index), IMAGE))
            for index in range(3)
        ]
        reach.host(0).faults.docker = "down"
        found = await ask_further(learnt, IMAGE, reach.fleet)
    swarms = [one.docker.swarm for one in found if one.docker]
    assert [one.availability for one in swarms if one] == ["active"] * 3
    assert swarms[0] is not None and swarms[0].seen_as == "down"
