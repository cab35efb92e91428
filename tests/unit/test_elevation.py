"""How an account becomes root: real shells behind a real SSH server, and a sudo that is feigned."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.ssh_doors import Person
from tests.unit.ssh_machine import PASSWORD, Machine
from vip_tui.nodes.access import Access
from vip_tui.nodes.commands import GO, HOLD_LOCK, ROOT_ACCESS, Command
from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.reasons import CommandFailed, SudoRefused
from vip_tui.preflight import gather
from vip_tui.store import Store

WHOAMI = Command("whoami", "id -u; cat; echo end", 5, "root")
TALK = Command("talk", 'echo ready; while read -r l; do echo "said $l"; done', 5, "root")
SLOW = Command("slow", "sleep 60", 0.2, "root")


@pytest.fixture
async def machines(tmp_path: Path) -> AsyncIterator[list[Machine]]:
    made = [Machine(tmp_path / f"m{number}", "ops") for number in range(3)]
    for machine in made:
        await machine.open()
    yield made
    for machine in made:
        await machine.close()


@pytest.fixture
def machine(machines: list[Machine]) -> Machine:
    return machines[0]


def access(tmp_path: Path, **more: object) -> Access:
    return Access(Store(tmp_path), accept_new=True, isolated=True, **more)  # type: ignore[arg-type]


async def connected(fleet: Fleet, machine: Machine) -> NodeConnection:
    return await fleet.connection(machine.node)


async def test_root_asks_for_nothing_and_costs_no_further_command(
    machine: Machine, tmp_path: Path
) -> None:
    machine.user = "root"
    machine.put("free")
    async with Fleet(access(tmp_path)) as fleet:
        await (await connected(fleet, machine)).run(Command("plain", "true", 5, "root"))
    assert len(machine.lines) == 1


async def test_a_free_sudo_is_used_as_it_is(machine: Machine, tmp_path: Path) -> None:
    machine.put("free")
    async with Fleet(access(tmp_path, ask=Person())) as fleet:
        connection = await connected(fleet, machine)
        assert (await connection.run(WHOAMI)).output == "0\nend\n"
        assert (await connection.run(WHOAMI)).output == "0\nend\n"
    assert machine.tried == []
    assert sum(ROOT_ACCESS.id in line for line in machine.lines) == 1


async def test_the_password_is_asked_once_and_verified_once_on_each_node(
    machines: list[Machine], tmp_path: Path
) -> None:
    person = Person("wrong", PASSWORD)
    async with Fleet(access(tmp_path, ask=person)) as fleet:
        for _ in range(2):
            work = [(await connected(fleet, machine)).run(WHOAMI) for machine in machines]
            results = await asyncio.gather(*work)
            assert [result.output for result in results] == ["0\nend\n"] * 3
    assert person.again == [False, True]
    question = person.questions[0]
    assert (question.kind, question.title) == ("sudo", "sudo password of ops")
    told = sorted(machine.tried for machine in machines)
    assert told == [*[[PASSWORD] * 3] * 2, ["wrong", *[PASSWORD] * 3]]
    assert all(PASSWORD not in line for machine in machines for line in machine.lines)


async def test_what_talks_gets_its_own_lines_alone(machine: Machine, tmp_path: Path) -> None:
    async with Fleet(access(tmp_path, ask=Person(PASSWORD))) as fleet:
        connection = await connected(fleet, machine)
        async with connection.follow(TALK) as remote:
            assert await remote.readline() == "ready"
            remote.write("hello\n")
            assert await remote.readline() == "said hello"
    assert machine.tried == [PASSWORD] * 2


async def test_what_speaks_in_bytes_is_relayed(machine: Machine, tmp_path: Path) -> None:
    async with Fleet(access(tmp_path, ask=Person(PASSWORD))) as fleet:
        connection = await connected(fleet, machine)
        async with connection.relay(Command("cat", "cat", 5, "root")) as cat:
            cat.stdin.write(b"\xff\x00\n")
            cat.stdin.write_eof()
            assert await cat.stdout.read() == b"\xff\x00\n"


async def test_where_sudo_does_not_ask_after_all_no_command_gets_the_password(
    machine: Machine, tmp_path: Path
) -> None:
    machine.put("free-but-for-id")
    async with Fleet(access(tmp_path, ask=Person(PASSWORD))) as fleet:
        connection = await connected(fleet, machine)
        assert (await connection.run(WHOAMI)).output == "0\nend\n"
        async with connection.follow(TALK) as remote:
            remote.write("hello\n")
            assert [await remote.readline() for _ in range(2)] == ["ready", "said hello"]
    assert machine.tried == [PASSWORD], "only where it was verified"


async def test_three_wrong_passwords_are_tried_on_one_node_alone(
    machines: list[Machine], tmp_path: Path
) -> None:
    person = Person("a", "b", "c")
    async with Fleet(access(tmp_path, ask=person)) as fleet:
        work = [(await connected(fleet, machine)).run(WHOAMI) for machine in machines]
        problems = await asyncio.gather(*work, return_exceptions=True)
    for problem in problems:
        assert isinstance(problem, SudoRefused)
        assert "its sudo password: it was refused 3 times" in problem.detail
        assert problem.hint
    assert sorted(machine.tried for machine in machines) == [[], [], ["a", "b", "c"]]
    assert GO not in str([machine.tried for machine in machines])


async def test_who_does_not_say_it_is_told_what_cannot_be_done(
    machine: Machine, tmp_path: Path
) -> None:
    person = Person(None)
    async with Fleet(access(tmp_path, ask=person)) as fleet:
        for _ in range(2):
            with pytest.raises(SudoRefused, match=r"no root on 127.0.0.1.* it was not given"):
                await (await connected(fleet, machine)).run(WHOAMI)
    assert len(person.questions) == 1
    assert machine.tried == []


async def test_where_nobody_can_be_asked_the_option_is_named(
    machine: Machine, tmp_path: Path
) -> None:
    async with Fleet(access(tmp_path)) as fleet:
        with pytest.raises(SudoRefused, match="has to give sudo a password") as caught:
            async with (await connected(fleet, machine)).follow(HOLD_LOCK):
                pass
    assert "--ask-sudo-pass" in caught.value.hint


async def test_a_node_with_another_password_is_tried_once(
    machines: list[Machine], tmp_path: Path
) -> None:
    first, other, _ = machines
    other.put("password", "another")
    async with Fleet(access(tmp_path, ask=Person(PASSWORD))) as fleet:
        await (await connected(fleet, first)).run(WHOAMI)
        for _ in range(3):
            with pytest.raises(SudoRefused, match="refused here, though others take it"):
                await (await connected(fleet, other)).run(WHOAMI)
    assert other.tried == [PASSWORD]


async def test_a_password_that_is_changed_meanwhile_is_told_and_not_tried_again(
    machine: Machine, tmp_path: Path
) -> None:
    async with Fleet(access(tmp_path, ask=Person(PASSWORD))) as fleet:
        connection = await connected(fleet, machine)
        await connection.run(WHOAMI)
        machine.put("password", "another")
        with pytest.raises(SudoRefused, match="no longer takes the password"):
            await connection.run(WHOAMI)
        tried = machine.tried
        with pytest.raises(SudoRefused):
            await connection.run(WHOAMI)
        assert machine.tried == tried == [PASSWORD] * 3


async def test_who_may_not_use_sudo_is_told_in_its_own_words(
    machine: Machine, tmp_path: Path
) -> None:
    machine.put("stranger")
    person = Person(PASSWORD)
    async with Fleet(access(tmp_path, ask=person)) as fleet:
        with pytest.raises(SudoRefused, match="ops is not in the sudoers file"):
            await (await connected(fleet, machine)).run(WHOAMI)
    assert len(person.questions) == 1


async def test_a_member_of_the_docker_group_needs_no_sudo_for_docker(
    machine: Machine, tmp_path: Path
) -> None:
    async with Fleet(access(tmp_path, ask=Person(PASSWORD))) as fleet:
        elevation = (await connected(fleet, machine)).elevation
        elevation.told({"docker", "asks"})
        assert await elevation.password("docker") is None
        assert await elevation.password("root") is not None


async def test_the_limit_on_the_node_is_within_sudo(machine: Machine, tmp_path: Path) -> None:
    async with Fleet(access(tmp_path, ask=Person(PASSWORD))) as fleet:
        connection = await connected(fleet, machine)
        assert (await connection.run(SLOW, check=False)).status == 124
        with pytest.raises(CommandFailed):
            await connection.run(SLOW)


async def test_the_command_log_shows_what_asks_at_a_terminal(
    machine: Machine, tmp_path: Path
) -> None:
    async with Fleet(access(tmp_path, ask=Person(PASSWORD))) as fleet:
        await (await connected(fleet, machine)).run(WHOAMI)
        entries = fleet.log.entries()
    last = entries[-1]
    assert last.way.startswith("ssh -t -F none")
    assert last.remote.startswith("sh -c 'exec sudo \"$@\"' vip-tui timeout")
    assert all(PASSWORD not in str(entry) for entry in entries)


async def test_facts_are_read_again_as_root_where_sudo_asks(
    machine: Machine, tmp_path: Path
) -> None:
    way = access(tmp_path, ask=Person(PASSWORD))
    async with Fleet(way) as fleet:
        learnt = await gather.learn(machine.node, "image", fleet)
    assert learnt.host is not None
    assert (learnt.host.root, learnt.host.sudo_asks, learnt.elevated) == (False, True, True)
    async with Fleet(access(tmp_path)) as fleet:
        learnt = await gather.learn(machine.node, "image", fleet)
    assert not learnt.elevated
    assert isinstance(learnt.elevation_problem, SudoRefused)
