"""What all screens share: the sizes they are laid out for, and that a failure is never silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.worker import Worker, WorkerState

from vip_tui.errors import VipError
from vip_tui.tui.screens.dialogs import problem_dialog

if TYPE_CHECKING:
    from vip_tui.tui.app import VipApp


class VipScreen(Screen[None]):
    """A screen of vip-tui; narrow is a tmux pane of 60 columns."""

    app: VipApp
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (110, "-wide")]

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that broke is told: a screen that has stopped moving looks like a calm one."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            if not isinstance(error, VipError):
                detail = f"{type(error).__name__}: {error}"
                error = VipError("vip-tui made a mistake", detail, "Start it again; report this.")
            self.broken(error)
            self.app.push_screen(problem_dialog(error))

    def may_quit(self) -> bool:
        """Whether the program may end now; where not, the screen does what comes first."""
        return True

    def broken(self, problem: VipError) -> None:
        """What the screen shows is no longer kept up to date."""
