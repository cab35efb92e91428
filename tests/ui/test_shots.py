"""The pictures in screenshots/ are what the program shows now."""

from __future__ import annotations

import pytest

from tests.ui.shots import FOLDER, SHOTS, take

MEND = "the picture is stale; make them anew: python -m tests.ui.shots"


@pytest.mark.parametrize("name", SHOTS)
async def test_a_picture_is_not_stale(name: str) -> None:
    path = FOLDER / f"{name}.svg"
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    fresh = await take(name) == kept  # the SVG itself says nothing to a reader
    assert fresh, MEND


def test_there_is_no_picture_that_nothing_makes() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.svg" for name in SHOTS}, MEND
