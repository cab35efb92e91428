"""The live panel draws what a Snapshot says, and never more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Button, DataTable, Input, Static

from tests.ui.recorded import CLUSTER, container, picture
from tests.ui.waiting import words
from vip_tui.cluster import Cluster
from vip_tui.live import observations as seen
from vip_tui.live.model import Snapshot
from vip_tui.nodes.reasons import EngineError
from vip_tui.tui import messages
from vip_tui.tui.app import VipApp
from vip_tui.tui.screens.live import LiveScreen


@pytest.fixture(autouse=True)
def no_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel is fed by the test: it connects to nothing."""
    monkeypatch.setattr(LiveScreen, "_watch", lambda self: None)


async def shown(app: VipApp, snap: Snapshot, cluster: Cluster = CLUSTER) -> LiveScreen:
    app.watch_cluster(cluster)
    await app.workers.wait_for_complete()
    screen = app.screen
    assert isinstance(screen, LiveScreen)
    screen.post_message(messages.SnapshotArrived(snap))
    return screen


def said(screen: LiveScreen, widget: str) -> str:
    return words(screen.query_one(widget, Static))


def rows(screen: LiveScreen) -> list[list[str]]:
    table = screen.query_one(DataTable)
    return [[str(cell) for cell in table.get_row_at(index)] for index in range(table.row_count)]


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 50)])
async def test_a_healthy_cluster_at_every_size(size: tuple[int, int]) -> None:
    app = VipApp()
    async with app.run_test(size=size) as pilot:
        screen = await shown(app, picture())
        await pilot.pause()
        assert "✔ HEALTHY" in said(screen, ".banner")
        assert "answers" in said(screen, "#vip-line")
        assert [row[:4] for row in rows(screen)] == [
            ["n1", "● MASTER", "200", "198.18.0.100"],
            ["n2", "○ BACKUP", "150", "–"],
            ["n3", "○ BACKUP", "100", "–"],
        ]
        assert screen.query_one("#drill", Button).region.height > 0


async def test_a_node_that_is_lost_is_never_shown_as_healthy() -> None:
    lost = seen.Lost(2.0, 0, EngineError("connection to n1 lost", "no sign of life"))
    app = VipApp()
    async with app.run_test() as pilot:
        screen = await shown(app, picture(CLUSTER, lost))
        await pilot.pause()
        assert "HEALTHY" not in said(screen, ".banner")
        assert rows(screen)[0][1:4] == ["✖ UNREACHABLE", "200", "?"]
        assert "connection to n1 lost" in said(screen, "#reasons")


async def test_two_masters_are_split_brain_once_it_lasts() -> None:
    also: list[seen.Observation] = [
        seen.AddressesRead(2.0, 1, frozenset({"198.18.0.100"})),
        seen.StateEntered(2.0, 1, "master"),
    ]
    app = VipApp()
    async with app.run_test() as pilot:
        screen = await shown(app, picture(CLUSTER, *also, at=2.1))
        await pilot.pause()
        assert "UNKNOWN" in said(screen, ".banner")
        screen.post_message(messages.SnapshotArrived(picture(CLUSTER, *also, at=60.0)))
        await pilot.pause()
        assert "SPLIT-BRAIN" in said(screen, ".banner")
        assert "n1 and n2" in said(screen, "#reasons")


async def test_markup_and_escapes_in_a_hostname_are_only_text() -> None:
    named = seen.Connected(2.0, 1, "[/x][@click=app.quit]n2[/]")
    app = VipApp()
    async with app.run_test() as pilot:
        screen = await shown(app, picture(CLUSTER, named))
        await pilot.pause()
        assert rows(screen)[1][0] == "[/x][@click=app…"


async def test_a_drill_is_refused_with_the_reason_where_nobody_could_take_over() -> None:
    alone = [seen.ContainerSeen(2.0, index, container(100, "exited")) for index in (1, 2)]
    app = VipApp()
    async with app.run_test() as pilot:
        screen = await shown(app, picture(CLUSTER, *alone))
        await pilot.pause()
        screen.watcher = object()  # type: ignore[assignment]  # only its presence matters here
        await pilot.press("f")
        await pilot.pause()
        texts = " ".join(str(item.render()) for item in app.screen.query(Static).results(Static))
        assert "No drill can run now" in texts
        assert "no healthy backup" in texts


async def test_a_drill_wants_the_name_of_the_node_typed() -> None:
    app = VipApp()
    async with app.run_test() as pilot:
        screen = await shown(app, picture())
        await pilot.pause()
        screen.watcher = object()  # type: ignore[assignment]  # only its presence matters here
        await pilot.press("f")
        await pilot.pause()
        dialog = app.screen
        assert "n1 gives up 198.18.0.100; n2 should take it within 0.41 s" in " ".join(
            str(item.render()) for item in dialog.query(Static).results(Static)
        )
        assert dialog.query_one("#yes", Button).disabled
        dialog.query_one("#typed", Input).value = "n2"
        await pilot.press("enter")
        assert app.screen is dialog
        dialog.query_one("#typed", Input).value = "n1"
        await pilot.pause()
        assert not dialog.query_one("#yes", Button).disabled
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is screen


async def test_a_resize_keeps_what_is_shown() -> None:
    app = VipApp()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(app, picture())
        await pilot.pause()
        wide = rows(screen)
        await pilot.resize_terminal(60, 15)
        await pilot.pause()
        assert [row[:4] for row in wide] == rows(screen)
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert rows(screen) == wide


async def test_a_container_with_another_vip_is_drift() -> None:
    other = seen.ContainerSeen(2.0, 1, container(150, vips="198.18.0.200"))
    entered = seen.StateEntered(2.0, 1, "backup")
    snap = picture(CLUSTER, other, entered)
    assert snap.verdict == "drift"
    assert replace(snap, events=()).reasons[0].evidence
