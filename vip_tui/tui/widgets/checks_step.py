"""The step that looks at the nodes: findings as they come, in a list that keeps its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from vip_tui.cluster import Cluster
from vip_tui.errors import VipError
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.outcome import ALL_NODES, Preflight
from vip_tui.tui import checks_rows
from vip_tui.tui.checks_state import Inquiry, Target
from vip_tui.tui.checks_tree import in_the_way, obstacles
from vip_tui.tui.checks_view import Line, Opened, View
from vip_tui.tui.rows import Row, as_text, with_what_is_beneath
from vip_tui.tui.theme import HINT, styled
from vip_tui.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from vip_tui.preflight.mend import Mended
    from vip_tui.preflight.remedies import Remedy

TICK_S = 0.5
NOBODY = Cluster("", (), ())


class ChecksStep(Vertical):
    """What the checks found, and whether one may go on."""

    NAME = "Checks"
    ABOUT = (
        "Each node is asked over SSH, all at once; nothing is changed. ✖ stands in the way, ▲ does "
        "not, ? could not be looked at.\n\n"
        "Space opens a row: what was seen, what mends it, why it matters. Where vip-tui can mend "
        "it, m shows the commands first. What is fine is only counted; e shows it too."
    )

    class Moved(Message):
        """The cursor is on another row, or its row says something else."""

    def __init__(self, step_id: str) -> None:
        super().__init__(id=step_id)
        self.state = Inquiry(NOBODY)
        self._opened = Opened()
        self._began = 0.0
        self._due = False
        self._ticking: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static("", classes="step-title", markup=False)
        yield RowList("findings")

    def on_mount(self) -> None:
        self._ticking = self.set_interval(TICK_S, self._draw, pause=True)

    @property
    def list(self) -> RowList:
        """The rows."""
        return self.query_one(RowList)

    @property
    def selected(self) -> Line | None:
        """What the cursor is on."""
        row = self.list.row
        return row if isinstance(row, Line) else None

    @property
    def outcome(self) -> Preflight | None:
        """What was found, once all is known."""
        return self.state.outcome

    @property
    def obstacles(self) -> str:
        """What stands in the way; empty where nothing does."""
        return obstacles(self.outcome) if self.outcome else ""

    # What becomes known.

    def begin(self, cluster: Cluster, only: Collection[int] | None = None) -> None:
        """All nodes are asked, or only some."""
        self.state = self.state.again(cluster, only)
        if self.state.before is None:
            self._opened, self.list.touched = Opened(all=self._opened.all), False
        self._wait()

    def take_node(self, index: int, learnt: Learnt) -> None:
        """One node has answered; others may still be asked."""
        if self.state.take_node(index, learnt):
            if self.state.listens:
                self._began = monotonic()
            if not self._due:  # once for all that come together
                self._due = True
                self.call_later(self._draw)

    def take(self, outcome: Preflight) -> bool:
        """Everything is known; False where it is of a run that was given up."""
        if not self.state.take(outcome):
            return False
        self._rest()
        if not self.list.touched:
            self.show_what_matters()
        return True

    def fail(self, problem: VipError) -> None:
        """The checks could not be run to their end."""
        self.state.problem = problem
        self._rest()

    def allow(self, allowed: tuple[str, ...]) -> None:
        """These checks may fail."""
        self.state.allow(allowed)
        self._draw()

    def mend(self, targets: Collection[Target]) -> None:
        """Remedies are being carried out for these findings; for none: that is over."""
        self.state.mending = frozenset(targets)
        if targets:
            self._wait()
        else:
            self._rest()

    def tried(self, one: Mended) -> None:
        """What came of a remedy; where it did not help the row says so."""
        target = (one.remedy.index, one.remedy.check)
        self.state.tried.pop(target, None)
        if one.problem is not None:
            self.state.tried[target] = one.problem

    def _wait(self) -> None:
        self._began = monotonic()
        if self._ticking is not None:
            self._ticking.resume()
        self._draw()

    def _rest(self) -> None:
        if self._ticking is not None:
            self._ticking.pause()
        self._draw()

    # The row that the cursor is on.

    def remedies(self) -> tuple[Remedy, ...]:
        """What vip-tui can do about the row, on each of its nodes."""
        found = self.selected.found if self.selected else ()
        remedies = (self.state.remedy(index, finding) for index, finding in found)
        return tuple(remedy for remedy in remedies if remedy is not None)

    def whose(self, row: Line) -> str:
        """The names of the nodes that a finding is of."""
        names = [self.state.names[index] for index in row.nodes]
        return ", ".join(names) if names else ALL_NODES

    def turn(self, key: str) -> None:
        """Open a row, or close it."""
        self._opened = replace(self._opened, turned=self._opened.turned ^ {key})
        self._draw()
        self.list.reveal()

    def toggle_fine(self) -> None:
        """Show what is fine too, or only what is not."""
        findings = {line.key for line in self._lines() if line.found}
        self._opened = Opened(self._opened.turned & findings, not self._opened.all)
        self._draw()

    def focus_first(self) -> None:
        """The keys are the list's."""
        self.list.focus()

    def show_what_matters(self) -> None:
        """Open what stands in the way, the cursor's row first; else go to what is not fine."""
        if self.outcome is None:
            return
        ways = {_target(pair) for pair in in_the_way(self.outcome)}
        findings = [line for line in self._lines() if line.opens is not None and line.found]
        blocking = [line for line in findings if ways & set(map(_target, line.found))]
        here = self.selected
        if here is None or not ways & set(map(_target, here.found)):
            unwell = (line for line in findings if line.found[0][1].status != "pass")
            here = next(iter(blocking or unwell), None)
        if here is None:
            return
        self.list.go_to(here.key)
        if here in blocking and not here.opens:
            self.turn(here.key)
        self.list.reveal()

    def _lines(self) -> Iterator[Line]:
        return (row for row in self.list.rows if isinstance(row, Line))

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Passed on: what a widget has its child post does not go further up by itself."""
        event.stop()
        self.post_message(self.Moved())

    def on_row_list_turned(self, event: RowList.Turned) -> None:
        event.stop()
        self.turn(event.key)

    # As text.

    def copy(self) -> str:
        """The cursor's row and all that belongs to it; of a detail its words alone."""
        row = self.selected
        if row is None:
            return ""
        if row.found and row.opens is None:
            return row.body.plain
        return as_text(with_what_is_beneath(row.key, self._in_full()))

    def copy_all(self) -> str:
        """The whole list, with everything that is behind it."""
        return f"{self._title().plain}\n{as_text(self._in_full())}"

    def _in_full(self) -> Sequence[Line]:
        return checks_rows.rows(self._view(), replace(self._opened, details=True))

    # How it is drawn.

    def _draw(self) -> None:
        self._due = False
        if not self.is_attached or self.state.cluster is NOBODY:
            return
        title, above = self._title(), self.query_one(".step-title", Static)
        if above.content != title:
            above.update(title)
        if self.state.problem is not None:
            self.list.show(_problem_rows(self.state.problem))
            return
        lines = checks_rows.rows(self._view(), self._opened)
        self.list.show(lines, _instead(self.selected, lines))

    def _waited(self) -> int:
        return int(monotonic() - self._began)

    def _title(self) -> Text:
        return self.state.title(self._waited())

    def _view(self) -> View:
        return self.state.view(self._waited())


def _target(pair: tuple[int, Finding]) -> Target:
    return pair[0], pair[1].id


def _problem_rows(problem: VipError) -> list[Row]:
    said = ((problem.detail, ""), (problem.hint, HINT), ("F5 asks again.", ""))
    return [
        Row(f"problem/{at}", Text(), styled(text, style))
        for at, (text, style) in enumerate(said)
        if text
    ]


def _instead(before: Line | None, lines: Sequence[Line]) -> list[str]:
    """Where the cursor goes when its row is gone: to the same finding, else to its node."""
    if before is None:
        return []
    wanted = set(map(_target, before.found))
    same = [line.key for line in lines if wanted & set(map(_target, line.found))]
    return [*same, *(f"node/{index}" for index in before.nodes)]
