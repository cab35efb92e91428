"""What the list of findings is drawn from, and what a row of it is about. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vip_tui.errors import VipError
from vip_tui.preflight.learnt import Finding
from vip_tui.tui.checks_tree import TOGETHER, NodeView
from vip_tui.tui.rows import Row

if TYPE_CHECKING:
    from vip_tui.preflight.remedies import Remedy

NAMED = 4  # nodes that are named in a row; the others are counted
EVERYONE = 1000  # more than there are


@dataclass(frozen=True, slots=True)
class Line(Row):
    """A row, and what it is about: which nodes, and which findings of theirs."""

    nodes: tuple[int, ...] = ()
    found: tuple[tuple[int, Finding], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """All that the list is drawn from."""

    nodes: tuple[NodeView, ...]
    across: tuple[Finding, ...] = ()
    across_stale: bool = False
    allowed: tuple[str, ...] = ()
    waited: int = 0  # seconds
    mending: frozenset[tuple[int, str]] = frozenset()
    tried: Mapping[tuple[int, str], VipError] = field(default_factory=dict)
    remedy: Callable[[int, Finding], Remedy | None] = lambda _index, _finding: None
    foot: str = ""

    def names(self, nodes: Sequence[int], most: int = NAMED) -> str:
        """These nodes' names; where they are many, some and how many more."""
        if len(nodes) == len(self.nodes) and most < EVERYONE:
            return f"all {len(nodes)} nodes"
        shown = nodes if len(nodes) <= most + 1 else nodes[:most]
        words = ", ".join(self.nodes[index].name for index in shown)
        return words if len(shown) == len(nodes) else f"{words} and {len(nodes) - most} more"

    def stale(self, index: int, finding: Finding) -> bool:
        """Whether a finding is from before, and is being looked at again."""
        if index == TOGETHER:
            return self.across_stale
        return finding.id in self.nodes[index].stale


@dataclass(frozen=True, slots=True)
class Opened:
    """Which rows are open: those that were turned are not as they are at first."""

    turned: frozenset[str] = frozenset()
    all: bool = False  # what is fine is shown too
    details: bool = False  # every finding is open

    def node(self, key: str) -> bool:
        """Whether a node shows all its findings, or a number of nodes each one."""
        return (key in self.turned) != self.all

    def finding(self, key: str) -> bool:
        """Whether a finding shows what is beneath it."""
        return self.details or key in self.turned
