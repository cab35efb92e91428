"""What every part of the lab needs: its error, running a command, waiting for a process."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable


class LabError(Exception):
    """The lab cannot do what was asked; the message says why."""


def output(*argv: str, text: str | None = None) -> str:
    """Runs a command of the machine and returns what it printed."""
    try:
        done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise LabError(f"{argv[0]} is not installed") from missing
    if done.returncode:
        raise LabError(f"{' '.join(argv)}: {done.stderr.strip() or f'exit {done.returncode}'}")
    return done.stdout


def wait_until(ready: Callable[[], bool], what: str, timeout: float = 30) -> None:
    """Polls what cannot be awaited; the error says `what` after so many seconds."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline:
            raise LabError(f"{what} after {timeout:g} s")
        time.sleep(0.01)
