"""A dialog whose lines are ticked one by one; the button says how many will be taken."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Button, Static

from vip_tui.tui.screens.dialogs import Box
from vip_tui.tui.widgets.ticks import Tick

# What it says, and whether it is ticked at first; None where it cannot be.
Line = tuple[RenderableType, bool | None]


class TickDialog(Box[tuple[int, ...]]):
    """The answer is which lines were ticked, by number from 0."""

    LEAST = 1  # that have to be ticked before one may say yes
    BINDINGS = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("enter", "enter", show=False),
    ]

    def __init__(self, title: str, text: Text, lines: Sequence[Line], no: str = "Cancel") -> None:
        super().__init__(title, text, self.wording(len(lines), len(lines)), no)
        self._lines = tuple(lines)

    def wording(self, ticked: int, all_of_them: int) -> str:
        """What the button says."""
        raise NotImplementedError

    def content(self) -> ComposeResult:
        if self._text:
            yield Static(self._text, id="dialog-words", markup=False)
        for index, (words, ticked) in enumerate(self._lines):
            yield Tick(index, words, ticked)

    def prepare(self) -> None:
        super().prepare()
        self._count()

    @property
    def ticked(self) -> tuple[int, ...]:
        """Which lines are ticked."""
        return tuple(tick.index for tick in self.query(Tick) if tick.ticked)

    def on_tick_toggled(self, event: Tick.Toggled) -> None:
        event.stop()
        self._count()

    def _count(self) -> None:
        yes = self.query_one("#yes", Button)
        yes.label = Text(self.wording(len(self.ticked), len(self._lines)))
        yes.disabled = len(self.ticked) < self.LEAST

    def action_enter(self) -> None:
        """Enter on a line leads to the button, and does not press it."""
        self.query_one("#yes").focus()

    def say_yes(self) -> None:
        if len(self.ticked) >= self.LEAST:
            self.close(self.ticked)
