"""What a Swarm manager told: its nodes, those that can take part ticked, and what else is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from vip_tui.cluster import Cluster
from vip_tui.tui.screens.dialogs_ticks import TickDialog
from vip_tui.tui.theme import BAD, FAINT, HINT, WARN, styled

if TYPE_CHECKING:
    from vip_tui.preflight.discover import Discovery, SwarmMember

PADDED = 18  # a longer name or address pushes what stands behind it to the right


def should_take_part(member: SwarmMember) -> bool:
    """Whether a node takes part unless the operator says otherwise."""
    fit = member.availability == "active" and member.state == "ready"
    return fit and member.problem is None


def taken(found: Discovery, chosen: tuple[int, ...]) -> Cluster:
    """The cluster with the chosen nodes alone, in their order, and with what is known of each."""
    known = {(node.address, node.port): node for node in found.cluster.nodes}
    nodes = [node for index in chosen if (node := found.nodes[index].node) is not None]
    nodes = [known.get((node.address, node.port), node) for node in nodes]
    return replace(found.cluster, vip=(), nodes=tuple(nodes))


class FoundDialog(TickDialog):
    """The answer is which of the nodes are taken; it starts on the way on."""

    YES_LOOK = "primary"

    def __init__(self, manager: str, found: Discovery) -> None:
        self._found = found
        widths = tuple(
            max((width for word in words if (width := cell_len(word)) <= PADDED), default=0)
            for words in zip(*((item.name, item.address) for item in found.nodes), strict=True)
        )
        lines = []
        for member in found.nodes:
            ticked = None if member.node is None else should_take_part(member)
            lines.append((_member_words(member, widths), ticked))
        text = Text("The first one ticked is to be the master. Space ticks.")
        title = f"The Swarm of {manager}: {len(lines)} nodes"
        super().__init__(title, text, lines, no="Back")

    def wording(self, ticked: int, all_of_them: int) -> str:
        if ticked < all_of_them:
            return f"Take {ticked} of {all_of_them}"
        return f"Take these {all_of_them} nodes"

    def content(self) -> ComposeResult:
        yield from super().content()
        yield Static(_what_else(self._found), id="dialog-foot", markup=False)

    def prepare(self) -> None:
        super().prepare()
        if self.ticked:
            self.query_one("#yes").focus()


def _member_words(member: SwarmMember, widths: tuple[int, ...]) -> Text:
    name, address = (
        word + " " * (width - cell_len(word))
        for word, width in zip((member.name, member.address), widths, strict=True)
    )
    text = styled(f"{name}  ", "bold").append(f"{address}  ", style="not bold")
    text.append("leader" if member.leader else member.role, style="not bold")
    for word, fine in ((member.availability, "active"), (member.state, "ready")):
        text.append(" · ", style=f"not bold {FAINT}")
        text.append(word, style=f"not bold {FAINT}" if word == fine else f"not bold {WARN}")
    if member.problem is not None:
        text.append(f"\n✖ {member.problem.title}", style=f"not bold {BAD}")
        if member.problem.detail:
            text.append(f"  {member.problem.detail}", style=f"not bold {FAINT}")
        if member.problem.hint:
            text.append(f"\n{member.problem.hint}", style=f"not bold {HINT}")
    return text


def _what_else(found: Discovery) -> Text:
    text = Text()
    if found.suggestions:
        text.append("\nFree for the VIP, as far as ARP tells: ", style=FAINT)
        text.append(", ".join(map(str, found.suggestions)), style=HINT)
    lines = tuple(f"{member.name} is left out" for member in found.nodes if member.problem)
    for note in found.notes:
        if not note.startswith(lines):  # its own line says why
            text.append(f"\n· {note}", style=FAINT)
    return text
