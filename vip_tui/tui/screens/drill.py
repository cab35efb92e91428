"""A drill as it runs, and its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from vip_tui.drill.safety import BlastRadius
from vip_tui.tui import actions, messages
from vip_tui.tui.report_text import report_text
from vip_tui.tui.screens.base import VipScreen
from vip_tui.tui.theme import FAINT, GOOD, STATES, WARN, labelled, styled
from vip_tui.tui.vip_text import short, vip_line
from vip_tui.tui.widgets.frame import Banner, foot

if TYPE_CHECKING:
    from vip_tui.drill.report import DrillReport
    from vip_tui.live.model import Snapshot
    from vip_tui.live.watch import Watcher

DRILL_SILENT_S = 0.1  # a drill asks every 10 ms
PHASES = ("gate", "armed", "fault", "detected", "taken over", "restored", "verified")


class DrillScreen(VipScreen):
    """Phases while it runs; Esc restores and stops. Afterwards the report; Esc goes back."""

    CSS_PATH = "drill.tcss"
    ACTIONS = actions.DRILL
    BINDINGS = actions.bindings(actions.DRILL)
    NAME = "A failover drill"
    ABOUT = (
        "The master's container is stopped, as `docker stop` would. The outage is what a client "
        "sees: the longest gap between answers, asked for every 10 ms. The way back was armed on "
        "the node before; it comes back even if this terminal dies."
    )

    def __init__(self, watcher: Watcher, radius: BlastRadius) -> None:
        super().__init__()
        self._watcher = watcher
        self._radius = radius
        self._phases: dict[str, str] = {}
        self.report: DrillReport | None = None
        self._stopping = False

    def compose(self) -> ComposeResult:
        yield Banner()
        yield Static(id="drill-header", markup=False)
        yield Static(id="drill-vip", markup=False)
        with VerticalScroll(id="drill-body"):
            yield Static(id="drill-phases", markup=False)
            yield Static(id="drill-nodes", markup=False)
            yield Static(id="drill-report", markup=False)
        yield from foot()

    def on_mount(self) -> None:
        title = styled(f" Failover drill: stop {self._radius.source}", "bold")
        self.query_one(Banner).show(title)
        self.query_one("#drill-header", Static).update(styled(f" {self._radius.text}", FAINT))
        self._draw()
        self._follow()
        self._run_drill()

    def offers(self, action: str) -> bool:
        if action == "close":
            return self.report is not None
        if action == "stop":
            return self.report is None and not self._stopping
        return True

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def _run_drill(self) -> None:
        from vip_tui.drill.run import Drill

        drill = Drill(
            self._watcher,
            lambda step: self.post_message(messages.DrillTold(step)),
            confirmed=self._radius,
        )
        try:
            await drill.run()
        finally:
            # Stopped with Esc it has restored the node by now, and its report says so.
            self.post_message(messages.DrillDone(drill.report))

    @work(exclusive=True, group="follow", exit_on_error=False)
    async def _follow(self) -> None:
        """The nodes, while the drill goes on."""
        async for picture in self._watcher.changes():
            self.post_message(messages.SnapshotArrived(picture))

    def on_snapshot_arrived(self, message: messages.SnapshotArrived) -> None:
        if self.report is None:
            picture = message.snapshot
            line = Text.assemble(" ", vip_line(picture, silent_s=DRILL_SILENT_S))
            self.query_one("#drill-vip", Static).update(line)
            self.query_one("#drill-nodes", Static).update(nodes_text(picture))

    def on_drill_told(self, message: messages.DrillTold) -> None:
        self._phases[message.progress.phase] = message.progress.text
        self._draw()

    def on_drill_done(self, message: messages.DrillDone) -> None:
        self.report = message.report
        self._draw()
        self._show_report()
        self.refresh_bindings()

    def on_resize(self) -> None:
        if self.is_mounted:
            self._show_report()

    def _show_report(self) -> None:
        if self.report is not None:
            text = report_text(self.report, self.size.width)
            self.query_one("#drill-report", Static).update(text)

    def do_stop(self) -> None:
        """Stop the drill: it restores before it ends."""
        self._stopping = True
        self.query_one("#drill-header", Static).update(
            styled(" Stopping: the node is being started again…", f"bold {WARN}")
        )
        self.workers.cancel_group(self, "drill")
        self.refresh_bindings()

    def may_quit(self) -> bool:
        """Not in the middle of a drill: the node is restored first."""
        if self.report is None:
            self.do_stop()
        return self.report is not None

    def do_log(self) -> None:
        cluster = self._watcher.cluster
        pairs = zip(cluster.nodes, self._watcher.snapshot.nodes, strict=True)
        self.app.show_commands(cluster.name, {node.label: view.name for node, view in pairs})

    def do_close(self) -> None:
        """Back to the panel."""
        if self.is_active:
            self.dismiss()

    def _draw(self) -> None:
        phases = self.query_one("#drill-phases", Static)
        phases.display = self.report is None  # the report's timeline has them all
        for name in ("#drill-nodes", "#drill-vip"):
            self.query_one(name).display = self.report is None
        if self.report is not None:
            self.query_one("#drill-header").display = False  # the report says what came of it
        reached = [phase for phase in PHASES if phase in self._phases]
        table = Table.grid(padding=(0, 1))
        for phase in PHASES:
            glyph, style = "·", FAINT
            if phase in self._phases:
                glyph, style = ("▶", "bold") if phase == reached[-1] else ("✔", GOOD)
            said = Text(self._phases.get(phase, ""))
            table.add_row(styled(f" {glyph}", style), styled(phase, style), said)
        phases.update(table)


def nodes_text(picture: Snapshot) -> Table:
    """Each node's state and what it holds."""
    table = Table.grid(padding=(0, 2))
    for node in picture.nodes:
        held = ", ".join(node.holds) if node.holds_known else "?"
        name = styled(f" {short(node.name)}", "bold")
        table.add_row(name, labelled(STATES, node.state), Text(held))
    return table
