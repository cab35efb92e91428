"""A drill as it runs, and its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Footer, Static

from vip_tui.drill.safety import BlastRadius
from vip_tui.tui import messages
from vip_tui.tui.screens.base import VipScreen
from vip_tui.tui.theme import BAD, GOOD, UNSURE, WARN

if TYPE_CHECKING:
    from vip_tui.drill.report import DrillReport
    from vip_tui.live.watch import Watcher

PHASES = ("gate", "armed", "fault", "detected", "taken over", "restored", "verified")
OUTCOMES = {
    "passed": ("✔", f"bold {GOOD}"),
    "failed": ("✖", f"bold {BAD}"),
    "inconclusive": ("?", f"bold {UNSURE}"),
    "aborted": ("✖", f"bold {WARN}"),
    "refused": ("✖", f"bold {WARN}"),
}


class DrillScreen(VipScreen):
    """Phases while it runs; Esc restores and stops. Afterwards the report; Esc goes back."""

    BINDINGS = [
        Binding("escape", "leave", "Stop and restore"),
        Binding("enter", "close", "Back to the panel"),
    ]

    def __init__(self, watcher: Watcher, radius: BlastRadius) -> None:
        super().__init__()
        self._watcher = watcher
        self._radius = radius
        self._phases: dict[str, str] = {}
        self.report: DrillReport | None = None
        self._stopping = False

    def compose(self) -> ComposeResult:
        yield Static(id="drill-header", markup=False)
        with VerticalScroll(id="drill-body"):
            yield Static(id="drill-phases", markup=False)
            yield Static(id="drill-report", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        title = Text(f" Failover drill: stop {self._radius.source}", style="bold")
        title.append(f"\n {self._radius.text}", style="not bold dim")
        self.query_one("#drill-header", Static).update(title)
        self._draw()
        self._run_drill()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter closes the report; while the drill runs only Esc means anything."""
        if action == "close":
            return self.report is not None
        return self.report is None and not self._stopping

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

    def on_drill_told(self, message: messages.DrillTold) -> None:
        self._phases[message.progress.phase] = message.progress.text
        self._draw()

    def on_drill_done(self, message: messages.DrillDone) -> None:
        self.report = message.report
        self._draw()
        self.query_one("#drill-report", Static).update(report_text(message.report))
        self.refresh_bindings()

    def action_leave(self) -> None:
        """Stop the drill: it restores before it ends."""
        self._stopping = True
        self.query_one("#drill-report", Static).update(
            Text("Stopping: the node is being started again…", style=f"bold {WARN}")
        )
        self.workers.cancel_group(self, "drill")
        self.refresh_bindings()

    def may_quit(self) -> bool:
        """Not in the middle of a drill: the node is restored first."""
        if self.report is None:
            self.action_leave()
        return self.report is not None

    def action_close(self) -> None:
        """Back to the panel."""
        self.dismiss()

    def _draw(self) -> None:
        phases = self.query_one("#drill-phases", Static)
        phases.display = self.report is None  # the report's timeline has them all
        reached = [phase for phase in PHASES if phase in self._phases]
        table = Table.grid(padding=(0, 1))
        for phase in PHASES:
            glyph, style = "·", "dim"
            if phase in self._phases:
                glyph, style = ("▶", "bold") if phase == reached[-1] else ("✔", GOOD)
            said = Text(self._phases.get(phase, ""))
            table.add_row(Text(f" {glyph}", style=style), Text(phase, style=style), said)
        phases.update(table)


def report_text(report: DrillReport) -> Text:
    """The report: the outcome first, then what happened and when."""
    glyph, style = OUTCOMES[report.outcome]
    text = Text(f" {glyph} {report.outcome.upper()}", style=style)
    if report.outage_s is not None:
        text.append(f"   {report.outage_s * 1000:.0f} ms without the VIP", style="not bold default")
    text.append("\n\n")
    for line in report.text().splitlines()[1:]:
        text.append(f" {line.strip()}\n", style="not bold default")
    return text
