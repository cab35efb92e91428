"""What a finding opens to: how we know, what mends it and how, what it is about. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from vip_tui.preflight.catalogue import CATALOGUE
from vip_tui.tui.checks_tree import Entry
from vip_tui.tui.checks_view import EVERYONE, NAMED, View
from vip_tui.tui.theme import BAD, FAINT, HINT

if TYPE_CHECKING:
    from vip_tui.preflight.remedies import Remedy

CUT = 4000  # characters of one text that are shown

Detail = tuple[str, str, str]  # its label, its words, and their style


def details(view: View, entry: Entry) -> list[Detail]:
    """What one wants to know of a finding, what helps first."""
    tried = [view.tried.get((index, item.id)) for index, item in entry.found]
    about = CATALOGUE[entry.finding.id]
    told = [
        ("tried", BAD, [f"{it}\n{it.hint}".strip() if it else "" for it in tried]),
        ("seen", "", [item.evidence for _, item in entry.found]),
        ("mend", HINT, [item.remedy for _, item in entry.found]),
        *_commands([view.remedy(index, item) for index, item in entry.found]),
    ]
    found: list[Detail] = []
    if len(entry.nodes) > NAMED + 1:
        found.append(("on", view.names(entry.nodes, EVERYONE), ""))
    for label, style, texts in told:
        found += [(label, text, style) for text in _by_node(view, entry, texts)]
    return [*found, ("looks at", about.looks_at, FAINT), ("why", about.why, FAINT)]


def _commands(remedies: Sequence[Remedy | None]) -> Iterator[tuple[str, str, list[str]]]:
    """The commands there and back, one by one, so that each can be copied; by node."""
    barred = any(remedy is not None and remedy.barred for remedy in remedies)
    there = [remedy.commands if remedy else () for remedy in remedies]
    back = [remedy.back if remedy else () for remedy in remedies]
    run = "by hand" if barred else "m runs"
    for label, style, each in ((run, "", there), ("way back", FAINT, back)):
        for number in range(max(map(len, each))):
            by_node = [lines[number] if number < len(lines) else "" for lines in each]
            yield label if number == 0 else "  then", style, by_node


def _by_node(view: View, entry: Entry, texts: Sequence[str]) -> Iterator[str]:
    """Each text once, behind the names of the nodes where they are not all alike."""
    whose: dict[str, list[int]] = {}
    for (index, _), text in zip(entry.found, texts, strict=True):
        whose.setdefault(text, []).append(index)
    for text, nodes in whose.items():
        if text:
            yield cut(text) if len(whose) == 1 else f"{view.names(nodes)}: {cut(text)}"


def cut(text: str) -> str:
    """What can be shown of a text that a node may have made as long as it likes."""
    return text if len(text) <= CUT else f"{text[: CUT - 1]}…"
