"""Dialogs: each names the consequence, and starts on the way out."""

from __future__ import annotations

import asyncio
from typing import Generic, Literal, TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Button, Input, Static

from vip_tui.errors import VipError
from vip_tui.tui.theme import HINT
from vip_tui.tui.widgets.frame import TooSmall

T = TypeVar("T")
TYPED_FOR_YOU_S = 4
FRAME_LINES = 8  # of a dialog: what is around it, its border, title, buttons, and blanks


class Box(ModalScreen[T], Generic[T]):
    """A box with a title, a text and buttons; Esc is no, and the answer None."""

    CSS_PATH = "dialogs.tcss"
    AUTO_FOCUS = ""  # ``prepare`` says where it starts
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (110, "-wide")]
    EXTRA_LINES = 0  # that stand between the text and the buttons
    YES_LOOK: Literal["warning", "primary"] = "warning"
    BINDINGS = [
        Binding("escape", "close", "Cancel"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(8)", show=False),
        Binding("pageup", "scroll(-8)", show=False),
    ]

    def __init__(self, title: str, text: RenderableType, yes: str = "", no: str = "Cancel") -> None:
        super().__init__()
        self.gone = asyncio.Event()
        self._title = title
        self._text = text
        self._yes = yes
        self._no = no
        self._answered = False

    def close(self, answer: T | None) -> None:
        """Answer, once: a second Enter that was typed ahead is not for what lies beneath."""
        if not self._answered and self.is_active:
            self._answered = True
            self.dismiss(answer)

    def say_yes(self) -> None:
        """The answer is yes, and what goes with it."""
        raise NotImplementedError

    def say_no(self) -> None:
        """The answer is no."""
        self.close(None)

    def action_close(self) -> None:
        """The answer is no."""
        self.say_no()

    def action_scroll(self, lines: int) -> None:
        """Move the text."""
        self.query_one(".dialog-text").scroll_relative(y=lines, animate=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            with VerticalScroll(classes="dialog-text", can_focus=False):
                yield from self.content()
            yield from self.extra()
            with Horizontal(classes="dialog-buttons"):
                yield Button(self._no, id="no", compact=True)
                if self._yes:
                    yield Button(self._yes, id="yes", variant=self.YES_LOOK, compact=True)
        yield TooSmall()

    def content(self) -> ComposeResult:
        """What is scrolled where there is no room for it."""
        yield Static(self._text, id="dialog-words", markup=False)

    def extra(self) -> ComposeResult:
        """What stands between the text and the buttons."""
        yield from ()

    def on_mount(self) -> None:
        self.prepare()
        self.on_resize()

    def on_unmount(self) -> None:
        self.gone.set()

    def on_resize(self) -> None:
        """The text gives way, never the buttons."""
        width, height = self.app.size
        self.query_one(TooSmall).fit(width, height)
        self.query_one(".dialog").styles.max_height = height - 2
        self.call_after_refresh(self._fit_text)
        self._fit_text()

    def _fit_text(self) -> None:
        title = max(1, self.query_one(".dialog-title").size.height)
        room = self.app.size.height - FRAME_LINES - self.EXTRA_LINES - (title - 1)
        self.query_one(".dialog-text").styles.max_height = max(2, room)

    def prepare(self) -> None:
        """Start on the way out."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "yes":
            self.say_yes()
        else:
            self.say_no()


class Dialog(Box[bool]):
    """Yes or no."""

    def say_yes(self) -> None:
        self.close(True)

    def say_no(self) -> None:
        self.close(False)


class TypedDialog(Dialog):
    """For what can cost an outage: the word has to be typed.

    In the demo nobody can lose anything: there it is typed for whoever looks, and goes on by itself
    unless it is stopped.
    """

    EXTRA_LINES = 2

    def __init__(self, title: str, text: Text, word: str, yes: str) -> None:
        super().__init__(title, text, yes)
        self._word = word
        self._left = TYPED_FOR_YOU_S
        self._timer: Timer | None = None

    def extra(self) -> ComposeResult:
        yield Static(f"Type {self._word} to go on:", id="typed-label", markup=False)
        yield Input(id="typed", compact=True)

    def prepare(self) -> None:
        self.query_one("#yes", Button).disabled = True
        self.query_one("#typed").focus()
        if getattr(self.app, "demo", False):
            self.query_one("#typed", Input).value = self._word
            self._timer = self.set_interval(1, self._count_down)
            self._say()

    def _say(self) -> None:
        text = f"In the demo {self._word} is typed for you; going on in {self._left} s."
        self.query_one("#typed-label", Static).update(text)

    def _count_down(self) -> None:
        if not self.is_active:
            return
        self._left -= 1
        if self._left > 0:
            self._say()
        else:
            self.close(True)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        right = event.value.strip() == self._word
        self.query_one("#yes", Button).disabled = not right
        if not right and self._timer is not None:  # somebody types: they decide
            self._timer.stop()
            self.query_one("#typed-label", Static).update(f"Type {self._word} to go on:")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._word:
            self.close(True)


class HelpDialog(Dialog):
    """What the focused thing is, and what each key does."""

    BINDINGS = [
        Binding("question_mark,f1,q", "close", show=False),
        Binding("space", "scroll(8)", show=False),
    ]

    def __init__(self, text: RenderableType) -> None:
        super().__init__("Help", text, no="Close")


def problem_dialog(problem: VipError) -> Dialog:
    """A failure with its cause and next step."""
    text = Text(problem.detail)
    if problem.hint:
        text.append(f"\n\n{problem.hint}", style=HINT)
    return Dialog(problem.title, text, no="Close")
