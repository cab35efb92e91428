"""Remote text is cleaned where it enters: nothing in it can move a cursor or turn a line."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_tui.nodes.text import MAX_LENGTH, clean, clean_line, parse_hostname

HOSTILE = st.text(
    st.sampled_from("\x1b\x07\x9b\x9c\x90\x9d[]()\\;?0123mHJK \t\n\r\x00\x7f\u202eab")
    | st.characters()
)
# Every character that Unicode (UAX 9, Bidi_Control) gives power over the direction of text.
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[Hhome", "home"),
        ("\x1b[?1049h\x1b[6n", ""),
        ("\x1b[38;2;1;2;3mx", "x"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;ZXZpbA==\x07x", "x"),
        ("\x1bPq#0\x1b\\x", "x"),
        ("\x1b_secret\x1b\\x", "x"),
        ("\x1b]0;never ended\nnext", "\nnext"),
        ("\x1b(0x", "x"),
        ("\x1bcx", "x"),
        ("\x1b", ""),
        ("\x1b\x1b[31mx", "x"),
        ("\x1b[", ""),
        ("a\x08\x08b", "ab"),
        ("50%\r100%", "50%100%"),
        ("a\r\nb", "a\nb"),
        ("a\r\r\nb", "a\nb"),
        ("bell\x07 null\x00 del\x7f", "bell null del"),
        ("c1\x85\x9b\x9d", "c1"),
        ("\x9b2Jx", "x"),
        ("\x9d8;;http://evil\x9clink\x9d8;;\x9c", "link"),
        ("\x90q#0\x1b\\x", "x"),
        ("tab\tnewline\n", "tab\tnewline\n"),
        ("Größe 日本 🐳 é", "Größe 日本 🐳 é"),
        ("[/x] [@click=app.quit] [fe80::1]", "[/x] [@click=app.quit] [fe80::1]"),
        ("", ""),
    ],
)
def test_escapes_and_controls_go_and_text_stays(hostile: str, harmless: str) -> None:
    assert clean(hostile) == harmless


@pytest.mark.parametrize("mark", BIDI, ids=unicodedata.name)
def test_marks_that_turn_the_direction_go(mark: str) -> None:
    assert clean(f"a{mark}b") == "ab"


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"ok", "ok"), (b"\xff\xfe", "\ufffd\ufffd"), (b"a\xe4b", "a\ufffdb"), (b"\xc3\xa9", "é")],
)
def test_bytes_that_are_no_utf8_become_replacement_characters(raw: bytes, text: str) -> None:
    assert clean(raw) == text


def test_a_half_surrogate_does_not_come_through() -> None:
    # Docker's JSON may have one, and it cannot be written to a terminal or a file.
    clean("a\ud800b").encode()


@pytest.mark.parametrize("endless", ["x", "\x1b[", "\x1b]0;", "\x1b[0000", "\x1b ", "\n", "é"])
def test_megabytes_are_cut(endless: str) -> None:
    assert len(clean(endless * MAX_LENGTH)) <= MAX_LENGTH


def test_megabytes_of_bytes_are_cut_where_a_character_ends_or_not() -> None:
    assert clean("é".encode() * MAX_LENGTH).rstrip("\ufffd") == "é" * (MAX_LENGTH // 2)


@given(HOSTILE)
def test_clean_text_has_no_control_characters_but_newline_and_tab(text: str) -> None:
    left = {letter for letter in clean(text) if unicodedata.category(letter) in ("Cc", "Cs")}
    assert left <= {"\n", "\t"}


@given(st.binary())
def test_clean_bytes_have_no_control_characters_but_newline_and_tab(raw: bytes) -> None:
    left = {letter for letter in clean(raw) if unicodedata.category(letter) == "Cc"}
    assert left <= {"\n", "\t"}


@given(HOSTILE)
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_no_single_control_character_comes_through() -> None:
    controls = (
        chr(code) for code in range(sys.maxunicode) if unicodedata.category(chr(code)) == "Cc"
    )
    assert clean("".join(controls)) == "\t\n"


@given(HOSTILE, st.integers(1, 100))
def test_a_clean_line_is_one_line_of_at_most_so_many_characters(text: str, limit: int) -> None:
    line = clean_line(text, limit)
    assert len(line) <= limit
    assert line.splitlines() in ([], [line])


def test_a_line_that_was_cut_says_so() -> None:
    assert clean_line("abcdef", 4) == "abc…"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("n1\n", "n1"),
        ("node-1.example.com", "node-1.example.com"),
        ("n1 [/x]", "n1-x-"),
        ("n1\x1b[31m;reboot", "n1-31m-reboot"),
        ("", ""),
        ("a" * 100, "a" * 63),
    ],
)
def test_a_hostname_has_only_letters_that_can_be_shown_and_compared(text: str, name: str) -> None:
    assert parse_hostname(text) == name


@given(st.text())
def test_no_hostname_has_other_letters(text: str) -> None:
    assert not set(parse_hostname(text)) - set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
    )
