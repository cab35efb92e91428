"""A line for a secret: no message, log or clipboard ever has what is typed in it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message
from textual.widgets import Input

from vip_tui.cluster import Secret
from vip_tui.tui.widgets.field import LineInput


class SecretInput(LineInput):
    """Its only way out is ``Given``, as a Secret; the line is empty from then on."""

    class Changed(Input.Changed):
        """Something was typed; nothing that shows this message shows what."""

        def __repr__(self) -> str:
            return "SecretInput.Changed()"

    @dataclass
    class Given(Message):
        """Enter was pressed."""

        secret: Secret

    def give(self) -> None:
        """Hand over what was typed, and forget it."""
        secret = Secret(self.value)
        self.clear()
        self.post_message(self.Given(secret))

    async def action_submit(self) -> None:
        self.give()

    def action_copy(self) -> None:
        """A clipboard is no place for it."""

    def action_cut(self) -> None:
        """A clipboard is no place for it."""
