"""Host keys: accepted together or one by one, each asked for once, and written to our own file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Button

from tests.ui import recorded_setup as recorded
from tests.ui.recorded import CLUSTER
from tests.ui.waiting import Looker, looking
from vip_tui.errors import VipError
from vip_tui.nodes.reasons import HostKeyUnknown
from vip_tui.preflight.learnt import Learnt
from vip_tui.store import Store
from vip_tui.tui import messages
from vip_tui.tui.app import Start, VipApp
from vip_tui.tui.screens.dialogs_keys import HostKeysDialog, unseen
from vip_tui.tui.screens.wizard import WizardScreen


class Wizard:
    """The set-up, whose checks only count how often they were begun."""

    def __init__(self, looker: Looker) -> None:
        self.looker = looker
        self.begun = 0

    async def told(self, learnt: list[Learnt]) -> None:
        """The checks have ended."""
        wizard = self.looker.app.screen_stack[0]
        wizard.post_message(messages.ChecksDone(recorded.outcome(learnt)))
        await self.looker.pilot.pause()

    async def asks(self) -> HostKeysDialog:
        await self.looker.until(lambda: isinstance(self.looker.app.screen, HostKeysDialog))
        await self.looker.until(lambda: self.looker.app.focused)
        assert isinstance(self.looker.app.screen, HostKeysDialog)
        return self.looker.app.screen

    @property
    def lines(self) -> list[str]:
        path = self.looker.app.store.known_hosts
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
async def wizard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    app = VipApp(Start(cluster=CLUSTER), store=Store(tmp_path))
    async with looking(app) as looker:
        made = Wizard(looker)

        def run(self: WizardScreen, *_: object) -> None:
            made.begun += 1

        monkeypatch.setattr(WizardScreen, "_run_checks", run)
        screen = app.screen
        assert isinstance(screen, WizardScreen)
        await screen.ready.wait()
        screen.start_checks()
        yield made


LINES = [f"{node.address} ssh-ed25519 {recorded.KEY}" for node in CLUSTER.nodes]


async def test_all_are_accepted_together_and_asked_anew(wizard: Wizard) -> None:
    await wizard.told(recorded.never_seen())
    dialog = await wizard.asks()
    assert "Accept these 3 keys" in str(dialog.query_one("#yes", Button).label)
    await wizard.looker.press("right", "enter")
    await wizard.looker.until(lambda: wizard.begun == 2)
    assert wizard.lines == LINES


@pytest.mark.parametrize("keys", [["enter"], ["escape"], ["enter", "enter", "enter"]])
async def test_keys_that_were_typed_ahead_accept_nothing(wizard: Wizard, keys: list[str]) -> None:
    await wizard.told(recorded.never_seen())
    dialog = await wizard.asks()
    await wizard.looker.press(*keys)
    await wizard.looker.until(lambda: wizard.looker.app.screen is not dialog)
    assert (wizard.lines, wizard.begun) == ([], 1)


async def test_one_by_one_the_others_are_left_out(wizard: Wizard) -> None:
    await wizard.told(recorded.never_seen())
    dialog = await wizard.asks()
    await wizard.looker.press("up", "up", "space")  # the second of three
    assert "Accept 2 of 3" in str(dialog.query_one("#yes", Button).label)
    await wizard.looker.press("enter")  # leads to the button
    assert (wizard.lines, dialog.focused) == ([], dialog.query_one("#yes"))
    await wizard.looker.press("enter")
    await wizard.looker.until(lambda: wizard.begun == 2)
    assert wizard.lines == [LINES[0], LINES[2]]


async def test_with_none_ticked_there_is_nothing_to_accept(wizard: Wizard) -> None:
    await wizard.told([recorded.never_seen()[0], *recorded.fine()[1:]])
    dialog = await wizard.asks()
    await wizard.looker.press("up", "space")
    assert dialog.query_one("#yes", Button).disabled
    await wizard.looker.press("space")
    assert not dialog.query_one("#yes", Button).disabled


async def test_a_key_that_was_left_out_is_asked_for_again_only_on_demand(wizard: Wizard) -> None:
    first, second, third = recorded.never_seen()
    await wizard.told([first, second, third])
    await wizard.asks()
    await wizard.looker.press("up", "space", "enter", "enter")  # not the third
    await wizard.looker.until(lambda: wizard.begun == 2)
    fine = recorded.fine()
    await wizard.told([fine[0], fine[1], third])
    assert isinstance(wizard.looker.app.screen, WizardScreen)
    await wizard.looker.press("f5")
    await wizard.looker.until(lambda: wizard.begun == 3)
    await wizard.told([fine[0], fine[1], third])
    assert [key.line for key in (await wizard.asks()).keys] == [LINES[2]]


async def test_known_hosts_that_cannot_be_written_are_said(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Store, line: str) -> None:
        raise VipError("cannot write known_hosts", "No space left on device", "Look at its folder.")

    monkeypatch.setattr(Store, "append_known_host", full)
    await wizard.told(recorded.never_seen())
    await wizard.asks()
    await wizard.looker.press("right", "enter")
    await wizard.looker.sees("cannot write known_hosts", "No space left", "Look at its folder")
    assert wizard.begun == 1


def jump(line: str = "bastion ssh-rsa AAAA") -> HostKeyUnknown:
    problem = HostKeyUnknown("bastion", "ssh-rsa SHA256:abc", line)
    problem.on_the_way = True
    return problem


def test_a_jump_host_before_several_nodes_is_shown_once() -> None:
    own = HostKeyUnknown("n3", "ssh-ed25519 SHA256:def", "[198.18.0.13]:2222 ssh-ed25519 BBBB")
    bastion, third = unseen([("n1", jump()), ("n2", jump()), ("n3", own)])
    assert (bastion.label, bastion.kind, bastion.fingerprint) == (
        "bastion",
        "ssh-rsa",
        "SHA256:abc",
    )
    assert bastion.on_the_way_to == ("n1", "n2")
    assert (third.host, third.on_the_way_to) == ("[198.18.0.13]:2222", ())


def test_two_keys_of_one_host_are_two() -> None:
    keys = unseen([("n1", jump()), ("n2", jump("bastion ssh-rsa CCCC")), ("n1", jump())])
    assert [key.on_the_way_to for key in keys] == [("n1",), ("n2",)]


async def test_it_says_how_to_compare_each_type_of_key(wizard: Wizard) -> None:
    first, *rest = recorded.fine()
    await wizard.told([replace(first, problem=jump(), host=None), *rest])
    await wizard.asks()
    await wizard.looker.sees("ssh-keygen -lf /etc/ssh/ssh_host_rsa_key.pub", "on the way to")
