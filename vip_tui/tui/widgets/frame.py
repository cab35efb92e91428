"""What frames every screen: the banner above, the notice and the keys below, and its least size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Footer, Static

from vip_tui.tui.theme import BAD, BADGE, FAINT, GOOD, WARN

HELP = "do('help')"
LEAST_WIDTH, LEAST_HEIGHT = 60, 15
NOTICE_S = 8.0
NOTICES = {
    "information": ("·", GOOD),
    "warning": ("▲", f"bold {WARN}"),
    "error": ("✖", f"bold {BAD}"),
}


class Banner(Static):
    """One line: what is shown on the left, how it is on the right, and whether it is the demo."""

    def __init__(self, left: Text | None = None, right: Text | None = None) -> None:
        super().__init__(classes="banner", markup=False)
        self._left, self._right = left or Text(), right or Text()

    def show(self, left: Text, right: Text | None = None) -> None:
        """Show these."""
        self._left, self._right = left, right or Text()
        self._draw()

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        left = self._left.copy()
        badge = Text()
        if getattr(self.app, "demo", False):
            badge = Text.assemble(" ", (" DEMO ", BADGE))
        room = self.size.width - badge.cell_len - self._right.cell_len
        if left.cell_len > room - 1:
            left.truncate(max(0, room - 1), overflow="ellipsis")
        space = max(1, room - left.cell_len)
        self.update(Text.assemble(left, badge, " " * space, self._right, no_wrap=True))


class NewestInSight(VerticalScroll):
    """A log: its end stays in sight, also where its room changes, unless one has scrolled up."""

    _following = True

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._following = new_value >= self.max_scroll_y - 1

    def on_resize(self) -> None:
        self.follow()

    def follow(self) -> None:
        """Something was added at the end."""
        if self._following:
            self.call_after_refresh(self.scroll_end, animate=False)


class Notice(Static):
    """News that goes by itself; it has a line of its own, and covers nothing."""

    def __init__(self) -> None:
        super().__init__(classes="notice", markup=False)
        self._timer: Timer | None = None

    def say(self, text: str, severity: str = "information") -> None:
        """Show it for a while."""
        if self._timer is not None:
            self._timer.stop()
        glyph, style = NOTICES[severity]
        self.update(Text.assemble((f" {glyph} ", style), text))
        self.display = True
        self._timer = self.set_timer(NOTICE_S * (2 if severity == "error" else 1), self.clear)

    def clear(self) -> None:
        """Give the line back."""
        self.display = False
        self.update("")


def too_small(width: int, height: int) -> bool:
    """Whether a terminal of so many columns and lines has no room for any screen."""
    return width < LEAST_WIDTH or height < LEAST_HEIGHT


class TooSmall(Static):
    """Covers a screen that has no room, and says what it needs; nothing beneath is lost."""

    def __init__(self) -> None:
        super().__init__(classes="too-small", markup=False)

    def on_mount(self) -> None:
        self.fit(*self.app.size)

    def fit(self, width: int, height: int) -> None:
        """Show or hide, for a terminal of this size."""
        self.display = too_small(width, height)
        if self.display:
            text = Text(f"This terminal is {width}×{height}.", style="bold", justify="center")
            text.append(f"\nvip-tui needs {LEAST_WIDTH}×{LEAST_HEIGHT}.", style="bold")
            text.append("\nMake it larger: nothing is lost.", style=f"not bold {FAINT}")
            self.update(text)


class Keys(Footer):
    """The keys that mean something; where there is no room, the last ones are left out whole.

    The help stays: it has all of them.
    """

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def compose(self) -> ComposeResult:
        keys = list(super().compose())
        self._fit(keys)
        yield from keys

    def on_resize(self) -> None:
        self._fit(list(self.children))

    def _fit(self, children: Sequence[Widget]) -> None:
        keys: list[Any] = [child for child in children if hasattr(child, "key_display")]
        room = self.app.size.width
        for key in sorted(keys, key=lambda key: key.action != HELP):
            width = cell_len(f" {key.key_display} {key.description} ")
            key.display = width <= room
            room -= width if key.display else 0


def foot() -> tuple[Widget, ...]:
    """The notice's line and the keys."""
    return Notice(), Keys()
