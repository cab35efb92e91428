"""The pictures in screenshots/ are what the program shows now."""

from __future__ import annotations

import pytest

from tests.ui.shots import FOLDER, SCENES, take


@pytest.mark.parametrize("name", SCENES)
async def test_a_picture_is_not_stale(name: str) -> None:
    kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert await take(name) == kept, "make them anew: python -m tests.ui.shots"


def test_there_is_no_picture_that_nothing_makes() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(SCENES)
