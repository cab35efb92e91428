"""The commands of the remedies, run for real on files and rules of the test's own."""

import os
import re
import shlex
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_tui.nodes import mending
from vip_tui.nodes.commands import DELETE_ADDRESS, PERSIST_IP_VS, Command
from vip_tui.nodes.mending import MEND_MODULES, RECIPES_LINE, plain, typed
from vip_tui.preflight.remedies import FORGET_IP_VS

SHELLS = [["sh"], *([["busybox", "sh"]] if shutil.which("busybox") else [])]
EVERY_SHELL = pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
LIST = """\
# /etc/modules: kernel modules to load at boot time.
loop
modprobe ip_vs

  /sbin/modprobe   ip_vs\t
# modprobe ip_vs
modprobe ip_vs_rr
echo modprobe ip_vs
"""
MENDED = """\
# /etc/modules: kernel modules to load at boot time.
loop
ip_vs

ip_vs
# modprobe ip_vs
modprobe ip_vs_rr
echo modprobe ip_vs
"""


def run(
    shell: list[str], script: str, *arguments: str, path: str = ""
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"],
    }
    argv = [*shell, "-c", script, "vip-tui:test", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=20)


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    folder.mkdir()
    return folder


@pytest.fixture
def modules(etc: Path) -> Path:
    path = etc / "modules"
    path.write_text(LIST)
    path.chmod(0o640)
    return path


@EVERY_SHELL
def test_the_recipes_line_is_mended_and_nothing_else(shell: list[str], modules: Path) -> None:
    done = run(shell, MEND_MODULES.script, str(modules))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert modules.read_text() == MENDED
    assert stat.S_IMODE(modules.stat().st_mode) == 0o640
    assert [entry.name for entry in modules.parent.iterdir()] == ["modules"]


@EVERY_SHELL
def test_mending_twice_changes_nothing_more(shell: list[str], modules: Path) -> None:
    for _ in range(2):
        assert run(shell, MEND_MODULES.script, str(modules)).returncode == 0
    assert modules.read_text() == MENDED


@EVERY_SHELL
def test_a_link_to_the_list_stays_a_link(shell: list[str], modules: Path, tmp_path: Path) -> None:
    link = tmp_path / "modules.conf"
    link.symlink_to(modules)
    assert run(shell, MEND_MODULES.script, str(link)).returncode == 0
    assert link.is_symlink()
    assert modules.read_text() == MENDED


@EVERY_SHELL
def test_a_disk_that_is_full_leaves_the_list_as_it_was(
    shell: list[str], modules: Path, tmp_path: Path
) -> None:
    before = sorted(modules.parent.iterdir())
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "sed").write_text("#!/bin/sh\necho loop\nexit 1\n")
    (tools / "sed").chmod(0o755)
    script = MEND_MODULES.script.replace("\nsed ", f"\n{tools}/sed ")
    assert run(shell, script, str(modules)).returncode != 0
    assert modules.read_text() == LIST
    assert sorted(modules.parent.iterdir()) == before


