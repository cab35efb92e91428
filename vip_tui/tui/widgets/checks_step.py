"""The step that looks at the nodes: findings as they come, grouped by node."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.timer import Timer
from textual.widgets import Static

from vip_tui.cluster import Cluster
from vip_tui.errors import VipError
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.outcome import Preflight
from vip_tui.tui.problem_text import problem_text
from vip_tui.tui.theme import BAD, FAINT, FINDINGS, GOOD, HINT, styled

TICK_S = 0.5
NAMED = 3


class ChecksStep(VerticalScroll):
    """What the checks found, and whether one may go on."""

    NAME = "Checks"
    ABOUT = (
        "Each node is asked over SSH, all at once; nothing is changed. ✖ stops the deployment, ▲ "
        "does not, ? could not be looked at. Beneath each is how we know, and what mends it."
    )

    def __init__(self, step_id: str) -> None:
        super().__init__(id=step_id)
        self.outcome: Preflight | None = None
        self.broken: VipError | None = None
        self._cluster: Cluster | None = None
        self._seen: dict[int, Learnt] = {}
        self._began = 0.0
        self._ticking: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static("", classes="step-title", markup=False)
        yield Static("", id="findings", markup=False)

    def begin(self, cluster: Cluster) -> None:
        """All nodes are asked anew."""
        self._cluster, self.outcome, self._seen, self.broken = cluster, None, {}, None
        self._began = monotonic()
        self._title(Text(f"Asking {len(cluster.nodes)} nodes, all at once…"))
        self._draw()
        self._ticking = self._ticking or self.set_interval(TICK_S, self._draw)
        self._ticking.resume()

    def take_node(self, index: int, learnt: Learnt) -> None:
        """One node has answered; others may still be asked."""
        self._seen[index] = learnt
        self._draw()

    def take(self, outcome: Preflight) -> None:
        """Everything is known."""
        self.outcome = outcome
        if self._ticking is not None:
            self._ticking.pause()
        blocking = outcome.blocking()
        if not blocking:
            self._title(
                styled("✔ Nothing stands in the way. Enter makes the plan.", f"bold {GOOD}")
            )
        else:
            names = list(dict.fromkeys(name for name, _ in blocking))
            who = ", ".join(names) if len(names) <= NAMED else f"{len(names)} nodes"
            text = f"✖ {who} cannot take part yet. Mend it, then press F5."
            self._title(styled(text, f"bold {BAD}"))
        self._draw()

    def fail(self, problem: VipError) -> None:
        """The checks could not be run to their end."""
        self.broken = problem
        if self._ticking is not None:
            self._ticking.pause()
        self._title(problem_text(problem).append("\nF5 asks again."))
        self.query_one("#findings", Static).update("")

    def _title(self, text: Text) -> None:
        self.query_one(".step-title", Static).update(text)

    def _draw(self) -> None:
        cluster = self._cluster
        if cluster is None:
            return
        parts: list[RenderableType] = []
        lasted = f"{monotonic() - self._began:.0f} s"
        for index, node in enumerate(cluster.nodes):
            if self.outcome is not None:
                name, findings = self.outcome.names[index], self.outcome.findings[index]
                parts += node_lines(name, node.endpoint, findings)
            elif (learnt := self._seen.get(index)) is not None:
                findings = check_node(cluster, learnt, ())
                alone = tuple(item for item in findings if item.id != "vip-free")
                parts += node_lines(learnt.name, node.endpoint, alone)
                if learnt.problem is None:
                    parts.append(styled(f"  ◌ vip-free    asking the wire… {lasted}", FAINT))
            else:
                line = styled(f"◌ {node.endpoint}", "bold")
                parts.append(
                    line.append(f"  waiting for its answer… {lasted}", style=f"not bold {FAINT}")
                )
        if self.outcome is not None:
            took = f"{self.outcome.elapsed_s:.1f} s, and {self.outcome.listen_s:.1f} s on the wire"
            parts.append(styled(f"\n{took}", FAINT))
        self.query_one("#findings", Static).update(Group(*parts))


def node_lines(name: str, endpoint: str, findings: Sequence[Finding]) -> list[RenderableType]:
    """A node's findings: what is fine in one line, what is not with evidence and remedy."""
    fine = [item for item in findings if item.status == "pass"]
    rest = [item for item in findings if item.status != "pass"]
    failed = [item for item in rest if item.status == "fail"]
    # What could not be looked at because of a failure is not a second piece of news.
    causes = [item.summary for item in failed]
    hidden = [item for item in rest if item.status == "unknown" and _follows(item, causes)]
    glyph, style = FINDINGS["fail" if failed else "warn" if rest else "pass"]
    head = styled(f"{glyph} ", style)
    head.append(name, style="bold")
    if endpoint != name:
        head.append(f"  {endpoint}", style=f"not bold {FAINT}")
    head.append(f"  {len(fine)} of {len(findings)} checks are fine", style="not bold")
    lines: list[RenderableType] = [head]
    for item in rest:
        if item not in hidden:
            lines += finding_lines(item)
    if hidden:
        unseen = ", ".join(item.id for item in hidden)
        lines.append(Padding(styled(f"? not looked at: {unseen}", FAINT), (0, 0, 0, 2)))
    return lines


def _follows(item: Finding, causes: Sequence[str]) -> bool:
    """Whether what could not be looked at is only the consequence of a failure."""
    return bool(causes) and any(not item.evidence or cause in item.evidence for cause in causes)


def finding_lines(item: Finding) -> list[RenderableType]:
    """One finding, with its evidence and remedy set in beneath."""
    glyph, style = FINDINGS[item.status]
    table = Table.grid(padding=(0, 1))
    table.add_row(styled(f"  {glyph}", style), styled(f"{item.id:<10}", style), Text(item.summary))
    lines: list[RenderableType] = [table]
    for text, colour in ((item.evidence, FAINT), (item.remedy, HINT)):
        if text:
            lines.append(Padding(styled(text, colour), (0, 0, 0, 4)))
    return lines
