"""The program's end: by a key, by a signal, or with its terminal; nothing is left half done."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterable
from typing import Generic, TypeVar

import textual
from textual.app import App
from textual.worker import Worker

from vip_tui.tui.terminal import TerminalDriver

T = TypeVar("T")
UNDO_LIMIT_S = 120.0  # a drill's restoration and a rollback have shorter limits of their own
CLOSE_LIMIT_S = 20.0  # a connection to a node that is gone may never be closed
HALFWAY = ("wizard", "drill")  # the groups of workers that change something on nodes


class EndingApp(App[T], Generic[T]):
    """An app whose workers end before what they work with."""

    _ending: asyncio.Task[None] | None = None
    _last_resort: threading.Timer | None = None
    going_on = True  # it has not begun to end

    def heed_signals(self) -> None:
        """End well when told to; a signal that is ignored (nohup(1)) stays so."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                asyncio.get_running_loop().add_signal_handler(number, self._told_to_end)

    def nobody_answers(self) -> None:
        """It has begun to end: what waits for somebody at the terminal waits in vain."""

    def _told_to_end(self) -> None:
        self.nobody_answers()
        if isinstance(self._driver, TerminalDriver):
            self._driver.let_go_if_hung_up()
        if self._ending is None:
            self._end_within(UNDO_LIMIT_S)
            self._ending = asyncio.create_task(self._end())

    def _end_within(self, limit_s: float) -> None:
        """Without a terminal nobody could end a program that hangs."""
        self.ended_well()
        self._last_resort = threading.Timer(limit_s, os._exit, (1,))
        self._last_resort.daemon = True
        self._last_resort.start()

    def ended_well(self) -> None:
        """The last resort is not needed."""
        if self._last_resort is not None:
            self._last_resort.cancel()

    async def _end(self) -> None:
        await self._undo_what_is_half_done()
        self._end_within(CLOSE_LIMIT_S)
        self.exit()

    async def _undo_what_is_half_done(self) -> None:
        # Cancelled, a drill restores its node, and a deployment rolls back; both need what the
        # other workers see, which go on until then.
        await _ended(worker for worker in self.workers if worker.group in HALFWAY)

    async def let_workers_end(self) -> None:
        """Wait until no worker uses anything any more."""
        await self._undo_what_is_half_done()
        await _ended(self.workers)

    def exit(self, *arguments: object, **options: object) -> None:
        """End; what comes later is not begun any more."""
        self.going_on = False
        self.nobody_answers()
        super().exit(*arguments, **options)  # type: ignore[arg-type]

    def _fatal_error(self) -> None:
        """Tell where it broke; Textual would show all values at hand there, passwords too."""
        from rich.segment import Segments
        from rich.traceback import Traceback

        traceback = Traceback(show_locals=False, width=None, suppress=[textual])
        self._exit_renderables.append(Segments(self.console.render(traceback)))
        self._close_messages_no_wait()


async def _ended(workers: Iterable[Worker[object]]) -> None:
    waiting = [worker for worker in workers if not worker.is_finished]
    for worker in waiting:
        worker.cancel()
    await asyncio.gather(*(worker.wait() for worker in waiting), return_exceptions=True)
