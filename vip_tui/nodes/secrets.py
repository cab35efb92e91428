"""What the operator said: asked one by one, kept for this run alone, shared by all nodes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace

from vip_tui.cluster import Secret
from vip_tui.nodes.asking import Asker, Question

TAKEN_ELSEWHERE = "it is refused here, though others take it"
TRIES = 3  # wrong answers after which nobody is asked any more


class Unsaid(Exception):  # noqa: N818 - it is the operator's right
    """A secret is not to be had, or not the one that is wanted; the message says why."""


@dataclass(slots=True)
class _Shared:
    """A secret that several want; ``proven`` once somebody took it."""

    secret: Secret | None = None
    proven: bool = False
    refused: int = 0
    given_up: str = ""  # why nobody is asked for it any more
    wrong_at: set[str] = field(default_factory=set)


class Secrets:
    """The secrets of one run; nothing of it is ever written.

    Whoever has a time limit, and may come to wait for a person, waits ``within`` it.
    """

    def __init__(self) -> None:
        self.asked_s = 0.0  # for how long somebody was being asked, so far
        self._shared: dict[str, _Shared] = {}
        self._left: set[str] = set()  # who asks in their own words, and is not answered
        self._limits: dict[asyncio.Timeout, float] = {}  # with the seconds left while one is asked
        self._asking = 0
        self._began = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._locks: dict[str, asyncio.Lock] = {}

    async def ask(self, asker: Asker, question: Question) -> Secret | None:
        """Ask, when it is our turn; time limits stand still meanwhile."""
        with self._standing_still():
            async with self._lock(""):
                return await asker(question)

    async def shared(
        self,
        name: str,
        where: str,
        asker: Asker,
        question: Question,
        taken: Callable[[Secret], Awaitable[bool]],
    ) -> Secret:
        """The secret of that name, once it was taken ``where`` it is wanted; raises Unsaid.

        Until one is proven it is tried in one place at a time: else a wrong one would be refused
        by every node, which may lock the account.
        """
        known = self._shared.setdefault(name, _Shared())
        async with self._lock(name):
            if not known.proven:
                return await self._prove(known, asker, question, taken)
        secret = known.secret
        assert secret is not None
        if where in known.wrong_at or not await taken(secret):
            known.wrong_at.add(where)
            raise Unsaid(TAKEN_ELSEWHERE)
        return secret

    async def _prove(
        self,
        known: _Shared,
        asker: Asker,
        question: Question,
        taken: Callable[[Secret], Awaitable[bool]],
    ) -> Secret:
        while not known.given_up:
            if known.secret is None:
                again = replace(question, again=known.refused > 0)
                known.secret = await self.ask(asker, again)
            if known.secret is None:
                known.given_up = "it was not given"
            elif await taken(known.secret):
                known.proven = True
                return known.secret
            else:
                known.secret = None
                known.refused += 1
                if known.refused >= TRIES:
                    known.given_up = f"it was refused {TRIES} times"
        raise Unsaid(known.given_up)

    def proven(self, name: str, where: str) -> Secret | None:
        """The secret of that name, where some other took it and this one did not refuse it."""
        known = self._shared.get(name)
        usable = known is not None and known.proven and where not in known.wrong_at
        return known.secret if known is not None and usable else None

    def wrong(self, name: str, where: str) -> None:
        """A proven secret is refused there: it is not tried there again."""
        if known := self._shared.get(name):
            known.wrong_at.add(where)

    def leave(self, where: str) -> None:
        """What is asked there in its own words is not answered any more."""
        self._left.add(where)

    def left(self, where: str) -> bool:
        """Whether it is so."""
        return where in self._left

    def ask_again(self) -> None:
        """What was given up or refused may be asked for: the operator began something anew."""
        self._left.clear()
        for name, known in list(self._shared.items()):
            if known.given_up or known.wrong_at:
                del self._shared[name]

    @property
    def asking(self) -> bool:
        """Whether somebody is being asked, or waits for their turn."""
        return self._asking > 0

    # --- time limits

    @asynccontextmanager
    async def within(self, limit_s: float) -> AsyncIterator[None]:
        """A time limit, in seconds, that stands still while somebody is asked (TimeoutError)."""
        async with asyncio.timeout(None if self.asking else limit_s) as limit:
            self._limits[limit] = limit_s
            try:
                yield
            finally:
                del self._limits[limit]

    @contextmanager
    def _standing_still(self) -> Iterator[None]:
        self._asking += 1
        if self._asking == 1:
            self._began = time.monotonic()
            self._stop()
        try:
            yield
        finally:
            self._asking -= 1
            if not self._asking:
                self.asked_s += time.monotonic() - self._began
                self._go_on()

    def _stop(self) -> None:
        now = asyncio.get_running_loop().time()
        for limit in self._limits:
            when = limit.when()
            if when is not None and not limit.expired():
                self._limits[limit] = max(0.0, when - now)
                limit.reschedule(None)

    def _go_on(self) -> None:
        now = asyncio.get_running_loop().time()
        for limit, left in self._limits.items():
            if not limit.expired():
                limit.reschedule(now + left)

    def _lock(self, name: str) -> asyncio.Lock:
        """A lock of this loop: a command may run one loop after another."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._locks = loop, {}
        return self._locks.setdefault(name, asyncio.Lock())
