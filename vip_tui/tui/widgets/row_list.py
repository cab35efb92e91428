"""A list of rows by key: long ones wrap, and the cursor stays on its row whatever comes and goes.

It is drawn line by line (Textual's line API), and only what changed is drawn anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from vip_tui.tui.rows import Row, wrapped

GUTTER = 2  # columns for the cursor's mark
MARKS = {None: "· ", False: "▸ ", True: "▾ "}


class RowList(ScrollView, can_focus=True):
    """The rows; what opens and closes them is up to whoever shows them."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--cursor"}
    DEFAULT_CSS = """
    RowList {
        background: $background; overflow-x: hidden;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    RowList > .row-list--cursor { background: $panel; }
    RowList:focus > .row-list--cursor { background: $primary 30%; }
    RowList:ansi > .row-list--cursor { background: ansi_default; }
    RowList:focus:ansi > .row-list--cursor { background: ansi_default; text-style: bold underline; }
    """
    BINDINGS: ClassVar = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "end_of(-1)", "First", show=False),
        Binding("end", "end_of(1)", "Last", show=False),
        Binding("right", "turn(True)", "Open", show=False),
        Binding("left", "turn(False)", "Close", show=False),
    ]

    class Moved(Message):
        """The cursor is on another row, or its row says something else."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, RowList.Moved)

    @dataclass
    class Turned(Message):
        """A row is to be opened or closed."""

        key: str

    def __init__(self, list_id: str) -> None:
        super().__init__(id=list_id)
        self.touched = False  # somebody has moved the cursor
        self._rows: list[Row] = []
        self._lines: list[list[Text]] = []
        self._tops: list[int] = []  # the first line of each
        self._width = 0
        self._to_reveal = False
        self._cursor = 0

    # What is shown.

    @property
    def rows(self) -> Sequence[Row]:
        """All rows, from the top."""
        return self._rows

    @property
    def row(self) -> Row | None:
        """The row that the cursor is on."""
        return self._rows[self._cursor] if self._rows else None

    def show(self, rows: Sequence[Row], instead: Sequence[str] = ()) -> None:
        """Show these; where the cursor's row is gone, it goes to the first of ``instead``.

        Else to the row that it came out of, else to what stands in its place.
        """
        before, below = self.row, self._below_the_edge()
        self._put(rows)
        self._cursor = self._place(before, instead)
        if self.scroll_offset.y and before is not None:
            self._scroll(self._top(self._cursor) - below)
        self._keep_in_sight()
        if self.row != before:
            self.post_message(self.Moved())

    def _below_the_edge(self) -> int:
        """How many lines below the upper edge the cursor's row begins."""
        scrolled: int = self.scroll_offset.y
        return self._top(self._cursor) - scrolled

    def _place(self, before: Row | None, instead: Sequence[str]) -> int:
        """Where the cursor's row of before is now."""
        if before is None:
            return self._next(0, 1)
        places = {row.key: place for place, row in enumerate(self._rows)}
        for key in (before.key, *instead, before.parent):
            if key in places:
                return places[key]
        return self._next(min(self._cursor, len(self._rows) - 1), -1)

    def _put(self, rows: Sequence[Row]) -> None:
        """Lay the rows out; only what is new is wrapped, and only what changed drawn."""
        width = self.scrollable_content_region.width - GUTTER
        known = {}
        if width == self._width:
            pairs = zip(self._rows, self._lines, strict=True)
            known = {row.key: (row, lines) for row, lines in pairs}
        old_lines, old_tops = self._lines, self._tops
        self._lines = []
        for row in rows:
            same, lines = known.get(row.key, (None, []))
            self._lines.append(lines if row == same else wrapped(row, width, self.app.console))
        self._rows, self._width = list(rows), width
        heights = [len(lines) for lines in self._lines]
        self._tops = list(accumulate(heights, initial=0))[:-1]
        if self._tops != old_tops or sum(heights) != self.virtual_size.height:
            self.virtual_size = Size(width + GUTTER, sum(heights))
            self.refresh()
            return
        for place, lines in enumerate(self._lines):
            if lines is not old_lines[place]:
                self.refresh_lines(self._tops[place], len(lines))

    def on_resize(self) -> None:
        """Wrap to the new width; what the cursor is on stays in sight."""
        if self.scrollable_content_region.width - GUTTER != self._width:
            below = self._below_the_edge()
            self._put(self._rows)
            if self.scroll_offset.y:
                self._scroll(self._top(self._cursor) - below)
        if self._to_reveal:
            self._to_reveal = False
            self.reveal()
        self.call_after_refresh(self._keep_in_sight)

    def render_line(self, y: int) -> Strip:
        width, line = self.size.width, self.scroll_offset.y + y
        if line >= self.virtual_size.height or not self._rows:
            return Strip.blank(width, self.rich_style)
        place = bisect_right(self._tops, line) - 1
        text = self._lines[place][line - self._tops[place]]
        here = place == self._cursor
        first = line == self._tops[place]
        mark = MARKS[self._rows[place].opens] if here and first else " " * GUTTER
        style = self.get_component_rich_style("row-list--cursor") if here else self.rich_style
        segments = Text.assemble((mark, "bold"), text).render(self.app.console)
        return Strip(segments).apply_style(style).crop_extend(0, width, style)

    # The cursor.

    def go_to(self, key: str) -> None:
        """Put the cursor on this row, where it is there."""
        for place, row in enumerate(self._rows):
            if row.key == key:
                self._go(place)

    def reveal(self) -> None:
        """Bring what is beneath the cursor's row into sight too, as far as there is room."""
        if not self._rows:
            return
        if self._width <= 0:  # it is not laid out yet
            self._to_reveal = True
            return
        last, inside = self._cursor, {self._rows[self._cursor].key}
        while last + 1 < len(self._rows) and self._rows[last + 1].parent in inside:
            last += 1
            inside.add(self._rows[last].key)
        bottom = self._top(last) + len(self._lines[last])
        wanted = min(self._top(self._cursor) - 1, bottom - self.size.height)  # with what it is in
        if wanted > self.scroll_offset.y:
            self._scroll(wanted)

    def _scroll(self, line: int) -> None:
        """At once, also where the scrollbar is only about to come; not before it is laid out."""
        if self._width > 0:
            self.scroll_to(y=line, animate=False, force=True)

    def _go(self, place: int, way: int = 1) -> None:
        if place != self._cursor:
            for changed in (self._cursor, place):
                self.refresh_lines(self._top(changed), len(self._lines[changed]))
            self._cursor = place
            self.post_message(self.Moved())
            top, height, room = self._top(place), len(self._lines[place]), self.size.height
            if height > room:  # it begins where one comes from
                self._scroll(top if way > 0 else top + height - room)
        self._keep_in_sight()

    def _next(self, place: int, way: int) -> int:
        """The nearest row from here on that the cursor can be on; the other way if need be."""
        down, up = range(place, len(self._rows)), range(place, -1, -1)
        places: tuple[int, ...] = (*down, *up) if way > 0 else (*up, *down)
        for found in places:
            if 0 <= found < len(self._rows) and not self._rows[found].still:
                return found
        return 0

    def _top(self, place: int) -> int:
        return self._tops[place] if place < len(self._tops) else 0

    def _keep_in_sight(self) -> None:
        """Scroll as little as it takes; of a row that is taller than the room a part will do."""
        if not self._rows or not self.size.height:
            return
        top, height = self._top(self._cursor), len(self._lines[self._cursor])
        room, scrolled = self.size.height, self.scroll_offset.y
        if height > room and scrolled - height < top < scrolled + room:
            return
        wanted = min(top, max(top + height - room, scrolled)) if height <= room else top
        if wanted != scrolled:
            self._scroll(wanted)

    # Keys and mouse.

    def action_move(self, way: int) -> None:
        """To the next row; through one that is taller than the room line by line."""
        if not self._rows:
            return
        self.touched = True
        top = self._top(self._cursor)
        bottom = top + len(self._lines[self._cursor])
        edge = self.scroll_offset.y if way < 0 else self.scroll_offset.y + self.size.height
        if (way < 0 and top < edge) or (way > 0 and bottom > edge):
            self._scroll(self.scroll_offset.y + way)
            return
        if self._may_move(way):
            self._go(self._next(self._cursor + way, way), way)
        else:
            self._scroll(self.scroll_offset.y + way)  # to what the cursor passes by

    def _may_move(self, way: int) -> bool:
        beyond = self._rows[self._cursor + 1 :] if way > 0 else self._rows[: self._cursor]
        return any(not row.still for row in beyond)

    def action_page(self, way: int) -> None:
        """As many lines as there is room for."""
        if not self._rows:
            return
        self.touched = True
        lines = way * max(1, self.size.height - 1)
        line = min(max(0, self._top(self._cursor) + lines), self.virtual_size.height - 1)
        place = self._next(bisect_right(self._tops, line) - 1, -way)
        if place == self._cursor:
            self._scroll(self.scroll_offset.y + lines)
        self._go(place, way)

    def action_end_of(self, way: int) -> None:
        """To the first row or the last."""
        if self._rows:
            self.touched = True
            self._go(self._next(0 if way < 0 else len(self._rows) - 1, -way))
            self._scroll(0 if way < 0 else self.virtual_size.height)

    def action_turn(self, wanted: bool) -> None:
        """Open the row, or close it; what cannot be closed leads to what it came out of."""
        row = self.row
        if row is None:
            return
        self.touched = True
        if row.opens is (not wanted):
            self.post_message(self.Turned(row.key))
        elif not wanted and row.parent:
            self.go_to(row.parent)

    def on_click(self, event: events.Click) -> None:
        """A row that is clicked on has the cursor, and opens or closes."""
        line = self.scroll_offset.y + event.y
        if not self._rows or line >= self.virtual_size.height:
            return
        place = bisect_right(self._tops, line) - 1
        if self._rows[place].still:
            return
        self.touched = True
        self._go(place)
        if self._rows[place].opens is not None:
            self.post_message(self.Turned(self._rows[place].key))

    @property
    def text(self) -> str:
        """What all rows say, without colours."""
        return "\n".join(row.plain for row in self._rows)
