"""Every way in at once: sudo that asks, a jump host, no forwarding, locked keys, passwords.

Two nodes: the first has another interface and port, and a user whose sudo asks for a password; the
second is root's, is reached only through the first, and forbids forwarding. An operator walks from
check to removal, and nobody else may see a secret.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.lab import Lab, Node, look
from tests.lab.console import Console, Ended, described
from tests.lab.tmux import Terminal
from tests.lab.watcher import Watcher, spied, spy_on
from vip_tui.cluster import Node as Wanted
from vip_tui.cluster import Secret
from vip_tui.nodes.access import Access
from vip_tui.nodes.asking import Question
from vip_tui.nodes.commands import LOCK_FILE, READ_LOCK, Command
from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.reasons import AuthRefused, HostKeyChanged, SudoRefused
from vip_tui.store import Store

pytestmark = pytest.mark.lab

VIP = "198.18.0.130"
ACCOUNT, PASSPHRASE, VRRP = "Sw4rm'n$ keys", "open sesame 9", "Kq7vip2x"
T = TypeVar("T")


@dataclass
class Place:
    """The two nodes, and the operator at a terminal."""

    gate: Node
    inner: Node
    console: Console
    file: Path

    @property
    def nodes(self) -> list[Node]:
        return [self.gate, self.inner]

    def run(self, verb: str, *words: str) -> Ended:
        return self.console.run(verb, self.file, *words, "--json", "--ask-sudo-pass")


@pytest.fixture(scope="module")
def place(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made: list[Node] = []
    try:
        account: Any = {"user": "ops", "sudo": "password", "password": ACCOUNT}
        made.append(lab.add_node(interface="ens18", ssh_port=2222, **account))
        made.append(lab.add_node(forwarding=False))
        gate, inner = made
        for node in made:
            node.wait_docker()
            spy_on(node)
        wall = f"tcp dport 22 ip saddr != {gate.address} reject with tcp reset"
        rules = "table inet wall { chain input { type filter hook input priority 0; %s; }; }"
        inner.run("nft", "-f", "-", input=rules % wall)
        console = Console(lab, tmp_path_factory.mktemp("getting-in"))
        console.answers = {"sudo password of ops: ": ACCOUNT}
        alias = f"Host inner\n  Hostname {inner.address}\n  User root\n"
        alias += f"  ProxyJump ops@{gate.address}:2222\n"
        (console.home / ".ssh" / "config").write_text(alias)
        (console.home / ".ssh" / "config").chmod(0o600)
        tables: list[Mapping[str, object]] = [described(gate, name="gate"), {"address": "inner"}]
        yield Place(gate, inner, console, console.cluster(tables, VIP, password=VRRP))
    finally:
        for node in made:
            node.destroy()


# --- the walk


@dataclass
class Walk:
    """What each command ended with, and what was seen meanwhile."""

    check: Ended
    apply: Ended
    status: Ended
    drill: Ended
    remove: Ended
    agreed: bool
    interface: set[str]
    environment: str
    watcher: Watcher

    @property
    def said(self) -> str:
        return "".join(map(str, (self.check, self.apply, self.status, self.drill, self.remove)))


@pytest.fixture(scope="module")
def walk(place: Place) -> Walk:
    secrets = {"password": ACCOUNT, "VRRP password": VRRP}
    with Watcher(secrets) as watcher:
        check = place.run("check")
        apply = place.run("apply", "--yes")
        agreed = look.agreed(place.nodes, VIP)
        interface = place.gate.addresses()
        environment = json.dumps([look.environment(node) for node in place.nodes])
        status = place.run("status")
        drill = place.run("drill", "--yes")
        remove = place.run("remove", "--yes")
    return Walk(check, apply, status, drill, remove, agreed, interface, environment, watcher)


def test_the_checks_find_nothing_that_stands_in_the_way(walk: Walk) -> None:
    walk.check.expect(0)
    found = {
        node["name"]: {item["id"]: item for item in node["findings"]}
        for node in walk.check.document["nodes"]
    }
    summaries = [items["privilege"]["summary"] for items in found.values()]
    assert summaries == ["ops may use sudo with the password given", "logged in as root"]
    failing = [
        item["id"] for one in found.values() for item in one.values() if item["status"] == "fail"
    ]
    assert failing == []
    denied = [item for one in found.values() for item in one.values() if "needs root" in str(item)]
    assert denied == [], "what only root may read was read as root"


def test_it_is_deployed_and_healthy(walk: Walk) -> None:
    walk.apply.expect(0)
    assert walk.agreed
    walk.status.expect(0)
    assert walk.status.document["verdict"] == "healthy"
    assert walk.apply.document["holder"] == "gate"
    assert VIP in walk.interface


def test_a_drill_passes(walk: Walk) -> None:
    walk.drill.expect(0)
    assert walk.drill.document["outcome"] == "passed"


def test_it_is_removed_without_a_trace(walk: Walk, place: Place) -> None:
    walk.remove.expect(0)
    assert [look.containers(node) for node in place.nodes] == [[], []]
    assert look.holders(place.nodes, VIP) == []
    look.wait_no_processes(place.nodes, 5)
    assert all(look.lock_is_free(node) for node in place.nodes)


def test_no_process_had_a_secret_in_its_arguments_or_environment(walk: Walk) -> None:
    assert walk.watcher.looks > 20
    own = {("VRRP password", "environ", "KEEPALIVED_PASSWORD")}
    assert walk.watcher.seen == own, "the container's own environment, and nothing else"


def test_no_command_got_the_password_as_its_input_or_environment(walk: Walk, place: Place) -> None:
    for node in place.nodes:
        seen = spied(node)
        assert "vip-tui:facts" in seen and "vip-tui:hold-lock" in seen, "the spy was at work"
        assert ACCOUNT not in seen
    assert '"KEEPALIVED_PASSWORD": "********"' not in walk.environment
    assert VRRP in walk.environment, "it is what the containers were made with"


def test_no_log_and_no_file_on_a_node_has_the_password(walk: Walk, place: Place) -> None:
    assert "COMMAND=" in place.gate.run("cat", "/var/log/sudo.log").stdout
    for node in place.nodes:
        where = ["/var/log", "/etc", "/home", "/root", "/run", "/tmp", "/var/lib/docker"]
        grep = ["grep", "-rlIaF", "--devices=skip", "-e", ACCOUNT, "--", *where]
        assert node.run(*grep, check=False).stdout == ""


def test_nothing_that_was_printed_or_written_has_a_secret(walk: Walk, place: Place) -> None:
    for secret in (ACCOUNT, VRRP):
        assert secret not in walk.said
    journals = list(place.console.home.rglob("*.jsonl"))
    assert journals
    for file in place.console.home.rglob("*"):
        if file.is_file():
            text = file.read_text(errors="replace")
            assert ACCOUNT not in text and VRRP not in text, file


# --- what else gets in, and what does not


class Person:
    """Answers each kind of question."""

    def __init__(self, **answers: str | None) -> None:
        self.asked: list[str] = []
        self._answers = answers

    async def __call__(self, question: Question) -> Secret | None:
        self.asked.append(question.kind)
        answer = self._answers[question.kind]
        return None if answer is None else Secret(answer)


@pytest.fixture
def operator(place: Place, lab: Lab, own_home: Path) -> Path:
    """This test's own home knows what the operator's does."""
    shutil.copy(place.console.home / ".ssh" / "config", own_home / ".ssh" / "config")
    shutil.copy(lab.known_hosts, own_home / ".ssh" / "known_hosts")
    return own_home


def reach(
    way: Access, node: Wanted, work: Callable[[NodeConnection], Awaitable[T]]
) -> tuple[T, str]:
    """Do something on a node; with all that the command log has of it."""

    async def connected() -> tuple[T, str]:
        async with Fleet(way) as fleet:
            done = await work(await fleet.connection(node))
            return done, str(fleet.log.entries())

    return asyncio.run(connected())


async def look_around(connection: NodeConnection) -> str:
    return (await connection.run(Command("look-around", "hostname; id -un", 5))).output


INNER = Wanted("inner")


def gate(place: Place) -> Wanted:
    return Wanted(place.gate.address, "ops", 2222)


def test_a_locked_key_opens_jump_host_and_node_with_one_passphrase(
    place: Place, lab: Lab, operator: Path
) -> None:
    key = operator / "locked"
    shutil.copy(lab.key, key)
    change = ["ssh-keygen", "-q", "-p", "-P", "", "-N", PASSPHRASE, "-f", str(key)]
    subprocess.run(change, check=True)
    person = Person(passphrase=PASSPHRASE)
    with Watcher({"passphrase": PASSPHRASE}) as watcher:
        said, log = reach(Access(Store(), (key,), ask=person), INNER, look_around)
    assert said == f"{place.inner.name}\nroot\n"
    assert person.asked == ["passphrase"]
    assert PASSPHRASE not in log
    # Only ssh-keygen above was told it in its arguments, and it has ended before.
    assert watcher.seen == set()


def test_a_password_opens_a_node(place: Place, operator: Path) -> None:
    person = Person(password=ACCOUNT)
    said, log = reach(Access(Store(), ask=person), gate(place), look_around)
    assert said == f"{place.gate.name}\nops\n"
    assert person.asked == ["password"]
    assert ACCOUNT not in log


def test_a_wrong_password_is_told_and_tried_three_times_only(place: Place, operator: Path) -> None:
    before = place.gate.run("cat", "/var/log/sshd.log").stdout.count("Failed password")
    person = Person(password="wrong")
    with pytest.raises(AuthRefused, match="it was refused 3 times"):
        reach(Access(Store(), ask=person), gate(place), look_around)
    log = place.gate.run("cat", "/var/log/sshd.log").stdout
    assert log.count("Failed password") - before == 3
    assert "wrong" not in log.replace("ssh: wrong", "")


def test_a_wrong_sudo_password_is_told_and_the_right_one_does(
    place: Place, lab: Lab, operator: Path
) -> None:
    async def read_lock(connection: NodeConnection) -> str:
        return (await connection.run(READ_LOCK)).output

    answers = iter(["wrong", None])

    async def person(question: Question) -> Secret | None:
        answer = next(answers)
        return None if answer is None else Secret(answer)

    with pytest.raises(SudoRefused, match="no root on"):
        reach(Access(Store(), (lab.key,), ask=person), gate(place), read_lock)
    refused = place.gate.run("grep", "-c", "1 incorrect password attempt", "/var/log/sudo.log")
    assert refused.stdout == "1\n", "one answer is one attempt"
    said, log = reach(Access(Store(), (lab.key,), ask=Person(sudo=ACCOUNT)), gate(place), read_lock)
    assert said == "free\n", LOCK_FILE
    assert ACCOUNT not in log
    assert "ssh -t" in log


def test_from_the_wizard_to_a_healthy_panel(
    walk: Walk, place: Place, lab: Lab, operator: Path, tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path, (120, 40))
    try:
        terminal.start("setup", str(place.file), "--identity", str(lab.key))
        terminal.sees("▶ Nodes", "inner")
        terminal.press("Enter")
        terminal.sees("▶ VIP")
        terminal.press("Enter")
        terminal.sees("sudo password of ops", f"ops@{place.gate.address}:2222 needs it")
        terminal.type("wrong")
        terminal.press("Enter")
        terminal.sees("The answer before was refused")
        terminal.type(ACCOUNT)
        assert ACCOUNT not in terminal.screen()
        terminal.press("Enter")
        terminal.sees("Nothing stands in the way")
        terminal.press("Enter")
        terminal.sees("▶ Review", "create keepalived")
        terminal.press("Enter")
        terminal.sees("HEALTHY", "MASTER", "held by gate", within=60)
        terminal.press("F9")
        terminal.sees("Command log", "ssh -t")
        assert ACCOUNT not in terminal.screen()
    finally:
        terminal.end()


def test_a_jump_host_whose_key_has_changed_is_refused(
    place: Place, lab: Lab, operator: Path
) -> None:
    place.gate.new_host_key()
    try:
        way = Access(Store(), (lab.key,), accept_new=True)
        with pytest.raises(HostKeyChanged, match=r"jump host .*2222 has changed"):
            reach(way, INNER, look_around)
    finally:
        place.gate.new_host_key(update_known_hosts=True)


def test_a_node_that_asks_in_its_own_words_is_answered(
    place: Place, lab: Lab, operator: Path
) -> None:
    """Keyboard-interactive, by PAM as sshd_config(5) has it with UsePAM."""
    node = place.gate
    modules = ("auth", "pam_unix"), ("account", "pam_permit"), ("session", "pam_permit")
    pam = "".join(f"{kind} required {module}.so\n" for kind, module in modules)
    node.run("tee", "/etc/pam.d/sshd", input=pam)
    settings = "/etc/ssh/sshd_config"
    turn = "s/^UsePAM .*/UsePAM yes/; s/^KbdInteractive\\w* .*/KbdInteractiveAuthentication yes/; "
    node.run(
        "sed", "-i", "-E", f"{turn}s/^PasswordAuth\\w* .*/PasswordAuthentication no/", settings
    )
    node.sshd_stop()
    node.sshd_start()
    shutil.copy(lab.known_hosts, operator / ".ssh" / "known_hosts")
    person = Person(password=ACCOUNT)
    said, _ = reach(Access(Store(), ask=person), gate(place), look_around)
    assert said == f"{node.name}\nops\n"
    assert person.asked == ["password"], "its question is for the account's password"
