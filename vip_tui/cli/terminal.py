"""Asks for a secret on the terminal itself, whatever stdin and stdout are."""

from __future__ import annotations

import asyncio
import contextlib
import os
import termios
from collections.abc import Iterator

from vip_tui.cluster import Secret
from vip_tui.nodes.asking import Question

TERMINAL = "/dev/tty"  # tty(4): the controlling terminal
_LONGEST = 4096  # termios(3): a line of a terminal is no longer


def has_terminal() -> bool:
    """Whether there is one to ask on."""
    try:
        os.close(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


async def ask(question: Question) -> Secret | None:
    """Ask, and wait for a line; None where nothing was typed, or the terminal is gone.

    The loop goes on meanwhile, and Ctrl-C ends it as anywhere else.
    """
    lines = ["That was refused."] * question.again + [question.detail] * bool(question.detail)
    lines.append(f"{question.title.rstrip(': ')}: ")
    try:
        terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    try:
        with _echo(terminal, question.echo):
            os.write(terminal, "\n".join(lines).encode())
            await _readable(terminal)
            line = os.read(terminal, _LONGEST).rstrip(b"\n")
    except OSError:
        return None
    finally:
        os.close(terminal)
    nothing = not line and question.kind != "prompt"
    return None if nothing else Secret(line.decode("utf-8", "surrogateescape"))


@contextlib.contextmanager
def _echo(terminal: int, echo: bool) -> Iterator[None]:
    """What is typed is shown or not; afterwards the terminal is as it was."""
    before = termios.tcgetattr(terminal)
    within = termios.tcgetattr(terminal)
    within[3] = (within[3] | termios.ECHONL) & ~termios.ECHO if not echo else within[3]
    termios.tcsetattr(terminal, termios.TCSAFLUSH, within)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


async def _readable(terminal: int) -> None:
    """Wait until a line was typed."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not typed.done():
            typed.set_result(None)

    loop.add_reader(terminal, wake)
    try:
        await typed
    finally:
        loop.remove_reader(terminal)
