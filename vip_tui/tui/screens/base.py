"""What all screens share: their actions, their sizes, and that a failure is never silent."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from vip_tui.errors import VipError
from vip_tui.tui.actions import Action
from vip_tui.tui.problem_text import mistake
from vip_tui.tui.screens.dialogs import HelpDialog, problem_dialog
from vip_tui.tui.theme import styled
from vip_tui.tui.widgets.frame import Notice, TooSmall, too_small

if TYPE_CHECKING:
    from vip_tui.tui.app import VipApp


class VipScreen(Screen[None]):
    """A screen of vip-tui; narrow is a tmux pane of 60 columns."""

    app: VipApp
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (110, "-wide")]
    ACTIONS: ClassVar[tuple[Action, ...]] = ()
    NAME: ClassVar[str] = ""
    ABOUT: ClassVar[str] = ""

    def on_resize(self) -> None:
        """Where there is no room, say so; the cover is made when it is first needed."""
        width, height = self.app.size
        if too_small(width, height) and not self.query(TooSmall):
            self.mount(TooSmall())
        for cover in self.query(TooSmall):
            cover.fit(width, height)

    # Actions.

    def offers(self, action: str) -> bool:
        """Whether this action means anything here and now."""
        return True

    def why_not(self, action: str) -> str | None:
        """Why it cannot be done now, or None where it can."""
        return None

    def show_why(self, action: str) -> None:
        """It could not be done: point at the reason, where it can be seen on the screen."""

    def offered(self) -> list[Action]:
        """The actions that mean something now."""
        return [action for action in self.ACTIONS if self.offers(action.id)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is shown where it does something."""
        return action != "do" or self.offers(str(parameters[0]))

    async def action_do(self, action: str) -> None:
        """Carry an action out, or say why it cannot be done."""
        if not self.offers(action):
            return  # it meant something when it was chosen
        reason = self.why_not(action)
        if reason is not None:
            self.say(f"Not now: {reason}", "warning")
            self.show_why(action)
            return
        done = getattr(self, f"do_{action}")()
        if isawaitable(done):
            await done

    def do_help(self) -> None:
        """Help for what has the focus, and for the screen."""
        self.app.push_screen(HelpDialog(self.help_text()))

    def do_palette(self) -> None:
        """The command palette."""
        self.app.action_command_palette()

    def do_log(self) -> None:
        """The command log."""
        self.app.show_commands()

    async def do_quit(self) -> None:
        """End, where nothing is half done."""
        await self.app.action_quit()

    def help_text(self) -> RenderableType:
        """What the focused thing is for, what the screen is for, and the keys."""
        text = Text()
        widget: Widget | None = self.focused
        while widget is not None and widget is not self:
            if about := getattr(widget, "ABOUT", ""):
                text.append(f"{getattr(widget, 'NAME', '')}\n", style="bold")
                text.append(f"{about}\n\n")
                break
            parent = widget.parent
            widget = parent if isinstance(parent, Widget) else None
        text.append(f"{self.NAME}\n", style="bold")
        text.append(f"{self.ABOUT}\n")
        keys = Table.grid(padding=(0, 2))
        for action in self.offered():
            said = Text(action.help)
            if action.danger:
                said.append(" It asks first.", style="warn")
            if reason := self.why_not(action.id):
                said.append(f" Not now: {reason}.", style="faint")
            keys.add_row(styled(action.key_names, "bold hint"), said)
        return Group(text, keys)

    # News.

    def say(
        self, text: str, severity: Literal["information", "warning", "error"] = "information"
    ) -> None:
        """News in the line above the keys, where it covers nothing."""
        for notice in self.query(Notice):  # there is none before the first paint
            notice.say(text, severity)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that broke is told: a screen that has stopped moving looks like a calm one."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            problem = error if isinstance(error, VipError) else mistake(error)
            self.broken(problem)
            self.app.push_screen(problem_dialog(problem))

    def may_quit(self) -> bool:
        """Whether the program may end now; where not, the screen does what comes first."""
        return True

    def broken(self, problem: VipError) -> None:
        """What the screen shows is no longer kept up to date."""
