"""The command log: every command that was run on a node, as the operator could type it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.message import Message
from textual.widgets import DataTable, Static

from vip_tui.errors import VipError
from vip_tui.nodes.command_log import CommandLog, Entry
from vip_tui.tui import actions, command_text
from vip_tui.tui.screens.base import VipScreen
from vip_tui.tui.theme import WARN, styled
from vip_tui.tui.widgets.frame import Banner, foot

SIDE_BY_SIDE = 160  # columns from which the details have a place beside the list
HEAD_FROM = 20  # lines from which the details say when and how, as the list does
MANY = 50  # rows; more are not taken away one by one
TICK_S = 1.0  # what runs shows for how long


@dataclass
class LogChanged(Message):
    """Something was run, or has ended; only that it is so matters."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, LogChanged)


class CommandTable(DataTable[Text]):
    """The list; where its room changes, the cursor stays in sight."""

    BINDINGS: ClassVar = [
        Binding("home", "scroll_top", "Oldest", show=False),
        Binding("end", "scroll_bottom", "Newest", show=False),
    ]

    def on_resize(self) -> None:
        self.call_after_refresh(self._scroll_cursor_into_view)


class CommandsScreen(VipScreen):
    """The newest is at the bottom, and the list follows it unless one has moved up."""

    ACTIONS: ClassVar = actions.COMMANDS
    BINDINGS: ClassVar = actions.bindings(actions.COMMANDS)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]
    NAME = "The command log"
    ABOUT = (
        "Every command that was run on a node, newest last, as it can be typed here. Docker is "
        "asked through its socket: shown is docker's own command that asks the same. What is asked "
        "every few seconds is one line with a count. Secrets are hidden."
    )
    CSS = """
    CommandsScreen #commands-body { height: 1fr; }
    CommandsScreen #commands-empty { height: 1fr; padding: 1 2; }
    CommandsScreen #command-table {
        height: 1fr; background: $background; overflow-x: hidden;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    CommandsScreen #command-table > .datatable--header {
        background: $background; color: $secondary; text-style: none;
    }
    CommandsScreen #command-table > .datatable--cursor { background: $panel; }
    CommandsScreen #command-table:focus > .datatable--cursor { background: $primary 30%; }
    CommandsScreen #command-detail { height: 35%; min-height: 7; scrollbar-size-vertical: 1; }
    CommandsScreen #command-detail:focus { border: round $primary; }
    CommandsScreen #command-line { height: auto; }
    CommandsScreen.-short #command-detail {
        height: 5; min-height: 5; border: none; border-top: solid $secondary 60%;
    }
    CommandsScreen.-short #command-detail:focus { border-top: solid $primary; }
    CommandsScreen.-side #commands-body { layout: horizontal; }
    CommandsScreen.-side #command-table { width: 3fr; }
    CommandsScreen.-side #command-detail { width: 2fr; height: 1fr; }
    """

    def __init__(
        self,
        log: CommandLog,
        called: str = "commands",
        names: Mapping[str, str] | None = None,
    ) -> None:
        """``called`` begins the saved file's name; ``names`` are the nodes', by their labels."""
        super().__init__()
        self._log = log
        self._called = command_text.file_name(called)
        self._names = names or {}
        self._failures = False
        self._shown: dict[int, Entry] = {}
        self._widths: dict[str, int] = {}
        self._following = True

    def compose(self) -> ComposeResult:
        yield Banner()
        with Container(id="commands-body"):
            yield Static(id="commands-empty", markup=False)
            yield CommandTable(id="command-table", cursor_type="row")
            with VerticalScroll(id="command-detail", classes="box"):
                yield Static(id="command-line", markup=False)
        yield from foot()

    def on_mount(self) -> None:
        self.query_one("#command-detail").border_title = "To type here"
        self.table.focus()
        self._log.subscribe(self._heard)
        self.set_interval(TICK_S, self._tick)
        self.watch(self.table, "scroll_y", self._look_whether_following, init=False)
        self._update()

    def on_unmount(self) -> None:
        self._log.unsubscribe(self._heard)

    def on_resize(self) -> None:
        self.set_class(self.app.size.width >= SIDE_BY_SIDE, "-side")
        self._update()

    @property
    def table(self) -> CommandTable:
        """The list."""
        return self.query_one(CommandTable)

    @property
    def selected(self) -> Entry | None:
        """The command that the cursor is on."""
        table = self.table
        if not table.row_count:
            return None
        key = table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value
        return self._shown.get(int(key or 0))

    # The list.

    def _heard(self) -> None:
        self.post_message(LogChanged())

    def on_log_changed(self) -> None:
        self._update()

    def _wanted(self) -> dict[int, Entry]:
        return {
            entry.number: entry
            for entry in self._log.entries()
            if entry.unwell or not self._failures
        }

    def _columns(self, wanted: dict[int, Entry]) -> dict[str, int]:
        """The columns for the room that there is, beside the list's scrollbar."""
        width = self.app.size.width
        room = (width * 3 // 5 if width >= SIDE_BY_SIDE else width) - 1
        return command_text.columns(room, {self._node_name(entry) for entry in wanted.values()})

    def _node_name(self, entry: Entry) -> str:
        return self._names.get(entry.node, entry.node)

    def _update(self) -> None:
        """Bring the rows up to date, each by its key."""
        wanted = self._wanted()
        widths = self._columns(wanted)
        newest = max(self._shown, default=0)
        gone = self._shown.keys() - wanted.keys()
        late = any(number < newest for number in wanted.keys() - self._shown.keys())
        if widths != self._widths or late or len(gone) > MANY:
            # Other columns, or a failure whose place is among the others.
            self._widths = widths
            self._fill(wanted)
            return
        selected, following = self.selected, self._following
        for number in gone:
            self.table.remove_row(str(number))
            del self._shown[number]
        self._take(wanted)
        if gone:
            self.table.scroll_relative(y=-len(gone), animate=False)
        self._go_to(selected, following, scroll=False)
        self._draw()

    def _fill(self, wanted: dict[int, Entry]) -> None:
        """Write the list anew; what was selected stays so."""
        table, selected, following = self.table, self.selected, self._following
        table.clear(columns=True)
        self._shown.clear()
        for name, width in self._widths.items():
            table.add_column(name, width=width, key=name)
        self._take(wanted)
        self._go_to(selected, following, scroll=True)
        self._draw()

    def _go_to(self, selected: Entry | None, following: bool, scroll: bool) -> None:
        """The cursor on the newest, or where it was: what is gone gives its place to the next."""
        later = [] if selected is None else [it for it in self._shown if it >= selected.number]
        if following or not later:
            self.table.move_cursor(row=max(0, self.table.row_count - 1))
        else:
            row = self.table.get_row_index(str(later[0]))
            self.table.move_cursor(row=row, scroll=scroll)
        self._following = following or not later

    def _take(self, wanted: dict[int, Entry]) -> None:
        for number, entry in wanted.items():
            if self._shown.get(number) is entry:
                continue
            seconds = self._log.seconds(entry)
            row = command_text.cells(entry, self._node_name(entry), seconds, self._widths)
            if number in self._shown:
                for name, cell in row.items():
                    self.table.update_cell(str(number), name, cell)
            else:
                self.table.add_row(*row.values(), key=str(number))
            self._shown[number] = entry

    def _look_whether_following(self) -> None:
        """The end is followed while the cursor is on it, and it has not been scrolled away."""
        table = self.table
        at_the_end = table.scroll_offset.y >= table.max_scroll_y
        self._following = at_the_end and table.cursor_row >= table.row_count - 1

    def _tick(self) -> None:
        """For how long what runs has been running."""
        for number, entry in self._shown.items():
            if entry.outcome == "running":
                result = command_text.result(entry, self._log.seconds(entry))
                if result != self.table.get_cell(str(number), "RESULT"):
                    self.table.update_cell(str(number), "RESULT", result)
        selected = self.selected
        if selected is not None and selected.outcome == "running":
            self._tell()

    def _draw(self) -> None:
        """What is beside the list: the banner, the details, or that there is nothing."""
        entries = self._log.entries()
        left = styled(" Command log", "bold")
        if self._failures:
            left.append("   failures only", style=f"bold {WARN}")
        elif entries:
            left.append(f"   {command_text.number(len(entries))}", style="not bold")
        self.query_one(Banner).show(left, command_text.counts(entries))
        empty = self.query_one("#commands-empty", Static)
        none = "No command has failed." if entries else "Nothing has been run on a node yet."
        empty.update("" if self._shown else none)
        empty.display = not self._shown
        self.query_one("#command-detail").display = bool(self._shown)
        if self.table.display != bool(self._shown):
            self.table.display = bool(self._shown)
            self.table.focus()
        self._tell()

    # The details.

    def on_data_table_row_highlighted(self) -> None:
        self._following = self.table.cursor_row >= self.table.row_count - 1
        self.query_one("#command-detail").scroll_home(animate=False)
        self._tell()

    def _tell(self) -> None:
        entry = self.selected
        if entry is not None:
            head = self.app.size.height >= HEAD_FROM
            seconds = self._log.seconds(entry)
            text = command_text.detail(entry, self._node_name(entry), seconds, head)
            self.query_one("#command-line", Static).update(text)

    # Intents.

    def why_not(self, action: str) -> str | None:
        if action == "copy" and self.selected is None:
            return "there is no command to copy"
        if action == "save" and not self._log.entries():
            return "nothing has been run on a node yet"
        return None

    def do_copy(self) -> None:
        """Give the selected command to the terminal's clipboard."""
        entry = self.selected
        assert entry is not None
        self.app.copy_to_clipboard(entry.line)
        said = f"Copied the command of {self._node_name(entry)} to the terminal's clipboard."
        self.say(f"{said} {command_text.HIDDEN_HINT}" if entry.hides else said)

    def do_save(self) -> None:
        """Write all that is remembered to a file."""
        now = time.time()
        entries = self._log.entries()
        found = [(it, self._node_name(it), self._log.seconds(it)) for it in entries]
        name = f"{self._called}-{command_text.stamp(now)}.sh"
        path = self.app.store.root / "commands" / name
        try:
            self.app.store.write(path, command_text.script(found, now))
        except VipError as problem:
            self.say(str(problem), "error")
            return
        self.say(f"Saved {command_text.number(len(found))} in {path}")

    def do_failures(self) -> None:
        """Only what failed, or all again."""
        self._failures = not self._failures
        self._fill(self._wanted())

    def do_back(self) -> None:
        """Where one was."""
        if self.is_active:
            self.dismiss()
