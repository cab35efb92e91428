"""The Textual program: it opens on the wizard or on a cluster's live panel."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count
from typing import TYPE_CHECKING, Literal

from textual.app import App, SystemCommand
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import DataTable, Static

from vip_tui.cluster import Cluster
from vip_tui.errors import VipError
from vip_tui.store import Store
from vip_tui.tui.asking import Asking
from vip_tui.tui.draft import DEFAULT_NAME, Draft, from_cluster
from vip_tui.tui.ending import EndingApp
from vip_tui.tui.palette import ActionsProvider
from vip_tui.tui.screens.base import VipScreen
from vip_tui.tui.screens.dialogs import problem_dialog
from vip_tui.tui.screens.wizard import WizardScreen
from vip_tui.tui.terminal import TerminalDriver
from vip_tui.tui.theme import DARK, LIGHT, SIXTEEN, styles

if TYPE_CHECKING:
    from vip_tui.nodes.command_log import CommandLog
    from vip_tui.nodes.connection import Access
    from vip_tui.nodes.fleet import Fleet

Ended = Literal["demo"]
THEME_SETTING = "theme"
PAINTED_S = 0.1  # by then there is something to look at


@dataclass(frozen=True, slots=True)
class Start:
    """What the program opens on: a saved cluster's panel or set-up, else the wizard.

    ``cluster`` needs not be saved: the wizard is filled with it, or with ``live`` its panel shown.
    """

    watch: str | None = None
    setup: str | None = None
    cluster: Cluster | None = None
    live: bool = False
    demo: bool = False


class VipApp(EndingApp[Ended]):
    """``access`` makes the way in to the nodes, after the first paint; ``ended`` is awaited last.

    It returns ``"demo"`` where the operator asked for the demo.
    """

    TITLE = "vip-tui"
    CSS_PATH = "app.tcss"
    COMMANDS = {ActionsProvider}
    COMMAND_PALETTE_DISPLAY = "Ctrl-P"

    def __init__(
        self,
        start: Start = Start(),
        access: Callable[[], Awaitable[Access]] | None = None,
        store: Store | None = None,
        ended: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.store = store or Store()
        self.demo = start.demo
        self._start = start
        self._access = access or self._own_access
        self._ended = ended
        self._fleet: Fleet | None = None
        self._commands: CommandLog | None = None
        self._opening = asyncio.Lock()
        self._asking = Asking(self)
        self._first: Cluster | None = None
        self._problem: VipError | None = None  # why that could not be opened
        for theme in (DARK, LIGHT, SIXTEEN):
            self.register_theme(theme)
        self._first_theme = self._chosen_theme()
        if not self.available_themes[self._first_theme].ansi:
            # Set before the first paint: one that changes later has all styles computed again.
            self.set_reactive(App.theme, self._first_theme)
        self.stylesheet.set_variables(self.get_css_variables())
        self.console.push_theme(styles(self.get_css_variables()))

    def _chosen_theme(self) -> str:
        """What the operator chose last; else by how many colours the terminal has."""
        chosen = self.store.setting(THEME_SETTING)
        if chosen in self.available_themes:
            return chosen
        return SIXTEEN.name if self.console.color_system == "standard" else DARK.name

    async def _own_access(self) -> Access:
        from vip_tui.nodes.connection import Access

        return Access(self.store)

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._repaint)
        self.theme = self._first_theme
        self.heed_signals()
        if self._problem is not None:
            self.push_screen(problem_dialog(self._problem))
        if self._first is not None and (self._start.watch or self._start.live):
            self.watch_cluster(self._first)
        self.set_timer(PAINTED_S, self._painted)

    def get_default_screen(self) -> Screen[None]:
        """Where the wizard comes first it is the lowest screen: so it is painted the sooner."""
        self._first, self._problem = self._first_cluster()
        if self._first is None:
            return WizardScreen(self._new_draft())
        if self._start.watch or self._start.live:
            return Screen(id="_default")
        saved = None if self._start.cluster else self._first
        return WizardScreen(from_cluster(self._first), back_to=saved)

    def _first_cluster(self) -> tuple[Cluster | None, VipError | None]:
        """The cluster to open, or why it cannot be opened."""
        reference = self._start.watch or self._start.setup
        if not reference:
            return self._start.cluster, None
        try:
            cluster = self.store.load(reference)
        except VipError as problem:
            return None, problem
        if self._start.watch:
            self.store.touch(reference)
        return cluster, None

    def _painted(self) -> None:
        """What waited for the first paint: the collector of garbage, and the demo's servers."""
        gc.freeze()
        gc.enable()
        if self.demo:
            self.run_worker(self.fleet(), exit_on_error=True)

    # The look.

    def _repaint(self, theme: Theme) -> None:
        """Give the named colours of texts their meaning in this theme, and draw them anew."""
        self.console.pop_theme()
        self.console.push_theme(styles(self.get_css_variables()))
        for screen in self.screen_stack:
            for static in screen.query(Static):
                static.update(static.content)
            for table in screen.query(DataTable):
                table.notify_style_update()
                table.refresh()
        if theme.name != self._first_theme:
            self._first_theme = ""  # from now on whatever is chosen is remembered
            try:
                self.store.set_setting(THEME_SETTING, theme.name)
            except VipError as problem:
                self.say(str(problem))

    def say(self, text: str) -> None:
        """News, on the screen that is shown."""
        if isinstance(self.screen, VipScreen):
            self.screen.say(text)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette has beside the screen's own actions."""
        own = ((DARK, "Dark theme"), (LIGHT, "Light theme"), (SIXTEEN, "Theme of 16 colours"))
        for theme, title in own:
            yield SystemCommand(title, "vip-tui's own", partial(self._choose, theme.name))
        yield SystemCommand("Theme…", "Textual's other themes", self.action_change_theme)

    def _choose(self, theme: str) -> None:
        self.theme = theme

    # What the screens ask of the program.

    async def fleet(self) -> Fleet:
        """The connections; made, and asyncssh imported, when they are first needed."""
        async with self._opening:
            if self._fleet is None:
                access = await self._access()
                if access.ask is None:
                    access = replace(access, ask=self._asking)
                from vip_tui.nodes.fleet import Fleet

                self._fleet = Fleet(access, self.commands())
            return self._fleet

    def ask_again(self) -> None:
        """Secrets that the operator would not say may be asked for once more."""
        if self._fleet is not None:
            self._fleet.access.secrets.ask_again()

    def commands(self) -> CommandLog:
        """What was run on nodes; there also before anything was."""
        if self._commands is None:
            from vip_tui.nodes.command_log import CommandLog

            self._commands = CommandLog()
        return self._commands

    def show_commands(self, called: str = "", names: Mapping[str, str] | None = None) -> None:
        """Open the command log of a cluster whose nodes have these names by their labels."""
        from vip_tui.tui.screens.commands import CommandsScreen

        self.push_screen(CommandsScreen(self.commands(), called, names))

    def watch_cluster(self, cluster: Cluster, greeting: str = "") -> None:
        """Open the live panel in place of what is shown."""
        from vip_tui.tui.screens.live import LiveScreen

        self.ask_again()
        self._show(LiveScreen(cluster, greeting))

    def set_up(self, cluster: Cluster) -> None:
        """Open the wizard, prefilled."""
        self._show(WizardScreen(from_cluster(cluster), back_to=cluster))

    def _new_draft(self) -> Draft:
        """An empty form, under a name that no saved cluster has."""
        taken = set(self.store.names())
        names = chain([DEFAULT_NAME], (f"{DEFAULT_NAME}-{number}" for number in count(2)))
        return Draft(name=next(name for name in names if name not in taken))

    def _show(self, screen: VipScreen) -> None:
        if len(self.screen_stack) > 1:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    async def action_quit(self) -> None:
        """End, where nothing is half done."""
        if all(screen.may_quit() for screen in self.screen_stack if isinstance(screen, VipScreen)):
            self.exit()

    def nobody_answers(self) -> None:
        self._asking.end()

    async def on_unmount(self) -> None:
        self.going_on = False
        self.nobody_answers()
        await self.let_workers_end()
        try:
            if self._fleet is not None:
                await self._fleet.close()
        finally:
            if self._ended is not None:
                await self._ended()
