"""A simulated host's lock, and the revert of a drill that is armed behind it."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

from vip_tui.demo.clock import now_ns, pause
from vip_tui.demo.dockerd import Refused
from vip_tui.demo.host import Host
from vip_tui.demo.session import Call, Session

LOCKED = 75  # the scripts' exit status where somebody else has the lock (EX_TEMPFAIL)
TRIES = 15  # of a revert, a second apart: a start is no use while a stop is under way


def _take(host: Host, session: Session, who: str) -> bool:
    if host.lock_holder:
        session.out(f"locked {host.lock_holder[:200]}\n")
        return False
    now = datetime.fromtimestamp(now_ns() // 1_000_000_000, UTC)
    host.lock_holder = f"{who} since {now:%Y-%m-%dT%H:%M:%SZ}"
    return True


async def hold_lock(host: Host, session: Session, call: Call) -> int:
    """Hold the lock until stdin ends."""
    if not _take(host, session, call.arguments[0]):
        return LOCKED
    try:
        session.out("held\n")
        while await session.line() is not None:
            continue
    finally:
        host.lock_holder = ""
    return 0


async def read_lock(host: Host, session: Session, _call: Call) -> int:
    """Say whether the lock is free, and if not, who has it."""
    session.out(f"locked {host.lock_holder[:200]}\n" if host.lock_holder else "free\n")
    return 0


async def arm_start(host: Host, session: Session, call: Call) -> int:
    """Arm a revert; it goes on without us, and has the lock until it ran or was called off."""
    container, seconds, who = call.arguments
    if not _take(host, session, who):
        return LOCKED
    why: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    reverting = host.spawn(_revert(host, container, float(seconds), why))
    session.out("armed 4711\n")
    word: str | None = None
    try:
        while (word := await session.line()) not in (None, "disarm"):
            session.out(f"== {word}\n")
    finally:
        # Whatever ended us, the revert hears of it: its pipe ends with us.
        if not why.done():
            why.set_result("disarm" if word == "disarm" else "gone")
    await asyncio.wait({reverting})
    session.out(f"{why.result()}\n")
    return 0


async def _revert(host: Host, container: str, seconds: float, why: asyncio.Future[str]) -> None:
    """Wait for the word, or for the time to run out; then start the container."""
    try:
        timer = host.clock.call_later(
            seconds, lambda: None if why.done() else why.set_result("late")
        )
        word = await asyncio.shield(why)
        timer.cancel()
        if word == "disarm":
            return
        for _ in range(TRIES):
            with contextlib.suppress(Refused):  # the script is silent about it, too
                await host.docker.start(container)
            await pause(host.clock, 1.0)
    finally:
        host.lock_holder = ""
