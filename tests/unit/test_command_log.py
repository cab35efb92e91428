"""Every command is in the log as it could be typed, with how it ended, and never with a secret."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import PASSWORD, node, spec
from vip_tui.errors import VipError
from vip_tui.keepalived.recipe import run_options
from vip_tui.nodes.command_log import CommandLog, Entry, NodeLog, way_to
from vip_tui.nodes.commands import (
    ARM_START,
    DELETE_ADDRESS,
    FOLLOW_ADDRESSES,
    LOAD_IP_VS,
    READ_ADDRESSES,
    Command,
)

HOSTILE = ["; touch owned", "$(touch owned)", "'\"`touch owned`\"'", "a\nb", "\\", "-rf", "", "é🐳"]


class Clock:
    """Both clocks, turned by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def wall(self) -> float:
        return 1_767_258_000.0 + self.now

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock) -> CommandLog:
    return CommandLog(limit=10, clock=clock.wall, monotonic=clock.monotonic)


@pytest.fixture
def n1(log: CommandLog) -> NodeLog:
    return log.at("n1", "ssh -p 2222 root@198.18.0.11")


def last(log: CommandLog) -> Entry:
    return log.entries()[-1]


def ran(n1: NodeLog, command: Command, *arguments: str) -> None:
    with n1.command(command, arguments, command.line(*arguments)):
        pass


def test_a_command_is_noted_with_what_when_where_and_how_it_ended(
    log: CommandLog, n1: NodeLog, clock: Clock
) -> None:
    words = ("198.18.0.100/32", "eth0")
    line = DELETE_ADDRESS.line(*words)
    with n1.command(DELETE_ADDRESS, words, line) as run:
        running = last(log)
        clock.now += 0.25
        assert log.seconds(running) == 0.25
        run.exited(0)
    done = last(log)
    assert (running.outcome, done.outcome, done.status, done.took) == ("running", "done", 0, 0.25)
    assert (done.number, done.node, done.kind) == (1, "n1", "ssh")
    assert done.started == 1_767_258_100.0
    assert done.summary == "delete address 198.18.0.100/32 eth0"
    assert done.line == f"ssh -p 2222 root@198.18.0.11 -- {shlex.quote(line)}"


def test_a_commands_name_is_in_words(log: CommandLog, n1: NodeLog) -> None:
    ran(n1, LOAD_IP_VS)
    assert last(log).summary == "load ip_vs"


@pytest.mark.parametrize("status", [1, 75, 124, 255, -1])
def test_a_status_other_than_0_is_a_failure_and_says_what_was_written(
    log: CommandLog, n1: NodeLog, status: int
) -> None:
    with n1.command(LOAD_IP_VS, (), LOAD_IP_VS.line()) as run:
        run.exited(status, "modprobe: FATAL: no such module\n\x1b[2J")
    entry = last(log)
    assert (entry.outcome, entry.status, entry.unwell) == ("failed", status, True)
    assert entry.note == "modprobe: FATAL: no such module"


def test_a_command_that_could_not_be_run_says_why(log: CommandLog, n1: NodeLog) -> None:
    with pytest.raises(VipError), n1.command(LOAD_IP_VS, (), LOAD_IP_VS.line()):
        raise VipError("connection to n1 lost", "no sign of life")
    assert (last(log).outcome, last(log).note) == (
        "failed",
        "connection to n1 lost: no sign of life",
    )


def test_a_command_that_we_no_longer_wait_for_is_neither_done_nor_failed(
    log: CommandLog, n1: NodeLog
) -> None:
    with pytest.raises(asyncio.CancelledError), n1.docker(["start", "keepalived"]):
        raise asyncio.CancelledError
    assert (last(log).outcome, last(log).unwell) == ("given up", True)


