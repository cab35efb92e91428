"""The texts of the live panel: how the VIP answers, a node's row, an event. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from vip_tui.keepalived.log import timestamp_ns
from vip_tui.keepalived.spec import ContainerState
from vip_tui.live.model import NodeView, Snapshot
from vip_tui.tui.theme import (
    BAD,
    FAINT,
    GOOD,
    HINT,
    STATES,
    UNSURE,
    VERDICTS,
    WARN,
    duration,
    labelled,
    styled,
)

SILENT_S = 2.5  # the probe asks every second, and one answer may be late
NAME_LIMIT = 16  # a name may be what a hostile machine calls itself


def vip_line(picture: Snapshot, bars: int = 0, silent_s: float = SILENT_S) -> Text:
    """Whether the VIP answers, and who has it; with so many seconds of how it did.

    ``silent_s`` is how long it may be silent (seconds) before that is said.
    """
    probe = picture.probe
    text = Text()
    if probe.problem is not None:
        text.append(f"? cannot be asked from here: {probe.problem}", style=UNSURE)
    elif probe.took is None:
        if probe.asked and (probe.silent or 0.0) > silent_s:
            text.append("✖ does not answer", style=f"bold {BAD}")
        else:
            text.append("◌ asking…", style=FAINT)
    elif (silent := probe.silent or 0.0) > silent_s:
        lasted = f"{silent:.1f} s" if silent < 10 else duration(silent)
        text.append(f"✖ silent for {lasted}", style=f"bold {BAD}")
    else:
        text.append("✔ answers", style=f"bold {GOOD}")
        text.append(f"  {probe.took * 1000:.1f} ms")
        if bars:
            text.append("  ")
            text.append(sparkline(probe.recent[-bars:]))
    if picture.holders:
        text.append(f"   held by {', '.join(map(short, picture.holders))}")
    return text


def short(name: str) -> str:
    """A node's name, cut where it would push everything else aside."""
    return name if len(name) <= NAME_LIMIT else f"{name[: NAME_LIMIT - 1]}…"


def reasons_text(picture: Snapshot, evidence: bool = True) -> RenderableType:
    """Why the verdict is what it is, and what mends it."""
    rows: list[RenderableType] = []
    for reason in picture.reasons:
        table = Table.grid(padding=(0, 2, 0, 0))
        said = Text(reason.text)
        if reason.evidence and evidence:
            said.append(f"  ({reason.evidence})", style=FAINT)
        table.add_row(labelled(VERDICTS, reason.verdict, upper=False), said)
        rows.append(table)
        if reason.remedy:
            remedy = Table.grid(padding=(0, 1, 0, 0))
            remedy.add_row(styled("  →", HINT), styled(reason.remedy, HINT))
            rows.append(remedy)
    return Group(*rows)


def events_text(picture: Snapshot, count: int = 100) -> Table:
    """The newest events: when, where, what."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for event in picture.events[-count:]:
        table.add_row(
            styled(clock(event.at, picture), FAINT),
            styled(short(event.node), "bold"),
            Text(event.text),
        )
    return table


def router_id(picture: Snapshot) -> str:
    """The VRID that the containers have; nothing where they do not agree."""
    found = {
        node.container.environment.get("KEEPALIVED_ROUTER_ID", "")
        for node in picture.nodes
        if node.container is not None
    }
    return found.pop() if len(found) == 1 else ""


def sparkline(recent: Sequence[float | None]) -> Text:
    """A bar for each second, as high as the answer was slow; a cross where there was none."""
    text = Text()
    for took in recent:
        if took is None:
            text.append("✖", style=BAD)
            continue
        # Each step is twice the one before it: 1 ms, 2 ms, … 64 ms.
        level = next((step for step in range(7) if took < 0.001 * 2**step), 7)
        text.append("▁▂▃▄▅▆▇█"[level], style=GOOD if level < 6 else WARN)
    return text


def uptime(container: ContainerState, picture: Snapshot) -> str:
    """For how long a container has run, by the node's clock and ours."""
    started = timestamp_ns(container.started_at)
    if started is None:
        return container.status
    return f"up {duration(max(0.0, picture.epoch + picture.at - started / 1e9))}"


def node_cells(node: NodeView, picture: Snapshot) -> dict[str, Text]:
    """A node's row: every cell by its column."""
    container = "–"
    if node.container is not None:
        container = node.container.status
        if container == "exited":
            container += f" ({node.container.exit_code})"
        elif node.container.running:
            container = uptime(node.container, picture)
    if not node.container_known:
        container = "?"
    known = ", ".join(node.holds) or "–" if node.holds_known else "?"
    return {
        "NODE": styled(short(node.name), "bold"),
        "STATE": labelled(STATES, node.state),
        "PRIO": Text("?" if node.priority is None else str(node.priority)),
        "HOLDS": styled(known, "bold" if node.holds else FAINT),
        "ADDRESS": Text(node.address),
        "CONTAINER": Text(container),
        "SINCE": Text("" if node.since is None else clock(node.since, picture)),
    }


def clock(at: float, picture: Snapshot) -> str:
    """A monotonic moment as the local time of day."""
    return datetime.fromtimestamp(picture.epoch + at).strftime("%H:%M:%S")
