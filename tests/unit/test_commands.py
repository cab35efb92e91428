"""Every remote command is declared, is plain sh, and takes its arguments as arguments."""

import importlib
import os
import pkgutil
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vip_tui
from vip_tui.nodes import commands
from vip_tui.nodes.commands import Command, Needs
from vip_tui.preflight import facts

SHELLS = [["sh"], *([["busybox", "sh"]] if shutil.which("busybox") else [])]
HOSTILE = [
    "; touch owned",
    "$(touch owned)",
    "`touch owned`",
    "' ; touch owned ; '",
    '" ; touch owned ; "',
    "a\nb",
    "\\",
    "\\n",
    "*",
    "~",
    "-rf",
    "",
    " ",
    "$1",
    "${HOME}",
    "%s%n",
    "#PYTHON2BASH:['a', 'b']",
    "é🐳",
]


def _declared() -> list[Command]:
    found: dict[int, Command] = {}
    for module in pkgutil.walk_packages(vip_tui.__path__, "vip_tui."):
        if module.name.startswith(("vip_tui.tui", "vip_tui.__main__")):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Command):
                found[id(value)] = value
    return list(found.values())


DECLARED = _declared()
EVERY = pytest.mark.parametrize("command", DECLARED, ids=[command.id for command in DECLARED])


def shell_out(line: str, cwd: Path, path: str | None = None) -> list[str]:
    """What a shell that gets this line as ``sshd`` gives it prints, cut at NUL."""
    environment = {**os.environ, **({"PATH": path} if path else {})}
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, cwd=cwd, env=environment, check=True
    )
    return done.stdout.split("\0")[:-1]


def test_all_commands_are_found() -> None:
    assert {commands.ARM_START, commands.FOLLOW_ADDRESSES, facts.GATHER} <= set(DECLARED)


def test_no_two_commands_but_parts_of_the_facts_have_the_same_id() -> None:
    ids = [command.id for command in DECLARED if command.id != facts.GATHER.id]
    assert sorted(set(ids)) == sorted(ids)


@EVERY
def test_a_command_has_a_limit_on_the_node(command: Command) -> None:
    words = shlex.split(command.line())
    limit = words[words.index("timeout") + 3]
    assert 0 < float(limit) <= 86_400


@EVERY
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_command_is_plain_sh(command: Command, shell: list[str]) -> None:
    done = subprocess.run([*shell, "-n"], input=command.script, text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")


@EVERY
@pytest.mark.parametrize("argument", HOSTILE)
def test_an_argument_never_becomes_part_of_the_script(command: Command, argument: str) -> None:
    plain, hostile = shlex.split(command.line()), shlex.split(command.line("x", argument))
    assert hostile == [*plain, "x", argument]
    assert command.script.strip() in plain


@EVERY
def test_a_command_tells_its_id_to_ps(command: Command) -> None:
    assert f"vip-tui:{command.id}" in shlex.split(command.line())


ECHO = 'printf "%s\\0" "$@"'


@pytest.fixture
def sudo(tmp_path: Path) -> str:
    """A PATH with a ``sudo`` that needs no password and says that it was there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "sudo"
    script.write_text('#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\nprintf "sudo\\0"\nexec "$@"\n')
    script.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize("needs", ["user", "docker", "root"])
def test_a_real_shell_passes_hostile_arguments_through(
    needs: Needs, tmp_path: Path, sudo: str
) -> None:
    line = Command("echo", ECHO, 5, needs).line(*HOSTILE)
    got = shell_out(line, tmp_path, sudo)
    assert got[-len(HOSTILE) :] == HOSTILE
    assert not (tmp_path / "owned").exists()


ARGUMENTS = st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1)


@given(ARGUMENTS)
def test_a_real_shell_passes_any_arguments_through(arguments: list[str]) -> None:
    line = Command("echo", ECHO, 5).line(*arguments)
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == arguments


@pytest.mark.parametrize("user", ["0", "1000"])
def test_root_is_asked_for_by_sudo_only_where_the_account_is_not_root(
    user: str, tmp_path: Path, sudo: str
) -> None:
    identity = tmp_path / "bin" / "id"
    identity.write_text(f"#!/bin/sh\necho {user}\n")
    identity.chmod(0o755)
    got = shell_out(Command("echo", ECHO, 5, "root").line("done"), tmp_path, sudo)
    assert got == (["done"] if user == "0" else ["sudo", "done"])


def test_a_command_that_takes_too_long_is_ended_on_the_node(tmp_path: Path) -> None:
    line = Command("slow", "sleep 60", 0.05).line()
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, timeout=30)
    assert done.returncode == 124


def test_the_status_of_a_command_is_its_scripts_own(tmp_path: Path) -> None:
    done = subprocess.run(["sh", "-c", Command("three", "exit 3", 5).line()], cwd=tmp_path)
    assert done.returncode == 3


@pytest.mark.skipif(shutil.which("ip") is None, reason="ip(8) is missing")
class TestFollowAddresses:
    """The one script that talks, run for real on this machine; it changes nothing."""

    @pytest.fixture
    def started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["sh", "-c", commands.FOLLOW_ADDRESSES.line()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def test_it_tells_the_hostname_the_addresses_and_then_its_heartbeat(
        self, started: subprocess.Popen[str]
    ) -> None:
        assert started.stdin
        assert started.stdout
        assert started.stdout.readline().strip() == os.uname().nodename
        while (line := started.stdout.readline()) != "==\n":
            assert " inet" in line
        started.stdin.write("1\n")
        started.stdin.flush()
        assert started.stdout.readline() == "== 1\n"
        started.stdin.close()
        assert started.wait(timeout=10) in (0, 143)

    def test_it_ends_with_its_stdin(self, started: subprocess.Popen[str]) -> None:
        started.communicate("", timeout=10)
        assert started.returncode is not None
