"""What Docker says while somebody works on a container: states, events and keepalived's log."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from tests.scenarios.backend import Verb
from tests.scenarios.world import World
from vip_tui.keepalived.spec import CONTAINER_NAME
from vip_tui.preflight import ask_docker
from vip_tui.preflight.docker_facts import DockerFacts, InRegistry

# What is done, what `docker inspect` shows then (status, running, paused, exit code), and the
# events that came of it, with the attributes that tell more.
DONE: tuple[tuple[Verb, tuple[str, bool, bool, int], list[str]], ...] = (
    ("stop", ("exited", False, False, 0), ["kill 15", "die 0", "stop"]),
    ("start", ("running", True, False, 0), ["start"]),
    ("pause", ("paused", True, True, 0), ["pause"]),
    ("unpause", ("running", True, False, 0), ["unpause"]),
    ("kill", ("exited", False, False, 137), ["kill 9", "die 137"]),
    ("start", ("running", True, False, 0), ["start"]),
)
REMOVED = ["kill", "die", "destroy"]  # Docker is not sure of the exit code then


def told(event: dict[str, Any]) -> str:
    attributes = event["Actor"]["Attributes"]
    assert attributes["name"] == CONTAINER_NAME
    more = attributes.get("signal") or attributes.get("exitCode")
    return f"{event['Action']} {more}" if more else str(event["Action"])


def test_states_and_events_of_what_is_done_by_hand(trio: World) -> None:
    name = trio.backups[-1]
    identity = trio.container(name)["Id"]

    def by_hand() -> list[tuple[str, bool, bool, int]]:
        shown = []
        for verb, _, _ in DONE:
            trio.backend.docker(verb, name)
            state = trio.container(name)["State"]
            keys = ("Status", "Running", "Paused", "ExitCode")
            shown.append(cast("tuple[str, bool, bool, int]", tuple(state[key] for key in keys)))
        trio.wait_agreed()  # started for good, before it is removed
        trio.backend.docker("remove", name)
        return shown

    async def watch() -> tuple[list[tuple[str, bool, bool, int]], list[str]]:
        engine = await trio.fleet.engine(trio.node(name))
        heard: list[str] = []
        async with engine.events() as events:
            working = asyncio.create_task(asyncio.to_thread(by_hand))
            async for event in events:
                assert event["Actor"]["ID"] == identity
                assert event["Type"] == "container"
                heard.append(told(event))
                if heard[-1] == "destroy":
                    break
            return await working, heard

    shown, heard = trio.loop.call(watch())
    assert shown == [state for _, state, _ in DONE]
    *by_hand_events, kill, die, destroy = heard
    assert by_hand_events == [event for *_, events in DONE for event in events]
    assert [kill.split()[0], die.split()[0], destroy] == REMOVED


def test_an_engine_tells_what_the_checks_ask_for(trio: World) -> None:
    """What both backends' nodes have in common: what they say of themselves, but no values."""
    name = trio.names[0]
    image = trio.cluster.image

    async def ask() -> tuple[DockerFacts, InRegistry]:
        engine = await trio.fleet.engine(trio.node(name))
        return await ask_docker.ask(engine, image), await ask_docker.look_for_image(engine, image)

    said, registry = trio.loop.call(ask())
    assert said.version.startswith("20.10.24")
    assert (said.architecture, said.log_driver, said.rootless) == ("amd64", "json-file", False)
    assert said.container is not None and said.container.id == trio.run_of(name)[0]
    assert (said.aside, said.others) == (None, ())
    assert said.image is not None and said.swarm is not None
    assert (said.image.architecture, said.image.os) == ("amd64", "linux")
    assert said.image.digests == (registry.digest,), "it came from there"
    assert "linux/amd64" in registry.platforms
    assert (registry.problem, registry.answered) == ("", True)
    # The first answer of an engine that was just reached, and one that was asked for.
    info, more = (trio.docker(name).info() for _ in range(2))
    assert info.keys() == more.keys() >= {"ServerVersion", "Swarm", "SecurityOptions"}


def test_what_is_not_there_is_told_apart_from_what_cannot_be_told(trio: World) -> None:
    async def ask() -> tuple[object, InRegistry]:
        engine = await trio.fleet.engine(trio.node(trio.names[0]))
        absent = await engine.image("osixia/keepalived:no-such-tag")
        return absent, await ask_docker.look_for_image(engine, "no.such.registry.invalid/x:1")

    absent, registry = trio.loop.call(ask())
    assert absent is None
    if trio.backend.kind == "lab":  # the embedded registry knows every image
        assert "no.such.registry.invalid" in registry.problem


def test_a_handover_is_in_the_logs(trio: World) -> None:
    master, (successor, other) = trio.master, trio.backups
    trio.backend.docker("stop", master)
    trio.wait_holders(1)

    def log(name: str) -> str:
        raw: bytes = trio.docker(name).logs(CONTAINER_NAME)
        return raw.decode()

    assert "sent 0 priority" in log(master)
    assert "removing VIPs." in log(master)
    assert "Backup received priority 0 advertisement" in log(successor)
    assert trio.transitions(successor)[-1][1] == "MASTER"
    assert trio.transitions(other)[-1][1] == "BACKUP"
    # A stopped container goes on with its old log when it is started, and begins as backup.
    before = len(log(master))
    trio.backend.docker("start", master)
    trio.wait_agreed()
    assert [state for _, state in trio.transitions(master)] == ["BACKUP"]
    assert len(log(master)) > before
