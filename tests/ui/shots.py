"""Makes the pictures in screenshots/: `python -m tests.ui.shots`, the same on every run."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from ipaddress import ip_interface
from pathlib import Path
from typing import Any
from unittest import mock

from textual.pilot import Pilot
from textual.widgets import Input

from tests.ui.recorded import CLUSTER, container, picture
from vip_tui.drill.report import DrillReport
from vip_tui.drill.safety import blast_radius
from vip_tui.live import observations as seen
from vip_tui.live.model import Snapshot
from vip_tui.nodes.reasons import AuthRefused
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.facts import Address, HostFacts
from vip_tui.preflight.learnt import DockerFacts, Learnt
from vip_tui.preflight.outcome import Preflight
from vip_tui.store import Store
from vip_tui.tui import messages
from vip_tui.tui.app import VipApp
from vip_tui.tui.screens import live
from vip_tui.tui.screens.drill import DrillScreen
from vip_tui.tui.screens.wizard import WizardScreen
from vip_tui.tui.widgets.checks_step import ChecksStep

FOLDER = Path(__file__).parents[2] / "screenshots"
SIZE = (100, 26)

Scene = Callable[[VipApp, Pilot[Any]], Awaitable[None]]


def learnt() -> list[Learnt]:
    """Two nodes that are ready, and one that does not let us in."""
    found = []
    for index, node in enumerate(CLUSTER.nodes[:2]):
        host = HostFacts(
            hostname=f"n{index + 1}",
            user="root",
            root=True,
            sudo=False,
            addresses=(Address("eth0", ip_interface(f"{node.address}/24")),),
            up=frozenset({"eth0"}),
            ip_vs="loaded" if index == 0 else "loadable",
            ip_vs_persisted=index == 0,
        )
        docker = DockerFacts("27.3.1", True, None)
        found.append(Learnt(node, host=host, docker=docker, answers=()))
    refused = AuthRefused(
        "198.18.0.13 does not let us in",
        "Permission denied for user root on host 198.18.0.13",
        "Give the node your key: `ssh-copy-id 198.18.0.13`, or name another with --identity.",
    )
    return [*found, Learnt(CLUSTER.nodes[2], problem=refused)]


async def nodes(app: VipApp, pilot: Pilot[Any]) -> None:
    text = "198.18.0.11 198.18.0.12 198.18.0.13"
    app.screen.query_one("#nodes", Input).value = text


async def checks(app: VipApp, pilot: Pilot[Any]) -> None:
    wizard = app.screen
    assert isinstance(wizard, WizardScreen)
    seen_nodes = learnt()
    findings = tuple(check_node(CLUSTER, one, seen_nodes) for one in seen_nodes)
    wizard.go_to(2)
    wizard.query_one(ChecksStep).begin(CLUSTER)
    outcome = Preflight(CLUSTER, tuple(seen_nodes), findings, 0.4, 1.3)
    wizard.post_message(messages.ChecksDone(outcome))


async def panel(app: VipApp, pilot: Pilot[Any]) -> None:
    await show(app, picture(at=8041.0))


async def degraded(app: VipApp, pilot: Pilot[Any]) -> None:
    await show(app, picture(CLUSTER, seen.ContainerSeen(90.0, 2, container(100, "exited"))))


async def show(app: VipApp, snap: Snapshot) -> None:
    app.watch_cluster(CLUSTER)
    await app.workers.wait_for_complete()
    app.screen.post_message(messages.SnapshotArrived(snap))


async def drill(app: VipApp, pilot: Pilot[Any]) -> None:
    screen = DrillScreen(mock.Mock(), blast_radius(picture()))
    app.push_screen(screen)
    await pilot.pause()
    report = DrillReport(
        "homelab",
        outcome="passed",
        source="n1",
        target="n2",
        outage_s=0.4246,
        bound_s=0.4141,
        resolution_s=0.01,
        restored=True,
        timeline=[
            (0.0, "n1: docker stop"),
            (0.023, "last answer before the gap"),
            (0.028, "n1 has let go of the VIP"),
            (0.447, "first answer after it"),
            (0.448, "n2 has the VIP"),
            (1.160, "n1: container stopped"),
            (1.279, "n1: docker start"),
            (1.327, "n1 is back as backup; one holder"),
        ],
    )
    screen.post_message(messages.DrillDone(report))


SCENES: dict[str, Scene] = {
    "nodes": nodes,
    "checks": checks,
    "panel": panel,
    "degraded": degraded,
    "drill": drill,
}


async def take(name: str, size: tuple[int, int] = SIZE) -> str:
    """One picture, as SVG."""
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(live.LiveScreen, "_watch", lambda self: None),
        mock.patch.object(DrillScreen, "_run_drill", lambda self: None),
        mock.patch.object(DrillScreen, "_follow", lambda self: None),
        mock.patch.dict(os.environ, TZ="UTC"),
    ):
        time.tzset()
        app = VipApp(store=Store(Path(folder)))
        async with app.run_test(size=size) as pilot:
            await SCENES[name](app, pilot)
            await pilot.pause()
            await pilot.pause()
            return app.export_screenshot(title="vip-tui")


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name in SCENES:
        (FOLDER / f"{name}.svg").write_text(asyncio.run(take(name)), encoding="utf-8")


if __name__ == "__main__":
    main()
