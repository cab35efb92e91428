"""The two steps that are forms: the nodes, and the VIP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from vip_tui.errors import InputError
from vip_tui.keepalived.priorities import default_priorities
from vip_tui.tui import draft as drafts
from vip_tui.tui.draft import Draft, Field
from vip_tui.tui.theme import FAINT, HINT, styled
from vip_tui.tui.widgets.field import FormField

if TYPE_CHECKING:
    from vip_tui.tui.app import VipApp

# What one may do where nothing is typed yet: a question, the key, what it does.
WITHOUT_TYPING = (
    ("A Swarm runs already?", "F3", "asks a manager for its nodes."),
    ("No nodes at hand?", "F2", "opens a demo: a whole cluster inside this program."),
)
ALSO = 3  # of the other addresses that are suggested for the VIP


class FormStep(VerticalScroll, can_focus=False):
    """A form over some of the draft's fields; it checks as one types."""

    TITLE = ""
    FIELDS: tuple[tuple[Field, str, str, str], ...] = ()  # name, label, placeholder, help

    class Changed(Message):
        """One field has another text now.

        The field alone, as a form that has just been made may tell of itself late, and knows the
        other form's fields as they were then.
        """

        def __init__(self, field: Field, text: str) -> None:
            super().__init__()
            self.field = field
            self.text = text

    class Entered(Message):
        """Enter was pressed in the form."""

    app: VipApp

    def __init__(self, draft: Draft, step_id: str) -> None:
        super().__init__(id=step_id)
        self.draft = draft

    def compose(self) -> ComposeResult:
        yield Static(self.TITLE, classes="step-title", markup=False)
        for field, label, placeholder, about in self.FIELDS:
            yield FormField(field, label, placeholder, getattr(self.draft, field), about)
        yield Static("", classes="step-preview", markup=False)

    def on_mount(self) -> None:
        self.check()

    def take(self, draft: Draft) -> None:
        """Another step changed the draft: check again against it."""
        self.draft = draft
        self.check()

    def fill(self, draft: Draft) -> None:
        """Show another draft's texts in the fields."""
        self.draft = draft
        for form_field in self.query(FormField):
            form_field.input.value = getattr(draft, form_field.field)
        self.check()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        form_field = event.input.query_ancestor(FormField)
        self.draft = drafts.with_text(self.draft, form_field.field, event.value)
        self.check()
        self.post_message(self.Changed(form_field.field, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered())

    def check(self, insist: bool = False) -> bool:
        """Show what is wrong; True where nothing is. ``insist`` blames empty fields too."""
        if not self.is_attached:
            return False
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

    def preview(self) -> RenderableType:
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
    NAME = "Nodes"
    ABOUT = (
        "vip-tui runs one keepalived container on each of them, and installs nothing else. "
        "keepalived on the master tells the others every second that it is there; when it falls "
        "silent, the one with the highest priority takes the VIP.\n\n"
        "Everything goes through SSH, with your keys, agent and ~/.ssh/config. What else is wanted "
        "to get in is asked for when it is, and never stored."
    )
    FIELDS = (
        (
            "nodes",
            "Nodes",
            "two or more addresses; user@host:port works",
            "The machines, as ssh reaches them: addresses, names, or aliases of ~/.ssh/config, "
            "with blanks, commas or line breaks between. The first is to be the master.",
        ),
        (
            "user",
            "SSH user",
            "as ssh would: ~/.ssh/config, else your own name",
            "Who logs in where a node has no user@ of its own: root, one who may use sudo, or a "
            "member of the docker group. A password that is wanted is asked for.",
        ),
    )

    def preview(self) -> RenderableType:
        try:
            nodes = drafts.typed_nodes(self.draft)
        except InputError:
            return Text()
        if not nodes:
            text = styled("Nothing is installed on them but one container.", FAINT)
            if not self.app.demo:
                for question, key, what in WITHOUT_TYPING:
                    text.append(f"\n\n{question} ", style="bold")
                    text.append(key, style=f"bold {HINT}")
                    text.append(f" {what}")
            return text
        table = Table.grid(padding=(0, 2))
        for priority, node in zip(default_priorities(len(nodes)), nodes, strict=True):
            table.add_row(
                styled(node.endpoint, "bold"),
                styled(f"user {node.user}" if node.user else "", FAINT),
                styled(f"priority {priority}" if len(nodes) > 1 else "", FAINT),
            )
        if not self.app.demo:
            return table
        text = styled("\nThis is the demo: the nodes are inside this program. ", FAINT)
        text.append("Enter", style=f"bold {HINT}")
        return Group(table, text.append(" goes on, at every step."))


class VipStep(FormStep):
    """Which address, and what identifies the virtual router."""

    TITLE = "Which free address of their subnet do they share?"
    NAME = "VIP"
    ABOUT = (
        "Clients use this one address, and reach whichever node holds it. Swarm's routing mesh "
        "takes it from there: any node answers for every published port.\n\n"
        "What you leave empty is taken from containers that run already, else chosen."
    )
    FIELDS = (
        (
            "vip",
            "VIP",
            "for example 198.51.100.10",
            "The address that clients use. No machine may have it, and it is in the nodes' subnet.",
        ),
        ("name", "Cluster", "the name it is saved under", "What the cluster is called here."),
        (
            "priorities",
            "Priorities",
            "by order: 200 for the first, 100 for the last",
            "One for each node, 1 to 254. The highest one that runs is the master.",
        ),
        (
            "vrid",
            "VRID",
            "the last byte of the VIP; 1 to 255",
            "The virtual router's number. Two clusters in one subnet need different ones.",
        ),
        (
            "password",
            "Password",
            "a random one",
            "Up to 8 characters that all nodes share; it keeps strangers out by accident only.",
        ),
    )
    saved: tuple[str, ...] = ()

    def note(self, field: Field) -> str:
        if field == "vip":
            return self._suggestion()
        base = self.draft.base.name if self.draft.base else None
        if field == "name" and self.draft.name.strip() in self.saved and self.draft.name != base:
            return f"▲ a cluster called {self.draft.name.strip()} is saved; it is written over"
        return ""

    def _suggestion(self) -> str:
        """What is known of an address that was suggested; and of the others."""
        vip, suggested = self.draft.vip.strip(), self.draft.suggested
        others = [address for address in suggested if address != vip][:ALSO]
        if not suggested or (vip and vip not in suggested):
            return ""
        if not vip:
            return f"free, as far as ARP tells: {', '.join(others)}"
        also = f"; so are {', '.join(others)}" if others else ""
        return f"a suggestion: free, as far as ARP tells{also}"
