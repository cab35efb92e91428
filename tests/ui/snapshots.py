"""What every scene shows, as text: `python -m tests.ui.snapshots [SCENE…]` makes snapshots/ anew.

A frame is the terminal's characters without trailing blanks, and below it what has the focus.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.ui.scenes import SCENES
from tests.ui.stage import Stage, playing, text

FOLDER = Path(__file__).parent / "snapshots"


def path(name: str, size: tuple[int, int]) -> Path:
    """Where a scene's frame at this size is kept."""
    return FOLDER / f"{name}-{size[0]}x{size[1]}.txt"


def frame(stage: Stage) -> str:
    """What is kept of what is shown."""
    focused = stage.screen.focused
    where = "nothing" if focused is None else type(focused).__name__
    if focused is not None and focused.id:
        where += f" #{focused.id}"
    return f"{text(stage.app)}== focus: {where}\n"


@asynccontextmanager
async def at_every_size(name: str) -> AsyncIterator[tuple[Stage, AsyncIterator[tuple[int, int]]]]:
    """The scene, played once; it takes on one size after the other."""
    scene = SCENES[name]

    async def sizes(stage: Stage) -> AsyncIterator[tuple[int, int]]:
        yield scene.sizes[0]
        for size in scene.sizes[1:]:
            await stage.resize(*size)
            yield size

    async with playing(scene, scene.sizes[0]) as stage:
        yield stage, sizes(stage)


async def _make(name: str) -> None:
    async with at_every_size(name) as (stage, sizes):
        async for size in sizes:
            path(name, size).write_text(frame(stage), encoding="utf-8")


def main() -> None:
    """Write every frame anew, or those of some scenes; and take away what nothing makes."""
    FOLDER.mkdir(exist_ok=True)
    for name in sys.argv[1:] or SCENES:
        asyncio.run(_make(name))
    kept = {path(name, size) for name, scene in SCENES.items() for size in scene.sizes}
    for orphan in set(FOLDER.iterdir()) - kept:
        orphan.unlink()


if __name__ == "__main__":
    main()
