"""Asks for a passphrase or a password; what is typed is a Secret from the first moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Button

from vip_tui.cluster import Secret
from vip_tui.tui.screens.dialogs import Box
from vip_tui.tui.theme import BAD, styled
from vip_tui.tui.widgets.secret_input import SecretInput

if TYPE_CHECKING:
    from vip_tui.nodes.asking import Question


class SecretDialog(Box[None]):
    """``answer`` is what was typed, or None where the operator does not say it.

    It is set whichever way the dialog goes: answered, or taken away with what it was shown over.
    """

    EXTRA_LINES = 2
    YES_LOOK = "primary"

    def __init__(self, question: Question) -> None:
        text = Text()
        if question.again:
            text.append_text(styled("✖ The answer before was refused.\n", f"bold {BAD}"))
        text.append(question.detail)
        super().__init__(question.title, text, "Go on", "Skip")
        self.answer: asyncio.Future[Secret | None] = asyncio.get_running_loop().create_future()
        self._question = question

    def extra(self) -> ComposeResult:
        yield SecretInput(password=not self._question.echo, compact=True, id="secret")

    def prepare(self) -> None:
        self.query_one(SecretInput).focus()
        self._judge()

    def on_secret_input_changed(self, event: SecretInput.Changed) -> None:
        event.stop()
        self._judge()

    def _judge(self) -> None:
        self.query_one("#yes", Button).disabled = not self._enough()

    def _enough(self) -> bool:
        """Only to a node's own question may nothing be the answer."""
        return bool(self.query_one(SecretInput).value) or self._question.kind == "prompt"

    def on_secret_input_given(self, event: SecretInput.Given) -> None:
        event.stop()
        if event.secret.reveal() or self._question.kind == "prompt":
            self._settle(event.secret)
            self.withdraw()

    def say_yes(self) -> None:
        self.query_one(SecretInput).give()

    def say_no(self) -> None:
        self.leave_unsaid()
        self.withdraw()

    def leave_unsaid(self) -> None:
        """The answer is None, unless there is one."""
        self._settle(None)

    def _settle(self, secret: Secret | None) -> None:
        if not self.answer.done():
            self.answer.set_result(secret)

    # Going.

    def withdraw(self) -> None:
        """Nobody waits for an answer any more: go, as soon as nothing lies over it."""
        self.close(None)

    def on_screen_resume(self) -> None:
        if self.answer.done():
            self.app.call_later(self.withdraw)

    def on_unmount(self) -> None:
        self.leave_unsaid()
        super().on_unmount()
