"""A secret is in no repr and no crash report, whatever breaks while it is known."""

from __future__ import annotations

import io
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn

import asyncssh
import pytest
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from tests.unit.ssh_doors import Door, Person, write_key
from vip_tui.cluster import Secret
from vip_tui.nodes.access import Access
from vip_tui.nodes.asking import Question
from vip_tui.nodes.commands import Command
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.reasons import AuthRefused
from vip_tui.nodes.secrets import Secrets
from vip_tui.store import Store

SECRET = "correct-horse-27"
AS_ROOT = Command("as-root", "true", 5, "root")


class Bug(Exception):  # noqa: N818 - it is one
    """What nobody expects."""


def report(problem: BaseException) -> str:
    """A crash report as Textual makes it, with the variables of every frame but the test's own."""
    told = io.StringIO()
    frames = problem.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    shown = Traceback.from_exception(
        type(problem), problem, frames, show_locals=True, locals_max_string=100_000
    )
    Console(file=told, width=400).print(shown)
    return told.getvalue() + "".join(traceback.format_exception(problem))


def breaks(*_: object, **__: object) -> NoReturn:
    raise Bug("forced")


@pytest.fixture
async def door(own_home: Path) -> AsyncIterator[Door]:
    door = await Door(password=SECRET).open()
    (own_home / ".ssh" / "known_hosts").write_text(door.known)
    yield door
    await door.close()


async def crashed(way: Access, door: Door) -> BaseException:
    async with Fleet(way) as fleet:
        with pytest.raises(Bug) as caught:
            await (await fleet.connection(door.node())).run(AS_ROOT)
    return caught.value


async def test_the_report_would_show_a_secret_that_is_not_hidden() -> None:
    with pytest.raises(ValueError) as caught:
        asyncssh.import_private_key(b"-----BEGIN OPENSSH PRIVATE KEY-----", SECRET)
    assert SECRET in report(caught.value)


async def test_a_login_that_breaks_with_the_password_in_hand(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asyncssh.connection.SSHClientConnection.send_userauth_request

    async def send(self: object, method: bytes, *more: object, **named: object) -> None:
        if method == b"password":
            breaks()
        await real(self, method, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncssh.connection.SSHClientConnection, "send_userauth_request", send)
    problem = await crashed(Access(Store(), ask=Person(SECRET)), door)
    assert "forced" in report(problem)
    assert SECRET not in report(problem)


async def test_a_command_that_breaks_with_the_sudo_password_in_hand(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.password = None
    door.keys = (write_key(Path.home() / ".ssh" / "id_ed25519"),)
    monkeypatch.setattr(asyncssh.SSHClientProcess, "communicate", breaks)
    way = Access(Store(), ask=Person(SECRET))
    async with Fleet(way) as fleet:
        connection = await fleet.connection(door.node())
        connection.elevation.told({"asks"})
        with pytest.raises(Bug) as caught:
            await connection.run(AS_ROOT)
        assert SECRET not in report(caught.value)
        assert SECRET not in repr((connection, vars(connection), vars(connection.elevation)))


async def test_a_key_that_breaks_with_the_passphrase_in_hand(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.keys = (write_key(Path.home() / ".ssh" / "id_ed25519", SECRET),)
    real = asyncssh.import_private_key

    def load(data: bytes, passphrase: str | None = None) -> asyncssh.SSHKey:
        return breaks(passphrase) if passphrase else real(data, passphrase)

    monkeypatch.setattr(asyncssh, "import_private_key", load)
    problem = await crashed(Access(Store(), ask=Person(SECRET)), door)
    assert SECRET not in report(problem)


async def test_what_holds_a_secret_does_not_show_it(door: Door) -> None:
    way = Access(Store(), ask=Person(SECRET))
    async with Fleet(way) as fleet:
        await fleet.connection(door.node())
        held = (way, way.secrets, vars(way.secrets), way.key_files, fleet, vars(fleet))
        assert SECRET not in repr(held)
        assert SECRET not in pretty_repr(held)
    assert SECRET not in repr(Question("password", "Password", "why"))
    assert SECRET not in str(fleet.log.entries())


async def test_a_wrong_answer_is_not_told(door: Door) -> None:
    way = Access(Store(), ask=Person("wrong-horse", "wrong-horse", "wrong-horse"))
    async with Fleet(way) as fleet:
        with pytest.raises(AuthRefused) as caught:
            await fleet.connection(door.node())
    assert "wrong-horse" not in report(caught.value)


async def test_a_secret_that_is_shared_is_no_part_of_an_error() -> None:
    async def breaking(_secret: Secret) -> bool:
        return breaks()

    question = Question("sudo", "sudo password")
    with pytest.raises(Bug) as caught:
        await Secrets().shared("sudo", "n1", Person(SECRET), question, breaking)
    assert SECRET not in report(caught.value)