@EVERY_SHELL
def test_a_list_that_is_not_there_is_not_made(shell: list[str], etc: Path) -> None:
    assert run(shell, MEND_MODULES.script, str(etc / "none")).returncode != 0
    assert list(etc.iterdir()) == []


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\0\r\n")), max_size=8))
def test_every_line_but_the_recipes_stays(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = tmp_path_factory.mktemp("list") / "modules"
    path.write_text("".join(f"{line}\n" for line in [*lines, "modprobe ip_vs"]))
    assert run(["sh"], MEND_MODULES.script, str(path)).returncode == 0
    wanted = ["ip_vs" if RECIPES_LINE.fullmatch(line.strip(" \t\v\f")) else line for line in lines]
    assert path.read_text().split("\n") == [*wanted, "ip_vs", ""]


@EVERY_SHELL
@pytest.mark.parametrize("folder", [True, False])
def test_persisting_can_be_taken_back(shell: list[str], folder: bool, etc: Path) -> None:
    (etc / "modules").write_text("loop\n")
    if folder:
        (etc / "modules-load.d").mkdir()
    for script in (PERSIST_IP_VS.script, PERSIST_IP_VS.script, FORGET_IP_VS):
        done = run(shell, script.replace("/etc/", f"{etc}/"))
        assert (done.returncode, done.stderr) == (0, "")
        if script == PERSIST_IP_VS.script:
            where = "modules-load.d/ip_vs.conf" if folder else "modules"
            assert (etc / where).read_text().splitlines()[-1] == "ip_vs"
    left = [path.read_text() for path in etc.rglob("*") if path.is_file()]
    assert sorted(left) == (["", "loop\n"] if folder else ["loop\n"])


DECLARED = [item for item in vars(mending).values() if isinstance(item, Command)]


@pytest.mark.parametrize("command", DECLARED, ids=[item.id for item in DECLARED])
def test_a_remedy_needs_root_and_is_shown_without_its_parameters(command: Command) -> None:
    assert command.needs == "root"
    words = [f"word{number}" for number in range(1, 10)]
    shown = typed(command.script, *words)
    assert not re.search(r"\$[0-9]", shown)
    used = {number for number in range(1, 10) if f"${number}" in command.script}
    assert {number for number in range(1, 10) if f"word{number}" in shown} == used
    assert subprocess.run(["sh", "-n", "-c", shown], capture_output=True).returncode == 0


@pytest.mark.parametrize(
    "word",
    [
        "",
        "-rf",
        "a b",
        "$(reboot)",
        "`reboot`",
        ";",
        "a'b",
        'a"b',
        "a\nb",
        "~",
        "*",
        "a|b",
        "é",
        "--",
    ],
)
def test_only_plain_words_are_arguments(word: str) -> None:
    assert not plain(word)
    with pytest.raises(ValueError, match="not a plain word"):
        typed(DELETE_ADDRESS.script, word, "eth0")


@given(st.text(max_size=20))
def test_a_plain_word_is_one_word_to_a_shell(word: str) -> None:
    if plain(word):
        assert shlex.split(word) == [word] == shlex.split(shlex.quote(word))


def test_what_is_typed_does_what_is_run(tmp_path: Path) -> None:
    """The same words reach ip(8), whether as arguments or typed."""
    (tmp_path / "ip").write_text('#!/bin/sh\nprintf "%s\\n" "$*"\nexit 0\n')
    (tmp_path / "ip").chmod(0o755)
    words = ("198.18.0.100/32", "eth0")
    ran = run(["sh"], DELETE_ADDRESS.script, *words, path=str(tmp_path))
    shown = run(["sh"], typed(DELETE_ADDRESS.script, *words), path=str(tmp_path))
    assert ran.stdout == shown.stdout == "addr del 198.18.0.100/32 dev eth0\n"


SERVICES = [mending.START_DOCKER, mending.ENABLE_DOCKER]


@EVERY_SHELL
@pytest.mark.parametrize("command", SERVICES, ids=lambda command: command.id)
@pytest.mark.parametrize(
    ("system", "word"),
    [("systemd", "systemctl"), ("openrc", "rc-"), ("sysv", "service|update-rc.d")],
)
def test_docker_is_started_by_the_machines_own_service_manager(
    shell: list[str], command: Command, system: str, word: str, tmp_path: Path
) -> None:
    names = ["systemctl", "service", "update-rc.d"]
    names += ["rc-service", "rc-update"] if system == "openrc" else []
    for name in names:
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (tmp_path / name).chmod(0o755)
    there = tmp_path / "systemd"
    if system == "systemd":
        there.mkdir()
    script = command.script.replace("/run/systemd/system", str(there))
    if system != "openrc":
        script = script.replace("command -v rc-service", "false")
    done = run(shell, script, path=str(tmp_path))
    assert done.returncode == 0
    assert re.match(rf"({word}).* docker", done.stdout), done.stdout


@EVERY_SHELL
def test_every_keepalived_is_found_by_its_process(shell: list[str], tmp_path: Path) -> None:
    for pid, name in (
        ("7", "keepalived"),
        ("8", "sh"),
        ("9", "keepalived"),
        ("10", "my keepalived"),
    ):
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "comm").write_text(f"{name}\n")
    (tmp_path / "11").mkdir()  # it has ended meanwhile
    script = mending.FIND_KEEPALIVED.script.replace("/proc/", f"{tmp_path}/")
    done = run(shell, script)
    assert (done.returncode, sorted(done.stdout.split())) == (0, ["7", "9"])