class TestStreams:
    """A stream runs until its block ends; what the block does with it is not the stream's fault."""

    def test_it_is_running_until_its_block_ends(self, log: CommandLog, n1: NodeLog) -> None:
        with n1.docker(["events"], stream=True):
            assert last(log).outcome == "running"
        assert last(log).outcome == "ended"

    @pytest.mark.parametrize("error", [asyncio.CancelledError, VipError("no"), GeneratorExit])
    def test_what_ends_its_block_is_not_its_failure(
        self, log: CommandLog, n1: NodeLog, error: BaseException
    ) -> None:
        with pytest.raises(BaseException), n1.docker(["events"], stream=True):  # noqa: B017
            raise error
        assert (last(log).outcome, last(log).note) == ("ended", "")

    def test_its_own_failure_is_told_once(self, log: CommandLog, n1: NodeLog) -> None:
        with pytest.raises(VipError), n1.docker(["events"], stream=True) as run:
            raise run.failed(VipError("gone", "reset by peer"))
        assert (last(log).outcome, last(log).note) == ("failed", "gone: reset by peer")

    def test_its_time_limit_on_the_node_is_no_failure(self, log: CommandLog, n1: NodeLog) -> None:
        with n1.command(FOLLOW_ADDRESSES, (), FOLLOW_ADDRESSES.line(), stream=True) as run:
            run.exited(124)
        assert (last(log).outcome, last(log).unwell) == ("ended", False)
        assert "limit" in last(log).note

    def test_a_refused_one_ended_with_its_status(self, log: CommandLog, n1: NodeLog) -> None:
        with n1.command(ARM_START, ("x", "60", "me"), "…", stream=True) as run:
            run.exited(75)
        assert (last(log).outcome, last(log).status) == ("failed", 75)

    def test_one_that_was_still_running_has_no_status(self, log: CommandLog, n1: NodeLog) -> None:
        with n1.command(FOLLOW_ADDRESSES, (), FOLLOW_ADDRESSES.line(), stream=True) as run:
            run.exited(None)
        assert (last(log).outcome, last(log).status) == ("ended", None)


class TestSigns:
    """What is asked every few seconds to see whether the node is alive is one entry."""

    def test_the_same_question_is_counted(self, log: CommandLog, n1: NodeLog, clock: Clock) -> None:
        for _ in range(3):
            with n1.docker(["version"]):
                clock.now += 2
            ran(n1, READ_ADDRESSES)
        version, addresses = log.entries()
        assert (version.summary, version.times, version.took) == ("docker version", 3, 2)
        assert (addresses.summary, addresses.times) == ("read addresses", 3)
        assert version.started < addresses.started

    def test_a_failure_stays_and_what_follows_is_another(
        self, log: CommandLog, n1: NodeLog
    ) -> None:
        for status in (0, 0, 1, 1, 0):
            line = READ_ADDRESSES.line()
            with n1.command(READ_ADDRESSES, (), line) as run:
                run.exited(status)
        found = [(entry.outcome, entry.times) for entry in log.entries()]
        assert found == [("done", 2), ("failed", 1), ("failed", 1), ("done", 1)]

    def test_another_nodes_is_another(self, log: CommandLog, n1: NodeLog) -> None:
        for node_log in (n1, log.at("n2", "ssh n2"), n1):
            with node_log.docker(["version"]):
                pass
        assert [(entry.node, entry.times) for entry in log.entries()] == [("n1", 2), ("n2", 1)]

    def test_while_one_runs_another_is_another(self, log: CommandLog, n1: NodeLog) -> None:
        with n1.docker(["version"]), n1.docker(["version"]):
            assert [entry.outcome for entry in log.entries()] == ["running", "running"]

    def test_other_commands_are_never_counted(self, log: CommandLog, n1: NodeLog) -> None:
        for _ in range(2):
            with n1.docker(["inspect", "keepalived"]):
                pass
        assert [entry.times for entry in log.entries()] == [1, 1]


def test_the_oldest_are_forgotten_but_not_what_runs(log: CommandLog, n1: NodeLog) -> None:
    with n1.docker(["events"], stream=True):
        for number in range(30):
            ran(n1, Command(f"number-{number}", "true", 5))
        summaries = [entry.summary for entry in log.entries()]
    assert summaries == ["docker events", *(f"number {number}" for number in range(21, 30))]
    assert last(log).number == 31
    assert log.entries()[0].outcome == "ended"


def test_even_what_runs_is_bounded(log: CommandLog, n1: NodeLog) -> None:
    runs = [n1.docker(["events"], stream=True) for _ in range(11)]
    for run in runs:
        run.exited(0)
    assert len(log.entries()) == 10
    assert {entry.outcome for entry in log.entries()} == {"done"}


def test_who_listens_hears_of_every_change(log: CommandLog, n1: NodeLog) -> None:
    heard: list[int] = []

    def listener() -> None:
        heard.append(log.version)

    log.subscribe(listener)
    ran(n1, LOAD_IP_VS)
    assert heard == [1, 2]
    log.unsubscribe(listener)
    ran(n1, LOAD_IP_VS)
    assert (heard, log.version) == ([1, 2], 4)


