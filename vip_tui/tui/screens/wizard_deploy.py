"""The wizard's last step: it carries the reviewed plan out, and opens the panel."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text
from textual import work

from vip_tui.errors import RefusedError, VipError
from vip_tui.tui import messages
from vip_tui.tui.draft import Draft
from vip_tui.tui.screens.base import VipScreen
from vip_tui.tui.screens.dialogs import Dialog

if TYPE_CHECKING:
    from vip_tui.tui.widgets.deploy_steps import DeployStep, ReviewStep


class Deploying(VipScreen):
    """What the wizard does once a plan was reviewed."""

    draft: Draft
    ready: asyncio.Event
    review: ReviewStep
    deployment: DeployStep
    _finished = False  # the deployment, while something else was shown

    def show_deployment(self) -> None:
        """Go to the step that shows it."""
        raise NotImplementedError

    def deploy_plan(self) -> None:
        plan = self.review.plan
        if plan is None:
            return
        try:
            self.app.store.save(plan.resolved.cluster)
        except VipError as problem:
            self.post_message(messages.Failed(problem))
            return
        self.draft = replace(self.draft, base=plan.resolved.cluster)
        if not plan.changes:
            self.app.watch_cluster(plan.resolved.cluster)
            return
        self.show_deployment()
        self.deployment.begin(plan)
        self._deploy()

    @work(exclusive=True, group="wizard", exit_on_error=False)
    async def _deploy(self) -> None:
        from vip_tui.deploy.apply import Apply
        from vip_tui.deploy.report import ApplyReport
        from vip_tui.live.watch import SEE_LIMIT_S, watching

        plan = self.review.plan
        assert plan is not None
        report = ApplyReport(problem=RefusedError("stopped by the operator"))
        try:
            async with watching(plan.resolved.cluster, await self.app.fleet()) as watcher:
                await watcher.until(lambda picture: picture.known, SEE_LIMIT_S)
                run = Apply(
                    plan,
                    watcher.fleet,
                    watcher,
                    lambda step: self.post_message(messages.StepTold(step)),
                )
                report = run.report
                await run.run()
        except VipError as problem:
            report.problem = problem  # as where the lock is somebody else's
        finally:
            # Stopped with Esc it has rolled back by now, and its report says so.
            self.post_message(messages.ApplyDone(report))

    def on_step_told(self, message: messages.StepTold) -> None:
        self.deployment.tell(message.step)

    def on_apply_done(self, message: messages.ApplyDone) -> None:
        self.deployment.end(message.report)
        if message.report.ok:
            self._finished = True
            self.on_screen_resume()

    def on_screen_resume(self) -> None:
        """The panel opens when the wizard is what is looked at, and not over something else."""
        if self._finished and self.is_active:
            self._finished = False
            self.app.call_later(self.open_panel)

    def may_quit(self) -> bool:
        """Not in the middle of a deployment: it is asked first, and rolled back."""
        if self.ready.is_set() and self.deployment.running:
            self.ask_to_stop()
            return False
        return True

    def open_panel(self) -> None:
        report = self.deployment.report
        plan = self.review.plan
        if report is not None and report.ok and plan is not None:
            text = f"{report.holder} holds the VIP; deployed in {report.elapsed_s:.1f} s."
            self.app.watch_cluster(plan.resolved.cluster, text)

    def ask_to_stop(self) -> None:
        def answered(yes: bool | None) -> None:
            if yes and self.deployment.running:
                self.deployment.stopping()
                self.workers.cancel_group(self, "wizard")

        text = Text("What was done so far is undone: the nodes go back to what they ran before.")
        self.app.push_screen(Dialog("Stop deploying?", text, "Stop and roll back"), answered)
