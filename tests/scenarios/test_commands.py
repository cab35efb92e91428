"""Every command that vip-tui declares, run on a node, and what its own parsers make of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from ipaddress import ip_address
from typing import cast

import pytest

from tests.lab.look import at_once
from tests.lab.tools import wait_until
from tests.scenarios.world import MARGIN_S, World
from vip_tui.keepalived.spec import CONTAINER_NAME
from vip_tui.nodes import commands, listening
from vip_tui.nodes.addresses import AddressFollower, Held
from vip_tui.nodes.commands import Command
from vip_tui.nodes.connection import Remote
from vip_tui.nodes.listening import LISTEN, LISTEN_AS_USER, WINDOW_S
from vip_tui.nodes.reasons import access_problem
from vip_tui.preflight import facts
from vip_tui.preflight.heard import Answer, Heard
from vip_tui.preflight.hearing import parse_heard

FREE_ADDRESS_END = ".250"  # nobody has it, on either backend
TRIED = {
    "arm-start",
    "become-root",
    "delete-address",
    "docker-access",
    "docker-dial-stdio",
    "facts",
    "follow-addresses",
    "hold-lock",
    "listen",
    "listen-as-user",
    "load-ip-vs",
    "persist-ip-vs",
    "read-addresses",
    "read-lock",
    "root-access",
}


def free_address(world: World) -> str:
    return world.vip.rpartition(".")[0] + FREE_ADDRESS_END


def test_every_declared_command_is_tried_here() -> None:
    declared = (*vars(commands).values(), *vars(listening).values())
    found = {value.id for value in declared if isinstance(value, Command)}
    assert found | {facts.GATHER.id} == TRIED


def test_facts(trio: World) -> None:
    for name, address in zip(trio.names, trio.backend.vrrp_addresses, strict=True):
        answer = trio.command(name, facts.GATHER)
        assert (answer.status, answer.errors) == (0, "")
        assert list(facts.sections(answer.output)) == [one.name for one in facts.SECTIONS]
        found = facts.parse(answer.output)
        assert (found.hostname, found.user, found.root) == (name, "root", True)
        assert {"lo", "eth0"} <= found.up
        vips = [f"{trio.vip}/32"] if name == trio.master else []
        on = [str(one.ip) for one in found.on("eth0") if one.ip.version == 4]
        assert on == [f"{address}/24", *vips]
        assert [str(one.ip) for one in found.on("lo") if one.ip.version == 4] == ["127.0.0.1/8"]
        assert (found.ip_vs, found.ip_vs_persisted) == ("loaded", True)
        read = trio.command(name, commands.READ_ADDRESSES)
        assert facts.parse_addresses(read.output) == found.addresses


def test_docker_can_be_reached(trio: World) -> None:
    for name in trio.names:
        words = set(trio.command(name, commands.DOCKER_ACCESS).output.split())
        assert {"installed", "socket", "permitted"} <= words
        assert access_problem(name, words) is None


def test_who_is_root_already_needs_no_sudo(trio: World) -> None:
    for name in trio.names:
        assert trio.command(name, commands.ROOT_ACCESS).output.split()[:1] == ["root"]
        assert trio.command(name, commands.BECOME_ROOT).output == "0\n"


def test_dial_stdio_is_docker(trio: World) -> None:
    async def ping(remote: Remote) -> str:
        remote.write("GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
        return await remote.readline()

    first = trio.talk(trio.names[0], ping, commands.DIAL_STDIO)
    assert first.startswith("HTTP/1.") and first.endswith("200 OK")


def test_ip_vs_is_loaded_and_persisted_once_more(trio: World) -> None:
    for command in (commands.LOAD_IP_VS, commands.PERSIST_IP_VS):
        answer = trio.command(trio.names[-1], command)
        assert (answer.status, answer.errors) == (0, "")
    text = trio.command(trio.names[-1], facts.GATHER).output
    lines = [line for line in facts.sections(text)["ip_vs_persisted"].splitlines() if ":" in line]
    assert lines == ["/etc/modules-load.d/ip_vs.conf:ip_vs"], "it is written once"


def listen(trio: World, command: Command) -> dict[str, Heard]:
    """What each node hears while all of them listen."""
    addresses = dict(zip(trio.names, trio.backend.vrrp_addresses, strict=True))
    asked = f"{trio.vip} {free_address(trio)}"

    def one(name: str) -> Heard:
        own = addresses[name]
        peers = " ".join(peer for peer in addresses.values() if peer != own)
        answer = trio.command(name, command, f"{WINDOW_S:g}", "eth0", own, asked, peers)
        assert answer.status == 0
        return parse_heard(answer.output, "eth0", ip_address(own))

    return dict(zip(trio.names, at_once(one, trio.names), strict=True))


@pytest.mark.parametrize("command", [LISTEN, LISTEN_AS_USER], ids=lambda command: command.id)
def test_what_is_asked_on_the_wire(trio: World, command: Command) -> None:
    vip, free = ip_address(trio.vip), ip_address(free_address(trio))
    for name, told in listen(trio, command).items():
        peers = frozenset(map(ip_address, trio.backend.vrrp_addresses)) - {told.own}
        answers = {one.vip: one for one in told.answers}
        assert answers[vip].own == (name == trio.master)
        assert len(answers[vip].macs) == (name != trio.master)
        assert answers[free] == Answer(free)
        assert {route.peer for route in told.routes} == peers
        assert all(one.median_ms is not None for one in told.distances)
        assert {row.ip for row in told.neighbours if row.mac} >= peers


def test_advertisements_are_heard_and_packets_come_through(trio: World) -> None:
    """Those of the master by each backup; of what is sent to try the way, by each other."""
    all_of_us = frozenset(map(ip_address, trio.backend.vrrp_addresses))
    addresses = dict(zip(trio.names, trio.backend.vrrp_addresses, strict=True))
    for name, told in listen(trio, LISTEN).items():
        assert told.through == told.sent == all_of_us - {told.own}
        assert told.adverts is not None, told.deaf
        sources = {str(advert.source) for advert in told.adverts}
        assert sources == ({addresses[trio.master]} if name != trio.master else set())
        assert all(trio.vip in advert.vips for advert in told.adverts)


def test_an_address_that_is_not_there_is_deleted_already(trio: World) -> None:
    for cidr in (f"{trio.vip}/32", f"{free_address(trio)}/32"):
        answer = trio.command(trio.backups[0], commands.DELETE_ADDRESS, cidr, "eth0")
        assert answer.status == 0


def test_a_deleted_vip_is_gone_and_the_next_election_puts_it_back(trio: World) -> None:
    before = trio.master
    count = len(trio.transitions(before))
    answer = trio.command(before, commands.DELETE_ADDRESS, f"{trio.vip}/32", "eth0")
    assert (answer.status, answer.errors) == (0, "")
    wait_until(lambda: len(trio.transitions(before)) > count, "keepalived does not notice", 5)
    # It gave up, and all elected anew: the highest priority has it, perhaps the same again.
    assert trio.transitions(before)[count][1] == "BACKUP"
    trio.wait_agreed()
    trio.status(0, "healthy")
    assert trio.master == max(trio.names, key=trio.priority)


def test_the_stream_of_addresses(trio: World) -> None:
    async def talk(remote: Remote) -> list[str]:
        lines = []
        while (line := await remote.readline()) != "==":
            lines.append(line)
        remote.write("7\n")
        lines.append(await remote.readline())
        return lines

    for name in trio.names:
        hostname, *addresses, beat = trio.talk(name, talk, commands.FOLLOW_ADDRESSES)
        assert hostname == name
        assert beat == "== 7"
        read = trio.command(name, commands.READ_ADDRESSES).output.splitlines()
        assert [line.split() for line in addresses] == [line.split() for line in read]


def test_the_stream_shows_a_handover_as_it_happens(trio: World) -> None:
    master, successor = trio.master, trio.backups[0]

    async def next_one(held: AsyncGenerator[Held]) -> tuple[float, Held]:
        found = await anext(held)
        return asyncio.get_running_loop().time(), found

    async def watch() -> tuple[list[Held], float]:
        streams: list[AsyncGenerator[Held]] = []
        for name in (master, successor):
            connection = await trio.fleet.connection(trio.node(name))
            held = AddressFollower(connection, [trio.vip]).follow()
            streams.append(cast("AsyncGenerator[Held]", held))
        try:
            first = [await anext(stream) for stream in streams]
            stop = asyncio.create_task(asyncio.to_thread(trio.backend.docker, "stop", master))
            (lost_at, lost), (taken_at, taken) = await asyncio.gather(
                *(next_one(stream) for stream in streams)
            )
            await stop
            return [*first, lost, taken], taken_at - lost_at
        finally:
            for stream in streams:
                await stream.aclose()

    held, gap = trio.loop.call(watch())
    has, has_not = frozenset({trio.vip}), frozenset[str]()
    assert [one.held for one in held] == [has, has_not, has_not, has]
    assert [one.hostname for one in held] == [master, successor, master, successor]
    skew = trio.skew(successor)
    assert skew - 0.05 <= gap <= skew + MARGIN_S


async def _word(remote: Remote, word: str) -> str:
    remote.write(f"{word}\n")
    return await remote.readline()


def test_the_lock_is_held_by_one_and_says_by_whom(trio: World) -> None:
    name = trio.names[1]

    async def second(remote: Remote) -> str:
        return await remote.readline()

    assert trio.lock(name) == "free"
    with trio.locked(name, "apply by me"):
        assert trio.lock(name).startswith("locked apply by me since 20")
        for command, words in (
            (commands.HOLD_LOCK, ["drill by you"]),
            (commands.ARM_START, [CONTAINER_NAME, "60", "drill by you"]),
        ):
            assert trio.talk(name, second, command, *words).startswith("locked apply by me since")
            assert trio.command(name, command, *words).status == 75
        assert [trio.lock(other) for other in trio.names if other != name] == ["free", "free"]
    assert trio.lock(name) == "free"


def test_an_armed_revert_is_called_off(trio: World) -> None:
    name = trio.backups[-1]
    before = trio.run_of(name)

    async def arm(remote: Remote) -> list[str]:
        said = [await remote.readline(), await _word(remote, "hello")]
        locked = await (await trio.fleet.connection(trio.node(name))).run(commands.READ_LOCK)
        return [*said, locked.output.strip(), await _word(remote, "disarm")]

    armed, beat, locked, disarmed = trio.talk(
        name, arm, commands.ARM_START, CONTAINER_NAME, "60", "drill by me"
    )
    assert armed.split()[0] == "armed" and armed.split()[1].isdigit()
    assert beat == "== hello"
    assert locked.startswith("locked drill by me since 20")
    assert disarmed == "disarm"
    assert trio.lock(name) == "free"
    assert trio.run_of(name) == before
