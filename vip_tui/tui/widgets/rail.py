"""The rail of steps: what is done, where one is, what comes."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import Static

from vip_tui.tui.theme import FAINT, GOOD

STEPS = ("Nodes", "VIP", "Checks", "Review", "Deploy")
NODES, VIP, CHECKS, REVIEW, DEPLOY = range(5)


class Rail(Static):
    """The steps of the walk; a column beside the form, or one line above it where it is narrow."""

    @dataclass
    class Chosen(Message):
        """A step was clicked on."""

        step: int

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

    def on_click(self, event: events.Click) -> None:
        """Where it is a column, each step has two lines; in one line, its name's own width."""
        place = event.get_content_offset(self)
        if place is None:
            return
        if not self.screen.has_class("-narrow"):
            self.post_message(self.Chosen(place.y // 2))
            return
        end = 0
        for index, name in enumerate(STEPS):
            end += len(name) + 4
            if place.x < end:
                self.post_message(self.Chosen(index))
                return

    def _draw(self) -> None:
        separator = "  " if self.screen.has_class("-narrow") else "\n\n"
        text = Text()
        for index, name in enumerate(STEPS):
            if index < self._current:
                glyph, style = "✔", GOOD
            elif index == self._current:
                glyph, style = "▶", "bold"
            else:
                glyph, style = "·", FAINT
            text.append(f"{glyph} {name}", style=style)
            if index < len(STEPS) - 1:
                text.append(separator)
        self.update(text)
