"""Scenes of a cluster that runs: the panel, drills, and what opens over them."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

from tests.ui import recorded_setup
from tests.ui.recorded import CLUSTER, RECENT, TWO_HOURS, VIP, container, picture
from tests.ui.scenes_setup import DEMO, FILLED, HOSTILE, deploy_starting
from tests.ui.stage import Scenes, Stage
from tests.unit import build
from vip_tui.cluster import parse_vip
from vip_tui.drill.report import DrillReport
from vip_tui.drill.safety import blast_radius
from vip_tui.errors import UnreachableError
from vip_tui.live import observations as seen
from vip_tui.tui import messages
from vip_tui.tui.app import Start
from vip_tui.tui.screens.drill import DrillScreen
from vip_tui.tui.screens.live import LiveScreen

LIVE = Scenes(Start(cluster=CLUSTER, live=True))
TWO_VIPS = tuple(map(parse_vip, ("198.18.0.100", "198.18.0.101")))
LONG = replace(CLUSTER, name="the-cluster-of-the-second-floor-with-a-long-name", vip=TWO_VIPS)
DEMO_LIVE = replace(DEMO, live=True)
NINE = build.cluster(*(replace(build.node(n), name=None) for n in range(1, 10)))
SILENT = (*RECENT[:54], None, None, None, None, None, None)
LOST = UnreachableError(
    "connection to n3 lost", "no sign of life for 10 s", "Is the node still up?"
)
OLD, NEW = TWO_HOURS - 80, TWO_HOURS - 20


async def seen_also(
    stage: Stage, *more: seen.Observation, recent: tuple[float | None, ...] = RECENT
) -> None:
    """The panel, as if its watcher had told this."""
    shown = stage.base
    assert isinstance(shown, LiveScreen)
    shown.watcher = mock.Mock()
    snapshot = picture(shown.cluster, *more, at=TWO_HOURS, recent=recent)
    await stage.tell(messages.SnapshotArrived(snapshot))


@LIVE.add()
async def panel(stage: Stage) -> None:
    await seen_also(stage)


@LIVE.add()
async def panel_connecting(stage: Stage) -> None:
    """Nothing was seen yet."""


@LIVE.add(FILLED)
async def panel_deployed(stage: Stage) -> None:
    """Straight from the wizard: the notice says what was done."""
    await deploy_starting(stage)
    await stage.tell(messages.ApplyDone(recorded_setup.DEPLOYED))
    await stage.tell(messages.SnapshotArrived(picture(at=4.0, recent=RECENT[:3])))


@LIVE.add()
async def panel_degraded(stage: Stage) -> None:
    await seen_also(stage, seen.ContainerSeen(NEW, 2, container(100, "exited", exit_code=137)))


@LIVE.add()
async def panel_split_brain(stage: Stage) -> None:
    await seen_also(
        stage,
        seen.StateEntered(OLD, 1, "master"),
        seen.AddressesRead(OLD, 1, frozenset({VIP})),
        seen.Probed(NEW, 0.4, 0.0006, RECENT),
    )


@LIVE.add()
async def panel_stale_vip(stage: Stage) -> None:
    """keepalived was killed; the address stayed, and another node took it too."""
    await seen_also(
        stage,
        seen.ContainerSeen(OLD, 0, container(200, "exited", exit_code=137)),
        seen.StateEntered(OLD + 3, 1, "master"),
        seen.AddressesRead(OLD + 3, 1, frozenset({VIP})),
        seen.Probed(NEW, 0.4, 0.0006, RECENT),
    )


@LIVE.add()
async def panel_no_master(stage: Stage) -> None:
    stopped = [seen.ContainerSeen(OLD + n, n, container(200 - 50 * n, "exited")) for n in range(3)]
    await seen_also(
        stage,
        *stopped,
        seen.AddressesRead(OLD, 0, frozenset()),
        seen.Probed(NEW, 60.0, 0.0004, SILENT),
        seen.Probed(NEW + 1, 61.0, 0.0004, SILENT),
    )


@LIVE.add()
async def panel_unreachable(stage: Stage) -> None:
    """A backup is gone: the VIP is up, nobody knows whether the node could take over."""
    await seen_also(stage, seen.Lost(NEW, 2, LOST))


@LIVE.add()
async def panel_unknown(stage: Stage) -> None:
    """Nothing is reached any more: the tunnel to the site is down."""
    lost = [
        seen.Lost(NEW, n, UnreachableError(f"connection to n{n + 1} lost", "timed out", LOST.hint))
        for n in range(3)
    ]
    await seen_also(stage, *lost, seen.Probed(NEW, 21.0, 0.0004, SILENT))


@LIVE.add()
async def panel_drift(stage: Stage) -> None:
    other = container(150, vips="#PYTHON2BASH:['198.18.0.200']")
    await seen_also(
        stage,
        seen.ContainerSeen(OLD, 1, other),
        seen.StateEntered(OLD + 1, 1, "backup"),
    )


@LIVE.add()
async def panel_hostile(stage: Stage) -> None:
    """What a node calls itself is only text."""
    await seen_also(stage, seen.Connected(NEW, 1, HOSTILE))


@LIVE.add(Start(cluster=NINE, live=True))
async def panel_nine(stage: Stage) -> None:
    """More nodes than lines, and two of them unwell."""
    await seen_also(
        stage,
        seen.ContainerSeen(OLD, 7, container(112, "paused")),
        seen.ContainerSeen(NEW, 8, None),
    )


@LIVE.add(Start(cluster=LONG, live=True))
async def panel_long_name(stage: Stage) -> None:
    """A long name, and two VIPs."""
    await seen_also(stage)


@LIVE.add(DEMO_LIVE)
async def panel_demo(stage: Stage) -> None:
    await seen_also(stage)


@LIVE.add()
async def panel_help(stage: Stage) -> None:
    await seen_also(stage, seen.Lost(NEW, 2, LOST))
    await stage.press("question_mark")


@LIVE.add()
async def panel_palette(stage: Stage) -> None:
    await panel(stage)
    await stage.press("ctrl+p")


@LIVE.add()
async def drill_confirm(stage: Stage) -> None:
    await panel(stage)
    await stage.press("f")


@LIVE.add()
async def drill_confirm_typed(stage: Stage) -> None:
    await drill_confirm(stage)
    await stage.put("typed", "n1")


@LIVE.add(DEMO_LIVE)
async def drill_confirm_demo(stage: Stage) -> None:
    await panel_demo(stage)
    await stage.press("f")


@LIVE.add()
async def drill_refused(stage: Stage) -> None:
    """The gate, before anything is asked."""
    await panel_degraded(stage)
    await stage.press("f")


async def drilling(stage: Stage) -> None:
    await panel(stage)
    stage.app.push_screen(DrillScreen(mock.Mock(), blast_radius(picture(at=TWO_HOURS))))
    await stage.settle()
    gone = seen.AddressesRead(TWO_HOURS - 1, 0, frozenset())
    stopped = seen.ContainerSeen(TWO_HOURS - 1, 0, container(200, "exited"))
    silent = seen.Probed(TWO_HOURS, 0.3, 0.0004, RECENT)
    await stage.tell(
        *map(messages.DrillTold, recorded_setup.DRILLING),
        messages.SnapshotArrived(picture(CLUSTER, gone, stopped, silent, at=TWO_HOURS)),
    )


@LIVE.add()
async def drill_running(stage: Stage) -> None:
    await drilling(stage)


@LIVE.add()
async def drill_stopping(stage: Stage) -> None:
    await drilling(stage)
    await stage.press("escape")


async def reported(stage: Stage, report: DrillReport) -> None:
    await drilling(stage)
    await stage.tell(messages.DrillDone(report))


@LIVE.add()
async def drill_passed(stage: Stage) -> None:
    await reported(stage, recorded_setup.PASSED)


@LIVE.add()
async def drill_failed(stage: Stage) -> None:
    await reported(stage, recorded_setup.FAILED)


@LIVE.add()
async def drill_aborted(stage: Stage) -> None:
    await reported(stage, recorded_setup.ABORTED)


@LIVE.add()
async def drill_refused_late(stage: Stage) -> None:
    """Somebody else took the lock in the meantime."""
    await reported(stage, recorded_setup.REFUSED)


@LIVE.add()
async def drill_inconclusive(stage: Stage) -> None:
    await reported(stage, recorded_setup.INCONCLUSIVE)
