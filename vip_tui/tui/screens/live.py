"""The live panel: is the VIP up, who holds it, who could take over; and the drill button."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, DataTable, Footer, Static

from vip_tui.cluster import Cluster
from vip_tui.drill import safety
from vip_tui.errors import VipError
from vip_tui.live.model import Event, NodeView, Snapshot
from vip_tui.tui import messages
from vip_tui.tui.screens.base import VipScreen
from vip_tui.tui.screens.dialogs import Dialog, TypedDialog
from vip_tui.tui.theme import BAD, GOOD, HINT, STATES, UNSURE, VERDICTS, duration, labelled

if TYPE_CHECKING:
    from vip_tui.live.watch import Watcher

COLUMNS = ("NODE", "STATE", "PRIO", "HOLDS", "ADDRESS", "CONTAINER", "SINCE")
NARROW_COLUMNS = 4


class LiveScreen(VipScreen):
    """Draws snapshots; decides nothing."""

    BINDINGS: ClassVar = [
        Binding("f", "drill", "Failover drill"),
        Binding("s", "setup", "Set-up"),
        Binding("q", "app.quit", "Quit"),
    ]

    def __init__(self, cluster: Cluster, greeting: str = "") -> None:
        super().__init__()
        self.cluster = cluster
        self.watcher: Watcher | None = None
        self.picture: Snapshot | None = None
        self._greeting = greeting
        self._shown_events = 0
        self._last_event: Event | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="live-header", markup=False)
        with Vertical(id="vip-box", classes="box"):
            yield Static("connecting…", id="vip-line", markup=False)
        yield DataTable(id="node-table", cursor_type="row", zebra_stripes=False)
        with VerticalScroll(id="reasons-box", classes="box"):
            yield Static(id="reasons", markup=False)
        with VerticalScroll(id="events-box", classes="box"):
            yield Static(id="events", markup=False)
        with Horizontal(id="drill-row"):
            yield Button("Failover drill", id="drill", variant="primary", compact=True)
            yield Static(id="drill-note", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#vip-box").border_title = "VIP"
        self.query_one("#reasons-box").border_title = "Why"
        self.query_one("#events-box").border_title = "Events"
        self._lay_out_table()
        self._header(None)
        if self._greeting:
            self.notify(self._greeting, title="Deployed")
        self._watch()

    def on_resize(self) -> None:
        if self.is_mounted:
            self.call_after_refresh(self._lay_out_table)

    def _lay_out_table(self) -> None:
        """Columns drop from the right where the pane is narrow."""
        table = self.query_one(DataTable)
        wanted = COLUMNS[:NARROW_COLUMNS] if self.size.width < 76 else COLUMNS
        if tuple(str(column.label) for column in table.ordered_columns) == wanted:
            return
        table.clear(columns=True)
        for name in wanted:
            table.add_column(name, key=name)
        for index, node in enumerate(self.cluster.nodes):
            table.add_row(node.label, *[""] * (len(wanted) - 1), key=str(index))
        if self.picture is not None:
            self._rows(self.picture)

    @work(exclusive=True, group="watch", exit_on_error=False)
    async def _watch(self) -> None:
        from vip_tui.live.watch import watching

        async with watching(self.cluster, self.app.fleet()) as watcher:
            self.watcher = watcher
            async for picture in watcher.changes():
                self.post_message(messages.SnapshotArrived(picture))

    def on_snapshot_arrived(self, message: messages.SnapshotArrived) -> None:
        picture = self.picture = message.snapshot
        self._header(picture)
        self.query_one("#vip-line", Static).update(vip_line(picture))
        self._rows(picture)
        self._reasons(picture)
        self._events(picture)
        why_not = "; ".join(safety.refusals(picture)[:1])
        self.query_one("#drill-note", Static).update(
            Text(f" not now: {why_not}" if why_not else "", style="dim")
        )

    def _header(self, picture: Snapshot | None) -> None:
        vips = ", ".join(str(vip) for vip in self.cluster.vip)
        left = Text(f" {self.cluster.name}", style="bold")
        left.append(f"   VIP {vips}", style="not bold")
        right = Text("? UNKNOWN ", style=f"bold {UNSURE}")
        if picture is not None:
            right = labelled(VERDICTS, picture.verdict)
            lasted = duration(picture.at - picture.since)
            right.append(f"  for {lasted} ", style="not bold default")
        space = max(1, self.size.width - left.cell_len - right.cell_len)
        self.query_one("#live-header", Static).update(
            Text.assemble(left, " " * space, right, no_wrap=True)
        )

    def broken(self, problem: VipError) -> None:
        self.picture = None
        self._header(None)
        self.query_one("#vip-line", Static).update(f"? not watched: {problem.title}")

    def _rows(self, picture: Snapshot) -> None:
        table = self.query_one(DataTable)
        for index, node in enumerate(picture.nodes):
            cells = node_cells(node, picture)
            for column in table.ordered_columns:
                name = str(column.label)
                table.update_cell(str(index), name, cells[name], update_width=True)

    def _reasons(self, picture: Snapshot) -> None:
        box = self.query_one("#reasons-box")
        box.display = bool(picture.reasons)
        text = Text()
        for number, reason in enumerate(picture.reasons):
            text.append("\n" if number else "")
            text.append(labelled(VERDICTS, reason.verdict, upper=False))
            text.append(f"  {reason.text}")
            if reason.evidence:
                text.append(f"  ({reason.evidence})", style="dim")
            if reason.remedy:
                text.append(f"\n  → {reason.remedy}", style=HINT)
        self.query_one("#reasons", Static).update(text)

    def _events(self, picture: Snapshot) -> None:
        if not picture.events or picture.events[-1] is self._last_event:
            return
        self._last_event = picture.events[-1]
        width = max(len("cluster"), *(len(node.name) for node in picture.nodes))
        lines = [event_line(event, picture, width) for event in picture.events[-100:]]
        self.query_one("#events", Static).update(Text("\n").join(lines))
        self.query_one("#events-box").scroll_end(animate=False)

    # Intents.

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_drill()

    def action_drill(self) -> None:
        """Show what a drill would do, and do it where that is typed."""
        picture, watcher = self.picture, self.watcher
        if picture is None or watcher is None:
            self.notify("Still connecting.")
            return
        if refusals := safety.refusals(picture):
            text = Text("\n".join(f"· {reason}" for reason in refusals))
            self.app.push_screen(Dialog("No drill can run now", text, no="Close"))
            return
        radius = safety.blast_radius(picture)

        def answered(yes: bool | None) -> None:
            if yes:
                from vip_tui.tui.screens.drill import DrillScreen

                self.app.push_screen(DrillScreen(watcher, radius))

        text = Text(f"{radius.text}.\n\n")
        text.append(
            f"keepalived on {radius.source} is stopped, the outage is measured, and it is started "
            "again. It also comes back by itself if this terminal dies.",
            style="dim",
        )
        title = f"Failover drill: stop {radius.source}"
        self.app.push_screen(
            TypedDialog(title, text, radius.source, f"Stop {radius.source}"), answered
        )

    def action_setup(self) -> None:
        """The wizard, prefilled with this cluster."""
        self.app.set_up(self.cluster)


def vip_line(picture: Snapshot) -> Text:
    """Whether the VIP answers, and who has it."""
    probe = picture.probe
    text = Text()
    if probe.problem is not None:
        text.append(f"? cannot be asked from here: {probe.problem}", style=UNSURE)
    elif probe.took is None:
        text.append("✖ does not answer" if probe.asked else "◌ asking…", style=f"bold {BAD}")
    elif (probe.silent or 0.0) > 2.5:
        text.append(f"✖ silent for {duration(probe.silent or 0.0)}", style=f"bold {BAD}")
    else:
        text.append("✔ answers", style=f"bold {GOOD}")
        text.append(f"  {probe.took * 1000:.1f} ms")
    if picture.holders:
        text.append(f"   held by {', '.join(picture.holders)}")
    return text


def node_cells(node: NodeView, picture: Snapshot) -> dict[str, Text]:
    """A node's row: every cell by its column."""
    container = "–"
    if node.container is not None:
        container = node.container.status
        if container == "exited":
            container += f" ({node.container.exit_code})"
    if not node.container_known:
        container = "?"
    known = ", ".join(node.holds) or "–" if node.holds_known else "?"
    return {
        "NODE": Text(node.name, style="bold"),
        "STATE": labelled(STATES, node.state),
        "PRIO": Text("?" if node.priority is None else str(node.priority)),
        "HOLDS": Text(known, style="bold" if node.holds else "dim"),
        "ADDRESS": Text(node.address),
        "CONTAINER": Text(container),
        "SINCE": Text("" if node.since is None else clock(node.since, picture)),
    }


def clock(at: float, picture: Snapshot) -> str:
    """A monotonic moment as the local time of day."""
    return datetime.fromtimestamp(picture.epoch + at).strftime("%H:%M:%S")


def event_line(event: Event, picture: Snapshot, width: int) -> Text:
    """An event: when, where, what."""
    text = Text(f"{clock(event.at, picture)}  ", style="dim")
    text.append(f"{event.node:<{width}}  ", style="not dim bold")
    text.append(event.text, style="not dim")
    return text
