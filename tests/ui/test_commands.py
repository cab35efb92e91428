"""The command log on the screen: it follows, it can be copied and saved, and it tells no secret."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.unit.build import PASSWORD, spec
from vip_tui.errors import VipError
from vip_tui.keepalived.recipe import run_options
from vip_tui.nodes.command_log import CommandLog, NodeLog
from vip_tui.nodes.commands import ARM_START, LOAD_IP_VS, READ_LOCK
from vip_tui.store import Store
from vip_tui.tui.app import VipApp
from vip_tui.tui.screens.commands import CommandsScreen, LogChanged
from vip_tui.tui.widgets.frame import Banner, Notice

SIZES = [(60, 15), (80, 24), (120, 40), (200, 50)]
CONFLICT = 'The name "/[/x][@click=app.quit]keepalived" is in use'


class Clock:
    """Both clocks, turned by hand: nine o'clock, 2026-01-01."""

    def __init__(self) -> None:
        self.now = 0.0

    def wall(self) -> float:
        return 1_767_258_000.0 + self.now

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock) -> CommandLog:
    return CommandLog(limit=100, clock=clock.wall, monotonic=clock.monotonic)


@pytest.fixture
def n1(log: CommandLog) -> NodeLog:
    return log.at("n1", "ssh -p 2222 root@198.18.0.11")


@pytest.fixture
def app(tmp_path: Path) -> VipApp:
    return VipApp(store=Store(tmp_path))


def some(n1: NodeLog, clock: Clock) -> None:
    """Four commands: one is well, one failed, one was refused, one is running."""
    with n1.command(READ_LOCK, (), READ_LOCK.line()) as run:
        clock.now += 0.12
        run.exited(0)
    with n1.command(LOAD_IP_VS, (), LOAD_IP_VS.line()) as run:
        run.exited(1, "modprobe: FATAL: Module ip_vs not found")
    refuse(n1)
    n1.docker(["events", "--filter", "type=container"], stream=True)
    clock.now += 12


def refuse(n1: NodeLog) -> None:
    words = ["create", *run_options("keepalived", spec())]
    with pytest.raises(VipError), n1.docker(words, secrets=[PASSWORD]):
        raise VipError("Docker on n1 refuses", f"{CONFLICT} {PASSWORD}")


def many(n1: NodeLog, count: int, start: int = 1) -> None:
    for number in range(start, start + count):
        with n1.docker(["inspect", f"container-{number}"]):
            pass


async def opened(app: VipApp, pilot: Pilot[Any], log: CommandLog) -> CommandsScreen:
    screen = CommandsScreen(log, "homelab")
    await app.push_screen(screen)
    await pilot.pause()
    return screen


def rows(screen: CommandsScreen) -> list[list[str]]:
    table = screen.table
    return [[str(cell) for cell in table.get_row_at(index)] for index in range(table.row_count)]


def said(screen: CommandsScreen, widget: str) -> str:
    return str(screen.query_one(widget, Static).render())


def noticed(screen: CommandsScreen) -> str:
    return str(screen.query_one(Notice).render())


def shell(*words: object, where: Path | None = None) -> tuple[int, str]:
    """What sh(1) ends with and says; commands are found in ``where`` first."""
    path = f"{where}:{os.environ['PATH']}" if where else os.environ["PATH"]
    argv = ["sh", *map(str, words)]
    done = subprocess.run(argv, env={"PATH": path}, capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.mark.parametrize("size", SIZES)
async def test_it_is_laid_out_for_every_size(
    app: VipApp, log: CommandLog, n1: NodeLog, clock: Clock, size: tuple[int, int]
) -> None:
    some(n1, clock)
    async with app.run_test(size=size) as pilot:
        screen = await opened(app, pilot, log)
        shown = rows(screen)
        results = ["✔ 0.12 s", "✖ exit 1", "✖ failed", "▶ running 12 s"]
        assert [row[-1] for row in shown] == results
        assert shown[0][-3:-1] == ["n1", "read lock"]
        assert [row[0] for row in shown] == (["n1"] * 4 if size == (60, 15) else ["09:00:00"] * 4)
        table, pane = screen.table, screen.query_one("#command-detail")
        assert table.virtual_size.width <= table.scrollable_content_region.width
        assert screen.region.contains_region(pane.region)
        assert pane.size.height >= 4
        assert (pane.region.y > table.region.y) == (size != (200, 50))
        if size == (60, 15):
            assert pane.size.height == 4
        assert "docker events --filter type=container" in said(screen, "#command-line")
        assert "▶ 1 running" in str(screen.query_one(Banner).render())
        assert "✖ 2 failed" in str(screen.query_one(Banner).render())


async def test_nothing_run_is_said(app: VipApp, log: CommandLog, n1: NodeLog) -> None:
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, log)
        assert said(screen, "#commands-empty") == "Nothing has been run on a node yet."
        await pilot.press("y")
        assert "Not now" in noticed(screen)
        await pilot.press("w")
        assert "Not now" in noticed(screen)
        assert not (app.store.root / "commands").exists()
        many(n1, 2)
        await pilot.pause()
        assert not screen.query_one("#commands-empty").display
        await pilot.press("up")
        assert screen.selected == log.entries()[0]


