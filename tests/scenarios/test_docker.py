"""What Docker says while somebody works on a container: states, events and keepalived's log."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from tests.scenarios.backend import Verb
from tests.scenarios.world import World
from vip_tui.keepalived.spec import CONTAINER_NAME

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
