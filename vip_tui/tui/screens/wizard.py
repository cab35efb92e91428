"""The set-up wizard: nodes → VIP → checks → review → deploy; Enter forward, Esc back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from vip_tui.cluster import Cluster
from vip_tui.errors import VipError
from vip_tui.tui import actions, messages
from vip_tui.tui import draft as drafts
from vip_tui.tui.draft import Draft
from vip_tui.tui.screens.wizard_checks import IN_THE_LIST, Checking
from vip_tui.tui.screens.wizard_deploy import Deploying
from vip_tui.tui.theme import FAINT, styled
from vip_tui.tui.widgets.form_steps import FormStep, NodesStep, VipStep
from vip_tui.tui.widgets.frame import Banner, foot
from vip_tui.tui.widgets.rail import CHECKS, DEPLOY, NODES, REVIEW, VIP, Rail

if TYPE_CHECKING:
    from vip_tui.preflight.outcome import Preflight
    from vip_tui.tui.widgets.checks_step import ChecksStep

STEP_IDS = ("step-nodes", "step-vip", "step-checks", "step-review", "step-deploy")
LATER_S = 0.05  # the first frames of a screen that is laid out anew come without its content


class WizardScreen(Checking, Deploying):
    """One thing to do at a time; nothing that was typed is lost on the way back."""

    checks: ChecksStep

    ACTIONS = actions.WIZARD
    BINDINGS = actions.bindings(actions.WIZARD)
    NAME = "The set-up"
    ABOUT = (
        "Five steps: which machines, which address, are they ready, what would be done, and doing "
        "it. Nothing is changed on a node before the last one."
    )

    def __init__(self, draft: Draft, back_to: Cluster | None = None) -> None:
        """``back_to`` is the cluster whose panel Esc leads back to."""
        super().__init__()
        self.draft = draft
        self.step = NODES
        self._guide = Static(id="guide", markup=False)
        self.ready = asyncio.Event()  # all steps are made
        self._hasty = 0  # how often Enter was pressed before they were
        self._back_to = back_to

    def compose(self) -> ComposeResult:
        yield Banner(_header())
        with Horizontal(id="wizard-body"):
            yield Rail()
            with ContentSwitcher(initial=STEP_IDS[NODES], id="steps"):
                yield NodesStep(self.draft, step_id=STEP_IDS[NODES])

    def on_mount(self) -> None:
        self.query_one(NodesStep).focus_first()
        self.set_timer(LATER_S, self._mount_rest)

    async def _mount_rest(self) -> None:
        """What is not needed for the first frame is imported and made after it."""
        if not self._going_on:
            return
        await self.mount(*foot())
        if not self._going_on:
            return
        await self.query_one("#wizard-body").mount(self._guide)
        self._show_guide(self.query_one(NodesStep))
        from vip_tui.tui.widgets.checks_step import ChecksStep
        from vip_tui.tui.widgets.deploy_steps import DeployStep, ReviewStep

        vip = VipStep(self.draft, step_id=STEP_IDS[VIP])
        vip.saved = tuple(self.app.store.names())
        self.checks = ChecksStep(step_id=STEP_IDS[CHECKS])
        self.review = ReviewStep(step_id=STEP_IDS[REVIEW])
        self.deployment = DeployStep(step_id=STEP_IDS[DEPLOY])
        rest = (vip, self.checks, self.review, self.deployment)
        for pane in rest:
            pane.display = False
        if not self._going_on:
            return
        await self.query_one(ContentSwitcher).mount(*rest)
        self.ready.set()
        self.refresh_bindings()  # the footer has come too late for the first telling of them
        for _ in range(self._hasty):
            self.do_forward()

    @property
    def _going_on(self) -> bool:
        """Whether the program has not ended meanwhile."""
        return self.is_attached and self.app.going_on

    # Where one is, and what the keys do there.

    def go_to(self, step: int) -> None:
        """Show a step."""
        self.step = step
        self.query_one(ContentSwitcher).current = STEP_IDS[step]
        self.query_one(Rail).go_to(step)
        pane = self.query_one(f"#{STEP_IDS[step]}")
        if isinstance(pane, FormStep):
            pane.take(self.draft)
            pane.focus_first()
        elif step == CHECKS:
            self.checks.focus_first()
        else:
            pane.focus()
        self._show_guide(pane)
        self.refresh_bindings()

    def _show_guide(self, pane: Widget) -> None:
        """Beside the step, where there is room, what it is for."""
        text = styled(f"{getattr(pane, 'NAME', '')}\n", "bold")
        text.append(getattr(pane, "ABOUT", ""), style=f"not bold {FAINT}")
        self._guide.update(text)

    def offers(self, action: str) -> bool:
        if action in IN_THE_LIST:
            return self.offers_here(action)
        if action == "details":
            return self.step == REVIEW
        if action == "demo":
            return self.step == NODES and not self.app.demo
        if action == "import":
            return self.step == NODES
        if action == "back":
            if self.step == DEPLOY and self.deployment.stopping_now:
                return False
            return self.step > NODES or self._back_to is not None
        if action == "forward" and self.step == DEPLOY:
            report = self.deployment.report
            return report is not None and report.ok
        return True

    def why_not(self, action: str) -> str | None:
        if self.step == CHECKS:
            return self.why_not_here(action)
        if action == "forward" and self.step == DEPLOY and self.deployment.running:
            return "the deployment is under way"
        return None

    def on_form_step_changed(self, event: FormStep.Changed) -> None:
        self.draft = drafts.with_text(self.draft, event.field, event.text)

    def on_form_step_entered(self) -> None:
        self.do_forward()

    def on_rail_chosen(self, event: Rail.Chosen) -> None:
        """A step that is done was clicked on: back to it."""
        while self.step > max(event.step, NODES) and not self._busy:
            self.do_back()

    @property
    def _busy(self) -> bool:
        """Whether nodes are being changed: that is stopped with Esc, and not by the way."""
        return self.deployment.running or bool(self.checks.state.mending)

    def do_forward(self) -> None:
        """Go on, where this step is done."""
        if self.step in (NODES, VIP):
            pane = self.query_one(f"#{STEP_IDS[self.step]}", FormStep)
            if not pane.check(insist=True):
                return
            if not self.ready.is_set():
                self._hasty += 1
            elif self.step == NODES:
                self.go_to(VIP)
            else:
                self.app.ask_again()
                self.start_checks()
        elif self.step == CHECKS:
            self._after_checks()
        elif self.step == REVIEW:
            self.deploy_plan()
        elif self.deployment.report is not None:
            self.open_panel()

    def do_back(self) -> None:
        """Go back one step; a running deployment is stopped first."""
        if self.step == DEPLOY:
            deploy = self.deployment
            if deploy.running:
                self.ask_to_stop()
                return
        if self.step == CHECKS and self.stop_mending():
            return
        if self.step > NODES:
            self.workers.cancel_group(self, "wizard")
            self.go_to(self.step - 1)
        elif self._back_to is not None:
            self.app.watch_cluster(self._back_to)

    def do_log(self) -> None:
        names = {}
        if self.ready.is_set() and (outcome := self.checks.outcome) is not None:
            names = {one.node.label: one.name for one in outcome.learnt}
        self.app.show_commands(self.draft.name, names)

    def do_demo(self) -> None:
        """Leave for the demo."""
        self.app.exit("demo")

    def do_import(self) -> None:
        """Fill the forms from a Swarm manager."""
        from vip_tui.tui.screens.import_swarm import ImportDialog, Imported

        def answered(found: Imported | None) -> None:
            if found is not None:
                self.draft = drafts.imported(self.draft, found.cluster, found.suggestions)
                for form in self.query(FormStep):
                    form.fill(self.draft)

        user = self.draft.user.strip() or None
        self.app.push_screen(ImportDialog(drafts.first_node(self.draft), user), answered)

    def do_details(self) -> None:
        """Show the shell commands that would do the same."""
        self.review.toggle_commands()

    # Review and deploy.

    def _after_checks(self) -> None:
        outcome = self.checks.outcome
        if outcome is not None and not self.checks.obstacles:
            self._review(outcome)

    def _review(self, outcome: Preflight) -> None:
        from vip_tui.deploy.prepare import plan_after

        self.go_to(REVIEW)
        try:
            self.review.take(plan_after(outcome))
        except VipError as problem:
            self.review.fail(problem)

    def show_deployment(self) -> None:
        self.go_to(DEPLOY)

    def on_failed(self, message: messages.Failed) -> None:
        if self.step == DEPLOY:
            self.deployment.fail(message.problem)
        elif self.step == CHECKS:
            self.checks.fail(message.problem)
        else:
            hint = f" {message.problem.hint}" if message.problem.hint else ""
            self.say(f"{message.problem}.{hint}", "error")


def _header() -> Text:
    text = styled(" vip-tui", "bold")
    text.append("   one virtual IP for a Docker Swarm cluster", style=FAINT)
    return text
