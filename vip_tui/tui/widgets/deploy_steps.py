"""The steps that review a plan and carry it out."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from vip_tui.deploy.plan import Plan
from vip_tui.deploy.report import ApplyReport, StepReport
from vip_tui.errors import VipError
from vip_tui.tui.theme import BAD, GOOD, HINT, STEPS, WARN


def problem_text(problem: VipError) -> Text:
    """A failure: title, cause and next step."""
    text = Text(f"✖ {problem.title}\n", style=f"bold {BAD}")
    if problem.detail:
        text.append(f"{problem.detail}\n", style="not bold default")
    if problem.hint:
        text.append(problem.hint, style=f"not bold {HINT}")
    return text


class ReviewStep(VerticalScroll):
    """What apply would do, node by node, and what it costs."""

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
            title = Text(
                "✔ Nothing to do: the nodes are as they should be. Enter opens the panel.",
                style=f"bold {GOOD}",
            )
        else:
            title = Text(f"{plan.changes} changes, {plan.kind}. ", style="bold")
            title.append(f"Cost: {plan.cost}. Enter deploys.", style="not bold")
        self.query_one(".step-title", Static).update(title)
        text = Text()
        router = plan.resolved.router
        vips = ", ".join(str(vip) for vip in router.vips)
        text.append(f"VIP {vips}   VRID {router.vrid}   profile recipe\n\n", style="dim")
        for node in plan.nodes:
            member = node.target.member
            text.append(node.name, style="bold")
            text.append(f"  {member.vrrp_address} on {member.interface}", style="dim")
            text.append(f"  priority {member.priority}\n")
            for step in node.steps:
                glyph = "·" if step.action == "leave" else "→"
                text.append(f"  {glyph} {step.summary}\n")
                if self._commands:
                    for command in step.commands:
                        text.append(f"    {command}\n", style="dim")
        self.query_one("#plan", Static).update(text)


class DeployStep(VerticalScroll):
    """Progress, node by node, with the evidence of each step."""

    def __init__(self, step_id: str) -> None:
        super().__init__(id=step_id)
        self.report: ApplyReport | None = None
        self.running = False
        self._names: tuple[str, ...] = ()
        self._steps: dict[tuple[str, str], StepReport] = {}

    def compose(self) -> ComposeResult:
        yield Static("", classes="step-title", markup=False)
        yield Static("", id="progress", markup=False)

    def begin(self, plan: Plan) -> None:
        """Apply starts."""
        self.running, self.report = True, None
        self._names = tuple(node.name for node in plan.nodes)
        self._steps = {
            (node.name, step.action): StepReport(node.name, step.action, "unknown")
            for node in plan.nodes
            for step in node.steps
        }
        self._title(Text("Deploying. Esc stops and rolls back.", style="bold"))
        self._draw()

    def tell(self, step: StepReport) -> None:
        """A step began, goes on or ended."""
        self._steps[(step.node, step.action)] = step
        self._draw()

    def end(self, report: ApplyReport) -> None:
        """Apply has ended."""
        self.running, self.report = False, report
        if report.ok:
            self._title(Text(f"✔ {report.holder} holds the VIP.", style=f"bold {GOOD}"))
        elif report.problem is not None:
            text = problem_text(report.problem)
            if not report.steps:
                self._title(text.append("\nNothing was changed.", style="not bold default"))
                return
            text.append(
                "\nRolled back: the nodes are as they were."
                if report.rolled_back
                else "\nNOT rolled back everywhere; see below.",
                style="not bold default",
            )
            self._title(text)

    def stopping(self) -> None:
        """It was told to stop, and undoes what it did."""
        self._title(Text("Stopping: what was done is being undone…", style=f"bold {WARN}"))

    def fail(self, problem: VipError) -> None:
        """Apply could not even begin."""
        self.running = False
        self._title(problem_text(problem))

    def _title(self, text: Text) -> None:
        self.query_one(".step-title", Static).update(text)

    def _draw(self) -> None:
        text = Text()
        for name in self._names:
            text.append(f"{name}\n", style="bold")
            for (node, action), step in self._steps.items():
                if node != name:
                    continue
                waiting = step.outcome == "unknown" and not step.evidence
                glyph, style = ("◌", "dim") if waiting else STEPS[step.outcome]
                text.append(f"  {glyph} {action:<14}", style=style)
                text.append(f" {'waits' if waiting else step.evidence or step.outcome}\n")
        self.query_one("#progress", Static).update(text)
