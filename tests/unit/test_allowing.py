"""What is allowed goes into the operator's own file, or nothing is written: never a broken one."""

import dataclasses
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_tui.cluster import dump_allowing, load
from vip_tui.errors import VipError
from vip_tui.store import Store

FILE = """\
name = "homelab"
vip = ["198.18.0.100"]
password = "Zq7vip2x"
{allow}
[[node]]
address = "198.18.0.11"

[[node]]
address = "198.18.0.12"
"""
LOSES_ITS_END = FILE.format(allow='allow = [\n  # c\n  "ip_vs" # d\n  # e\n]\n')

COMMENTS = st.text("a# ]\",'\t\u2028\u00a0\u0085é", max_size=6).map(lambda words: f"#{words}\n")
GAPS = st.lists(st.sampled_from([" ", "\n", "\r\n", "\t"]) | COMMENTS, max_size=4).map("".join)


@st.composite
def lists(draw: st.DrawFn) -> str:
    """A list of checks, with comments and line ends wherever TOML has them."""
    checks = draw(st.lists(st.sampled_from(['"ip_vs"', "'clock'", '"cloud"']), max_size=3))
    items = [draw(GAPS) + check + draw(GAPS) for check in checks]
    last = draw(st.sampled_from(["", ","])) if items else ""
    return f"allow = [{','.join(items)}{last}{draw(GAPS)}]{draw(st.sampled_from(['', ' # x']))}\n"


@given(lists() | GAPS, st.lists(st.sampled_from(["clock", "cloud"]), min_size=1))
def test_whatever_the_list_looks_like_the_file_is_never_broken(
    allow: str, checks: list[str]
) -> None:
    text = FILE.format(allow=allow)
    before = load(text)
    try:
        changed = dump_allowing(text, checks)
    except VipError as problem:
        assert problem.title == "cannot add to allow"
        return
    after = load(changed)
    assert set(after.allow) == {*before.allow, *checks}
    assert dataclasses.replace(after, allow=before.allow) == before
    assert changed.count("#") == text.count("#"), "the comments stay"


def test_a_list_that_cannot_be_extended_is_told_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(LOSES_ITS_END)
    with pytest.raises(VipError, match=r"^cannot add to allow in mine\.toml: its list") as caught:
        Store().remember_allowed(str(path), ["clock"])
    assert caught.value.hint == "Add it by hand."
    assert path.read_text() == LOSES_ITS_END
    assert [entry.name for entry in tmp_path.glob("*mine*")] == ["mine.toml"]


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\u0085", "\u00a0"], ids=ascii)
def test_odd_line_ends_in_a_comment_are_no_ends_of_lines(odd: str) -> None:
    comment = f"# the office{odd}downstairs{odd}"
    text = FILE.format(allow=comment).replace('x"\n', 'x"  ')
    changed = dump_allowing(text, ["clock"])
    assert f'{comment}\nallow = ["clock"]\n' in changed
    assert load(changed).allow == ("clock",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_elses_stays_theirs(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(FILE.format(allow=""))
    os.chown(path, 1234, 2345)
    path.chmod(0o640)
    Store().remember_allowed(str(path), ["clock"])
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (1234, 2345, 0o640)
    assert Store().load(str(path)).allow == ("clock",)


def test_who_may_not_give_a_file_away_writes_it_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(FILE.format(allow=""))
    path.chmod(0o640)
    asked: list[tuple[int, int]] = []

    def refused(_handle: int, uid: int, gid: int) -> None:
        asked.append((uid, gid))
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refused)
    Store().remember_allowed(str(path), ["clock"])
    assert asked == [(-1, path.stat().st_gid), (path.stat().st_uid, -1)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert Store().load(str(path)).allow == ("clock",)
