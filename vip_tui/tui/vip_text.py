"""The texts of the live panel: how the VIP answers, a node's row, an event. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from vip_tui.keepalived.log import timestamp_ns
from vip_tui.keepalived.spec import ContainerState
from vip_tui.live.model import Event, NodeView, Snapshot
from vip_tui.tui.theme import BAD, FAINT, GOOD, STATES, UNSURE, WARN, duration, labelled, styled


def vip_line(picture: Snapshot, bars: int = 0) -> Text:
    """Whether the VIP answers, and who has it; with so many seconds of how it did."""
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
        if bars:
            text.append("  ")
            text.append(sparkline(probe.recent[-bars:]))
    if picture.holders:
        text.append(f"   held by {', '.join(picture.holders)}")
    return text


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
        "NODE": styled(node.name, "bold"),
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


def event_line(event: Event, picture: Snapshot, width: int) -> Text:
    """An event: when, where, what."""
    return Text.assemble(
        (f"{clock(event.at, picture)}  ", FAINT), (f"{event.node:<{width}}  ", "bold"), event.text
    )
