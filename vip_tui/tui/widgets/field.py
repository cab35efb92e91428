"""A labelled input with its message beneath: what is wrong, or what is left open means."""

from __future__ import annotations

import re
from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Static

from vip_tui.errors import VipError
from vip_tui.tui.draft import Field
from vip_tui.tui.theme import BAD, FAINT, styled


class LineInput(Input):
    """An input that heeds keys in the order in which they were typed."""

    BINDINGS = [Binding("enter", "submit", "Next")]

    async def _on_key(self, event: events.Key) -> None:
        # Textual inserts a letter at once but runs a binding only after it has bubbled up: typed
        # ahead over a slow line, a backspace would delete the letters that came after it.
        edit = self.edit(event.key)
        if edit is None:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        edit()

    def edit(self, key: str) -> Callable[[], None] | None:
        """What a key does to the line, where it is no letter."""
        return {
            "backspace": self.action_delete_left,
            "delete": self.action_delete_right,
            "left": self.action_cursor_left,
            "right": self.action_cursor_right,
            "home": self.action_home,
            "end": self.action_end,
            "ctrl+u": self.action_delete_left_all,
            "ctrl+w": self.action_delete_left_word,
        }.get(key)


class PastedInput(LineInput):
    """An input that takes a pasted list with its line breaks, as blanks."""

    def edit(self, key: str) -> Callable[[], None] | None:
        if key == "question_mark" and not self.password:
            return self._help  # no name, address or number has one
        return super().edit(key)

    def _help(self) -> None:
        self.call_later(self.run_action, "screen.do('help')")

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        text = re.sub(r"\s+", " ", event.text).strip()
        before = self.value[: self.cursor_position]
        glue = " " if before and before[-1] not in " ,;" and " " in text else ""
        self.insert_text_at_cursor(f"{glue}{text}")


class FormField(Vertical):
    """One field of the wizard's form; its id is the field's name in the draft."""

    def __init__(
        self, field: Field, label: str, placeholder: str, value: str, about: str = ""
    ) -> None:
        super().__init__(id=f"field-{field}", classes="field")
        self.NAME, self.ABOUT = label, about
        self.field: Field = field
        self._label = label
        self._placeholder = placeholder
        self._value = value
        self._touched = False

    def compose(self) -> ComposeResult:
        with Horizontal(classes="field-row"):
            yield Label(self._label, classes="field-label", markup=False)
            yield PastedInput(
                self._value,
                placeholder=self._placeholder,
                password=self.field == "password",
                compact=True,
                select_on_focus=False,  # or the first letter would replace what is there
                id=self.field,
            )
        yield Static("", classes="field-message -empty", markup=False)

    @property
    def input(self) -> Input:
        """The input itself."""
        return self.query_one(Input)

    def show(self, problem: VipError | None, note: str = "", insist: bool = False) -> None:
        """Show the problem; an empty field is blamed only once it was typed in or insisted on."""
        self._touched = self._touched or insist or bool(self.input.value)
        wrong = problem is not None and self._touched
        self.set_class(wrong, "-wrong")
        message = self.query_one(".field-message", Static)
        message.set_class(not (wrong or note), "-empty")
        if problem is not None and wrong:
            text = styled(f"✖ {problem.title}", f"bold {BAD}")
            detail = " · ".join(part for part in (problem.detail, problem.hint) if part)
            text.append(f"  {detail}" if detail else "", style="not bold")
            message.update(text)
        else:
            message.update(styled(note, FAINT))
