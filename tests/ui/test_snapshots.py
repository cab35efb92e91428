"""Every scene at three sizes: it shows what it showed before, and nothing is cut off or lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.color import Color
from textual.command import CommandPalette
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import DataTable, Footer
from textual.widgets._footer import FooterKey

from tests.ui.scenes import SCENES
from tests.ui.snapshots import FOLDER, at_every_size, frame, path
from tests.ui.stage import LEAST, Stage, playing, strips, text
from vip_tui.tui.theme import DARK, LIGHT, SIXTEEN
from vip_tui.tui.widgets.frame import Banner, TooSmall

LOOKS = ("checks-problems", "panel-split-brain", "commands")
THEMES = (LIGHT.name, SIXTEEN.name, "nord", "ansi-light")
# Scenes with flaws that are still to be mended; once they are, the test says so.
KNOWN: frozenset[str] = frozenset()
MEND = "look at the difference; if it is right: python -m tests.ui.snapshots"


@pytest.mark.parametrize("name", SCENES)
async def test_a_scene_is_what_it_was_at_every_size(name: str) -> None:
    frames, found = {}, []
    async with at_every_size(name) as (stage, sizes):
        async for size in sizes:
            frames[size] = frame(stage)
            found += [f"{size}: {flaw}" for flaw in flaws(stage)]
    for size, shown in frames.items():
        assert shown == path(name, size).read_text(encoding="utf-8"), MEND
    assert bool(found) is (name in KNOWN), found or "mended: take it out of KNOWN"


def test_there_is_no_frame_that_nothing_makes() -> None:
    made = {path(name, size) for name, scene in SCENES.items() for size in scene.sizes}
    assert set(FOLDER.iterdir()) == made, MEND


def flaws(stage: Stage) -> list[str]:
    """What is cut off, hidden or lost on whatever screen is shown."""
    if any(cover.display for cover in stage.screen.query(TooSmall)):
        return []
    return [*frame_flaws(stage), *key_flaws(stage), *place_flaws(stage)]


def frame_flaws(stage: Stage) -> Iterator[str]:
    width, height = stage.app.size
    if stage.base.query_one(Banner).region != (0, 0, width, 1):
        yield "the banner is not on top"
    if stage.base.query_one(Footer).region != (0, height - 1, width, 1):
        yield "the keys are not in the last line"
    if stage.app.demo and "DEMO" not in text(stage.app).splitlines()[0]:
        yield "it does not say that this is the demo"


def key_flaws(stage: Stage) -> Iterator[str]:
    if stage.screen is not stage.base:
        return
    wanted = [action.label for action in stage.base.offered() if action.shown]
    if wanted != [key.description for key in stage.base.query(FooterKey).results(FooterKey)]:
        yield "the keys are not those that mean something now"
    if wanted[0] not in text(stage.app).splitlines()[-1]:
        yield "the first key is not in the last line"


def place_flaws(stage: Stage) -> Iterator[str]:
    for events in stage.base.query("#events-box").results(VerticalScroll):
        if not events.is_vertical_scroll_end:
            yield "the newest event is not in sight"
    if isinstance(stage.screen, CommandPalette):
        return  # its list hangs over whatever there is
    for widget in stage.screen.query("*"):
        if widget.focusable and not at_hand(widget):
            yield f"{type(widget).__name__} #{widget.id} can neither be seen nor scrolled to"


def at_hand(widget: Widget) -> bool:
    """Whether a widget is on the screen whole, or something can be scrolled to where it is."""
    around = [item for item in widget.ancestors if isinstance(item, Widget)]
    if not widget.display or not all(item.display for item in around):
        return True
    if widget.region.area == 0:
        return False
    for item in around:
        if item.allow_vertical_scroll and isinstance(item, VerticalScroll | DataTable):
            return bool(item.region.area)
        if not item.region.contains_region(widget.region):
            return False
    return True


@pytest.mark.parametrize("name", LOOKS)
async def test_other_themes_change_the_colours_only(name: str) -> None:
    async with playing(SCENES[name], (80, 24)) as stage:
        before = frame(stage)
        for theme in (*THEMES, DARK.name):
            stage.app.theme = theme
            await stage.settle()
            assert frame(stage) == before, theme


@pytest.mark.parametrize("name", [*LOOKS, "drill-confirm"])
async def test_without_colour_all_is_grey(name: str) -> None:
    async with playing(SCENES[name], (80, 24), colours=False) as stage:
        assert stage.app.no_color
        for strip in strips(stage.app):
            for segment in strip:
                style = segment.style
                for colour in (style.color, style.bgcolor) if style else ():
                    assert colour is None or grey(colour), (segment.text, colour)
        assert frame(stage) == path(name, (80, 24)).read_text(encoding="utf-8"), MEND


def grey(colour: Color) -> bool:
    """Whether no colour is in it."""
    red, green, blue = colour.get_truecolor()
    return red == green == blue


@pytest.mark.parametrize("name", ["panel", "vip-filled", "drill-passed"])
async def test_a_resize_ends_where_one_would_have_begun(name: str) -> None:
    async with playing(SCENES[name], LEAST) as stage:
        assert frame(stage) == path(name, LEAST).read_text(encoding="utf-8")
        await stage.resize(120, 40)
        assert frame(stage) == path(name, (120, 40)).read_text(encoding="utf-8")
        await stage.resize(40, 10)
        assert "vip-tui needs 60×15" in text(stage.app)
        await stage.resize(80, 24)
        assert frame(stage) == path(name, (80, 24)).read_text(encoding="utf-8")
