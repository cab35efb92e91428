"""Dialogs: each names the consequence, and starts on the way out."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from vip_tui.errors import VipError
from vip_tui.nodes.reasons import HostKeyUnknown
from vip_tui.tui.theme import HINT


class Dialog(ModalScreen[bool]):
    """A box with a title, a text and buttons; Esc is no."""

    BINDINGS = [Binding("escape", "dismiss(False)", "Cancel")]

    def __init__(self, title: str, text: Text, yes: str = "", no: str = "Cancel") -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            with VerticalScroll(classes="dialog-text", can_focus=False):
                yield Static(self._text, markup=False)
            yield from self.extra()
            with Horizontal(classes="dialog-buttons"):
                yield Button(self._no, id="no", compact=True)
                if self._yes:
                    yield Button(self._yes, id="yes", variant="warning", compact=True)

    def extra(self) -> ComposeResult:
        """What stands between the text and the buttons."""
        yield from ()

    def on_mount(self) -> None:
        self.prepare()

    def prepare(self) -> None:
        """Start on the way out."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")


class TypedDialog(Dialog):
    """For what can cost an outage: the word has to be typed."""

    def __init__(self, title: str, text: Text, word: str, yes: str) -> None:
        super().__init__(title, text, yes)
        self._word = word

    def extra(self) -> ComposeResult:
        yield Static(f"Type {self._word} to go on:", markup=False)
        yield Input(id="typed", compact=True)

    def prepare(self) -> None:
        self.query_one("#yes", Button).disabled = True
        self.query_one("#typed").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#yes", Button).disabled = event.value.strip() != self._word

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._word:
            self.dismiss(True)


class HostKeysDialog(Dialog):
    """The fingerprints of all nodes that nobody has seen yet, to accept together."""

    def __init__(self, unknown: Sequence[tuple[str, HostKeyUnknown]]) -> None:
        text = Text()
        for label, problem in unknown:
            text.append(f"{label}\n", style="bold")
            text.append(f"  {problem.fingerprint}\n")
        text.append("\nCompare with, on each node:\n", style="dim")
        text.append("  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub", style="dim")
        count = "this key" if len(unknown) == 1 else f"these {len(unknown)} keys"
        super().__init__("Nobody has seen these host keys yet", text, f"Accept {count}")


def problem_dialog(problem: VipError) -> Dialog:
    """A failure with its cause and next step."""
    text = Text(problem.detail)
    if problem.hint:
        text.append(f"\n\n{problem.hint}", style=HINT)
    return Dialog(problem.title, text, no="Close")
