"""The rail of steps: what is done, where one is, what comes."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static

from vip_tui.tui.theme import GOOD

STEPS = ("Nodes", "VIP", "Checks", "Review", "Deploy")


class Rail(Static):
    """The steps of the walk; a column beside the form, or one line above it where it is narrow."""

    def __init__(self) -> None:
        super().__init__(id="rail", markup=False)
        self._current = 0

    def go_to(self, current: int) -> None:
        """Mark the step where one is."""
        self._current = current
        self._draw()

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        separator = "  " if self.screen.has_class("-narrow") else "\n\n"
        text = Text()
        for index, name in enumerate(STEPS):
            if index < self._current:
                glyph, style = "✔", GOOD
            elif index == self._current:
                glyph, style = "▶", "bold"
            else:
                glyph, style = "·", "dim"
            text.append(f"{glyph} {name}", style=style)
            if index < len(STEPS) - 1:
                text.append(separator)
        self.update(text)
