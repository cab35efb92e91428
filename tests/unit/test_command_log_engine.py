"""Every call to Docker is in the command log, as docker's own command."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import docker.errors
import pytest
import requests

from tests.unit.build import PASSWORD, captured, node, spec
from vip_tui.nodes.command_log import CommandLog, Entry
from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.engine import Engine
from vip_tui.nodes.engine_client import PING, EngineClient
from vip_tui.nodes.reasons import EngineError

LONG_ID = "c0ffee" * 10 + "beef"


class Items:
    """A stream of the SDK."""

    def __init__(self, items: list[Any], error: Exception | None = None) -> None:
        self._items, self._error = items, error

    def __iter__(self) -> Iterator[Any]:
        yield from self._items
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        pass


class Client:
    """A Docker client to which all is well, or that refuses."""

    told = None

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def __getattr__(self, method: str) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if self.error is not None:
                raise self.error
            answers: dict[str, Any] = {
                "server_version": "27.3.1",
                "info": {"ServerVersion": "27.3.1"},
                "containers": [],
                "nodes": [],
                "inspect_image": {"Id": LONG_ID},
                "inspect_distribution": {"Platforms": []},
                "inspect_container": json.loads(captured("inspect.json")),
                "create_container": {"Id": LONG_ID},
                "pull": [{"status": "Pull complete"}],
                "events": Items([{"Action": "start"}]),
                "logs": Items([b"one\n"]) if options.get("stream") else b"one\n",
            }
            return answers.get(method)

        return call

    def close(self) -> None:
        pass


class OpenEngine(Engine):
    """An engine whose client is at hand."""

    def __init__(self, log: CommandLog, client: Client) -> None:
        where = SimpleNamespace(node=node(1), log=log.at("n1", "ssh root@198.18.0.11"))
        super().__init__(cast(NodeConnection, where))
        self.client = client

    async def open(self, _first: str = PING) -> EngineClient:
        return cast(EngineClient, self.client)


async def recorded(engine: OpenEngine, log: CommandLog, call: str, *arguments: Any) -> Entry:
    """What the log has of one call of the engine."""
    try:
        result = getattr(engine, call)(*arguments)
        if call == "follow_log":
            assert [line async for line in result] == ["one"]
        elif call == "events":
            async with result as stream:
                assert log.entries()[-1].outcome == "running"
                assert [item async for item in stream] == [{"Action": "start"}]
        else:
            await result
    finally:
        await engine.close()
    (entry,) = log.entries()
    return entry


CALLS = [
    (("version",), "docker version"),
    (("info",), "docker info"),
    (("containers",), "docker ps --all"),
    (("swarm_nodes",), "docker node ls"),
    (("distribution", "busybox:1"), "docker manifest inspect busybox:1"),
    (("inspect", "keepalived"), "docker inspect keepalived"),
    (("has_image", "osixia/keepalived:2.0.20"), "docker image inspect osixia/keepalived:2.0.20"),
    (("pull", "osixia/keepalived:2.0.20", print), "docker pull osixia/keepalived:2.0.20"),
    (("start", "keepalived"), "docker start keepalived"),
    (("stop", "keepalived"), "docker stop -t 10 keepalived"),
    (("remove", "keepalived"), "docker rm -v -f keepalived"),
    (("unpause", "keepalived"), "docker unpause keepalived"),
    (("rename", LONG_ID, "keepalived"), "docker rename c0ffeec0ffee keepalived"),
    (("set_restart", "keepalived", "no"), "docker update --restart=no keepalived"),
    (("log_tail", LONG_ID, 2000), "docker logs --tail 2000 -t c0ffeec0ffee"),
    (("follow_log", LONG_ID, 100), "docker logs -f -t --tail 100 c0ffeec0ffee"),
    (("events",), "docker events --filter type=container"),
]
NAMES = [str(call[0]) for call, _ in CALLS]


@pytest.mark.parametrize(("call", "typed"), CALLS, ids=NAMES)
async def test_a_call_is_dockers_own_command(call: tuple[Any, ...], typed: str) -> None:
    log = CommandLog()
    entry = await recorded(OpenEngine(log, Client()), log, *call)
    assert (entry.summary, entry.kind, entry.node) == (typed, "docker", "n1")
    assert shlex.split(entry.line) == ["ssh", "root@198.18.0.11", "--", typed]
    stream = call[0] in ("events", "follow_log")
    assert (entry.outcome, entry.stream) == ("ended" if stream else "done", stream)


@pytest.mark.parametrize(("call", "typed"), CALLS, ids=NAMES)
async def test_a_call_that_fails_is_noted_with_the_reason(
    call: tuple[Any, ...], typed: str
) -> None:
    log = CommandLog()
    refusing = Client(docker.errors.APIError("Conflict: \x1b[2Jthe name is in use"))
    with pytest.raises(EngineError):
        await recorded(OpenEngine(log, refusing), log, *call)
    (entry,) = log.entries()
    assert (entry.summary, entry.outcome) == (typed, "failed")
    assert entry.note == "Docker on n1 refuses: Conflict: the name is in use"


@pytest.mark.parametrize("call", [("inspect", "keepalived"), ("has_image", "busybox")])
async def test_what_is_not_there_is_an_answer_and_no_failure(call: tuple[str, str]) -> None:
    log = CommandLog()
    error = docker.errors.NotFound("No such thing")
    entry = await recorded(OpenEngine(log, Client(error)), log, *call)
    assert (entry.outcome, entry.note) == ("done", "There is none.")


async def test_a_created_container_is_typed_without_its_password() -> None:
    log = CommandLog()
    entry = await recorded(OpenEngine(log, Client()), log, "create", "keepalived", spec())
    words = shlex.split(shlex.split(entry.line)[-1])
    assert words[:4] == ["docker", "create", "--name", "keepalived"]
    assert words[-1] == "osixia/keepalived:2.0.20"
    assert {"--restart=always", "--net=host", "KEEPALIVED_PASSWORD=********"} <= set(words)
    assert PASSWORD not in repr(entry) + entry.line


async def test_a_refused_container_does_not_tell_its_password() -> None:
    log = CommandLog()
    refusing = Client(docker.errors.APIError(f"bad option near {PASSWORD!r}"))
    with pytest.raises(EngineError):
        await recorded(OpenEngine(log, refusing), log, "create", "keepalived", spec())
    (entry,) = log.entries()
    assert entry.note == "Docker on n1 refuses: bad option near '********'"
    assert PASSWORD not in repr(entry)


async def test_a_stream_that_breaks_has_failed() -> None:
    class Breaking(Client):
        def events(self, **_: Any) -> Items:
            return Items([{"Action": "start"}], requests.ConnectionError("reset by peer"))

    log = CommandLog()
    with pytest.raises(EngineError):
        await recorded(OpenEngine(log, Breaking()), log, "events")
    (entry,) = log.entries()
    assert entry.outcome == "failed"
    assert "reset by peer" in entry.note
