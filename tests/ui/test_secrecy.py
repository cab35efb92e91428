"""What is typed as a secret is in no picture, message, log, clipboard or crash report."""

from __future__ import annotations

import io
import secrets
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.pretty import pretty_repr
from textual import constants, events
from textual.message import Message
from textual.widgets import Input, Static

from tests.ui.stage import strips
from tests.ui.test_asking import CODE, SUDO, ask, shown
from tests.ui.waiting import Looker, looking
from vip_tui.cluster import Secret
from vip_tui.store import Store
from vip_tui.tui.app import VipApp
from vip_tui.tui.screens.dialogs_secret import SecretDialog
from vip_tui.tui.widgets.secret_input import SecretInput


@pytest.fixture
def planted() -> str:
    """A secret that is in no source file."""
    return f"pw{secrets.token_hex(8)}"


def texts(app: VipApp) -> str:
    return "\n".join(strip.text for strip in strips(app)) + app.export_screenshot()


async def test_it_is_not_shown_unless_the_node_says_that_it_may_be(
    tmp_path: Path, planted: str
) -> None:
    async with looking(VipApp(store=Store(tmp_path))) as looker:
        for question in (SUDO, CODE):
            task = ask(looker, question)
            dialog = await shown(looker, question)
            dialog.query_one(Input).value = planted
            await looker.pilot.pause()
            assert (planted in texts(looker.app)) is question.echo
            await looker.press("enter")
            assert await task == Secret(planted)


async def test_no_message_log_or_clipboard_has_it(
    tmp_path: Path, planted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "textual.log"
    monkeypatch.setattr(constants, "LOG_FILE", str(log))
    monkeypatch.setattr(constants, "DEBUG", True)
    seen: list[str] = []
    looker = Looker(VipApp(store=Store(tmp_path)))

    def hear(message: Message) -> None:
        seen.extend((repr(message), pretty_repr(message), repr(vars_of(message))))
        looker.hear(message)

    async with looker.app.run_test(message_hook=hear) as pilot:
        looker.pilot = pilot
        task = ask(looker, SUDO)
        dialog = await shown(looker, SUDO)
        line = dialog.query_one(SecretInput)
        line.value = planted
        await pilot.pause()
        for key in ("ctrl+a", "ctrl+c", "ctrl+a", "ctrl+x"):
            await looker.press(key)
            assert looker.app.clipboard == ""
        seen += [repr(dialog), pretty_repr(dialog), repr(line), pretty_repr(line)]
        assert line.value == planted
        await looker.press("enter")
        assert (await task or Secret("")).reveal() == planted
        assert line.value == ""
        line.post_message(SecretInput.Changed(line, planted))  # it has gone: that is logged
    assert log.read_text()
    assert any("SecretInput.Changed" in text for text in seen)
    assert [text for text in [*seen, log.read_text()] if planted in text] == []


def vars_of(message: Message) -> dict[str, Any]:
    """What a message has, but for what Changed cannot do without."""
    had = getattr(message, "__dict__", {})
    return {} if isinstance(message, SecretInput.Changed) else dict(had)


class Broken(Static):
    """Breaks with a secret at hand."""

    def __init__(self, secret: Secret) -> None:
        super().__init__()
        self.secret = secret

    def on_click(self) -> None:
        revealed = self.secret.reveal()
        raise RuntimeError(f"broken with {len(revealed)} letters")

    async def work(self) -> None:
        self.on_click()


@pytest.mark.parametrize("way", ["handler", "worker", "typing"])
async def test_what_a_crash_prints_has_no_values(
    tmp_path: Path, planted: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = VipApp(store=Store(tmp_path))
    printed = io.StringIO()
    app.error_console = Console(file=printed, width=300)
    broken = Broken(Secret(planted))
    with pytest.raises(Exception, match="broken with 18 letters"):
        async with looking(app) as looker:
            ask(looker, SUDO)
            dialog = await shown(looker, SUDO)
            await dialog.mount(broken)
            if way == "handler":
                broken.post_message(events.Click(broken, 0, 0, 0, 0, 1, False, False, False))
            elif way == "worker":
                broken.run_worker(broken.work())
            else:
                monkeypatch.setattr(
                    SecretDialog, "on_secret_input_given", lambda self, event: broken.on_click()
                )
                dialog.query_one(SecretInput).value = planted
                await looker.press("enter")
            await looker.until(lambda: app._exception)
    told = printed.getvalue()
    assert "RuntimeError: broken with 18 letters" in told and "in on_click" in told
    assert planted not in told


async def test_the_terminal_s_keys_are_never_written_to_a_file(tmp_path: Path) -> None:
    """Textual writes keys.log where the environment wants it debugged."""
    app = VipApp(store=Store(tmp_path / "store"))
    driver = app.driver_class(app, debug=True)
    assert driver._debug is False
