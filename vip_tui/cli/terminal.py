"""Asks for a secret on the terminal itself, whatever stdin and stdout are."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import termios
import threading
from collections.abc import Callable, Iterator

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
    text = "\n".join(lines).encode()
    try:
        terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    try:
        with _asking(terminal, text, question.echo):
            await _readable(terminal)
            line = os.read(terminal, _LONGEST)
    except (OSError, termios.error):  # the latter is no OSError
        return None
    finally:
        os.close(terminal)
    typed = line.rstrip(b"\n")
    nothing = not line or (not typed and question.kind != "prompt")  # no line: end of file
    return None if nothing else Secret(_decoded(typed))


def _decoded(typed: bytes) -> str:
    """What was typed; where the terminal is not UTF-8, each byte is a character (latin-1)."""
    try:
        return typed.decode()
    except UnicodeDecodeError:
        return typed.decode("latin-1")


@contextlib.contextmanager
def _asking(terminal: int, text: bytes, echo: bool) -> Iterator[None]:
    """The text is there, what is typed is shown or not; afterwards the terminal is as it was.

    A shell shows what is typed while it has a stopped job: who comes back is asked anew.
    """
    before = termios.tcgetattr(terminal)
    within = termios.tcgetattr(terminal)
    within[3] = (within[3] | termios.ECHONL) & ~termios.ECHO if not echo else within[3]

    def again() -> None:
        with contextlib.suppress(OSError, termios.error):  # gone: the reading tells
            termios.tcsetattr(terminal, termios.TCSANOW, within)
            os.write(terminal, b"\n" + text)

    termios.tcsetattr(terminal, termios.TCSAFLUSH, within)
    try:
        with _when_continued(again):
            os.write(terminal, text)
            yield
    finally:
        with contextlib.suppress(OSError, termios.error):  # a hang-up: there is nothing to restore
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


@contextlib.contextmanager
def _when_continued(act: Callable[[], None]) -> Iterator[None]:
    """Act whenever the process goes on after a stop (Ctrl-Z and ``fg``)."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGCONT, act)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGCONT)


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
