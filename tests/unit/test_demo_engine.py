"""The embedded Docker, asked by the real SDK over a real SSH connection."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import docker
import pytest

from tests.unit.demo_clock import IMAGE
from tests.unit.demo_live import Reach, eventually, reaching, serving
from vip_tui.demo.dockerd import Refused
from vip_tui.demo.past import configuration
from vip_tui.keepalived.log import entered_state
from vip_tui.keepalived.spec import CONTAINER_NAME, ContainerSpec, differences
from vip_tui.nodes.commands import DIAL_STDIO
from vip_tui.nodes.reasons import EngineError

SPEC = ContainerSpec(
    image=IMAGE,
    environment=(("KEEPALIVED_PRIORITY", "200"), ("KEEPALIVED_VIRTUAL_IPS", "198.18.0.100")),
    labels=(("vip-tui.cluster", "demo"),),
)


@pytest.fixture
async def reach(tmp_path: Path) -> AsyncIterator[Reach]:
    async with serving(tmp_path) as cluster, reaching(cluster) as found:
        yield found


@pytest.fixture
async def loaded(reach: Reach) -> Reach:
    """With the image on the first host."""
    reach.host().docker.images.add(IMAGE)
    return reach


async def test_an_image_is_pulled_layer_by_layer(reach: Reach) -> None:
    engine = await reach.engine()
    assert not await engine.has_image(IMAGE)
    client = await engine.open()
    events = await asyncio.to_thread(lambda: list(client.pull(IMAGE, stream=True, decode=True)))
    assert await engine.has_image(IMAGE)
    assert events[0] == {"status": "Pulling from osixia/keepalived", "id": "2.0.20"}
    steps: dict[str, list[str]] = {}
    for event in events[1:]:
        steps.setdefault(event.get("id", ""), []).append(event["status"])
    assert steps.pop("")[-1].startswith("Status: Downloaded newer image")
    assert len(steps) >= 3
    for told in steps.values():
        kinds = list(dict.fromkeys(told))
        assert kinds == [
            *("Pulling fs layer", "Downloading", "Download complete", "Extracting"),
            "Pull complete",
        ]


async def test_a_pull_is_told_to_whoever_waits(reach: Reach) -> None:
    told: list[str] = []
    await (await reach.engine()).pull(IMAGE, told.append)
    await asyncio.sleep(0)
    assert re.fullmatch(r"(\d+) of \1 layers, ([\d.]+) of \2 MB", told[-1])


async def test_a_container_lives_as_docker_has_it(loaded: Reach) -> None:
    engine = await loaded.engine()
    made = await engine.create(CONTAINER_NAME, SPEC)
    seen = await engine.inspect(CONTAINER_NAME)
    assert seen is not None
    assert (seen.id, seen.status, seen.log_driver) == (made, "created", "json-file")
    assert differences(SPEC, seen, {}) == ()
    await engine.start(CONTAINER_NAME)
    await engine.start(CONTAINER_NAME)  # 304 is no error
    seen = await engine.inspect(made[:12])
    assert seen is not None and seen.running
    await engine.stop(CONTAINER_NAME)
    seen = await engine.inspect(CONTAINER_NAME)
    assert seen is not None and (seen.status, seen.exit_code) == ("exited", 0)
    await engine.stop(CONTAINER_NAME)
    await engine.set_restart(CONTAINER_NAME, "no")
    await engine.rename(CONTAINER_NAME, "other")
    assert await engine.inspect(CONTAINER_NAME) is None
    seen = await engine.inspect("other")
    assert seen is not None and (seen.id, seen.restart) == (made, "no")
    await engine.remove("other")
    assert await engine.inspect(made) is None


async def test_refusals_have_dockers_words(loaded: Reach) -> None:
    engine = await loaded.engine()
    id_ = await engine.create(CONTAINER_NAME, SPEC)
    with pytest.raises(EngineError, match=f"/keepalived.* is already in use by .*{id_}"):
        await engine.create(CONTAINER_NAME, SPEC)
    with pytest.raises(EngineError, match="No such container: nobody"):
        await engine.start("nobody")
    with pytest.raises(EngineError, match="is not paused"):
        await engine.unpause(CONTAINER_NAME)
    with pytest.raises(EngineError, match="No such image: osixia/keepalived:2"):
        await (await loaded.engine(1)).create(CONTAINER_NAME, SPEC)


async def test_the_log_is_followed_with_timestamps_until_the_container_stops(loaded: Reach) -> None:
    engine = await loaded.engine()
    await engine.create(CONTAINER_NAME, SPEC)
    await engine.start(CONTAINER_NAME)
    states, lines = [], []
    async for line in engine.follow_log(CONTAINER_NAME, 1000):
        lines.append(line)
        if state := entered_state(line):
            states.append(state)
        if states == ["backup"] and len(states) == 1 and state:
            asyncio.get_running_loop().create_task(engine.stop(CONTAINER_NAME))
    assert states == ["backup"]
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ", line) for line in lines)
    assert "Init system aborted." in "".join(lines)
    tail = await engine.log_tail(CONTAINER_NAME, 3)
    assert len(tail) == 3 and tail == lines[-3:]


async def test_events_tell_of_containers_alone(loaded: Reach) -> None:
    engine = await loaded.engine()
    told = []
    async with engine.events() as events:
        await engine.create(CONTAINER_NAME, SPEC)
        await engine.start(CONTAINER_NAME)
        loaded.host().docker.tell("image", "pull", "x", {"name": "x"})
        await loaded.host().docker.pause(CONTAINER_NAME)
        await loaded.host().docker.unpause(CONTAINER_NAME)
        await engine.stop(CONTAINER_NAME)
        await engine.remove(CONTAINER_NAME)
        async for event in events:
            assert event["Actor"]["Attributes"]["name"] == CONTAINER_NAME
            told.append(event["Action"])
            if event["Action"] == "destroy":
                break
    assert told == [
        *("create", "start", "pause", "unpause", "kill", "die", "stop", "destroy"),
    ]
    feed = loaded.host().docker.events
    await eventually(lambda: not feed.listeners, "somebody is still told of events")


async def test_docker_answers_over_dial_stdio_too(tmp_path: Path) -> None:
    async with serving(tmp_path) as cluster, reaching(cluster) as reach:
        host = reach.host()
        host.uid, host.sudo = 1000, True
        engine = await reach.engine()
        assert await engine.version() == "20.10.24"
        assert await engine.inspect("nobody") is None
        process = await (await reach.connection()).ssh.create_process(
            DIAL_STDIO.line(), encoding=None
        )
        process.stdin.write(b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\nGET /none HTTP/1.0\r\n\r\n")
        answered = await process.stdout.read()
        assert answered.startswith(b"HTTP/1.1 200 ") and b"\r\n\r\nOK" in answered
        assert b"HTTP/1.1 404 " in answered and b"page not found" in answered


async def test_nonsense_is_a_bad_request(loaded: Reach) -> None:
    ssh = (await loaded.connection()).ssh
    for request, status in (
        (b"NONSENSE\r\n\r\n", b" 400 "),
        (b"POST /containers/create?name=x HTTP/1.0\r\nContent-Length: 3\r\n\r\n{[}", b" 400 "),
        (b"POST /containers/create?name=x HTTP/1.0\r\nContent-Length: 2\r\n\r\n[]", b" 400 "),
        (b"HEAD /_ping HTTP/1.0\r\n\r\n", b" 200 OK"),
        (b"POST /images/create HTTP/1.0\r\nContent-Length: 0\r\n\r\n", b" 400 "),
    ):
        reader, writer = await ssh.open_unix_connection("/var/run/docker.sock", encoding=None)
        writer.write(request)
        assert status in (await reader.read()).split(b"\r\n")[0]
        writer.close()


async def test_what_an_operator_does_at_the_shell(loaded: Reach) -> None:
    engine = loaded.host().docker
    await engine.create(CONTAINER_NAME, configuration(SPEC))
    assert await engine.start(CONTAINER_NAME)
    assert not await engine.start(CONTAINER_NAME)
    await engine.pause(CONTAINER_NAME)
    with pytest.raises(Refused, match="already paused"):
        await engine.pause(CONTAINER_NAME)
    with pytest.raises(Refused, match="Unpause the container before"):
        await engine.kill(CONTAINER_NAME, "SIGTERM")
    with pytest.raises(Refused, match="You cannot remove a running container"):
        await engine.remove(CONTAINER_NAME, force=False)
    await engine.kill(CONTAINER_NAME)
    assert engine.find(CONTAINER_NAME).exit_code == 137
    with pytest.raises(Refused, match="is not running"):
        await engine.kill(CONTAINER_NAME)
    await engine.remove(CONTAINER_NAME)
    assert engine.containers == []


def test_the_sdk_is_the_real_one() -> None:
    assert docker.APIClient.__module__ == "docker.api.client"