async def test_the_end_is_followed_unless_one_moved_up(
    app: VipApp, log: CommandLog, n1: NodeLog
) -> None:
    many(n1, 40)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot, log)
        many(n1, 5, start=41)
        await pilot.pause()
        assert screen.selected == log.entries()[-1]
        assert screen.table.scroll_offset.y == screen.table.max_scroll_y
        await pilot.press("up", "up")
        chosen, offset = screen.selected, screen.table.scroll_offset
        many(n1, 5, start=46)
        await pilot.pause()
        assert (screen.selected, screen.table.scroll_offset) == (chosen, offset)
        await pilot.press("end")
        many(n1, 5, start=51)
        await pilot.pause()
        assert screen.selected == log.entries()[-1]


async def test_what_was_scrolled_away_from_does_not_come_back_by_itself(
    app: VipApp, log: CommandLog, n1: NodeLog
) -> None:
    many(n1, 40)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot, log)
        screen.table.scroll_to(y=3, animate=False)
        await pilot.pause()
        many(n1, 5, start=41)
        await pilot.pause()
        assert screen.table.scroll_offset.y == 3


async def test_what_is_forgotten_goes_and_what_is_selected_stays(
    app: VipApp, log: CommandLog, n1: NodeLog
) -> None:
    many(n1, 100)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot, log)
        await pilot.press(*["up"] * 20)
        chosen = screen.selected
        many(n1, 10, start=101)
        await pilot.pause()
        assert screen.selected == chosen
        assert rows(screen)[0][2] == "docker inspect container-11"
        assert len(rows(screen)) == 100
        many(n1, 60, start=111)  # so many that the list is written anew
        await pilot.pause()
        assert screen.selected == chosen
        many(n1, 60, start=171)  # the selected one is forgotten too: the next one takes its place
        await pilot.pause()
        assert screen.selected == log.entries()[0]


async def test_a_command_that_ends_is_brought_up_to_date_in_its_row(
    app: VipApp, log: CommandLog, n1: NodeLog, clock: Clock
) -> None:
    async with app.run_test() as pilot:
        run = n1.docker(["pull", "osixia/keepalived:2.0.20"])
        screen = await opened(app, pilot, log)
        clock.now += 14
        screen._tick()
        assert rows(screen)[0][-1] == "▶ running 14 s"
        assert "running 14 s" in said(screen, "#command-line")
        run.failed(VipError("no such image"))
        await pilot.pause()
        assert rows(screen)[0][-1] == "✖ failed"
        assert "no such image" in said(screen, "#command-line")


async def test_signs_of_life_are_one_row_with_a_count(
    app: VipApp, log: CommandLog, n1: NodeLog, clock: Clock
) -> None:
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, log)
        for _ in range(3):
            with n1.docker(["version"]):
                clock.now += 0.5
        await pilot.pause()
        assert [row[-1] for row in rows(screen)] == ["✔ 0.50 s ×3"]


async def test_a_node_is_called_what_the_panel_calls_it(
    app: VipApp, log: CommandLog, n1: NodeLog
) -> None:
    many(log.at("198.18.0.12", "ssh 198.18.0.12"), 1)
    async with app.run_test() as pilot:
        screen = CommandsScreen(log, "homelab", {"198.18.0.12": "[b]n2"})
        await app.push_screen(screen)
        await pilot.press("w")
        assert rows(screen)[0][1] == "[b]n2"
        assert said(screen, "#command-line").startswith("[b]n2")
    (path,) = (app.store.root / "commands").iterdir()
    assert " [b]n2 ✔" in path.read_text(encoding="utf-8")


