"""Findings as text: what is alike on several nodes is one line, and one cause is told once. Pure.

A line is a text with its style. Without a width no line is broken, so that a pipe can search it.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from vip_tui.preflight.catalogue import CATALOGUE
from vip_tui.preflight.learnt import Finding, Status
from vip_tui.preflight.outcome import ALL_NODES, Preflight
from vip_tui.preflight.remedies import remedies

Line = tuple[str, str]  # text, and its style

GLYPHS: dict[Status, str] = {"pass": "✔", "warn": "▲", "fail": "✖", "unknown": "?"}
STYLES: dict[Status, str] = {
    "pass": "green",
    "warn": "yellow",
    "fail": "bold red",
    "unknown": "magenta",
}
COUNTED: dict[Status, str] = {"fail": "failing", "warn": "warned", "unknown": "unknown"}
FINE_SHOWN = 4  # ways in which a check is fine, before the rest is only counted


@dataclass(frozen=True, slots=True)
class Alike:
    """A finding, and the names of all nodes where it is the same."""

    finding: Finding
    names: tuple[str, ...]


def text_of(outcome: Preflight, width: int | None = None) -> list[Line]:
    """All findings by check, then what only all nodes together tell, then the counts."""
    each = [
        (name, item)
        for name, findings in zip(outcome.names, outcome.findings, strict=True)
        for item in findings
    ]
    across = [(ALL_NODES, item) for item in outcome.across]
    mendable = {(remedy.name, remedy.check) for remedy in remedies(outcome) if not remedy.barred}
    lines = _wrapped(_heading(outcome), "", "bold", width)
    lines += _section(outcome, each, mendable, width)
    if across:
        lines += [(ALL_NODES, "bold"), *_section(outcome, across, mendable, width)]
    return [*lines, *_wrapped(_counts(outcome, [*each, *across]), "", "dim", width)]


def _heading(outcome: Preflight) -> str:
    nodes = [
        name if name == one.node.endpoint else f"{name} {one.node.endpoint}"
        for name, one in zip(outcome.names, outcome.learnt, strict=True)
    ]
    return f"{len(nodes)} nodes: {', '.join(nodes)}"


def _section(
    outcome: Preflight,
    found: Sequence[tuple[str, Finding]],
    mendable: Set[tuple[str, str]],
    width: int | None,
) -> list[Line]:
    seen = [(name, item) for name, item in found if not _folded(item)]
    lines: list[Line] = []
    for check in dict.fromkeys(item.id for _, item in seen):
        groups = alike((name, item) for name, item in seen if item.id == check)
        fine = [group for group in groups if group.finding.status == "pass"]
        rest = [group for group in groups if group.finding.status != "pass"]
        for group in fine[:FINE_SHOWN]:
            lines += _head(group, outcome, width)
        if more := sum(len(group.names) for group in fine[FINE_SHOWN:]):
            lines += _wrapped(f"{more} more nodes are fine", f"  ✔ {check:<12}", "green", width)
        for group in rest:
            lines += _head(group, outcome, width)
            lines += _details(group, mendable, width, first=group is rest[0])
    return [*lines, *_not_looked_at(found, width)]


def _folded(item: Finding) -> bool:
    """Whether it says no more than that another check of the node failed."""
    return item.status == "unknown" and bool(item.because)


def alike(found: Iterable[tuple[str, Finding]]) -> list[Alike]:
    """The same findings together; of what is fine only the words on the screen count."""
    groups: dict[object, tuple[Finding, list[str]]] = {}
    for name, item in found:
        key = (item.id, item.summary) if item.status == "pass" else item
        groups.setdefault(key, (item, []))[1].append(name)
    return [Alike(item, tuple(names)) for item, names in groups.values()]


def _head(group: Alike, outcome: Preflight, width: int | None) -> list[Line]:
    item = group.finding
    everywhere = group.names in (outcome.names, (ALL_NODES,))
    who = "" if everywhere else f"{', '.join(group.names)}: "
    accepted = item.status == "fail" and item.id in outcome.cluster.allow
    style = STYLES["warn"] if accepted else STYLES[item.status]
    text = f"{who}{item.summary}{' (accepted)' if accepted else ''}"
    return _wrapped(text, f"  {GLYPHS[item.status]} {item.id:<12}", style, width)


def _details(
    group: Alike, mendable: Set[tuple[str, str]], width: int | None, first: bool
) -> list[Line]:
    """How we know, why it matters (told once for each check), and what mends it."""
    item = group.finding
    why = CATALOGUE[item.id].why if first else ""
    ours = any((name, item.id) in mendable for name in group.names)
    fix = "`vip-tui check --fix` mends this" if ours else ""
    parts = (("seen", item.evidence), ("why", why), ("mend", item.remedy), ("or", fix))
    lines = []
    for label, text in parts:
        for number, one in enumerate(text.splitlines()):
            mark = label if number == 0 else ""
            lines += _wrapped(one, f"      {mark:<10}", "dim", width)
    return lines


def _not_looked_at(found: Sequence[tuple[str, Finding]], width: int | None) -> list[Line]:
    """What one failure of a node has hidden, in one line for all nodes where it is the same."""
    hidden: dict[tuple[str, str], list[str]] = {}
    for name, item in found:
        if _folded(item):
            hidden.setdefault((name, item.because), []).append(item.id)
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (name, because), ids in hidden.items():
        together.setdefault((because, tuple(ids)), []).append(name)
    lines = []
    for (because, checks), names in together.items():
        who = "" if names == [ALL_NODES] else f"{', '.join(names)}: "
        text = f"{who}not looked at, because of {because}: {', '.join(checks)}"
        lines += _wrapped(text, "  ? ", STYLES["unknown"], width)
    return lines


def _counts(outcome: Preflight, found: Sequence[tuple[str, Finding]]) -> str:
    count = Counter(item.status for _, item in found)
    accepted = len(outcome.accepted())
    parts = [f"{count['pass']} of {len(found)} checks are fine"]
    for status, word in COUNTED.items():
        if count[status]:
            more = f" ({accepted} accepted)" if status == "fail" and accepted else ""
            parts.append(f"{count[status]} {word}{more}")
    took = f"{outcome.elapsed_s:.1f} s, and {outcome.listen_s:.1f} s on the wire"
    return f"{', '.join(parts)}; {took}"


def _wrapped(text: str, mark: str, style: str, width: int | None) -> list[Line]:
    """A text behind its mark, and set in beneath where it has to be broken."""
    if width is None:
        return [(f"{mark}{text}", style)]
    hang = " " * len(mark) if mark else "  "
    broken = textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=mark,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [(line, style) for line in broken or [mark.rstrip()]]
