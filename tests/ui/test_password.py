"""Machines that want a password: the program asks for it wherever it connects to them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncssh
import pytest

from tests.ui.recorded import CLUSTER
from tests.ui.waiting import Looker, looking
from vip_tui.cluster import Cluster, Node
from vip_tui.nodes.connection import Access
from vip_tui.nodes.host_keys import known_hosts_line
from vip_tui.store import Store
from vip_tui.tui.app import Start, VipApp
from vip_tui.tui.screens.dialogs_secret import SecretDialog
from vip_tui.tui.screens.live import LiveScreen
from vip_tui.tui.widgets.secret_input import SecretInput


@dataclass
class Machine(asyncssh.SSHServer):
    """Lets root in with the password, and runs nothing; it notes who got in."""

    password: str
    tried: list[str] = field(default_factory=list)
    entered: list[str] = field(default_factory=list)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self.tried.append(password)
        if password == self.password:
            self.entered.append(username)
        return password == self.password


@dataclass
class Machines:
    """Two of them, and the program that is to get in."""

    cluster: Cluster
    store: Store
    one: Machine

    @asynccontextmanager
    async def program(self, live: bool = False) -> AsyncIterator[Looker]:
        async def access() -> Access:
            return Access(self.store, isolated=True)

        start = Start(cluster=self.cluster, live=live)
        async with looking(VipApp(start, access, self.store)) as looker:
            yield looker


@pytest.fixture
async def machines(tmp_path: Path) -> AsyncIterator[Machines]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    machine = Machine(f"pw{secrets.token_hex(8)}")
    store = Store(tmp_path)
    servers, nodes = [], []
    for _ in range(2):
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[key],
            server_factory=lambda: machine,
            process_factory=lambda process: process.exit(1),
        )
        servers.append(server)
        nodes.append(Node("127.0.0.1", "root", server.get_port()))
        store.append_known_host(known_hosts_line("127.0.0.1", server.get_port(), key))
    yield Machines(replace(CLUSTER, nodes=tuple(nodes)), store, machine)
    for server in servers:
        server.close()
        await server.wait_closed()


async def asked(looker: Looker) -> SecretDialog:
    await looker.until(lambda: isinstance(looker.app.focused, SecretInput))
    assert isinstance(looker.app.screen, SecretDialog)
    return looker.app.screen


async def say(looker: Looker, words: str) -> None:
    looker.app.screen.query_one(SecretInput).value = words
    await looker.press("enter")


async def test_the_checks_ask_once_and_again_where_it_was_wrong(machines: Machines) -> None:
    async with machines.program() as looker:
        await looker.press("enter", "enter")
        first = await asked(looker)
        await looker.sees("Password of root", "in memory for this run only")
        await say(looker, "wrong")
        await looker.until(lambda: looker.app.screen is not first)
        second = await asked(looker)
        await looker.sees("The answer before was refused")
        await say(looker, machines.one.password)
        await looker.until(lambda: len(machines.one.entered) == 2)
        await looker.until(lambda: looker.app.screen is looker.app.screen_stack[0])
        assert second not in looker.app.screen_stack
        assert machines.one.tried == ["wrong", *[machines.one.password] * 2]


async def test_who_does_not_say_it_is_told_what_else_would_do(machines: Machines) -> None:
    async with machines.program() as looker:
        await looker.press("enter", "enter")
        await asked(looker)
        await looker.press("escape")
        await looker.until(lambda: looker.app.screen is looker.app.screen_stack[0])
        await looker.sees("does not let us in")
        assert machines.one.tried == []
        await looker.press("f5")  # on demand it is asked for once more
        await asked(looker)
        await say(looker, machines.one.password)
        await looker.until(lambda: len(machines.one.entered) == 2)


async def test_the_panel_asks_too(machines: Machines) -> None:
    async with machines.program(live=True) as looker:
        await asked(looker)
        assert isinstance(looker.app.screen_stack[-2], LiveScreen)
        await say(looker, machines.one.password)
        await looker.until(lambda: len(machines.one.entered) == 2)


@pytest.mark.parametrize("live", [False, True])
async def test_the_program_ends_while_it_asks(machines: Machines, live: bool) -> None:
    async with machines.program(live) as looker:
        if not live:
            await looker.press("enter", "enter")
        await asked(looker)
        await looker.press("ctrl+q")
        await looker.until(lambda: not looker.app.is_running)
    assert machines.one.tried == []
