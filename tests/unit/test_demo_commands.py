"""Every declared command is answered by the embedded cluster, in words that the program reads."""

from __future__ import annotations

import asyncio
import importlib
import ipaddress
import pkgutil
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

import vip_tui
from tests.unit.demo_clock import VIP
from tests.unit.demo_live import Reach, eventually, reaching, serving
from vip_tui.demo import answers, facts, session
from vip_tui.nodes import commands, listening
from vip_tui.nodes.addresses import AddressFollower
from vip_tui.nodes.commands import Command
from vip_tui.nodes.connection import Remote
from vip_tui.preflight import facts as real_facts
from vip_tui.preflight.hearing import parse_heard


@pytest.fixture
async def reach(tmp_path: Path) -> AsyncIterator[Reach]:
    async with serving(tmp_path) as cluster, reaching(cluster) as found:
        yield found


def declared() -> dict[str, Command]:
    """Every command that any module of the program declares."""
    found = {}
    for module in pkgutil.walk_packages(vip_tui.__path__, "vip_tui."):
        if module.name.startswith(("vip_tui.tui", "vip_tui.cli", "vip_tui.__main__")):
            continue
        for item in vars(importlib.import_module(module.name)).values():
            if isinstance(item, Command):
                found[item.id] = item
    return found


def test_every_declared_command_has_an_answer() -> None:
    assert set(declared()) == {*answers.HANDLERS, *answers.IN_BYTES}


def test_every_section_of_the_facts_is_simulated() -> None:
    assert set(facts.SECTIONS) == {one.name for one in real_facts.SECTIONS}
    assert session.FACT_MARK == real_facts.MARK
    assert real_facts.GATHER.id == session.FACTS


def test_a_line_is_understood_to_the_letter() -> None:
    line = commands.DELETE_ADDRESS.line("198.18.0.100/32", "eth0; reboot")
    assert session.understand(line).arguments == ("198.18.0.100/32", "eth0; reboot")
    for other in (line.replace("ip addr del", "ip addr add"), "reboot", "'", "", f"{line}; id"):
        with pytest.raises(session.UnknownCommand):
            session.understand(other)


async def test_the_facts_are_those_of_the_host(reach: Reach) -> None:
    run = await (await reach.connection()).run(real_facts.GATHER)
    host = real_facts.parse(run.output)
    assert (host.hostname, host.user, host.root, host.sudo) == ("n1", "root", True, False)
    assert [str(address.ip) for address in host.on("eth0")] == [
        "198.18.0.11/24",
        "fe80::c6ff:fe12:1/64",
    ]
    assert host.up == {"lo", "eth0"}
    assert (host.ip_vs, host.ip_vs_persisted) == ("loadable", False)


async def test_a_module_is_loaded_and_kept(reach: Reach) -> None:
    connection = await reach.connection()
    await connection.run(commands.LOAD_IP_VS)
    await connection.run(commands.PERSIST_IP_VS)
    host = real_facts.parse((await connection.run(real_facts.GATHER)).output)
    assert (host.ip_vs, host.ip_vs_persisted) == ("loaded", True)


async def test_addresses_are_followed_and_read(reach: Reach) -> None:
    host, connection = reach.host(), await reach.connection()
    stream = AddressFollower(connection, [VIP]).follow()
    assert (await anext(stream)).held == frozenset()
    host.add_address(f"{VIP}/32", "eth0")
    assert (await anext(stream)).held == {VIP}
    assert (
        f"inet {VIP}/32 scope global eth0" in (await connection.run(commands.READ_ADDRESSES)).output
    )
    await connection.run(commands.DELETE_ADDRESS, f"{VIP}/32", "eth0")
    assert (await anext(stream)).held == frozenset()
    gone = await connection.run(commands.DELETE_ADDRESS, f"{VIP}/32", "eth0")
    assert (gone.status, gone.errors.strip()) == (
        0,
        "RTNETLINK answers: Cannot assign requested address",
    )
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_beat_is_echoed(reach: Reach) -> None:
    async with (await reach.connection()).follow(commands.FOLLOW_ADDRESSES) as remote:
        remote.write("7\n")
        while (line := await remote.readline()) != "== 7":
            assert line


