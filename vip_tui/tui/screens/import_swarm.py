"""Import from a Swarm manager: one address in, all nodes out; the operator says which take part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input, Label, Static
from textual.worker import Worker, WorkerState

from vip_tui.cluster import Cluster, Node, parse_node
from vip_tui.errors import InputError, VipError
from vip_tui.tui import messages
from vip_tui.tui.problem_text import mistake, problem_text
from vip_tui.tui.screens.dialogs import Box
from vip_tui.tui.screens.dialogs_keys import ask_host_keys
from vip_tui.tui.screens.import_found import FoundDialog, taken
from vip_tui.tui.theme import FAINT, styled
from vip_tui.tui.widgets.field import LineInput

if TYPE_CHECKING:
    from vip_tui.nodes.reasons import HostKeyUnknown
    from vip_tui.preflight.discover import Discovery
    from vip_tui.tui.app import VipApp

TICK_S = 0.5
ABOUT = (
    "One manager knows all nodes of its Swarm. It is asked through SSH, then each node is; nothing "
    "is changed on any of them."
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What the form is filled with: a cluster without a VIP, and free addresses to choose from."""

    cluster: Cluster
    suggestions: tuple[str, ...]


class ImportDialog(Box[Imported]):
    """Asks for a manager, then the manager for its Swarm, then which of the nodes to take."""

    app: VipApp
    EXTRA_LINES = 2
    YES_LOOK = "primary"

    def __init__(self, manager: str = "", user: str | None = None) -> None:
        """``user`` logs in where the address does not say who."""
        super().__init__("Import from a Swarm manager", Text(ABOUT), "Ask it")
        self._manager = manager
        self._user = user
        self._asked: Node | None = None  # whom, while it lasts
        self._doing = ""
        self._began = 0.0
        self._ticking: Timer | None = None
        self._shown: frozenset[str] = frozenset()  # host keys, each of which is asked for once

    def extra(self) -> ComposeResult:
        with Horizontal(id="manager-row"):
            yield Label("Manager", id="manager-label", markup=False)
            yield LineInput(
                self._manager,
                placeholder="an address; user@host:port works",
                compact=True,
                select_on_focus=False,
                id="manager",
            )

    def prepare(self) -> None:
        self.query_one(LineInput).focus()
        self._ticking = self.set_interval(TICK_S, self._tick, pause=True)

    def _show(self, words: RenderableType) -> None:
        self.query_one("#dialog-words", Static).update(words)

    # Asking.

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.say_yes()

    def say_yes(self) -> None:
        if self._asked is not None:
            return  # a second Enter, typed ahead
        text = self.query_one(LineInput).value.strip()
        try:
            manager = parse_node(text) if text else _nobody()
        except InputError as problem:
            self._fail(problem)
            return
        self._shown = frozenset()
        self.app.ask_again()
        self._ask(manager)

    def say_no(self) -> None:
        """Esc stops what is under way first."""
        if self._asked is None:
            self.close(None)
            return
        self.workers.cancel_group(self, "import")
        self._end()
        self._show(Text(ABOUT))

    def _ask(self, manager: Node) -> None:
        if manager.user is None and self._user:
            manager = replace(manager, user=self._user)
        self._asked, self._began = manager, monotonic()
        self._doing = f"asking {manager.endpoint}"
        if self._ticking is not None:
            self._ticking.resume()
        self._tick()
        self._discover(manager)

    def _tick(self) -> None:
        if self._asked is not None:
            lasted = f"{monotonic() - self._began:.0f} s"
            self._show(styled(f"◌ {self._doing}… {lasted}. Esc stops.", FAINT))

    def _end(self) -> None:
        self._asked = None
        if self._ticking is not None:
            self._ticking.pause()

    @work(exclusive=True, group="import", exit_on_error=False)
    async def _discover(self, manager: Node) -> None:
        from vip_tui.preflight.discover import discover

        try:
            found = await discover(
                manager,
                await self.app.fleet(),
                lambda text: self.post_message(messages.DiscoveryTold(manager, text)),
            )
        except VipError as problem:
            self.post_message(messages.NotDiscovered(manager, problem))
        else:
            self.post_message(messages.Discovered(manager, found))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            self._fail(mistake(event.worker.error))

    # Answers.

    def on_discovery_told(self, message: messages.DiscoveryTold) -> None:
        if message.manager is self._asked:
            self._doing = message.text
            self._tick()

    def on_not_discovered(self, message: messages.NotDiscovered) -> None:
        from vip_tui.nodes.reasons import HostKeyUnknown

        if message.manager is not self._asked:
            return  # it was stopped
        self._fail(message.problem)
        problem = message.problem
        if isinstance(problem, HostKeyUnknown) and problem.line not in self._shown:
            self._ask_host_keys(message.manager, [(message.manager.label, problem)])

    def _fail(self, problem: VipError) -> None:
        self._end()
        self._show(problem_text(problem))
        self.query_one(LineInput).focus()

    def on_discovered(self, message: messages.Discovered) -> None:
        from vip_tui.nodes.reasons import HostKeyUnknown

        if message.manager is not self._asked:
            return
        self._end()
        self._show(Text(ABOUT))
        unknown = [
            (member.address, member.problem)
            for member in message.found.nodes
            if isinstance(member.problem, HostKeyUnknown) and member.problem.line not in self._shown
        ]
        if unknown:
            self._ask_host_keys(message.manager, unknown, message.found)
        else:
            self._choose(message.manager, message.found)

    def _ask_host_keys(
        self,
        manager: Node,
        unknown: list[tuple[str, HostKeyUnknown]],
        found: Discovery | None = None,
    ) -> None:
        """With what is accepted all are asked anew; else it stays with what was found."""

        def answered(accepted: frozenset[str], declined: frozenset[str]) -> None:
            self._shown |= accepted | declined
            if accepted:
                self._ask(manager)
            elif found is not None:
                self._choose(manager, found)

        ask_host_keys(self.app, unknown, answered)

    def _choose(self, manager: Node, found: Discovery) -> None:
        def answered(chosen: tuple[int, ...] | None) -> None:
            if chosen is not None:
                suggestions = tuple(str(address) for address in found.suggestions)
                self.close(Imported(taken(found, chosen), suggestions))

        self.app.push_screen(FoundDialog(manager.endpoint, found), answered)


def _nobody() -> Node:
    raise InputError("no manager yet", "", "Give the address of one of the Swarm's managers.")
