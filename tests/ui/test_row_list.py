"""The list of rows: the cursor stays on its row, is in sight, and passes by no line."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from rich.text import Text
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from vip_tui.tui.rows import Row
from vip_tui.tui.rows import wrapped as wrapped_row
from vip_tui.tui.widgets import row_list
from vip_tui.tui.widgets.row_list import GUTTER, MARKS, RowList

SIZES = [(60, 4), (40, 9), (100, 30)]


class Shown(App[None]):
    """Nothing but the list."""

    CSS = "RowList { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield RowList("rows")

    @property
    def list(self) -> RowList:
        """The list."""
        return self.query_one(RowList)


def row(key: str, body: str = "", **more: Any) -> Row:
    return Row(key, Text("✖ "), Text(body or key), **more)


def lines(app: Shown) -> list[str]:
    """What is on the screen."""
    return [app.list.render_line(y).text.rstrip() for y in range(app.list.size.height)]


def in_sight(rows: RowList) -> bool:
    """Whether the cursor's row is, at least in part."""
    return any(
        line.startswith((MARKS[None], MARKS[False], MARKS[True]))
        or rows.size.height < len(rows._lines[rows._cursor])
        for line in (rows.render_line(y).text for y in range(rows.size.height))
    )


async def settled(pilot: Pilot[None], rows: Sequence[Row], app: Shown) -> None:
    app.list.show(rows)
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_whatever_comes_and_goes_the_cursor_stays_on_its_row(size: tuple[int, int]) -> None:
    chance = random.Random(7)
    app = Shown()
    async with app.run_test(size=size) as pilot:
        rows = app.list
        for _ in range(60):
            before = rows.row
            keys = sorted(chance.sample(range(40), chance.randint(0, 30)))
            made = [row(f"{n}", "word " * chance.randint(1, 40)) for n in keys]
            await settled(pilot, made, app)
            if before is not None and int(before.key) in keys:
                assert rows.row is not None and rows.row.key == before.key
            assert (rows.row is None) == (not made)
            if made:
                assert in_sight(rows)
                for _ in range(chance.randint(0, 9)):
                    rows.action_move(chance.choice((-1, 1)))
                assert in_sight(rows)
            assert rows.virtual_size.height == sum(len(it) for it in rows._lines)


@pytest.mark.parametrize("size", SIZES)
async def test_the_arrows_show_every_line_there_and_back(size: tuple[int, int]) -> None:
    made = [
        row("a"),
        row("tall", "\n".join(f"line {n}" for n in range(50))),
        row("b", "word " * 60),
        *(row(f"c{n}") for n in range(20)),
        row("foot", still=True),
    ]
    app = Shown()
    async with app.run_test(size=size) as pilot:
        await settled(pilot, made, app)
        rows = app.list
        height = rows.virtual_size.height
        for way in (1, -1):
            seen: set[int] = set()
            for _ in range(height + len(made)):
                seen |= set(range(rows.scroll_offset.y, rows.scroll_offset.y + size[1]))
                rows.action_move(way)
            assert seen >= set(range(height))
        assert rows.scroll_offset.y == 0 and rows.row == made[0]


@pytest.mark.parametrize("size", SIZES)
async def test_pages_and_ends_reach_the_first_and_the_last(size: tuple[int, int]) -> None:
    made = [row("head", still=True), *(row(f"{n}", "word " * 30) for n in range(30))]
    app = Shown()
    async with app.run_test(size=size) as pilot:
        await settled(pilot, made, app)
        rows = app.list
        for _ in range(200):
            rows.action_page(1)
        assert rows.row == made[-1]
        for _ in range(200):
            rows.action_page(-1)
        assert rows.row == made[1]
        rows.action_end_of(1)
        assert rows.row == made[-1]
        assert rows.scroll_offset.y == rows.max_scroll_y
        rows.action_end_of(-1)
        assert rows.row == made[1] and rows.scroll_offset.y == 0


