"""Every action, declared once: it feeds the footer, the palette, the help and the confirmations.

A screen carries an action out in its method ``do_ID``; ``offers`` says whether it means anything
there, ``why_not`` why it cannot be done now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Action:
    """What an operator can do: its keys (Textual's names), its label, and what it does."""

    id: str
    keys: str
    label: str
    help: str
    danger: bool = False  # it can cost an outage, and asks first
    shown: bool = True  # in the footer
    priority: bool = False  # before the focused widget sees the key

    @property
    def key_names(self) -> str:
        """The keys as the help writes them."""
        return ", ".join(map(_key_name, self.keys.split(",")))


def _key_name(key: str) -> str:
    named = {"question_mark": "?", "escape": "Esc", "enter": "Enter", "space": "Space"}
    if key in named:
        return named[key]
    return key if len(key) == 1 else key.replace("ctrl+", "Ctrl-").replace("f", "F", 1)


EVERYWHERE = (
    Action("help", "question_mark,f1", "Help", "What this is, and what each key does."),
    Action("palette", "ctrl+p", "Palette", "Find any action or theme by name.", shown=False),
    Action("quit", "ctrl+q", "Quit", "End vip-tui; the cluster goes on.", priority=True),
)

WIZARD = (
    Action("forward", "enter", "Next", "Go on to the next step, where this one is done."),
    Action("back", "escape", "Back", "Go back one step; nothing that was typed is lost."),
    Action(
        "demo", "f2", "Demo", "Try everything on a cluster inside this program: no nodes needed."
    ),
    Action("import", "f3", "Import", "Import from a Swarm manager: one address in, all nodes out."),
    Action("open", "space", "Open", "Open the row, or close it: what was seen, what mends it."),
    Action("mend", "m", "Mend", "Show the commands that mend it; they run once you say so."),
    Action("accept", "a", "Accept", "Go on although this check fails; again takes it back."),
    Action("again", "f5", "Check again", "Ask all nodes anew."),
    Action("filter", "e", "Filter", "Show what is fine too, or only what is not."),
    Action("one", "r", "This node", "Ask the row's nodes anew, and keep what the others said."),
    Action("copy", "y", "Copy", "Copy the row with all that is behind it."),
    Action("copy_all", "Y", "Copy all", "Copy the whole list as text.", shown=False),
    Action("details", "d", "Commands", "Show the shell commands that would do the same."),
    Action("log", "f9", "Command log", "Every command that was run on a node.", shown=False),
    *EVERYWHERE,
)

LIVE = (
    Action(
        "drill",
        "f",
        "Failover drill",
        "Stop the master, measure how long the VIP is gone, and start it again.",
        danger=True,
    ),
    Action("edit", "e", "Edit", "Open the set-up, filled with this cluster."),
    Action("log", "c,f9", "Commands", "Every command that was run on a node."),
    EVERYWHERE[0],
    EVERYWHERE[1],
    Action("quit", "q,ctrl+q", "Quit", "End vip-tui; the cluster goes on."),
)

DRILL = (
    Action("stop", "escape", "Stop and restore", "Cut the drill short; the node is started again."),
    Action("close", "enter,escape", "Back to the panel", "Close the report."),
    Action("log", "c,f9", "Commands", "Every command that was run on a node."),
    *EVERYWHERE,
)

COMMANDS = (
    Action("copy", "y", "Copy", "Copy the selected command, to be typed in a shell here."),
    Action("save", "w", "Save", "Write all commands to a file in vip-tui's folder."),
    Action("failures", "e", "Failures", "Show only what failed, or all again."),
    Action("back", "escape,c,f9", "Back", "Back to where you were."),
    *EVERYWHERE,
)

HELP = (
    Action(
        "close",
        "escape,enter,question_mark,f1,q",
        "Close",
        "Back to where you were.",
    ),
)


def bindings(actions: Sequence[Action]) -> list[BindingType]:
    """The key bindings of these actions."""
    return [
        Binding(
            action.keys,
            f"do('{action.id}')",
            action.label,
            show=action.shown,
            priority=action.priority,
            key_display=_key_name(action.keys.partition(",")[0]),
            tooltip=action.help,
        )
        for action in actions
    ]