async def test_the_wire_tells_who_has_an_address(reach: Reach) -> None:
    connection = await reach.connection()

    reach.host().wire.strangers["198.18.0.77"] = "52:54:00:00:00:77"
    asked = f"198.18.0.12 198.18.0.77 {VIP}"
    words = ("3", "eth0", "198.18.0.11", asked, "198.18.0.12")
    run, user = await asyncio.gather(
        connection.run(listening.LISTEN, *words), connection.run(listening.LISTEN_AS_USER, *words)
    )
    own = ipaddress.ip_address("198.18.0.11")
    for output in (run.output, user.output):
        told = parse_heard(output, "eth0", own)
        assert {str(answer.vip): answer.macs for answer in told.answers} == {
            "198.18.0.12": ("02:00:c6:12:00:02",),
            "198.18.0.77": ("52:54:00:00:00:77",),
            VIP: (),
        }
        assert [route.interface for route in told.routes] == ["eth0"]
        assert all(len(one.trips_ms) == 4 for one in told.distances)
    told = parse_heard(run.output, "eth0", own)
    peers = frozenset({ipaddress.ip_address("198.18.0.12")})
    assert told.adverts == () and told.through == told.sent == peers
    told = parse_heard(user.output, "eth0", own)
    assert (told.adverts, told.through) == (None, None) and told.deaf and told.mute


async def test_the_lock_is_one_mans(reach: Reach) -> None:
    connection = await reach.connection()
    async with connection.follow(commands.HOLD_LOCK, "an apply") as first:
        assert await first.readline() == "held"
        async with connection.follow(commands.HOLD_LOCK, "a drill") as second:
            assert (await second.readline()).startswith("locked an apply since 2")
        said = (await connection.run(commands.READ_LOCK)).output
        assert said.startswith("locked an apply since ")
    host = reach.host()
    await eventually(lambda: host.lock_holder == "", "the lock is not free again")
    assert (await connection.run(commands.READ_LOCK)).output == "free\n"


async def armed(remote: Remote) -> None:
    assert (await remote.readline()).startswith("armed ")


async def container(reach: Reach) -> str:
    """A container of no interest on the first host, which does not run."""
    host = reach.host()
    host.docker.images.add("busybox:1")
    return (await host.docker.create("some", {"Image": "busybox:1"})).name


async def test_a_revert_that_is_called_off_does_nothing(reach: Reach) -> None:
    name = await container(reach)
    connection = await reach.connection()
    async with connection.follow(commands.ARM_START, name, "60", "a drill") as remote:
        await armed(remote)
        remote.write("beat\n")
        assert await remote.readline() == "== beat"
        assert (await connection.run(commands.READ_LOCK)).output.startswith("locked a drill")
        remote.write("disarm\n")
        assert await remote.readline() == "disarm"
    assert reach.host().docker.find(name).status == "created"
    assert reach.host().lock_holder == ""


async def test_a_revert_starts_the_container_where_the_connection_dies(reach: Reach) -> None:
    name = await container(reach)
    connection = await reach.connection()
    async with connection.follow(commands.ARM_START, name, "60", "a drill") as remote:
        await armed(remote)
        connection.ssh.abort()
    await running(reach, name)
    # The revert keeps at it, and the lock with it, as the real one does.
    assert reach.host().lock_holder.startswith("a drill")


async def test_a_revert_runs_by_itself_when_its_time_is_up(reach: Reach) -> None:
    name = await container(reach)
    connection = await reach.connection()
    async with connection.follow(commands.ARM_START, name, "0.05", "a drill") as remote:
        await armed(remote)
        await running(reach, name)


async def running(reach: Reach, name: str) -> None:
    one = reach.host().docker.find(name)
    await eventually(lambda: one.alive, "the revert did not start the container")


async def test_what_nobody_declared_is_an_error(tmp_path: Path) -> None:
    async with serving(tmp_path) as cluster, reaching(cluster) as reach:
        ssh = (await reach.connection()).ssh
        done = await ssh.run("rm -rf /")
        assert done.exit_status == 127 and not done.stdout
        stranger = Command("reboot-node", "reboot", 5)
        assert (await (await reach.connection()).run(stranger, check=False)).status == 127
        assert cluster.unknown_commands == ["rm -rf /", stranger.line()]
        for refused in (ssh.create_process(), ssh.start_sftp_client()):
            with pytest.raises((asyncssh.ChannelOpenError, asyncssh.SFTPError, OSError)):
                await refused
        with pytest.raises(asyncssh.ChannelOpenError):
            await ssh.open_unix_connection("/etc/passwd")
        with pytest.raises(asyncssh.ChannelOpenError):
            await ssh.open_connection("127.0.0.1", 22)
        cluster.unknown_commands.clear()


async def test_an_account_without_rights_is_told_so(tmp_path: Path) -> None:
    bad = ("no-permission",)
    async with serving(tmp_path, misfortunes=bad) as cluster, reaching(cluster) as reach:
        connection = await reach.connection(1)
        began = time.monotonic()
        refused = await connection.run(commands.LOAD_IP_VS, check=False)
        assert (refused.status, refused.errors) == (1, "sudo: a password is required\n")
        assert (await connection.run(commands.DOCKER_ACCESS)).output == "installed\nsocket\n"
        host = real_facts.parse((await connection.run(real_facts.GATHER)).output)
        assert (host.root, host.sudo, host.user) == (False, False, "operator")
        assert time.monotonic() - began < 5