async def test_where_its_row_is_gone_the_cursor_goes_where_it_is_told() -> None:
    app = Shown()
    async with app.run_test() as pilot:
        heading, child = row("node"), row("node/x", parent="node")
        await settled(pilot, [heading, child, row("z")], app)
        app.list.go_to("node/x")
        app.list.show([heading, row("other"), row("z")], ["nowhere", "other"])
        assert app.list.row is not None and app.list.row.key == "other"
        app.list.show([heading, child, row("z")])
        app.list.go_to("node/x")
        app.list.show([heading, row("z")])
        assert app.list.row == heading  # what it came out of
        app.list.show([])
        assert app.list.row is None
        app.list.action_move(1)
        app.list.action_page(-1)
        app.list.action_end_of(1)
        app.list.action_turn(True)
        app.list.reveal()


async def test_only_what_is_new_is_wrapped_and_only_what_changed_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Shown()
    async with app.run_test(size=(60, 20)) as pilot:
        made = [row(f"{n}") for n in range(10)]
        await settled(pilot, made, app)
        wrapped: list[str] = []
        real = wrapped_row

        def counted(one: Row, *more: Any) -> list[Text]:
            wrapped.append(one.key)
            return real(one, *more)

        drawn: list[tuple[int, int]] = []
        monkeypatch.setattr(row_list, "wrapped", counted)
        monkeypatch.setattr(app.list, "refresh_lines", lambda *lines: drawn.append(lines))
        monkeypatch.setattr(app.list, "refresh", lambda *_: drawn.append((0, 0)))
        app.list.show([*made[:4], row("4", "other"), *made[5:]])
        assert wrapped == ["4"]
        assert drawn == [(4, 1)]
        app.list.show([*made[:4], row("4", "other"), *made[5:]])
        assert wrapped == ["4"] and drawn == [(4, 1)]


async def test_what_is_opened_at_the_lower_edge_comes_into_sight() -> None:
    app = Shown()
    async with app.run_test(size=(60, 6)) as pilot:
        made = [row(f"{n}") for n in range(6)]
        await settled(pilot, made, app)
        app.list.go_to("5")
        below = [row(f"5/{n}", parent="5") for n in range(4)]
        app.list.show([*made, *below])
        app.list.reveal()
        assert [line[GUTTER:] for line in lines(app)][-5:] == [
            f"✖ {it.key}" for it in (made[5], *below)
        ]
        more = [row(f"5/0/{n}", parent="5/0") for n in range(9)]
        app.list.show([*made, below[0], *more, *below[1:]])
        app.list.reveal()
        assert lines(app)[1].startswith(f"{MARKS[None]}✖ 5")


async def test_a_new_width_wraps_anew_and_keeps_the_cursor_in_sight() -> None:
    app = Shown()
    async with app.run_test(size=(100, 10)) as pilot:
        made = [row(f"{n}", "word " * 30) for n in range(20)]
        await settled(pilot, made, app)
        app.list.action_end_of(1)
        for size in ((40, 10), (60, 5), (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.list.row == made[-1] and in_sight(app.list)
            assert all(len(line) <= size[0] for line in lines(app))


async def test_a_click_below_the_last_row_or_on_a_still_one_does_nothing() -> None:
    app = Shown()
    async with app.run_test(size=(60, 10)) as pilot:
        await settled(pilot, [row("a"), row("b"), row("foot", still=True)], app)
        await pilot.click(RowList, offset=(4, 1))
        assert app.list.row == row("b")
        for line in (2, 7):
            await pilot.click(RowList, offset=(4, line))
            assert app.list.row == row("b")


async def test_its_marks_need_no_colour() -> None:
    app = Shown()
    async with app.run_test(size=(60, 5)) as pilot:
        await settled(pilot, [row("a", opens=False), row("b", opens=True), row("c")], app)
        for place, mark in enumerate(("▸ ", "▾ ", "· ")):
            assert lines(app)[place].startswith(mark)
            assert sum(line.startswith("  ") for line in lines(app)) == 2
            app.list.action_move(1)
