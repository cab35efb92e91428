"""Asks the operator for secrets, one at a time, on top of whatever is shown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual.app import App

from vip_tui.tui.screens.dialogs import TypedDialog

if TYPE_CHECKING:
    from vip_tui.cluster import Secret
    from vip_tui.nodes.asking import Question
    from vip_tui.tui.screens.dialogs_secret import SecretDialog


class Asking:
    """The program's Asker (nodes/asking.py).

    Whoever asks the same thing at the same time gets the same answer. Where the program ends, or
    whoever asked has gone, nothing is asked any more.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._turn = asyncio.Lock()
        self._asked: dict[Question, _Asked] = {}
        self._over = False

    async def __call__(self, question: Question) -> Secret | None:
        """What the operator says, or None where they do not."""
        if self._over:
            return None
        asked = self._asked.get(question)
        if asked is None:
            asked = self._asked[question] = _Asked()
            asked.task = asyncio.create_task(self._ask(question, asked))
        asked.waiting += 1
        try:
            return await asyncio.shield(asked.task)
        finally:
            asked.waiting -= 1
            if not asked.waiting:
                del self._asked[question]
                asked.task.cancel()

    def end(self) -> None:
        """The program ends: what was asked for stays unsaid."""
        self._over = True
        for asked in self._asked.values():
            if asked.dialog is not None:
                asked.dialog.leave_unsaid()

    async def _ask(self, question: Question, asked: _Asked) -> Secret | None:
        from vip_tui.tui.screens.dialogs_secret import SecretDialog

        async with self._turn:
            await self._undisturbed()
            dialog = asked.dialog = SecretDialog(question)
            if self._over or not self._app.call_later(self._show, dialog):
                return None
            try:
                return await asyncio.shield(dialog.answer)
            finally:
                dialog.leave_unsaid()
                self._app.call_later(dialog.withdraw)

    async def _undisturbed(self) -> None:
        """Wait until no word is being typed that would end up in the answer."""
        for screen in reversed(self._app.screen_stack):
            if isinstance(screen, TypedDialog):
                await screen.gone.wait()

    async def _show(self, dialog: SecretDialog) -> None:
        if not dialog.answer.done():
            await self._app.push_screen(dialog)


class _Asked:
    """A question under way, and how many wait for its answer."""

    task: asyncio.Task[Secret | None]
    dialog: SecretDialog | None = None
    waiting = 0
