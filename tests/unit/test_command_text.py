"""How the command log is written, where it is narrow and where it is long."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vip_tui.nodes.command_log import Entry
from vip_tui.tui.command_text import RESULT_WIDTH, brief, cells, columns, detail, result

ENTRY = Entry(1, 1_767_258_000.0, 0.0, "n1", "ssh n1", "docker", "docker version", "docker version")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-0.1, "0.000 s"),
        (0.002, "0.002 s"),
        (0.1234, "0.12 s"),
        (9.99, "9.99 s"),
        (9.999, "9 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (86_399, "23 h"),
        (864_000, "10 d"),
    ],
)
def test_a_time_is_told_in_one_unit(seconds: float, text: str) -> None:
    assert brief(seconds) == text


@pytest.mark.parametrize("width", [30, 59, 69, 70, 79, 119, 199])
@pytest.mark.parametrize("name", ["n1", "198.18.0.11", "a-node-with-a-very-long-name.example.com"])
def test_a_row_is_never_wider_than_its_room(width: int, name: str) -> None:
    widths = columns(width, [name])
    row = cells(replace(ENTRY, summary="x" * 300), name, 0.1, widths)
    assert ("TIME" in row) == (width >= 70)
    assert list(row)[-3:] == ["NODE", "COMMAND", "RESULT"]
    assert all(cell.cell_len <= widths[column] for column, cell in row.items())
    if width >= 59:
        assert sum(widths.values()) + 2 * len(widths) == width


@pytest.mark.parametrize(
    ("changes", "seconds", "text"),
    [
        ({}, 0.25, "▶ running 0.25 s"),
        ({"outcome": "done"}, 0.12, "✔ 0.12 s"),
        ({"outcome": "done", "times": 42}, 0.12, "✔ 0.12 s ×42"),
        ({"outcome": "done", "times": 123_456}, 0.002, "✔ 0.002 s ×123k"),
        ({"outcome": "failed", "status": 75}, 0.12, "✖ exit 75"),
        ({"outcome": "failed"}, 0.12, "✖ failed"),
        ({"outcome": "ended"}, 7200, "■ ended 2 h"),
        ({"outcome": "given up"}, 6.0, "■ given up 6.00 s"),
    ],
)
def test_a_result_is_a_glyph_and_a_word(changes: dict[str, Any], seconds: float, text: str) -> None:
    told = result(replace(ENTRY, **changes), seconds)
    assert told.plain == text
    assert told.cell_len <= RESULT_WIDTH


def test_the_details_begin_with_the_shorter_of_the_command_and_what_it_said() -> None:
    failed = replace(ENTRY, outcome="failed", note="no")
    assert detail(failed, "n1", 0.1, head=False).plain == "no\nssh n1 -- 'docker version'"
    said = replace(failed, note="x" * 50)
    assert detail(said, "n1", 0.1, head=False).plain.startswith("ssh n1 -- ")


def test_the_head_says_where_when_and_how_it_ended() -> None:
    head = detail(replace(ENTRY, outcome="failed"), "one", 0.1, head=True).plain.splitlines()[0]
    assert head.startswith("one  ")
    assert head.endswith("✖ failed  0.10 s")
