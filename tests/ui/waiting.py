"""Waits for what a screen shows: looked at anew with every message, and never by the clock."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Static

from vip_tui.tui.app import VipApp
from vip_tui.tui.widgets.row_list import RowList

LIMIT_S = 60.0  # a test that waits as long as this has failed


class Looker:
    """The program under test, and its keyboard."""

    def __init__(self, app: VipApp) -> None:
        self.app = app
        self.pilot: Pilot[Any]
        self._news = asyncio.Event()

    def hear(self, _message: Message) -> None:
        """Textual tells of every message."""
        self._news.set()

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait until the condition holds."""
        try:
            async with asyncio.timeout(LIMIT_S):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{what or 'what was waited for'}; shown:\n{self.text}") from None

    async def sees(self, *words: str) -> None:
        """Wait until all of this is shown."""
        await self.until(lambda: all(word in self.text for word in words), f"no {words}")

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)

    @property
    def text(self) -> str:
        """What the texts of the screen say."""
        shown = [item for item in self.app.screen.query(Static) if item.display]
        rows = [row for rows in self.app.screen.query(RowList) for row in rows.rows]
        said = [" ".join(row.plain.split()) for row in rows]
        return "\n".join([*(words(item) for item in shown), *said])


def words(item: Static) -> str:
    """What a text says, also where it is a table; without its colours and its line breaks."""
    console = item.app.console
    with console.capture() as capture:
        console.print(item.content, width=200)
    return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", capture.get()).split())


@asynccontextmanager
async def looking(app: VipApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Looker]:
    """Run a program and look at it."""
    looker = Looker(app)
    async with app.run_test(size=size, message_hook=looker.hear) as pilot:
        looker.pilot = pilot
        yield looker
