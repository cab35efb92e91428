"""What all screens share: actions, help, palette, themes, notices, and too small a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList

from tests.ui.recorded import CLUSTER, picture
from tests.ui.waiting import Looker, looking
from vip_tui.store import Store
from vip_tui.tui import actions, messages, theme
from vip_tui.tui.app import VipApp
from vip_tui.tui.screens.base import VipScreen
from vip_tui.tui.screens.commands import CommandsScreen
from vip_tui.tui.screens.dialogs import HelpDialog
from vip_tui.tui.screens.drill import DrillScreen
from vip_tui.tui.screens.live import LiveScreen
from vip_tui.tui.screens.wizard import WizardScreen
from vip_tui.tui.widgets.frame import Notice, TooSmall

SCREENS: list[type[VipScreen]] = [WizardScreen, LiveScreen, DrillScreen, CommandsScreen]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


async def wizard(looker: Looker) -> WizardScreen:
    screen = looker.app.screen
    assert isinstance(screen, WizardScreen)
    await screen.ready.wait()
    return screen


@pytest.mark.parametrize("screen", SCREENS)
def test_every_action_is_carried_out_somewhere(screen: type[VipScreen]) -> None:
    for action in screen.ACTIONS:
        assert callable(getattr(screen, f"do_{action.id}", None)), action.id
        assert action.label and action.help.endswith(".")


@pytest.mark.parametrize("screen", SCREENS)
def test_no_key_means_two_things_at_once(screen: type[VipScreen]) -> None:
    keys: dict[str, str] = {}
    for action in screen.ACTIONS:
        for key in action.keys.split(","):
            other = keys.setdefault(key, action.id)
            assert {other, action.id} in (
                {action.id},
                {"stop", "close"},
            )  # one at a time: a drill's


@pytest.mark.parametrize("screen", SCREENS)
def test_help_palette_and_the_way_out_are_everywhere(screen: type[VipScreen]) -> None:
    assert {"help", "palette", "quit"} <= {action.id for action in screen.ACTIONS}


def test_what_can_cost_an_outage_is_marked() -> None:
    assert [action.id for action in actions.LIVE if action.danger] == ["drill"]


async def test_help_is_of_the_focused_thing_and_is_typed_nowhere(store: Store) -> None:
    async with looking(VipApp(store=store)) as looker:
        await wizard(looker)
        await looker.press("1", "question_mark")
        await looker.until(lambda: isinstance(looker.app.screen, HelpDialog))
        assert "aliases of ~/.ssh/config" in looker.text
        assert "Go on to the next step" in looker.text
        await looker.press("escape")
        await looker.until(lambda: isinstance(looker.app.screen, WizardScreen))
        assert looker.app.screen.query_one("#nodes", Input).value == "1"


async def test_a_password_may_have_a_question_mark(store: Store) -> None:
    async with looking(VipApp(store=store)) as looker:
        screen = await wizard(looker)
        screen.go_to(1)
        screen.query_one("#password", Input).focus()
        await looker.press("question_mark")
        assert screen.query_one("#password", Input).value == "?"
        assert looker.app.screen is screen


async def test_the_palette_has_the_screen_s_actions_and_the_themes(store: Store) -> None:
    async with looking(VipApp(store=store)) as looker:
        await wizard(looker)
        await looker.press("ctrl+p")
        await looker.until(lambda: isinstance(looker.app.screen, CommandPalette))
        options = looker.app.screen.query_one(OptionList)
        await looker.until(lambda: options.option_count >= 8)
        await looker.press(*"light")
        await looker.until(lambda: options.option_count == 1)
        await looker.press("enter")
        await looker.until(lambda: looker.app.theme == theme.LIGHT.name)


async def test_a_theme_that_was_chosen_is_there_the_next_time(store: Store) -> None:
    async with looking(VipApp(store=store)) as looker:
        looker.app.theme = theme.LIGHT.name
        await looker.until(lambda: store.setting("theme") == theme.LIGHT.name)
    assert VipApp(store=store)._chosen_theme() == theme.LIGHT.name


@pytest.mark.parametrize("kept", ["no such theme", "", "["])
async def test_a_theme_that_does_not_exist_is_no_theme(store: Store, kept: str) -> None:
    store.set_setting("theme", kept)
    async with looking(VipApp(store=store)) as looker:
        assert looker.app.theme in (theme.DARK.name, theme.SIXTEEN.name)


async def test_every_theme_can_draw_every_named_colour(store: Store) -> None:
    async with looking(VipApp(store=store)) as looker:
        names = {name for table in TABLES for _, name in table.values()}
        for chosen in looker.app.available_themes:
            looker.app.theme = chosen
            made = theme.styles(looker.app.get_css_variables()).styles
            assert names | {theme.FAINT, theme.HINT, theme.BADGE} <= {*made, "bold"}, chosen


TABLES = (theme.STATES, theme.VERDICTS, theme.FINDINGS, theme.STEPS, theme.OUTCOMES)


@pytest.mark.parametrize("table", TABLES)
def test_colour_is_never_alone(table: dict[str, tuple[str, str]]) -> None:
    """No two states that look alike but for their colour: the word tells them apart."""
    drawn = [str(theme.labelled(table, word)) for word in table]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("size", [(59, 15), (60, 14), (20, 5)])
async def test_too_small_a_terminal_says_what_it_needs_and_loses_nothing(
    store: Store, size: tuple[int, int]
) -> None:
    async with looking(VipApp(store=store)) as looker:
        screen = await wizard(looker)
        screen.query_one("#nodes", Input).value = "198.18.0.11"
        await looker.pilot.resize_terminal(*size)
        await looker.sees(f"This terminal is {size[0]}×{size[1]}", "needs 60×15")
        await looker.pilot.resize_terminal(60, 15)
        await looker.until(lambda: not screen.query_one(TooSmall).display)
        assert screen.query_one("#nodes", Input).value == "198.18.0.11"


async def test_sixty_by_fifteen_is_enough(store: Store) -> None:
    async with looking(VipApp(store=store), size=(60, 15)) as looker:
        screen = await wizard(looker)
        assert not screen.query(TooSmall)


async def test_news_have_a_line_of_their_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveScreen, "_watch", lambda self: None)
    async with looking(VipApp(store=store), size=(60, 15)) as looker:
        looker.app.watch_cluster(CLUSTER, "n1 holds the VIP")
        await looker.until(lambda: isinstance(looker.app.screen, LiveScreen))
        screen = looker.app.screen
        screen.post_message(messages.SnapshotArrived(picture()))
        await looker.sees("n1 holds the VIP", "HEALTHY")
        await looker.pilot.pause()
        notice = screen.query_one(Notice).region
        for other in ("#drill-row", "#node-table", "#events-box", "Footer"):
            assert not notice.overlaps(screen.query_one(other).region), other
