"""How findings are written: the rows of the list, from the top. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.text import Text

from vip_tui.preflight.learnt import Finding
from vip_tui.preflight.outcome import ALL_NODES
from vip_tui.tui.checks_details import cut, details
from vip_tui.tui.checks_tree import (
    TOGETHER,
    WORST_FIRST,
    Entry,
    NodeView,
    Tree,
    accepted,
    entries,
    tree,
)
from vip_tui.tui.checks_view import Line, Opened, View
from vip_tui.tui.theme import FAINT, FINDINGS, WARN, styled

FEW = 5  # nodes that have a row each, also where there is nothing to say of them
FOLDED = 3  # nodes, from which one row is enough for them
WAITING = ("◌", FAINT)
INDENT = "  "


@dataclass(slots=True)
class _Writer:
    """Writes the rows of one view."""

    view: View
    opened: Opened
    made: Tree
    lines: list[Line] = field(default_factory=list)

    def write(self) -> list[Line]:
        """All rows, from the top."""
        self._several()
        self._nodes()
        self._across()
        if self.view.foot:
            other = "hides what is fine" if self.opened.all else "shows what is fine too"
            foot = styled(f"{self.view.foot}; e {other}", FAINT)
            self.lines.append(Line("foot", Text(), foot, still=True))
        return self.lines

    # The parts.

    def _several(self) -> None:
        shared = self.made.several
        if not shared:
            return
        nodes = tuple(sorted({index for entry in shared for index in entry.nodes}))
        head, name = (
            self._head([entry.finding for entry in shared]),
            styled("several nodes", "bold"),
        )
        self.lines.append(Line("several", head, name, nodes=nodes))
        for entry in shared:
            key = f"several/{entry.finding.id}/{entry.finding.status}/{entry.summary}"
            self._entry(entry, key, 1, "several")

    def _nodes(self) -> None:
        numbers = range(len(self.view.nodes))
        if len(numbers) <= FEW:
            for index in numbers:
                self._node(index)
            return
        folds: dict[str, list[int]] = {"with the others": [], "fine": [], "asked": []}
        for index in numbers:
            if self.made.own[index]:
                self._node(index)
            else:
                folds[self._fold(self.view.nodes[index])].append(index)
        for name, members in folds.items():
            self._folded(name, tuple(members))

    @staticmethod
    def _fold(node: NodeView) -> str:
        if node.findings is None or node.asking:
            return "asked"
        return "fine" if node.fine == len(node.findings) else "with the others"

    def _folded(self, name: str, members: tuple[int, ...]) -> None:
        """Nodes with nothing of their own to tell: one row, where they are several."""
        key = f"fold/{name}"
        if len(members) < FOLDED:
            for index in members:
                self._node(index)
            return
        findings = [item for index in members for item in self.view.nodes[index].findings or ()]
        words = {
            "with the others": "only what several have",
            "fine": "everything is fine",
            "asked": f"asking… {self.view.waited} s",
        }[name]
        head = Text.assemble(WAITING, " ") if name == "asked" else self._head(findings)
        body = styled(f"{len(members)} nodes  ", "bold")
        body.append(f"{words}  ", style="not bold")
        if len(members) < len(self.view.nodes):
            body.append(self.view.names(members), style=f"not bold {FAINT}")
        is_open = self.opened.node(key)
        self.lines.append(Line(key, head, body, is_open, nodes=members))
        if is_open:
            for index in members:
                self._node(index, 1, key)

    def _node(self, index: int, depth: int = 0, parent: str = "") -> None:
        node = self.view.nodes[index]
        key = f"node/{index}"
        findings = node.findings or ()
        waits = node.findings is None or node.asking
        head = Text.assemble(WAITING, " ") if waits else self._head(findings)
        body = styled(node.name, "bold")
        if node.endpoint != node.name:
            body.append(f"  {node.endpoint}", style=f"not bold {FAINT}")
        if waits:
            again = " again" if node.findings else ""
            body.append(f"  asking{again}… {self.view.waited} s", style=f"not bold {FAINT}")
        else:
            so_far = "" if node.whole else " so far"
            body.append(f"  {node.fine} of {len(findings)} fine{so_far}", style="not bold")
        is_open = self.opened.node(key) if findings else None
        indent = Text(INDENT * depth)
        self.lines.append(
            Line(key, Text.assemble(indent, head), body, is_open, parent, nodes=(index,))
        )
        for entry in entries(index, findings) if is_open else self.made.own[index]:
            self._entry(entry, f"{key}/{entry.finding.id}", depth + 1, key)

    def _across(self) -> None:
        findings = self.view.across
        if not findings:
            return
        fine = sum(finding.status == "pass" for finding in findings)
        body = styled(ALL_NODES, "bold")
        body.append("  together  ", style=f"not bold {FAINT}")
        stale = self.view.across_stale
        body.append("waiting…" if stale else f"{fine} of {len(findings)} fine", style="not bold")
        is_open = self.opened.node("all")
        head = Text.assemble(WAITING, " ") if stale else self._head(findings)
        self.lines.append(Line("all", head, body, is_open))
        for entry in entries(TOGETHER, findings) if is_open else self.made.across:
            self._entry(entry, f"all/{entry.finding.id}", 1, "all")

    # A finding, and what is beneath it.

    def _entry(self, entry: Entry, key: str, depth: int, parent: str) -> None:
        finding, is_open = entry.finding, self.opened.finding(key)
        stale = all(self.view.stale(index, item) for index, item in entry.found)
        allowed = accepted(finding, self.view.allowed)
        glyph, style = FINDINGS[finding.status]
        style = FAINT if stale else WARN if allowed else style
        head = Text.assemble(INDENT * depth, (f"{glyph} {finding.id:<10} ", style))
        body = Text()
        if {(index, finding.id) for index, _ in entry.found} & self.view.mending:
            body.append(f"▶ mending… {self.view.waited} s  ", style="bold")
        if allowed:
            body.append("accepted  ", style=f"bold {WARN}")
        body.append(cut(entry.summary), style=FAINT if stale else "")
        if len(entry.nodes) > 1:
            body.append(f"  {self.view.names(entry.nodes)}", style=FAINT)
        self.lines.append(Line(key, head, body, is_open, parent, False, entry.nodes, entry.found))
        if is_open:
            self._details(entry, key, depth + 1, stale)
        if entry.follows:
            self._follows(entry, key, depth)

    def _follows(self, entry: Entry, key: str, depth: int) -> None:
        """What could not be looked at because of it, in one line."""
        names = ", ".join(dict.fromkeys(item.finding.id for item in entry.follows))
        glyph, style = FINDINGS["unknown"]
        head = Text.assemble(INDENT * (depth + 1), (f"{glyph} ", style))
        below, is_open = f"{key}/follows", self.opened.node(f"{key}/follows")
        body = styled(f"not looked at because of it: {names}", FAINT)
        self.lines.append(Line(below, head, body, is_open, key, False, entry.nodes))
        if is_open:
            for item in entry.follows:
                self._entry(item, f"{below}/{item.finding.id}", depth + 2, below)

    def _details(self, entry: Entry, key: str, depth: int, stale: bool) -> None:
        for number, (label, text, style) in enumerate(details(self.view, entry)):
            head = Text.assemble(INDENT * depth, (f"{label:<9} ", FAINT))
            body, below = styled(text, FAINT if stale else style), f"{key}/{label}/{number}"
            self.lines.append(Line(below, head, body, None, key, False, entry.nodes, entry.found))

    # Glyphs.

    def _head(self, findings: Sequence[Finding]) -> Text:
        """The worst of them, as a glyph."""
        seen = {
            "warn" if accepted(finding, self.view.allowed) else finding.status
            for finding in findings
        }
        worst = next((status for status in WORST_FIRST if status in seen), "pass")
        glyph, style = FINDINGS[worst]
        return styled(f"{glyph} ", style)


def rows(view: View, opened: Opened) -> list[Line]:
    """The list, from the top."""
    return _Writer(view, opened, tree(view.nodes, view.across)).write()
