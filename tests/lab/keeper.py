"""The keeper: the first process of a lab's pid namespace, with which everything in the lab dies."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from tests.lab.tools import LabError

# Says the pid by which the machine knows the process, then becomes the program; its log is stderr.
SAY_PID = ["sh", "-c", 'read -r pid _ </proc/self/stat; echo "$pid"; exec "$@" >&2', "sh"]


def start_time(pid: int) -> int | None:
    """When a process started (clock ticks since boot); None if it has ended, reaped or not."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def runs(pid: int, started: int) -> bool:
    """Whether this very process runs; one that is dying (its memory gone) does not."""
    if start_time(pid) != started:
        return False
    try:
        Path(f"/proc/{pid}/exe").readlink()
    except OSError:
        return False
    return True


def kill(pid: int, started: int) -> None:
    """Kills this very process, never another that got its number."""
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        try:
            if start_time(pid) == started:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)


class Member:
    """A process of the lab, in the keeper's pid namespace, signalled through a pidfd."""

    def __init__(self, argv: list[str], log: Path, keeper: int, env: dict[str, str]) -> None:
        self._log = log
        enter = ["nsenter", f"--pid=/proc/{keeper}/ns/pid", "--"]
        with log.open("ab") as stderr:
            self._popen = subprocess.Popen(
                enter + argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=env,
                start_new_session=True,
            )
        self.pid = int(self.read_line())
        self._handle = os.pidfd_open(self.pid)

    def read_line(self) -> str:
        """The next line that it prints; if it ends instead, an error with what it logged."""
        assert self._popen.stdout is not None
        line = self._popen.stdout.readline().strip()
        if not line:
            raise LabError(f"a process of the lab ended: {self._log.read_text()[-2000:]}")
        return line

    def write_line(self, line: str) -> None:
        assert self._popen.stdin is not None
        self._popen.stdin.write(line + "\n")
        self._popen.stdin.flush()

    def end(self, signum: signal.Signals) -> None:
        """Sends the signal and waits until the process, and all that die with it, are gone."""
        if self._popen.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signum)
        self.wait()

    def wait(self) -> None:
        """Waits until the process is gone, and lets go of it."""
        self._popen.wait(30)
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


class Keeper:
    """Ends, and everything with it, when the lab's holder closes its end of a pipe or dies."""

    def __init__(self) -> None:
        program = ["docker-init", "--", "sh", "-c", "read -r _ && exec sleep infinity"]
        self._popen = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--kill-child", *SAY_PID, *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self._popen.stdout is not None
        with self._popen.stdout as stdout:
            line = stdout.readline()
        if not line:
            raise LabError("no pid namespace could be made: is this root, on Linux?")
        self.pid = int(line)
        started = start_time(self.pid)
        if started is None:
            raise LabError("the keeper of the lab ended at once: is docker-init installed?")
        self.started = started

    def detach(self) -> None:
        """Lets the lab outlive its holder."""
        assert self._popen.stdin is not None
        self._popen.stdin.write("\n")
        self._popen.stdin.flush()

    def wait(self) -> None:
        """Waits until it is gone, after it was killed."""
        self._popen.wait(30)
        assert self._popen.stdin is not None
        self._popen.stdin.close()