class TestTyping:
    """The line, pasted into a shell here, gives the shell there what we gave it."""

    @pytest.fixture
    def ssh(self, tmp_path: Path) -> dict[str, str]:
        """A PATH with an ``ssh`` that prints what it would send: what follows ``--``."""
        script = tmp_path / "ssh"
        script.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nprintf %s "$2"\n')
        script.chmod(0o755)
        return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    @pytest.mark.parametrize("command", [ARM_START, DELETE_ADDRESS, FOLLOW_ADDRESSES])
    def test_a_real_shell_sends_the_same(
        self, log: CommandLog, n1: NodeLog, ssh: dict[str, str], command: Command, tmp_path: Path
    ) -> None:
        ran(n1, command, *HOSTILE)
        typed = ["sh", "-c", last(log).line]
        done = subprocess.run(typed, capture_output=True, text=True, env=ssh, cwd=tmp_path)
        assert done.stdout == command.line(*HOSTILE)
        assert not (tmp_path / "owned").exists()

    @given(st.lists(st.text(st.characters(codec="utf-8", categories=["L", "P", "S", "Z"]))))
    def test_quoting_comes_back_as_the_same_line(self, arguments: list[str]) -> None:
        log = CommandLog()
        ran(log.at("n1", "ssh n1"), LOAD_IP_VS, *arguments)
        words = shlex.split(last(log).line)
        assert words == ["ssh", "n1", "--", LOAD_IP_VS.line(*arguments)]

    def test_a_terminal_gets_no_escapes_from_a_line(self, log: CommandLog, n1: NodeLog) -> None:
        ran(n1, LOAD_IP_VS, "\x1b]52;c;AAAA\x07\x9b2J\u202ereversed")
        entry = last(log)
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(entry.line + entry.summary)

    def test_docker_by_sudo_is_typed_with_sudo(self, log: CommandLog, n1: NodeLog) -> None:
        with n1.docker(["stop", "-t", "10", "keepalived"], sudo=True):
            pass
        assert last(log).summary == "docker stop -t 10 keepalived"
        assert shlex.split(last(log).line)[-1] == "sudo -n docker stop -t 10 keepalived"


@pytest.mark.parametrize(
    ("more", "way"),
    [
        ({}, "ssh 198.18.0.11"),
        ({"user": "root"}, "ssh root@198.18.0.11"),
        ({"user": "root", "port": 2222}, "ssh -p 2222 root@198.18.0.11"),
        ({"port": 22}, "ssh -p 22 198.18.0.11"),  # ~/.ssh/config may have another
        ({"address": "fe80::1%eth0", "user": "admin"}, "ssh admin@fe80::1%eth0"),
    ],
)
def test_how_one_gets_there_is_typed_as_it_was_asked_for(more: dict[str, object], way: str) -> None:
    assert shlex.split(way_to(node(1, **more))) == way.split()


def test_the_way_has_the_identities_and_hosts_that_were_given() -> None:
    way = way_to(node(1), [Path("/home/me/a key")], Path("/tmp/demo/known_hosts"))
    assert shlex.split(way) == [
        *("ssh", "-F", "none", "-o", 'UserKnownHostsFile="/tmp/demo/known_hosts"'),
        *("-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"),
        *("-i", "/home/me/a key", "198.18.0.11"),
    ]


class TestSecrets:
    """The canary is never found: not in the log, not in its repr."""

    def noted(self, log: CommandLog, n1: NodeLog, error: str) -> str:
        words = ["create", *run_options("keepalived", spec())]
        with pytest.raises(VipError), n1.docker(words, secrets=[PASSWORD]):
            raise VipError("Docker on n1 refuses", error)
        entry = last(log)
        return "\n".join((entry.line, entry.summary, entry.note, repr(entry), repr(vars(log))))

    @pytest.mark.parametrize(
        "error",
        [
            f"invalid environment variable: KEEPALIVED_PASSWORD={PASSWORD}",
            f'bad JSON near "{PASSWORD}"',
            PASSWORD,
        ],
    )
    def test_a_created_container_does_not_tell_it(
        self, log: CommandLog, n1: NodeLog, error: str
    ) -> None:
        text = self.noted(log, n1, error)
        assert PASSWORD not in text
        assert "KEEPALIVED_PASSWORD=********" in text
        assert last(log).hides

    def test_an_error_of_another_call_does_not_tell_it(self, log: CommandLog, n1: NodeLog) -> None:
        with pytest.raises(VipError), n1.docker(["start", "keepalived"]):
            raise VipError("no", f"[KEEPALIVED_PRIORITY=200 KEEPALIVED_PASSWORD={PASSWORD}]")
        assert PASSWORD not in repr(last(log))
        assert "KEEPALIVED_PRIORITY=200" in last(log).note
        assert not last(log).hides


def test_a_long_error_is_cut(log: CommandLog, n1: NodeLog) -> None:
    with n1.command(LOAD_IP_VS, (), LOAD_IP_VS.line()) as run:
        run.exited(1, "x" * 100_000)
    assert len(last(log).note) == 1000
