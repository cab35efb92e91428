"""The embedded cluster as a whole: who gets in, what it starts with, and that it ends."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import asyncssh
import pytest

from tests.unit.demo_live import eventually, reaching, serving
from vip_tui.cluster import dump, load
from vip_tui.demo import MISFORTUNES, EmbeddedCluster
from vip_tui.demo.embedded import VIP
from vip_tui.errors import InputError, UnreachableError
from vip_tui.keepalived.log import entered_state, since
from vip_tui.keepalived.priorities import default_priorities
from vip_tui.keepalived.recipe import (
    IMAGE_DEFAULTS,
    Member,
    Router,
    container_spec,
)
from vip_tui.keepalived.spec import CONTAINER_NAME, differences, ownership
from vip_tui.nodes.connection import Access, connect
from vip_tui.nodes.reasons import (
    DOCKER_SOCKET,
    AuthRefused,
    EngineError,
    HostKeyChanged,
    HostKeyUnknown,
)

IN_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def test_an_unknown_misfortune_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such misfortune") as problem:
        EmbeddedCluster(tmp_path, misfortunes=["ip-vs-mising"])
    assert "ip-vs-missing" in problem.value.hint
    with pytest.raises(InputError) as problem:
        EmbeddedCluster(tmp_path, misfortunes=["xyzzy"])
    assert all(name in problem.value.hint for name in MISFORTUNES)


@pytest.mark.parametrize("count", [0, 1, 10])
def test_two_to_nine_nodes(tmp_path: Path, count: int) -> None:
    with pytest.raises(InputError, match="number of nodes"):
        EmbeddedCluster(tmp_path, count)


def test_every_misfortune_is_one_sentence() -> None:
    assert all(text.endswith(".") and "\n" not in text for text in MISFORTUNES.values())


async def test_the_cluster_is_what_an_operator_would_have_typed(tmp_path: Path) -> None:
    async with serving(tmp_path, nodes=4) as cluster:
        made = cluster.cluster
        assert load(dump(made)) == made
        assert {node.address for node in made.nodes} == {"127.0.0.1"}
        assert len({node.port for node in made.nodes}) == 4
        assert (made.vrid, made.password) == (None, None)
        assert all((node.priority, node.vrrp_address) == (None, None) for node in made.nodes)
        assert made.probe.startswith("http://127.0.0.1:")
        assert [host.name for host in cluster.hosts] == ["n1", "n2", "n3", "n4"]
        assert stat.S_IMODE(cluster.identity.stat().st_mode) == 0o600
        assert cluster.holders() == []


async def test_an_early_client_waits_for_the_server(tmp_path: Path) -> None:
    cluster = EmbeddedCluster(tmp_path, 2)
    port = cluster.cluster.nodes[0].port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await cluster.start()
    await cluster.start()
    assert (await reader.readline()).startswith(b"SSH-2.0-")
    writer.close()
    await cluster.close()


async def test_the_one_identity_gets_in_and_nobody_else(tmp_path: Path) -> None:
    async with serving(tmp_path) as cluster:
        node = cluster.cluster.nodes[0]
        stranger = tmp_path / "stranger"
        stranger.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
        with pytest.raises(AuthRefused):
            await connect(node, Access(cluster.store, (stranger,), isolated=True))
        for options in ({"username": "nobody"}, {"client_keys": [], "password": ""}):
            arguments = {
                "username": "root",
                "client_keys": [str(cluster.identity)],
                "known_hosts": None,
                "config": [],
                "agent_path": None,
            }
            with pytest.raises(asyncssh.PermissionDenied):
                await asyncssh.connect("127.0.0.1", node.port, **{**arguments, **options})


async def test_deployed_it_is_as_an_apply_had_left_it_days_ago(tmp_path: Path) -> None:
    async with serving(tmp_path, 3, deployed=True) as cluster, reaching(cluster) as reach:
        made = cluster.cluster
        assert cluster.store.load("demo") == made
        assert [node.priority for node in made.nodes] == list(default_priorities(3))
        assert made.vrid is not None and made.password is not None
        assert cluster.holders() == ["n1"]
        router = Router("demo", made.vip, made.vrid, made.password, made.image)
        addresses = tuple(ipaddress.ip_address(host.address) for host in cluster.hosts)
        for index, (address, node) in enumerate(zip(addresses, made.nodes, strict=True)):
            engine = await reach.engine(index)
            seen = await engine.inspect(CONTAINER_NAME)
            assert seen is not None and seen.running
            spec = container_spec(router, Member(address, "eth0", node.priority or 0), addresses)
            assert differences(spec, seen, IMAGE_DEFAULTS) == ()
            assert ownership(seen, "demo", (VIP,)) == "ours"
            lines = [since(line, seen.started_at) for line in await engine.log_tail(seen.id, 500)]
            states = [entered_state(line) for line in lines if line and entered_state(line)]
            assert states == (["backup", "master"] if index == 0 else ["backup"])


async def test_a_deployed_cluster_goes_on_electing(tmp_path: Path) -> None:
    async with serving(tmp_path, 3, deployed=True) as cluster:
        await cluster.hosts[0].docker.stop(CONTAINER_NAME)
        assert cluster.holders() == ["n2"]
        await cluster.hosts[0].docker.start(CONTAINER_NAME)
        await asyncio.sleep(0.2)
        assert cluster.holders() == ["n2"]


@pytest.mark.parametrize(
    ("misfortune", "expected"),
    [
        ("no-key", AuthRefused),
        ("wrong-host-key", HostKeyChanged),
        ("new-host-key", HostKeyUnknown),
        ("node-down", UnreachableError),
    ],
)
async def test_a_node_that_cannot_be_reached(
    tmp_path: Path, misfortune: str, expected: type[Exception]
) -> None:
    async with serving(tmp_path, misfortunes=[misfortune]) as cluster, reaching(cluster) as reach:
        await reach.connection(0)
        with pytest.raises(expected):
            await reach.connection(1)


@pytest.mark.parametrize(
    ("misfortune", "says"),
    [("docker-down", "is not running"), ("no-permission", "may not use Docker")],
)
async def test_a_docker_that_cannot_be_reached(tmp_path: Path, misfortune: str, says: str) -> None:
    async with serving(tmp_path, misfortunes=[misfortune]) as cluster, reaching(cluster) as reach:
        with pytest.raises(EngineError, match=says):
            await (await reach.engine(1)).version()


async def test_a_registry_without_the_image(tmp_path: Path) -> None:
    bad = ["image-unknown"]
    async with serving(tmp_path, misfortunes=bad) as cluster, reaching(cluster) as reach:
        engine = await reach.engine(1)
        with pytest.raises(EngineError, match="manifest unknown"):
            await engine.distribution("osixia/keepalived:2.0.20")
        with pytest.raises(EngineError, match="manifest unknown"):
            await engine.pull("osixia/keepalived:2.0.20", lambda _text: None)


async def test_a_registry_that_does_not_give_the_image_that_it_knows(tmp_path: Path) -> None:
    bad = ["pull-fails"]
    async with serving(tmp_path, misfortunes=bad) as cluster, reaching(cluster) as reach:
        engine = await reach.engine(1)
        assert (await engine.distribution("osixia/keepalived:2.0.20"))["Platforms"]
        with pytest.raises(EngineError, match="i/o timeout"):
            await engine.pull("osixia/keepalived:2.0.20", lambda _text: None)


async def test_a_stale_vip_is_on_the_killed_node_and_on_the_next(tmp_path: Path) -> None:
    async with serving(tmp_path, 3, ["stale-vip"]) as cluster:
        await asyncio.sleep(0.01)
        assert cluster.holders() == ["n1", "n2"]
        assert cluster.hosts[0].docker.find(CONTAINER_NAME).exit_code == 137


async def test_somebody_elses_container(tmp_path: Path) -> None:
    bad = ["foreign-container"]
    async with serving(tmp_path, misfortunes=bad) as cluster, reaching(cluster) as reach:
        seen = await (await reach.engine(1)).inspect(CONTAINER_NAME)
        assert seen is not None and ownership(seen, "demo", (VIP,)) == "foreign"


async def test_hostile_output_reaches_us_clean(tmp_path: Path) -> None:
    bad = ["hostile-output"]
    async with serving(tmp_path, 2, bad, deployed=True) as cluster, reaching(cluster) as reach:
        tail = "".join(await (await reach.engine(1)).log_tail(CONTAINER_NAME, 500))
        assert "[/x]" in tail and "[@click=app.bell]" in tail
        assert not [letter for letter in tail if ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0]
        assert "\u202e" not in tail


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@IN_LINUX
async def test_its_end_leaves_no_thread_task_or_socket(tmp_path: Path) -> None:
    async with serving(tmp_path / "first", deployed=True):
        pass  # what is made once in a process, such as a thread for name look-ups, is there now
    threads, tasks, files = set(threading.enumerate()), asyncio.all_tasks(), open_files()
    async with serving(tmp_path / "second", 3, deployed=True) as cluster:
        async with reaching(cluster) as reach:
            engine = await reach.engine()
            async with engine.events():
                await cluster.hosts[1].docker.kill(CONTAINER_NAME)
                await cluster.close()
        ports = [node.port for node in cluster.cluster.nodes]

    def left() -> list[object]:
        # The loop's own pool is the program's: it reads Docker's streams on it.
        ours = [one for one in threading.enumerate() if not one.name.startswith("asyncio_")]
        return [*(set(ours) - threads), *(asyncio.all_tasks() - tasks)]

    await eventually(lambda: not left(), "a thread or a task is left")
    assert open_files() <= files
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port or 0))


@IN_LINUX
async def test_its_end_also_ends_those_who_wait_for_a_docker_that_hangs(tmp_path: Path) -> None:
    tasks = asyncio.all_tasks()
    bad = ["docker-hangs"]
    async with serving(tmp_path, misfortunes=bad) as cluster, reaching(cluster) as reach:
        ssh = (await reach.connection(1)).ssh
        reader, writer = await ssh.open_unix_connection(DOCKER_SOCKET, encoding=None)
        writer.write(b"GET /version HTTP/1.0\r\n\r\n")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await reader.read(1)
        await cluster.close()
    await eventually(lambda: asyncio.all_tasks() == tasks, "a task is left")


async def test_it_may_be_closed_while_it_starts(tmp_path: Path) -> None:
    cluster = EmbeddedCluster(tmp_path, 2)
    starting = asyncio.create_task(cluster.start())
    again = asyncio.create_task(cluster.start())
    await asyncio.sleep(0)
    await cluster.close()
    await asyncio.gather(starting, again)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", cluster.cluster.nodes[0].port or 0))


async def test_it_may_end_before_it_began_and_after_it_failed(tmp_path: Path) -> None:
    never = EmbeddedCluster(tmp_path / "never", 2)
    await never.close()
    await never.close()
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    failing = EmbeddedCluster(blocked, 2)
    with pytest.raises(Exception, match="cannot write"):
        await failing.start()
    await failing.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", failing.cluster.nodes[0].port or 0))


def test_importing_it_and_making_one_imports_neither_asyncssh_nor_docker() -> None:
    code = """
import sys, tempfile, pathlib
from vip_tui.demo import EmbeddedCluster
EmbeddedCluster(pathlib.Path(tempfile.mkdtemp()), 3, deployed=True)
heavy = {"asyncssh", "docker", "textual", "h11", "requests"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": "."})
