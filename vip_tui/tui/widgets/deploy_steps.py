"""The steps that review a plan and carry it out."""

from __future__ import annotations

from time import monotonic

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.timer import Timer
from textual.widgets import Static

from vip_tui.deploy.plan import Plan
from vip_tui.deploy.report import CLUSTER_STEP, ApplyReport, StepReport
from vip_tui.errors import VipError
from vip_tui.tui.problem_text import problem_text
from vip_tui.tui.theme import FAINT, GOOD, STEPS, WARN, styled

TICK_S = 0.5
KINDS = {
    "none": "none",
    "fresh": "on nodes without keepalived",
    "rolling": "node by node",
    "cut-over": "all nodes at once",
}
ACTION_WIDTH = 13


class ReviewStep(VerticalScroll):
    """What apply would do, node by node, and what it costs."""

    NAME = "Review"
    ABOUT = (
        "What would be done on each node, and what it costs the clients. Nothing has been changed "
        "yet; Enter does it."
    )

    def __init__(self, step_id: str) -> None:
        super().__init__(id=step_id)
        self.plan: Plan | None = None
        self._commands = False

    def compose(self) -> ComposeResult:
        yield Static("", classes="step-title", markup=False)
        yield Static("", id="plan", markup=False)

    def wait(self) -> None:
        """The plan is being made."""
        self.plan = None
        self.query_one(".step-title", Static).update("Comparing what runs with what is wanted…")
        self.query_one("#plan", Static).update("")

    def take(self, plan: Plan) -> None:
        """There is a plan."""
        self.plan = plan
        self._draw()

    def fail(self, problem: VipError) -> None:
        """There is none, and why."""
        self.query_one(".step-title", Static).update(problem_text(problem))

    def toggle_commands(self) -> None:
        """Show or hide the shell commands that would do the same."""
        self._commands = not self._commands
        self._draw()

    def _draw(self) -> None:
        plan = self.plan
        if plan is None:
            return
        if not plan.changes:
            title = styled(
                "✔ Nothing to do: the nodes are as they should be. Enter opens the panel.",
                f"bold {GOOD}",
            )
        else:
            count = "1 change" if plan.changes == 1 else f"{plan.changes} changes"
            title = styled(f"{count}, {KINDS[plan.kind]}. Enter deploys.", "bold")
        self.query_one(".step-title", Static).update(title)
        parts: list[RenderableType] = [_about(plan)]
        for node in plan.nodes:
            member = node.target.member
            head = styled(node.name, "bold")
            head.append(f"  {member.vrrp_address} on {member.interface}", style=FAINT)
            head.append(f"  priority {member.priority}")
            parts.append(head)
            for step in node.steps:
                parts.append(Text(f"  {'·' if step.action == 'leave' else '→'} {step.summary}"))
                if self._commands:
                    lines = styled("\n".join(step.commands), FAINT)
                    parts.append(Padding(lines, (0, 0, 0, 4)))
        self.query_one("#plan", Static).update(Group(*parts))


def _about(plan: Plan) -> RenderableType:
    """What all nodes share, and what the plan costs."""
    router = plan.resolved.router
    table = Table.grid(padding=(0, 2))
    table.add_row(styled("Cost", FAINT), Text(plan.cost))
    table.add_row(styled("VIP", FAINT), Text(", ".join(str(vip) for vip in router.vips)))
    table.add_row(styled("VRID", FAINT), Text(f"{router.vrid}, profile recipe"))
    return Padding(table, (0, 0, 1, 0))


class DeployStep(VerticalScroll):
    """Progress, node by node, with the evidence of each step."""

    NAME = "Deploy"
    ABOUT = (
        "Each step says what was observed on the node after it. What fails, or is stopped, is "
        "rolled back: the nodes go back to what they ran before."
    )

    def __init__(self, step_id: str) -> None:
        super().__init__(id=step_id)
        self.report: ApplyReport | None = None
        self.running = False
        self.stopping_now = False
        self._names: tuple[str, ...] = ()
        self._steps: dict[tuple[str, str], StepReport] = {}
        self._began: dict[tuple[str, str], float] = {}
        self._ticking: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static("", classes="step-title", markup=False)
        yield Static("", id="progress", markup=False)

    def begin(self, plan: Plan) -> None:
        """Apply starts."""
        self.running, self.stopping_now, self.report = True, False, None
        self._names = tuple(node.name for node in plan.nodes)
        self._steps = {
            (node.name, step.action): StepReport(node.name, step.action, "unknown")
            for node in plan.nodes
            for step in node.steps
        }
        self._began = {}
        self._title(styled("Deploying. Esc stops and rolls back.", "bold"))
        self._draw()
        self._ticking = self._ticking or self.set_interval(TICK_S, self._draw)
        self._ticking.resume()

    def tell(self, step: StepReport) -> None:
        """A step began, goes on or ended."""
        if step.node == CLUSTER_STEP:
            text = f"All containers run. Watching whether it stays so, {step.evidence}."
            self._title(styled(text, "bold"))
            return
        self._steps[(step.node, step.action)] = step
        self._began.setdefault((step.node, step.action), monotonic())
        self._draw()

    def end(self, report: ApplyReport) -> None:
        """Apply has ended."""
        self.running, self.stopping_now, self.report = False, False, report
        self._stop_ticking()
        if report.ok:
            self._title(styled(f"✔ {report.holder} holds the VIP.", f"bold {GOOD}"))
        else:
            problem = report.problem or VipError("the deployment ended")
            text = problem_text(problem)
            if not report.steps:
                self._steps = {}  # none of them was begun
                self._names = ()
                self._draw()
                said = "Nothing was changed."
            elif report.rolled_back:
                said = "Rolled back: the nodes are as they were."
            else:
                said = "NOT rolled back everywhere; see below."
            text.append(f"\n{said} ", style="not bold")
            text.append("Esc goes back to the plan.", style=f"not bold {FAINT}")
            self._title(text)

    def stopping(self) -> None:
        """It was told to stop, and undoes what it did."""
        self.stopping_now = True
        self._title(styled("Stopping: what was done is being undone…", f"bold {WARN}"))

    def fail(self, problem: VipError) -> None:
        """Apply could not even begin."""
        self.running = False
        self._stop_ticking()
        self._title(problem_text(problem))

    def _stop_ticking(self) -> None:
        if self._ticking is not None:
            self._ticking.pause()

    def _title(self, text: Text) -> None:
        self.query_one(".step-title", Static).update(text)

    def _draw(self) -> None:
        parts: list[RenderableType] = []
        for name in self._names:
            parts.append(styled(name, "bold"))
            table = Table.grid(padding=(0, 1))
            for width in (3, ACTION_WIDTH):  # so that the nodes' columns are in line
                table.add_column(width=width)
            table.add_column()
            for step in self._steps.values():
                if step.node == name:
                    table.add_row(*self._row(step))
            parts.append(table)
        self.query_one("#progress", Static).update(Group(*parts))

    def _row(self, step: StepReport) -> tuple[Text, Text, Text]:
        """A step: how it is, what it is, and what was seen or is waited for."""
        waiting = step.outcome == "unknown" and not step.evidence
        glyph, style = ("◌", FAINT) if waiting else STEPS[step.outcome]
        said = styled("waits", FAINT) if waiting else Text(step.evidence or step.outcome)
        if step.outcome == "running":
            lasted = monotonic() - self._began[(step.node, step.action)]
            said = Text.assemble(said, (f"  {lasted:.0f} s", FAINT))
        return styled(f"  {glyph}", style), styled(step.action, style), said