async def test_only_failures_and_all_again(
    app: VipApp, log: CommandLog, n1: NodeLog, clock: Clock
) -> None:
    some(n1, clock)
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, log)
        await pilot.press("home", "e")
        await pilot.pause()
        assert [row[-1] for row in rows(screen)] == ["✖ exit 1", "✖ failed"]
        assert "failures only" in str(screen.query_one(Banner).render())
        log._entries.clear()
        many(n1, 1)
        await pilot.pause()
        assert said(screen, "#commands-empty") == "No command has failed."
        await pilot.press("e")
        assert len(rows(screen)) == 1


async def test_a_late_failure_takes_its_place_among_the_others(
    app: VipApp, log: CommandLog, n1: NodeLog
) -> None:
    first, second = n1.docker(["start", "a"]), n1.docker(["start", "b"])
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, log)
        await pilot.press("e")
        second.failed(VipError("no"))
        await pilot.pause()
        first.failed(VipError("no"))
        await pilot.pause()
        assert [row[2] for row in rows(screen)] == ["docker start a", "docker start b"]


async def test_the_selected_command_is_copied_as_it_can_be_typed(
    app: VipApp, log: CommandLog, n1: NodeLog, clock: Clock
) -> None:
    some(n1, clock)
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, log)
        await pilot.press("y")
        assert app.clipboard == log.entries()[-1].line
        assert "Copied" in noticed(screen)
        await pilot.press("up", "y")
        assert shlex.split(app.clipboard)[:4] == ["ssh", "-p", "2222", "root@198.18.0.11"]
        assert "secret is hidden" in noticed(screen)
        assert PASSWORD not in app.clipboard


async def test_what_a_node_said_is_only_text(app: VipApp, log: CommandLog, n1: NodeLog) -> None:
    refuse(n1)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot, log)
        assert CONFLICT in said(screen, "#command-line")
        assert PASSWORD not in said(screen, "#command-line")
        assert PASSWORD not in app.export_screenshot()


async def test_all_is_saved_for_its_owner_only_and_without_secrets(
    app: VipApp, log: CommandLog, n1: NodeLog, clock: Clock
) -> None:
    some(n1, clock)
    with n1.command(ARM_START, ("keepalived",), ARM_START.line("keepalived")):
        pass
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, log)
        await pilot.press("w")
        (path,) = (app.store.root / "commands").iterdir()
        assert path.name in noticed(screen)
    assert path.name.startswith("homelab-2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    assert PASSWORD not in text
    assert "# 2026-01-01T09:00:00Z n1 ✔ 0.12 s\nssh -p 2222" in text
    assert "✖ exit 1\n# modprobe: FATAL: Module ip_vs not found\nssh" in text
    assert "▶ running 12 s\nssh" in text
    assert shell("-n", path) == (0, "")


async def test_the_saved_file_is_not_run_as_a_whole(
    app: VipApp, log: CommandLog, n1: NodeLog, clock: Clock, tmp_path: Path
) -> None:
    some(n1, clock)
    async with app.run_test() as pilot:
        await opened(app, pilot, log)
        await pilot.press("w")
    (path,) = (app.store.root / "commands").iterdir()
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    ssh.chmod(0o755)
    assert shell(path, where=tmp_path) == (1, "Take single lines from this file.\n")
    assert not (tmp_path / "ran").exists()


async def test_a_folder_that_cannot_be_written_is_said(
    app: VipApp, log: CommandLog, n1: NodeLog, tmp_path: Path
) -> None:
    many(n1, 1)
    (tmp_path / "commands").write_text("a file")
    async with app.run_test() as pilot:
        screen = await opened(app, pilot, log)
        await pilot.press("w")
        assert "cannot write" in noticed(screen)


async def test_a_resize_keeps_what_is_selected(app: VipApp, log: CommandLog, n1: NodeLog) -> None:
    many(n1, 40)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot, log)
        await pilot.press("up", "up", "up")
        chosen = screen.selected
        for size in [(60, 15), (200, 50), (80, 24)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert screen.selected == chosen
            table = screen.table
            row = table._get_row_region(table.cursor_row)
            seen = range(table.scroll_offset.y, table.scroll_offset.y + table.size.height)
            assert row.y in seen


async def test_escape_goes_back_and_listens_no_more(
    app: VipApp, log: CommandLog, n1: NodeLog
) -> None:
    async with app.run_test() as pilot:
        before = app.screen
        screen = await opened(app, pilot, log)
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is before
        assert not screen.is_attached
        assert log._listeners == []
        many(n1, 1)


def test_a_burst_of_news_is_one() -> None:
    assert LogChanged().can_replace(LogChanged())
