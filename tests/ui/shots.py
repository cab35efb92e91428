"""Makes the pictures in screenshots/: `python -m tests.ui.shots`, the same on every run."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.ui.scenes import SCENES
from tests.ui.stage import LEAST, playing
from vip_tui.tui.theme import DARK, LIGHT

FOLDER = Path(__file__).parents[2] / "screenshots"
USUAL, WIDE = (100, 28), (120, 40)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of a scene."""

    scene: str
    size: tuple[int, int] = USUAL
    theme: str = DARK.name


SHOTS = {
    "nodes": Shot("nodes-typed"),
    "vip": Shot("vip-filled"),
    "checks": Shot("checks-fine"),
    "checks-problems": Shot("checks-problems"),
    "checks-light": Shot("checks-problems", theme=LIGHT.name),
    "review": Shot("review"),
    "deploy": Shot("deploy-pulling"),
    "panel": Shot("panel"),
    "panel-light": Shot("panel", theme=LIGHT.name),
    "panel-narrow": Shot("panel", LEAST),
    "panel-degraded": Shot("panel-degraded"),
    "panel-wide": Shot("panel-unreachable", WIDE),
    "split-brain": Shot("panel-split-brain"),
    "demo": Shot("nodes-demo"),
    "drill-confirm": Shot("drill-confirm"),
    "drill-running": Shot("drill-running"),
    "drill": Shot("drill-passed"),
    "commands": Shot("commands"),
    "help": Shot("help-field"),
}


async def take(name: str) -> str:
    """One picture, as SVG."""
    shot = SHOTS[name]
    async with playing(SCENES[shot.scene], shot.size, shot.theme) as stage:
        return stage.app.export_screenshot(title="vip-tui")


def main() -> None:
    """Write every picture, and take away what nothing makes."""
    FOLDER.mkdir(exist_ok=True)
    for name in SHOTS:
        (FOLDER / f"{name}.svg").write_text(asyncio.run(take(name)), encoding="utf-8")
    for orphan in {path for path in FOLDER.iterdir() if path.stem not in SHOTS}:
        orphan.unlink()


if __name__ == "__main__":
    main()
