"""The rows of a list: each has a key, a head, and a body that is wrapped beside it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

LEAST = 12  # columns that a body is wrapped to, however narrow it gets


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``head`` is its first columns, and ``body`` is wrapped beside them."""

    key: str
    head: Text
    body: Text
    opens: bool | None = None  # whether it is open; None where nothing is beneath it
    parent: str = ""  # the key of the row that it came out of
    still: bool = False  # the cursor passes it by

    @property
    def plain(self) -> str:
        """The row without its colours, on as many lines as its body has."""
        blank = "\n" + " " * self.head.cell_len
        return (self.head.plain + self.body.plain.replace("\n", blank)).rstrip()


def wrapped(row: Row, width: int, console: Console) -> list[Text]:
    """The lines of a row that is so many columns wide; there is at least one."""
    indent = row.head.cell_len
    lines = row.body.wrap(console, max(LEAST, width - indent), overflow="fold") or [Text()]
    blank = Text(" " * indent)
    return [Text.assemble(blank if at else row.head, line) for at, line in enumerate(lines)]


def as_text(rows: Sequence[Row]) -> str:
    """Rows as they can be pasted elsewhere."""
    return "\n".join(row.plain for row in rows) + "\n"


def with_what_is_beneath(key: str, rows: Sequence[Row]) -> list[Row]:
    """A row, and those that came out of it, or out of them."""
    keys, found = {key}, []
    for row in rows:
        if row.key in keys or row.parent in keys:
            keys.add(row.key)
            found.append(row)
    return found
