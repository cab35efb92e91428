"""The program and its terminal: closed, stopped and continued from outside."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

WITHIN_S = 15.0  # below the last resort of the program's end


class Window:
    """A terminal with the demo's panel in it, whose bytes are read as they come."""

    def __init__(self, home: Path) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup(1) it would be ignored
        self.program = subprocess.Popen(
            [
                *("setsid", "--ctty", "--wait", sys.executable, "-m", "vip_tui"),
                *("demo", "--live"),
            ],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=os.environ | {"TERM": "xterm-256color", "HOME": str(home)},
        )
        os.close(slave)
        self.seen = b""

    def sees(self, text: str) -> None:
        """Read until this was drawn."""
        deadline = time.monotonic() + WITHIN_S
        while text.encode() not in self.seen:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                pytest.fail(f"not seen: {text}")
            self.seen += os.read(self.master, 65536)

    def drain(self) -> None:
        """Read what is there, so that the program can write."""
        while select.select([self.master], [], [], 0.2)[0]:
            with contextlib.suppress(OSError):
                if os.read(self.master, 65536):
                    continue
            break

    def end_code(self) -> int:
        return self.program.wait(WITHIN_S)


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    window = Window(tmp_path)
    try:
        window.sees("HEALTHY")
        yield window
    finally:
        window.program.kill()
        window.program.wait()
        with contextlib.suppress(OSError):
            os.close(window.master)


def test_a_closed_terminal_ends_the_program(window: Window) -> None:
    os.close(window.master)
    assert window.end_code() == 0


def test_stopped_and_continued_from_outside_it_goes_on_and_ends(window: Window) -> None:
    pid = window.program.pid
    os.kill(pid, signal.SIGSTOP)
    os.kill(pid, signal.SIGCONT)
    window.seen = b""
    window.sees("HEALTHY")  # drawn anew
    os.write(window.master, b"\x11")
    for _ in range(50):
        window.drain()
        if window.program.poll() is not None:
            break
    assert window.end_code() == 0
