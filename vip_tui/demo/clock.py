"""Time as the simulation sees it: the event loop's or a test's; a process's own can freeze."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Timer(Protocol):
    """Something that was put off, and can be called off."""

    def cancel(self) -> object:
        """It shall not happen."""


class Clock(Protocol):
    """What the simulation asks of time; every asyncio loop satisfies it."""

    def time(self) -> float:
        """Seconds of a monotonic clock."""

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Call back after ``delay`` seconds."""


class LoopClock:
    """The clock of the loop that runs at that moment, so that it can be made before the loop."""

    def time(self) -> float:
        """Seconds of the loop's clock."""
        return asyncio.get_running_loop().time()

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Call back on the loop."""
        return asyncio.get_running_loop().call_later(delay, callback)


async def pause(clock: Clock, seconds: float) -> None:
    """Sleep by this clock."""
    done = asyncio.get_running_loop().create_future()
    timer = clock.call_later(seconds, lambda: None if done.done() else done.set_result(None))
    try:
        await done
    finally:
        timer.cancel()


class _Entry:
    """One timer of a process: when it is due, and the clock's own timer while time goes on."""

    def __init__(self, owner: ProcessClock, due: float, callback: Callable[[], object]) -> None:
        self.owner, self.due, self.callback = owner, due, callback
        self.timer: Timer | None = None

    def cancel(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
        self.owner.entries.pop(self, None)

    def fire(self) -> None:
        self.owner.entries.pop(self, None)
        self.callback()


class ProcessClock:
    """The timers of one process. Frozen, none of them fires; thawed, the late ones do at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.frozen = False
        self.entries: dict[_Entry, None] = {}  # in the order they were made

    def time(self) -> float:
        """Seconds; a frozen process's clock goes on, it only does not look at it."""
        return self._clock.time()

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Call back after ``delay`` seconds, or when the process goes on after them."""
        entry = _Entry(self, self.time() + delay, callback)
        self.entries[entry] = None
        if not self.frozen:
            self._schedule(entry)
        return entry

    def _schedule(self, entry: _Entry) -> None:
        delay = max(0.0, entry.due - self.time())
        entry.timer = self._clock.call_later(delay, entry.fire)

    def late(self) -> float:
        """By how many seconds the earliest timer is overdue; 0 where none is."""
        due = min((entry.due for entry in self.entries), default=self.time())
        return max(0.0, self.time() - due)

    def freeze(self) -> None:
        """Hold every timer (SIGSTOP, or the cgroup's freezer)."""
        self.frozen = True
        for entry in self.entries:
            if entry.timer is not None:
                entry.timer.cancel()

    def thaw(self) -> None:
        """Go on."""
        self.frozen = False
        for entry in list(self.entries):
            self._schedule(entry)

    def end(self) -> None:
        """The process is no more: no timer will fire."""
        for entry in list(self.entries):
            entry.cancel()


def now_ns() -> int:
    """The time of day, in nanoseconds since 1970."""
    return time.time_ns()


def stamp(moment_ns: int) -> str:
    """Docker's spelling of a moment: RFC 3339 with nanoseconds, UTC."""
    seconds, rest = divmod(moment_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
