"""Secrets are asked for on the terminal itself, unseen; without one there is no hang."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import re
import signal
import sys
import termios
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ssh_doors import Door, write_key

SECRET = "correct horse 27"


class Run:
    """A run of vip-tui with a terminal of its own, or none; stdin is never that terminal."""

    def __init__(self, process: asyncio.subprocess.Process, terminal: int | None) -> None:
        self.process = process
        self.terminal = terminal
        self.shown = ""

    async def sees(self, words: str) -> None:
        """Wait until the terminal shows this, anew."""
        assert self.terminal is not None
        async with asyncio.timeout(20):
            while words not in self.shown:
                self.shown += (await asyncio.to_thread(os.read, self.terminal, 4096)).decode()
        before, _, self.shown = self.shown.partition(words)
        assert SECRET not in before

    def type(self, text: str) -> None:
        assert self.terminal is not None
        os.write(self.terminal, text.encode())

    async def stop(self) -> None:
        """Stop it, as Ctrl-Z does, and show what is typed, as the shell does then."""
        assert self.terminal is not None
        self.process.send_signal(signal.SIGSTOP)
        how = os.WSTOPPED | os.WNOWAIT
        async with asyncio.timeout(20):
            await asyncio.to_thread(os.waitid, os.P_PID, self.process.pid, how)
        shell = termios.tcgetattr(self.terminal)
        shell[3] |= termios.ECHO
        termios.tcsetattr(self.terminal, termios.TCSANOW, shell)

    @property
    def echoes(self) -> bool:
        assert self.terminal is not None
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    async def ended(self) -> tuple[int, str, str]:
        async with asyncio.timeout(30):
            out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, out.decode(), err.decode()


class Console:
    """Starts vip-tui for one cluster of two doors, whose keys are known."""

    def __init__(self, home: Path, doors: list[Door]) -> None:
        self.home, self.doors = home, doors
        self._open: list[int] = []
        nodes = "".join(
            f'[[node]]\naddress = "127.0.0.1"\nport = {door.port}\nuser = "ops"\n' for door in doors
        )
        (home / "c.toml").write_text(f'name = "c"\nvip = ["198.18.0.100"]\n{nodes}')
        (home / ".ssh" / "known_hosts").write_text("".join(door.known for door in doors))

    async def start(self, *words: str, terminal: bool = True) -> Run:
        master, slave = os.openpty() if terminal else (None, None)
        self._open += [one for one in (master, slave) if one is not None]

        def own_terminal() -> None:
            if slave is not None:
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            signal.signal(signal.SIGINT, signal.default_int_handler)

        verb, *rest = words
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "vip_tui", verb, str(self.home / "c.toml"), *rest),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            preexec_fn=own_terminal,
            pass_fds=() if slave is None else (slave,),
        )
        return Run(process, master)

    def close(self) -> None:
        for one in self._open:
            os.close(one)


@pytest.fixture
async def console(own_home: Path) -> AsyncIterator[Console]:
    doors = [await Door(password=SECRET).open() for _ in range(2)]
    console = Console(own_home, doors)
    yield console
    console.close()
    for door in doors:
        await door.close()


def auth(out: str) -> list[str]:
    """What the one document on stdout says of each node's login."""
    document: Any = json.loads(out)
    found = ({item["id"]: item for item in node["findings"]} for node in document["nodes"])
    return [item["auth"]["status"] for item in found]


async def test_a_password_is_asked_unseen_once_for_all_nodes(console: Console) -> None:
    run = await console.start("check", "--json", "--ask-pass")
    await run.sees("Password of ops: ")
    assert not run.echoes
    run.type("wrong\n")
    await run.sees("That was refused.")
    await run.sees("Password of ops: ")
    run.type(f"{SECRET}\n")
    code, out, err = await run.ended()
    assert auth(out) == ["pass", "pass"]
    assert code == 1, "they let us in, and have nothing else"
    assert run.echoes
    assert SECRET not in out + err + run.shown
    assert sorted(door.passwords for door in console.doors) == [[SECRET], ["wrong", SECRET]]


async def test_a_passphrase_is_asked_without_an_option(console: Console) -> None:
    key = write_key(console.home / "key", SECRET)
    for door in console.doors:
        door.keys = (key,)
    run = await console.start("check", "--json", "--identity", str(console.home / "key"))
    await run.sees("Passphrase of ~/key: ")
    run.type(f"{SECRET}\n")
    _, out, _ = await run.ended()
    assert auth(out) == ["pass", "pass"]


async def test_who_types_nothing_is_not_asked_again(console: Console) -> None:
    run = await console.start("check", "--json", "--ask-pass")
    await run.sees("Password of ops: ")
    run.type("\n")
    code, out, _ = await run.ended()
    assert (code, auth(out)) == (3, ["fail", "fail"])
    assert "its password: it was not given" in out


async def test_ctrl_c_ends_the_question_and_the_terminal_is_as_it_was(console: Console) -> None:
    run = await console.start("check", "--ask-pass")
    await run.sees("Password of ops: ")
    assert not run.echoes
    run.type("\x03")
    code, _, err = await run.ended()
    assert (code, "interrupted" in err) == (130, True)
    assert run.echoes


async def test_a_run_that_was_stopped_asks_anew_and_unseen(console: Console) -> None:
    run = await console.start("check", "--json", "--ask-pass")
    await run.sees("Password of ops: ")
    await run.stop()
    assert run.echoes
    run.process.send_signal(signal.SIGCONT)
    await run.sees("Password of ops: ")
    assert not run.echoes
    run.type(f"{SECRET}\n")
    _, out, err = await run.ended()
    assert auth(out) == ["pass", "pass"]
    assert run.echoes
    assert SECRET not in out + err + run.shown


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--ask-pass"),
        ("plan", "--ask-sudo-pass"),
        ("apply", "--yes", "--ask-sudo-pass"),
        ("status", "--ask-pass", "--ask-sudo-pass"),
        ("drill", "--yes", "--ask-pass"),
        ("remove", "--yes", "--ask-sudo-pass"),
    ],
    ids=" ".join,
)
async def test_without_a_terminal_to_ask_on_it_is_refused(
    console: Console, words: tuple[str, ...]
) -> None:
    run = await console.start(*words, "--json", terminal=False)
    code, out, _ = await run.ended()
    assert code == 4
    assert json.loads(out)["error"]["title"] == "there is no terminal to ask on"
    assert [door.logins for door in console.doors] == [0, 0]


async def test_without_a_terminal_a_locked_key_is_told_with_its_way_out(console: Console) -> None:
    key = write_key(console.home / "key", SECRET)
    console.doors[0].keys = (key,)
    words = ("check", "--json", "--identity", str(console.home / "key"))
    code, out, _ = await (await console.start(*words, terminal=False)).ended()
    assert code == 3
    assert re.search(r"ssh-add ~/key", out)
