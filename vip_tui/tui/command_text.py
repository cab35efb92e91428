"""How the command log is written: its rows, what is told of one command, the saved file. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from rich.text import Text

from vip_tui.cluster import parse_name
from vip_tui.errors import InputError
from vip_tui.nodes.command_log import Entry
from vip_tui.nodes.text import clean
from vip_tui.tui.theme import BAD, FAINT, GOOD, HINT, WARN, duration, styled

RESULT_WIDTH = 17
TIME_WIDTH = 8
_NODE_WIDTHS = (4, 16)
_TIMED_WIDTH = 70  # below, the time of day is left out
_PADDING = 2

RESULTS = {
    "running": ("▶", "bold"),
    "done": ("✔", GOOD),
    "failed": ("✖", f"bold {BAD}"),
    "ended": ("■", FAINT),
    "given up": ("■", WARN),
}
HIDDEN_HINT = "A secret is hidden: put it in the place of ********."
HEADER = """\
#!/bin/sh
# What vip-tui ran on the nodes, as it can be typed: {count}, saved {at}.
# For reading, and for taking lines from: run as a whole it would do everything again.
echo 'Take single lines from this file.' >&2; exit 1
"""


def columns(width: int, nodes: Iterable[str]) -> dict[str, int]:
    """The columns that fit in ``width``, and how wide each is; the command takes what is left."""
    least, most = _NODE_WIDTHS
    node = min(most, max([least, *map(len, nodes)]))
    found = {"TIME": TIME_WIDTH} if width >= _TIMED_WIDTH else {}
    found |= {"NODE": node, "COMMAND": 0, "RESULT": RESULT_WIDTH}
    found["COMMAND"] = max(10, width - sum(found.values()) - _PADDING * len(found))
    return found


def cells(entry: Entry, name: str, seconds: float, widths: dict[str, int]) -> dict[str, Text]:
    """A row: every cell by its column; ``name`` is what the node is called."""
    row = {
        "TIME": styled(clock(entry.started), FAINT),
        "NODE": styled(name, "bold"),
        "COMMAND": Text(entry.summary),
        "RESULT": result(entry, seconds),
    }
    for column, width in widths.items():
        row[column].truncate(width, overflow="ellipsis")
    return {column: row[column] for column in widths}


def clock(at: float) -> str:
    """The local time of day."""
    return datetime.fromtimestamp(at).strftime("%H:%M:%S")


def result(entry: Entry, seconds: float) -> Text:
    """How a command ended, or that it has not: glyph, word or number, and time."""
    glyph, style = RESULTS[entry.outcome]
    if entry.outcome == "failed":
        word = "failed" if entry.status is None else f"exit {entry.status}"
        return styled(f"{glyph} {word}", style)
    words = [glyph, brief(seconds)]
    if entry.outcome != "done":
        words.insert(1, entry.outcome)
    text = styled(" ".join(words), style)
    if entry.times > 1:
        many = entry.times >= 10_000
        text.append(f" ×{entry.times // 1000}k" if many else f" ×{entry.times}", style=FAINT)
    return text


def brief(seconds: float) -> str:
    """A length of time in one unit."""
    if seconds < 0.01:
        return f"{max(0.0, seconds):.3f} s"
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds / size)} {unit}"
    return f"{int(seconds)} s"


def detail(entry: Entry, name: str, seconds: float, head: bool) -> Text:
    """All that is known of a command; with ``head`` also where, when and how it ended."""
    text = Text()
    if head:
        text.append(name, style="bold")
        text.append(f"  {clock(entry.started)}  ", style=f"not bold {FAINT}")
        text.append(result(entry, seconds))
        if entry.outcome == "failed" or seconds >= 60:
            text.append(f"  {duration(seconds) if seconds >= 60 else brief(seconds)}", style=FAINT)
        text.append("\n")
    way, dashes, remote = entry.line.partition(" -- ")
    line = Text.assemble((f"{way}{dashes}", FAINT), remote)
    if entry.hides:
        line.append(f"\n{HIDDEN_HINT}", style=HINT)
    note = styled(clean(entry.note), BAD if entry.unwell else FAINT)
    # The shorter first, so that there is something of both where there is little room.
    parts = sorted((part for part in (line, note) if part), key=len)
    return text.append(Text("\n").join(parts))


def counts(entries: Iterable[Entry]) -> Text:
    """How many run, and how many have failed."""
    found = [entry.outcome for entry in entries]
    text = Text()
    if running := found.count("running"):
        text.append(f"▶ {running} running ", style="bold")
    if failed := found.count("failed") + found.count("given up"):
        text.append(f" ✖ {failed} failed ", style=f"bold {BAD}")
    return text


def number(count: int) -> str:
    """How many commands."""
    return "1 command" if count == 1 else f"{count} commands"


def file_name(called: str) -> str:
    """What a saved file may begin with: a name as typed may be half a path."""
    try:
        return parse_name(called)
    except InputError:
        return "commands"


def stamp(at: float) -> str:
    """A moment in a file's name: UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def script(entries: Iterable[tuple[Entry, str, float]], at: float) -> str:
    """The saved file: each command, with its node's name and its seconds, as one can type it."""
    parts = []
    for entry, name, seconds in entries:
        head = f"{_rfc3339(entry.started)} {name} {result(entry, seconds).plain}"
        comments = [head, *clean(entry.note).splitlines()]
        if entry.hides:
            comments.append(HIDDEN_HINT)
        parts.append("".join(f"# {comment}\n" for comment in comments) + f"{entry.line}\n")
    header = HEADER.format(count=number(len(parts)), at=_rfc3339(at))
    return "\n".join([header, *parts])


def _rfc3339(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
