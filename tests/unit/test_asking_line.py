"""What a line that was typed comes to, and what happens where the terminal is gone."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from vip_tui.cli import terminal
from vip_tui.cluster import Secret
from vip_tui.nodes.asking import Kind, Question


class Pty:
    """A terminal that questions are asked on; the test sits before it."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        self.name = os.ttyname(self._slave)

    async def asks(self, kind: Kind = "prompt") -> asyncio.Task[Secret | None]:
        """A question that has been shown."""
        task = asyncio.create_task(terminal.ask(Question(kind, "Say")))
        async with asyncio.timeout(20):
            assert await asyncio.to_thread(os.read, self.master, 4096) == b"Say: "
        return task

    def hang_up(self) -> None:
        if self.master >= 0:
            os.close(self.master)
            os.close(self._slave)
        self.master = -1


@pytest.fixture
def pty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pty]:
    pty = Pty()
    monkeypatch.setattr(terminal, "TERMINAL", pty.name)
    yield pty
    pty.hang_up()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (b"caf\xc3\xa9\n", "café"),
        (b"caf\xe9\n", "café"),
        (b"two words \n", "two words "),
        (b"\n", ""),
        (b"\x04", None),
    ],
    ids=["UTF-8", "latin-1", "spaces", "an empty line", "end of file"],
)
async def test_what_is_typed_is_what_is_said(typed: bytes, said: str | None, pty: Pty) -> None:
    asked = await pty.asks()
    os.write(pty.master, typed)
    answer = await asyncio.wait_for(asked, 20)
    assert answer == (None if said is None else Secret(said))


@pytest.mark.parametrize("kind", ["password", "prompt"])
async def test_a_hang_up_is_no_answer(kind: Kind, pty: Pty) -> None:
    asked = await pty.asks(kind)
    pty.hang_up()
    assert await asyncio.wait_for(asked, 20) is None


async def test_a_hang_up_does_not_hide_that_it_was_cancelled(pty: Pty) -> None:
    asked = await pty.asks()
    pty.hang_up()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_a_terminal_that_is_none_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "TERMINAL", os.devnull)
    assert await terminal.ask(Question("prompt", "Say")) is None


async def test_the_signal_is_left_alone_afterwards(pty: Pty) -> None:
    asked = await pty.asks()
    assert signal.getsignal(signal.SIGCONT) is not signal.SIG_DFL
    os.write(pty.master, b"x\n")
    await asyncio.wait_for(asked, 20)
    assert signal.getsignal(signal.SIGCONT) is signal.SIG_DFL


def test_outside_the_main_thread_it_asks_too(pty: Pty) -> None:
    async def main() -> Secret | None:
        asked = await pty.asks()
        os.write(pty.master, b"x\n")
        return await asyncio.wait_for(asked, 20)

    def other() -> Secret | None:
        return asyncio.run(main())

    async def run() -> Secret | None:
        return await asyncio.to_thread(other)

    assert asyncio.run(run()) == Secret("x")
