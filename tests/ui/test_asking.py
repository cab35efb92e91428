"""Secrets are asked for one at a time, over whatever is shown; and nothing else ever shows them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual import events
from textual.command import CommandPalette

from tests.ui.waiting import Looker, looking
from vip_tui.cluster import Secret
from vip_tui.nodes.asking import Question
from vip_tui.store import Store
from vip_tui.tui.app import VipApp
from vip_tui.tui.asking import Asking
from vip_tui.tui.screens.dialogs import TypedDialog
from vip_tui.tui.screens.dialogs_secret import SecretDialog
from vip_tui.tui.widgets.secret_input import SecretInput

SUDO = Question("sudo", "sudo password of eve", "Used for all nodes that want it; never stored.")
KEY = Question("passphrase", "Passphrase of ~/.ssh/id_ed25519", "The key is locked.")
CODE = Question("prompt", "n1 asks: Verification code:", echo=True)


@pytest.fixture
async def looker(tmp_path: Path) -> AsyncIterator[Looker]:
    async with looking(VipApp(store=Store(tmp_path))) as looker:
        yield looker


def asking(looker: Looker) -> Asking:
    return looker.app._asking


def ask(looker: Looker, question: Question) -> asyncio.Task[Secret | None]:
    """What a connection does that needs a secret."""

    async def asked() -> Secret | None:
        return await asking(looker)(question)

    return asyncio.create_task(asked())


async def shown(looker: Looker, question: Question) -> SecretDialog:
    """The dialog, once it is on top and can be typed in."""
    await looker.sees(question.title)
    await looker.until(lambda: isinstance(looker.app.focused, SecretInput))
    dialog = looker.app.screen
    assert isinstance(dialog, SecretDialog)
    return dialog


async def test_what_is_typed_is_the_answer(looker: Looker) -> None:
    below = looker.app.screen
    task = ask(looker, SUDO)
    await shown(looker, SUDO)
    assert SUDO.detail in looker.text
    await looker.press(*"s3cret?", "enter")
    assert await task == Secret("s3cret?")
    await looker.until(lambda: looker.app.screen is below)


async def test_a_press_of_the_button_is_an_answer_too(looker: Looker) -> None:
    task = ask(looker, SUDO)
    await shown(looker, SUDO)
    await looker.press(*"s3cret", "tab", "tab", "enter")
    assert await task == Secret("s3cret")


@pytest.mark.parametrize("keys", [["escape"], ["x", "escape"], ["tab", "enter"]])
async def test_not_to_say_it_is_an_answer(looker: Looker, keys: list[str]) -> None:
    below = looker.app.screen
    task = ask(looker, SUDO)
    await shown(looker, SUDO)
    await looker.press(*keys)
    assert await task is None
    await looker.until(lambda: looker.app.screen is below)


async def test_keys_that_were_typed_ahead_are_heeded_in_their_order(looker: Looker) -> None:
    task = ask(looker, SUDO)
    await shown(looker, SUDO)
    for key, character in (("a", "a"), ("x", "x"), ("backspace", "\x7f"), ("b", "b")):
        looker.app.post_message(events.Key(key, character))
    looker.app.post_message(events.Key("enter", "\r"))
    assert await task == Secret("ab")


async def test_a_pasted_passphrase_keeps_its_blanks(looker: Looker) -> None:
    task = ask(looker, KEY)
    dialog = await shown(looker, KEY)
    dialog.query_one(SecretInput).post_message(events.Paste("two  blanks \n"))
    await looker.until(lambda: dialog.query_one(SecretInput).value)
    await looker.press("enter")
    assert await task == Secret("two  blanks ")


async def test_enter_alone_is_no_password(looker: Looker) -> None:
    task = ask(looker, SUDO)
    dialog = await shown(looker, SUDO)
    await looker.press("enter", "enter")
    assert looker.app.screen is dialog and not task.done()
    await looker.press("x", "enter")
    assert await task == Secret("x")


async def test_to_a_node_s_own_question_enter_alone_may_be_the_answer(looker: Looker) -> None:
    task = ask(looker, CODE)
    await shown(looker, CODE)
    await looker.press("enter")
    assert await task == Secret("")


async def test_several_questions_are_asked_one_after_the_other(looker: Looker) -> None:
    first, second = ask(looker, SUDO), ask(looker, KEY)
    await shown(looker, SUDO)
    assert sum(isinstance(screen, SecretDialog) for screen in looker.app.screen_stack) == 1
    await looker.press("1", "enter")
    await shown(looker, KEY)
    await looker.press("2", "enter")
    assert (await first, await second) == (Secret("1"), Secret("2"))


async def test_the_same_question_is_asked_once(looker: Looker) -> None:
    tasks = [ask(looker, SUDO) for _ in range(5)]
    await shown(looker, SUDO)
    await looker.press("1", "enter")
    assert await asyncio.gather(*tasks) == [Secret("1")] * 5
    await looker.until(lambda: not isinstance(looker.app.screen, SecretDialog))


async def test_an_answer_that_was_refused_is_said_to_be(looker: Looker) -> None:
    again = Question("sudo", SUDO.title, SUDO.detail, again=True)
    task = ask(looker, again)
    await shown(looker, again)
    await looker.sees("The answer before was refused")
    await looker.press("escape")
    assert await task is None


async def test_a_question_goes_with_whoever_asked(looker: Looker) -> None:
    below = looker.app.screen
    task, other = ask(looker, SUDO), ask(looker, SUDO)
    dialog = await shown(looker, SUDO)
    task.cancel()
    await asyncio.wait([task])
    await looker.pilot.pause()
    assert looker.app.screen is dialog  # somebody else still wants to know it
    other.cancel()
    await looker.until(lambda: looker.app.screen is below)
    assert asking(looker)._asked == {}


async def test_a_question_that_waited_for_its_turn_goes_with_whoever_asked(looker: Looker) -> None:
    first, second = ask(looker, SUDO), ask(looker, KEY)
    await shown(looker, SUDO)
    second.cancel()
    await asyncio.wait([second])
    await looker.press("1", "enter")
    assert await first == Secret("1")
    await looker.until(lambda: not isinstance(looker.app.screen, SecretDialog))


async def test_a_question_goes_when_nothing_lies_over_it_any_more(looker: Looker) -> None:
    below = looker.app.screen
    task = ask(looker, SUDO)
    await shown(looker, SUDO)
    await looker.press("ctrl+p")
    await looker.until(lambda: isinstance(looker.app.screen, CommandPalette))
    task.cancel()
    await asyncio.wait([task])
    await looker.pilot.pause()
    assert isinstance(looker.app.screen, CommandPalette)
    await looker.press("escape")
    await looker.until(lambda: looker.app.screen is below)


async def test_nobody_is_asked_while_a_word_is_typed_to_confirm(looker: Looker) -> None:
    from rich.text import Text

    looker.app.push_screen(TypedDialog("Stop n1?", Text("It is the master."), "n1", "Stop"))
    await looker.sees("Type n1 to go on")
    task = ask(looker, SUDO)
    await looker.press("n")
    assert isinstance(looker.app.screen, TypedDialog)
    await looker.press("escape")
    await shown(looker, SUDO)
    await looker.press("1", "enter")
    assert await task == Secret("1")


async def test_at_the_end_of_the_program_it_stays_unsaid(tmp_path: Path) -> None:
    async with looking(VipApp(store=Store(tmp_path))) as looker:
        first, second = ask(looker, SUDO), ask(looker, KEY)
        await shown(looker, SUDO)
        looker.app.exit()
        assert (await first, await second) == (None, None)
    assert await asking(looker)(SUDO) is None


async def test_told_to_end_nobody_is_waited_for(looker: Looker) -> None:
    task = ask(looker, SUDO)
    await shown(looker, SUDO)
    looker.app.nobody_answers()  # what a signal does first
    assert await task is None
