"""Rows: nothing of a text is lost or wider than its room, however it is wrapped."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from vip_tui.tui.rows import LEAST, Row, as_text, with_what_is_beneath, wrapped

CONSOLE = Console(file=io.StringIO(), width=80)
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=30)


def row(key: str, head: str = "", body: str = "", parent: str = "") -> Row:
    return Row(key, Text(head), Text(body), parent=parent)


@given(st.lists(WORDS, max_size=12), st.integers(20, 120), st.sampled_from(["", "✖ ", "  ? a  "]))
def test_a_wrapped_row_fits_and_loses_no_word(words: list[str], width: int, head: str) -> None:
    lines = wrapped(row("a", head, " ".join(words)), width, CONSOLE)
    assert lines[0].plain.startswith(head)
    assert all(line.cell_len <= max(width, len(head) + LEAST) for line in lines)
    rest = "".join(line.plain[len(head) :] for line in lines)
    assert "".join(rest.split()) == "".join("".join(words).split())


@given(st.integers(-5, 5), st.integers(0, 40))
def test_where_there_is_no_room_there_still_is_a_line(width: int, length: int) -> None:
    assert wrapped(row("a", "✖ ", "x" * length), width, CONSOLE)


def test_what_is_beneath_a_heading_stands_in_line_below_its_words() -> None:
    lines = wrapped(row("a", "✖ ab  ", "one\n  two"), 40, CONSOLE)
    assert [line.plain for line in lines] == ["✖ ab  one", "        two"]
    assert row("a", "✖ ab  ", "one\n  two").plain == "✖ ab  one\n        two"


def test_what_is_copied_of_a_row_is_all_that_came_out_of_it_and_nothing_else() -> None:
    rows = [
        row("node/1", "n1"),
        row("node/1/docker", "docker", parent="node/1"),
        row("node/1/docker/seen", "seen", parent="node/1/docker"),
        row("node/10", "n10"),
        row("node/10/docker", "other", parent="node/10"),
    ]
    assert as_text(with_what_is_beneath("node/1", rows)) == "n1\ndocker\nseen\n"
    assert as_text(with_what_is_beneath("node/10/docker", rows)) == "other\n"
