"""The live panel: is the VIP up, who holds it, who could take over; and the drill button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, DataTable, Static

from vip_tui.cluster import Cluster
from vip_tui.drill import safety
from vip_tui.errors import VipError
from vip_tui.live.model import Event, Snapshot
from vip_tui.tui import actions, messages
from vip_tui.tui.screens.base import VipScreen
from vip_tui.tui.screens.dialogs import Dialog, TypedDialog
from vip_tui.tui.theme import FAINT, HINT, UNSURE, VERDICTS, duration, labelled, styled
from vip_tui.tui.vip_text import events_text, node_cells, reasons_text, router_id, vip_line
from vip_tui.tui.widgets.frame import Banner, NewestInSight, foot

if TYPE_CHECKING:
    from vip_tui.live.watch import Watcher

COLUMNS = ("NODE", "STATE", "PRIO", "HOLDS", "ADDRESS", "CONTAINER", "SINCE")
NARROW_COLUMNS = 4


class LiveScreen(VipScreen):
    """Draws snapshots; decides nothing."""

    CSS_PATH = "live.tcss"
    ACTIONS = actions.LIVE
    BINDINGS = actions.bindings(actions.LIVE)
    NAME = "The live panel"
    ABOUT = (
        "Does the VIP answer, who holds it, and who could take over. The verdict comes from three "
        "witnesses: the kernel's addresses, keepalived's log, and the VIP's answers to us."
    )

    def __init__(self, cluster: Cluster, greeting: str = "") -> None:
        super().__init__()
        self.cluster = cluster
        self.watcher: Watcher | None = None
        self.picture: Snapshot | None = None
        self._greeting = greeting
        self._shown_events = 0
        self._last_event: Event | None = None

    def compose(self) -> ComposeResult:
        yield Banner()
        with Vertical(id="vip-box", classes="box"):
            yield Static("connecting…", id="vip-line", markup=False)
        yield DataTable(id="node-table", cursor_type="none", zebra_stripes=False)
        with Container(id="below"):
            with VerticalScroll(id="reasons-box", classes="box"):
                yield Static(id="reasons", markup=False)
            with NewestInSight(id="events-box", classes="box"):
                yield Static(id="events", markup=False)
        with Horizontal(id="drill-row"):
            yield Button("Failover drill", id="drill", variant="primary", compact=True)
            yield Static(id="drill-note", markup=False)
        yield from foot()

    def on_mount(self) -> None:
        self.query_one("#vip-box").border_title = "VIP"
        self.query_one("#reasons-box").border_title = "Why"
        self.query_one("#events-box").border_title = "Events"
        self._lay_out_table()
        self._header(None)
        if self._greeting:
            self.say(self._greeting)
        self._watch()

    def on_resize(self) -> None:
        if self.is_mounted:
            self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        """Draw anew what depends on the room there is."""
        self._lay_out_table()
        if self.picture is not None:
            self._draw(self.picture)

    def _lay_out_table(self) -> None:
        """Columns drop from the right where the pane is narrow."""
        table = self.query_one(DataTable)
        table.cell_padding = 2 if self.size.width >= 110 else 1
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

        async with watching(self.cluster, await self.app.fleet()) as watcher:
            self.watcher = watcher
            async for picture in watcher.changes():
                self.post_message(messages.SnapshotArrived(picture))

    def on_snapshot_arrived(self, message: messages.SnapshotArrived) -> None:
        self.picture = message.snapshot
        self._draw(message.snapshot)

    def _draw(self, picture: Snapshot) -> None:
        self._header(picture)
        bars = min(60, max(0, self.size.width - 50))
        self.query_one("#vip-line", Static).update(vip_line(picture, bars))
        self._rows(picture)
        self._reasons(picture)
        self._events(picture)
        note = f" not now: {picture.verdict}" if safety.refusals(picture) else ""
        if note and picture.verdict == "healthy":
            note = f" not now: {safety.refusals(picture)[0]}"
        self.query_one("#drill-note", Static).update(styled(note, FAINT))

    def _header(self, picture: Snapshot | None) -> None:
        vips = ", ".join(str(vip) for vip in self.cluster.vip)
        left = styled(f" {self.cluster.name}", "bold")
        left.append(f"   VIP {vips}", style="not bold")
        right = styled("? UNKNOWN ", f"bold {UNSURE}")
        vrid = router_id(picture) if picture and not self.has_class("-narrow") else ""
        if vrid:
            left.append(f"   VRID {vrid}", style=f"not bold {FAINT}")
        if picture is not None:
            right = labelled(VERDICTS, picture.verdict)
            lasted = duration(picture.at - picture.since)
            right.append(f"  for {lasted} ", style="not bold")
        self.query_one(Banner).show(left, right)

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
        narrow = self.has_class("-narrow")
        self.query_one("#reasons", Static).update(reasons_text(picture, evidence=not narrow))

    def _events(self, picture: Snapshot) -> None:
        if not picture.events or picture.events[-1] is self._last_event:
            return
        self._last_event = picture.events[-1]
        self.query_one("#events", Static).update(events_text(picture))
        self.query_one(NewestInSight).follow()

    # Intents.

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.do_drill()

    def why_not(self, action: str) -> str | None:
        if action == "drill":
            refusals = safety.refusals(self.picture) if self.picture else ["still connecting"]
            return refusals[0] if refusals else None
        return None

    async def action_do(self, action: str) -> None:
        if action == "drill":  # it has more to say than one line why it cannot be done
            self.do_drill()
        else:
            await super().action_do(action)

    def do_drill(self) -> None:
        """Show what a drill would do, and do it where that is typed."""
        picture, watcher = self.picture, self.watcher
        if picture is None or watcher is None:
            self.say("Still connecting.")
            return
        if refusals := safety.refusals(picture):
            text = Text("\n".join(f"· {reason}" for reason in refusals))
            for remedy in dict.fromkeys(reason.remedy for reason in picture.reasons):
                text.append(f"\n→ {remedy}" if remedy else "", style=HINT)
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
            style=FAINT,
        )
        title = f"Failover drill: stop {radius.source}"
        self.app.push_screen(
            TypedDialog(title, text, radius.source, f"Stop {radius.source}"), answered
        )

    def do_log(self) -> None:
        views = self.picture.nodes if self.picture else ()
        pairs = zip(self.cluster.nodes, views, strict=False)
        names = {node.label: view.name for node, view in pairs}
        self.app.show_commands(self.cluster.name, names)

    def do_edit(self) -> None:
        """The wizard, prefilled with this cluster."""
        self.app.set_up(self.cluster)
