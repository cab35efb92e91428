"""The wizard's step that asks the nodes: it runs the checks, and does what is done about them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import work

from vip_tui.cluster import Cluster
from vip_tui.errors import InputError, VipError
from vip_tui.tui import draft as drafts
from vip_tui.tui import messages
from vip_tui.tui.draft import Draft
from vip_tui.tui.screens.base import VipScreen
from vip_tui.tui.screens.dialogs import Dialog
from vip_tui.tui.widgets.rail import CHECKS, NODES

if TYPE_CHECKING:
    from vip_tui.nodes.reasons import HostKeyUnknown
    from vip_tui.preflight.mend import Mended
    from vip_tui.preflight.outcome import Preflight
    from vip_tui.preflight.remedies import Remedy
    from vip_tui.tui.checks_view import Line
    from vip_tui.tui.widgets.checks_step import ChecksStep

ON_THE_ROW = ("open", "mend", "accept", "one")
CHANGES = ("forward", "mend", "accept")  # only once all is known
IN_THE_LIST = (*ON_THE_ROW, "again", "filter", "copy", "copy_all")


class Checking(VipScreen):
    """What the wizard does before there is a plan."""

    draft: Draft
    checks: ChecksStep
    step: int
    _declined: frozenset[str] = frozenset()  # keys, which F5 asks for again
    _offered: tuple[str, ...] = ()

    def go_to(self, step: int) -> None:
        """Show a step."""
        raise NotImplementedError

    # What can be done.

    def offers_here(self, action: str) -> bool:
        """Whether an action of the list means anything, with the cursor where it is."""
        if self.step != CHECKS:
            return False
        row = self.checks.selected
        if action == "again" or row is None:
            return action == "again"
        if action == "mend":
            return any(finding.fix and finding.status != "pass" for _, finding in row.found)
        if action == "accept":
            return any(finding.status == "fail" for _, finding in row.found)
        if action == "one":
            return bool(row.nodes) and len(row.nodes) < len(self.checks.state.everyone)
        return row.opens is not None if action == "open" else True

    def why_not_here(self, action: str) -> str | None:
        """Why an action of the checks, or going on, has to wait."""
        state = self.checks.state
        if state.mending and action in (*CHANGES, "again", "one"):
            return "it is being mended"
        if action in CHANGES and state.outcome is None:
            return "press F5" if state.problem else "the checks are still running"
        if action == "forward" and (what := self.checks.obstacles):
            return what
        row = self.checks.selected
        if action == "accept" and row is not None and not self._acceptable(row):
            return "without a way in nothing can be deployed there"
        if action == "mend":
            remedies = self.checks.remedies()
            if not remedies:
                return "there is nothing that would surely help"
            if all(remedy.barred for remedy in remedies):
                return remedies[0].barred
        return None

    @staticmethod
    def _acceptable(row: Line) -> bool:
        from vip_tui.preflight.risks import acceptable

        return all(acceptable(finding.id) for _, finding in row.found)

    def on_checks_step_moved(self) -> None:
        """The footer names what can be done with the row."""
        offered = tuple(action for action in IN_THE_LIST if self.offers_here(action))
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    def show_why(self, action: str) -> None:
        if action == "forward" and self.step == CHECKS:
            self.checks.show_what_matters()

    # The run.

    def do_again(self) -> None:
        """Run the checks anew; who declined a key or a secret may be asked for it once more."""
        self._declined = frozenset()
        self.app.ask_again()
        self.start_checks()

    def do_one(self) -> None:
        """Ask the row's nodes anew."""
        row = self.checks.selected
        if row is not None:
            self.app.ask_again()
            self.start_checks(row.nodes)

    def start_checks(self, only: Collection[int] | None = None) -> None:
        """Ask all nodes, or only some."""
        try:
            cluster = drafts.to_cluster(self.draft)
        except InputError as problem:
            self.go_to(NODES)
            self.say(str(problem), "error")
            return
        if self.step != CHECKS:
            self.go_to(CHECKS)
        self.checks.begin(cluster, only)
        state = self.checks.state
        some = state.asked if state.asked != state.everyone else None
        self._run_checks(cluster, state.before, some)

    @work(exclusive=True, group="wizard", exit_on_error=False)
    async def _run_checks(
        self, cluster: Cluster, before: Preflight | None, only: frozenset[int] | None
    ) -> None:
        from vip_tui.preflight.gather import gather

        try:
            outcome = await gather(
                cluster,
                await self.app.fleet(),
                lambda index, learnt: self.post_message(messages.NodeLearnt(index, learnt)),
                before,
                only,
            )
        except VipError as problem:
            self.post_message(messages.Failed(problem))
        else:
            self.post_message(messages.ChecksDone(outcome))

    def on_node_learnt(self, message: messages.NodeLearnt) -> None:
        self.checks.take_node(message.index, message.learnt)

    async def on_checks_done(self, message: messages.ChecksDone) -> None:
        from vip_tui.nodes.reasons import HostKeyUnknown

        if not self.checks.take(message.outcome):
            return
        unknown = [
            (one.node.label, one.problem)
            for one in message.outcome.learnt
            if isinstance(one.problem, HostKeyUnknown) and one.problem.line not in self._declined
        ]
        if unknown:
            self._ask_host_keys(unknown)

    def _ask_host_keys(self, unknown: list[tuple[str, HostKeyUnknown]]) -> None:
        from vip_tui.tui.screens.dialogs_keys import ask_host_keys

        def answered(accepted: frozenset[str], declined: frozenset[str]) -> None:
            self._declined |= declined
            if accepted:
                self.start_checks()

        ask_host_keys(self.app, unknown, answered)

    # The list.

    def do_open(self) -> None:
        """Open the row, or close it."""
        row = self.checks.selected
        if row is not None:
            self.checks.turn(row.key)

    def do_filter(self) -> None:
        """Show what is fine too, or only what is not."""
        self.checks.toggle_fine()

    def do_copy(self) -> None:
        """Give the row to the terminal's clipboard."""
        self.app.copy_to_clipboard(self.checks.copy())
        self.say("Copied the row to the terminal's clipboard; Y copies all.")

    def do_copy_all(self) -> None:
        """Give the whole list to the terminal's clipboard."""
        self.app.copy_to_clipboard(self.checks.copy_all())
        self.say("Copied all findings to the terminal's clipboard.")

    # What is done about a finding.

    def do_mend(self) -> None:
        """Show what would run, and run it where the operator says so."""
        from vip_tui.tui.checks_text import mend_text

        remedies = tuple(remedy for remedy in self.checks.remedies() if not remedy.barred)
        names = ", ".join(dict.fromkeys(remedy.name for remedy in remedies))

        def answered(yes: bool | None) -> None:
            if yes and self.step == CHECKS and self.checks.outcome is not None:
                self.checks.mend([(remedy.index, remedy.check) for remedy in remedies])
                self._mend(self.checks.outcome.cluster, remedies)

        title = f"Mend {remedies[0].check} on {names}?"
        self.app.push_screen(Dialog(title, mend_text(remedies), "Mend it"), answered)

    @work(exclusive=True, group="wizard", exit_on_error=False)
    async def _mend(self, cluster: Cluster, remedies: tuple[Remedy, ...]) -> None:
        from vip_tui.preflight.mend import mend_all

        told: tuple[Mended, ...] = ()
        try:
            fleet = await self.app.fleet()
            told = await mend_all(remedies, cluster, fleet, lambda _one: None)
        finally:
            self.post_message(messages.Mended(told))

    def on_mended(self, message: messages.Mended) -> None:
        if not self.app.going_on:
            return
        nodes = {index for index, _ in self.checks.state.mending}
        self.checks.mend(())
        for one in message.told:
            self.checks.tried(one)
        failed = [one.problem for one in message.told if one.problem is not None]
        if failed:
            more = f" ({len(failed)} nodes)" if len(failed) > 1 else ""
            self.say(f"{failed[0]}{more}. {failed[0].hint}".strip(), "error")
        elif message.told:
            said = "; ".join(f"{one.remedy.name}: {one.evidence}" for one in message.told)
            self.say(f"Mended. {said}.")
        if nodes:
            self.start_checks(nodes)

    def stop_mending(self) -> bool:
        """Begin no further command of a remedy; False where none is being carried out."""
        if not self.checks.state.mending:
            return False
        self.say("Stopped; a command that was begun is run to its end.", "warning")
        self.workers.cancel_group(self, "wizard")
        return True

    def broken(self, problem: VipError) -> None:
        if self.checks.state.mending:
            self.checks.mend(())

    def do_accept(self) -> None:
        """Let a check fail from now on, where the operator says so; or not any more."""
        from vip_tui.preflight.risks import accept
        from vip_tui.tui.checks_text import risk_text

        row, outcome = self.checks.selected, self.checks.outcome
        if row is None or outcome is None:
            return
        cluster = outcome.cluster
        finding = row.found[0][1]
        if finding.id in cluster.allow:
            self._allow(tuple(check for check in cluster.allow if check != finding.id))
            self.say(f"{finding.id} stands in the way again where it fails.")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._allow(accept(cluster, finding.id).allow)
                self.say(f"{finding.id} may fail; it is saved once you deploy.")

        text = risk_text(finding, self.checks.whose(row), cluster.name)
        title = f"Go on although {finding.id} fails?"
        self.app.push_screen(Dialog(title, text, "Accept the risk"), answered)

    def _allow(self, allowed: tuple[str, ...]) -> None:
        self.draft = replace(self.draft, allow=allowed)
        self.checks.allow(allowed)
