"""Lines that are ticked one by one: Space or the mouse; the box says it without colour."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Static

from vip_tui.tui.theme import FAINT, GOOD, styled


class Tick(Static, can_focus=True):
    """A line or two behind a box that is ticked or not; or, where that is None, without a box."""

    BINDINGS = [
        Binding("space", "tick", "Tick", show=False),
        # Before what it is scrolled in takes these keys for scrolling.
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    @dataclass
    class Toggled(Message):
        """It was ticked, or not any more."""

        index: int

    def __init__(self, index: int, words: RenderableType, ticked: bool | None) -> None:
        super().__init__(classes="tick", markup=False)
        self.index = index
        self.ticked = bool(ticked)
        self.can_focus = ticked is not None
        self._words = words

    def on_mount(self) -> None:
        self._draw()

    def action_tick(self) -> None:
        """Tick it, or not any more."""
        if not self.can_focus:
            return
        self.ticked = not self.ticked
        self._draw()
        self.post_message(self.Toggled(self.index))

    def on_click(self) -> None:
        self.action_tick()

    def _draw(self) -> None:
        box = styled("[✔]", f"bold {GOOD}") if self.ticked else styled("[ ]", FAINT)
        row = Table.grid(padding=(0, 1))
        row.add_row(box if self.can_focus else "   ", self._words)
        self.update(row)
