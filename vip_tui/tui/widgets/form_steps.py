"""The two steps that are forms: the nodes, and the VIP."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from vip_tui.errors import InputError
from vip_tui.keepalived.recipe import default_priorities
from vip_tui.tui import draft as drafts
from vip_tui.tui.draft import Draft, Field
from vip_tui.tui.widgets.field import FormField


class FormStep(VerticalScroll, can_focus=False):
    """A form over some of the draft's fields; it checks as one types."""

    TITLE = ""
    FIELDS: tuple[tuple[Field, str, str], ...] = ()

    class Changed(Message):
        """The draft is another one now."""

        def __init__(self, draft: Draft) -> None:
            super().__init__()
            self.draft = draft

    class Entered(Message):
        """Enter was pressed in the form."""

    def __init__(self, draft: Draft, step_id: str) -> None:
        super().__init__(id=step_id)
        self.draft = draft

    def compose(self) -> ComposeResult:
        yield Static(self.TITLE, classes="step-title", markup=False)
        for field, label, placeholder in self.FIELDS:
            yield FormField(field, label, placeholder, getattr(self.draft, field))
        yield Static("", classes="step-preview", markup=False)

    def on_mount(self) -> None:
        self.check()

    def take(self, draft: Draft) -> None:
        """Another step changed the draft: check again against it."""
        self.draft = draft
        self.check()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        assert event.input.id is not None
        self.draft = drafts.with_text(self.draft, event.input.id, event.value)
        self.check()
        self.post_message(self.Changed(self.draft))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered())

    def check(self, insist: bool = False) -> bool:
        """Show what is wrong; True where nothing is. ``insist`` blames empty fields too."""
        wrong: list[FormField] = []
        for form_field in self.query(FormField):
            problem = drafts.problem(self.draft, form_field.field)
            form_field.show(problem, self.note(form_field.field), insist)
            if problem is not None:
                wrong.append(form_field)
        self.query_one(".step-preview", Static).update(self.preview())
        if wrong and insist:
            wrong[0].input.focus()
        return not wrong

    def note(self, field: Field) -> str:
        """What is said beneath a field that is fine."""
        return ""

    def preview(self) -> Text | Table:
        """What the form makes of what was typed."""
        return Text()

    def focus_first(self) -> None:
        """Put the cursor into the first field that is wrong, else into the first."""
        fields = list(self.query(FormField))
        wrong = [field for field in fields if drafts.problem(self.draft, field.field)]
        (wrong or fields)[0].input.focus()


class NodesStep(FormStep):
    """Which machines."""

    TITLE = "Which machines share the VIP? The first is the master."
    FIELDS = (
        ("nodes", "Nodes", "two or more addresses; user@host:port works"),
        ("user", "SSH user", "as ssh would: ~/.ssh/config, else your own name"),
    )

    def preview(self) -> Text | Table:
        try:
            nodes = drafts.typed_nodes(self.draft)
        except InputError:
            return Text()
        if not nodes:
            return Text("Nothing is installed on them but one container.", style="dim")
        table = Table.grid(padding=(0, 2))
        for priority, node in zip(default_priorities(len(nodes)), nodes, strict=True):
            table.add_row(
                Text(node.endpoint, style="bold"),
                Text(f"user {node.user}" if node.user else "", style="dim"),
                Text(f"priority {priority}" if len(nodes) > 1 else "", style="dim"),
            )
        return table


class VipStep(FormStep):
    """Which address, and what identifies the virtual router."""

    TITLE = "Which free address of their subnet do they share?"
    FIELDS = (
        ("vip", "VIP", "198.51.100.10"),
        ("name", "Cluster", "the name it is saved under"),
        ("priorities", "Priorities", "by order: 200 for the first, 100 for the last"),
        ("vrid", "VRID", "the last byte of the VIP; 1 to 255"),
        ("password", "Password", "a random one"),
    )
    saved: tuple[str, ...] = ()

    def note(self, field: Field) -> str:
        base = self.draft.base.name if self.draft.base else None
        if field == "name" and self.draft.name.strip() in self.saved and self.draft.name != base:
            return f"▲ a cluster called {self.draft.name.strip()} is saved; it is written over"
        return ""
