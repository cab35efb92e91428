"""The Textual program: it opens on the wizard or on a cluster's live panel."""

from __future__ import annotations

from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding

from vip_tui.cluster import Cluster
from vip_tui.errors import VipError
from vip_tui.store import Store
from vip_tui.tui.draft import DEFAULT_NAME, Draft, from_cluster
from vip_tui.tui.screens.base import VipScreen
from vip_tui.tui.screens.dialogs import problem_dialog
from vip_tui.tui.screens.wizard import WizardScreen
from vip_tui.tui.theme import DARK

if TYPE_CHECKING:
    from vip_tui.nodes.fleet import Fleet
    from vip_tui.tui.screens.live import LiveScreen


class VipApp(App[None]):
    """``watch`` and ``setup`` name a cluster to open; with neither it is an empty wizard."""

    TITLE = "vip-tui"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = [Binding("ctrl+q", "quit", "Quit", show=False, priority=True)]

    def __init__(
        self,
        watch: str | None = None,
        setup: str | None = None,
        identities: tuple[Path, ...] = (),
        accept_new: bool = False,
        store: Store | None = None,
    ) -> None:
        super().__init__()
        self.store = store or Store()
        self._identities = identities
        self._accept_new = accept_new
        self._watch, self._setup = watch, setup
        self._fleet: Fleet | None = None

    def on_mount(self) -> None:
        self.register_theme(DARK)
        self.theme = DARK.name
        reference = self._watch or self._setup
        if not reference:
            self.push_screen(WizardScreen(self._new_draft()))
            return
        try:
            cluster = self.store.load(reference)
        except VipError as problem:
            self.push_screen(WizardScreen(self._new_draft()))
            self.push_screen(problem_dialog(problem))
            return
        if self._watch:
            self.store.touch(reference)
            self.watch_cluster(cluster)
        else:
            self.set_up(cluster)

    def fleet(self) -> Fleet:
        """The connections; made, and asyncssh imported, when they are first needed."""
        if self._fleet is None:
            from vip_tui.nodes.connection import Access
            from vip_tui.nodes.fleet import Fleet

            self._fleet = Fleet(Access(self.store, self._identities, self._accept_new))
        return self._fleet

    def watch_cluster(self, cluster: Cluster, greeting: str = "") -> None:
        """Open the live panel in place of what is shown."""
        from vip_tui.tui.screens.live import LiveScreen

        self._show(LiveScreen(cluster, greeting))

    def set_up(self, cluster: Cluster) -> None:
        """Open the wizard, prefilled."""
        self._show(WizardScreen(from_cluster(cluster)))

    def _new_draft(self) -> Draft:
        """An empty form, under a name that no saved cluster has."""
        taken = set(self.store.names())
        names = chain([DEFAULT_NAME], (f"{DEFAULT_NAME}-{number}" for number in count(2)))
        return Draft(name=next(name for name in names if name not in taken))

    def _show(self, screen: WizardScreen | LiveScreen) -> None:
        if len(self.screen_stack) > 1:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    async def action_quit(self) -> None:
        """End, where nothing is half done."""
        if not isinstance(self.screen, VipScreen) or self.screen.may_quit():
            self.exit()

    async def on_unmount(self) -> None:
        if self._fleet is not None:
            await self._fleet.close()
