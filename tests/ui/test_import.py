"""Import from a Swarm manager: one address in, all nodes out, nothing that was typed is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from unittest import mock

import pytest
from textual.widgets import Button, ContentSwitcher, Input, Static

from tests.ui import recorded_setup as recorded
from tests.ui.recorded import CLUSTER
from tests.ui.scenes_dialogs import DOWN, SWARM, member, swarm
from tests.ui.waiting import Looker, looking
from vip_tui.cluster import Node, parse_vip
from vip_tui.demo import EmbeddedCluster
from vip_tui.errors import VipError
from vip_tui.nodes.connection import Access
from vip_tui.nodes.reasons import HostKeyUnknown
from vip_tui.preflight import discover as discovering
from vip_tui.preflight.discover import Discovery
from vip_tui.store import Store
from vip_tui.tui import draft as drafts
from vip_tui.tui.app import Start, VipApp
from vip_tui.tui.screens.dialogs_keys import HostKeysDialog
from vip_tui.tui.screens.import_found import FoundDialog
from vip_tui.tui.screens.import_swarm import ImportDialog
from vip_tui.tui.screens.wizard import WizardScreen

Told = Callable[[str], object]
KEYS = [one.problem for one in recorded.never_seen()]


class Manager:
    """Whom the dialog asks: what it answers, in turn, and how it was asked."""

    def __init__(self) -> None:
        self.answers: list[Discovery | VipError | Exception] = []
        self.asked: list[Node] = []
        self.held: asyncio.Event | None = None  # until it is set there is no answer

    async def discover(self, manager: Node, fleet: object, tell: Told) -> Discovery:
        self.asked.append(manager)
        tell(f"{manager.endpoint} knows n1, n2")
        if self.held is not None:
            await self.held.wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Manager:
    manager = Manager()
    monkeypatch.setattr(discovering, "discover", manager.discover)
    monkeypatch.setattr(VipApp, "fleet", mock.AsyncMock())
    return manager


@pytest.fixture
async def looker(tmp_path: Path) -> AsyncIterator[Looker]:
    async with looking(VipApp(store=Store(tmp_path))) as looker:
        await wizard(looker).ready.wait()
        yield looker


def wizard(looker: Looker) -> WizardScreen:
    screen = looker.app.screen_stack[0]
    assert isinstance(screen, WizardScreen)
    return screen


async def begin(looker: Looker, address: str = "root@198.18.0.11") -> ImportDialog:
    await looker.press("f3")
    await looker.until(lambda: isinstance(looker.app.focused, Input))
    dialog = looker.app.screen
    assert isinstance(dialog, ImportDialog)
    dialog.query_one(Input).value = address
    await looker.press("enter")
    return dialog


async def found(looker: Looker) -> FoundDialog:
    await looker.until(lambda: isinstance(looker.app.screen, FoundDialog))
    await looker.until(lambda: looker.app.focused)
    assert isinstance(looker.app.screen, FoundDialog)
    return looker.app.screen


async def test_enter_takes_those_that_should_take_part(looker: Looker, manager: Manager) -> None:
    manager.answers = [SWARM]
    await begin(looker)
    dialog = await found(looker)
    await looker.sees("The Swarm of 198.18.0.11: 5 nodes", "drain", "down", "does not answer")
    await looker.sees("as far as ARP tells: 198.18.0.100, 198.18.0.101", "VRID 51 was heard")
    assert "is left out" not in looker.text  # the node's own line says why
    assert "Take 2 of 5" in str(dialog.query_one("#yes", Button).label)
    await looker.press("enter")
    await looker.until(lambda: looker.app.screen is wizard(looker))
    assert manager.asked == [Node("198.18.0.11", user="root")]
    draft = wizard(looker).draft
    assert (draft.nodes, draft.vip, draft.vrid) == (
        "198.18.0.11 198.18.0.12",
        "198.18.0.100",
        "100",
    )
    assert wizard(looker).query_one("#nodes", Input).value == draft.nodes
    await looker.press("enter")
    await looker.sees("a suggestion: free, as far as ARP tells; so are 198.18.0.101, 198.18.0.102")
    cluster = drafts.to_cluster(draft)
    assert [(node.name, node.interface) for node in cluster.nodes] == [
        ("n1", "eth0"),
        ("n2", "eth0"),
    ]
    assert cluster.vip == (parse_vip("198.18.0.100"),)


async def test_the_operator_says_who_takes_part(looker: Looker, manager: Manager) -> None:
    manager.answers = [SWARM]
    await begin(looker)
    await found(looker)
    await looker.press("left", "up", "space")  # the node that is down, back in
    await looker.press("up", "up", "space")  # the second, out
    await looker.press("enter", "enter")
    await looker.until(lambda: looker.app.screen is wizard(looker))
    assert wizard(looker).draft.nodes == "198.18.0.11 198.18.0.14"


async def test_a_node_without_an_address_cannot_be_taken(looker: Looker, manager: Manager) -> None:
    manager.answers = [SWARM]
    await begin(looker)
    dialog = await found(looker)
    lost = list(dialog.query(".tick"))[-1]
    assert not lost.focusable and dialog.ticked == (0, 1)
    await looker.pilot.click(lost)
    assert dialog.ticked == (0, 1)


@pytest.mark.parametrize(
    ("address", "says"),
    [("", "no manager yet"), ("198.18.0.999", "not an address"), ("a b", "not an address")],
)
async def test_what_is_no_address_is_said(
    looker: Looker, manager: Manager, address: str, says: str
) -> None:
    dialog = await begin(looker, address)
    await looker.sees(says)
    assert manager.asked == []
    assert dialog.query_one(Input).value == address and dialog.query_one(Input).has_focus


async def test_a_failure_is_said_beside_the_field_and_what_was_typed_stays(
    looker: Looker, manager: Manager
) -> None:
    manager.answers = [DOWN, SWARM]
    dialog = await begin(looker, "eve@198.18.0.14:2222")
    await looker.sees(DOWN.title, DOWN.detail, DOWN.hint)
    assert dialog.query_one(Input).value == "eve@198.18.0.14:2222"
    await looker.press("enter")
    await found(looker)
    assert manager.asked == [Node("198.18.0.14", "eve", 2222)] * 2


async def test_a_mistake_of_ours_is_said_too(looker: Looker, manager: Manager) -> None:
    manager.answers = [KeyError("here")]
    await begin(looker)
    await looker.sees("vip-tui made a mistake", "KeyError")


async def test_esc_stops_what_is_under_way_then_leaves(looker: Looker, manager: Manager) -> None:
    manager.held = asyncio.Event()
    manager.answers = [SWARM]
    dialog = await begin(looker)
    await looker.sees("198.18.0.11 knows n1, n2", "Esc stops")
    await looker.press("enter", "enter")  # typed ahead: it is asked once
    await looker.press("escape")
    await looker.sees("One manager knows all nodes")
    manager.held.set()
    await looker.pilot.pause()
    assert (looker.app.screen, len(manager.asked)) == (dialog, 1)
    await looker.press("escape")
    await looker.until(lambda: looker.app.screen is wizard(looker))
    assert wizard(looker).draft.nodes == ""


async def test_back_leads_to_the_address(looker: Looker, manager: Manager) -> None:
    manager.answers = [SWARM]
    dialog = await begin(looker)
    await found(looker)
    await looker.press("escape")
    await looker.until(lambda: looker.app.screen is dialog)
    assert dialog.query_one(Input).value == "root@198.18.0.11"


async def test_the_manager_s_key_is_asked_for_and_then_it_goes_on(
    looker: Looker, manager: Manager
) -> None:
    assert isinstance(KEYS[0], HostKeyUnknown)
    manager.answers = [KEYS[0], SWARM]
    await begin(looker)
    await looker.until(lambda: isinstance(looker.app.screen, HostKeysDialog))
    await looker.press("right", "enter")
    await found(looker)
    assert KEYS[0].line in looker.app.store.known_hosts.read_text()


async def test_the_other_nodes_keys_are_asked_for_together(
    looker: Looker, manager: Manager
) -> None:
    unknown = [replace(member(n), problem=KEYS[n - 1]) for n in (2, 3)]
    known = swarm(member(1), *unknown)
    manager.answers = [known, known, SWARM]
    await begin(looker)
    await looker.until(lambda: isinstance(looker.app.screen, HostKeysDialog))
    assert len(looker.app.screen.keys) == 2  # type: ignore[attr-defined]
    await looker.press("up", "space", "enter", "enter")  # not the third
    dialog = await found(looker)  # asked anew, and the third is not asked for again
    assert len(manager.asked) == 2 and dialog.ticked == (0,)
    await looker.sees("host key of 198.18.0.13 is not known")


async def test_without_any_key_it_stays_with_what_was_found(
    looker: Looker, manager: Manager
) -> None:
    manager.answers = [swarm(member(1), replace(member(2), problem=KEYS[1]))]
    await begin(looker)
    await looker.until(lambda: isinstance(looker.app.screen, HostKeysDialog))
    await looker.press("escape")
    assert (await found(looker)).ticked == (0,)
    assert len(manager.asked) == 1


async def test_where_nodes_are_typed_the_first_is_offered_as_the_manager(
    tmp_path: Path, manager: Manager
) -> None:
    manager.answers = [SWARM]
    async with looking(VipApp(Start(cluster=CLUSTER), store=Store(tmp_path))) as looker:
        await wizard(looker).ready.wait()
        wizard(looker).query_one("#user", Input).value = "admin"
        await looker.press("f3")
        await looker.until(lambda: isinstance(looker.app.focused, Input))
        assert looker.app.screen.query_one(Input).value == "198.18.0.11"
        await looker.press("enter")
        await found(looker)
        assert manager.asked == [Node("198.18.0.11", user="admin")]


async def test_it_is_offered_on_the_first_step_alone(looker: Looker) -> None:
    await looker.sees("A Swarm runs already? F3 asks a manager for its nodes")
    wizard(looker).query_one("#nodes", Input).value = "198.18.0.11 198.18.0.12"
    await looker.press("enter", "f3")
    assert looker.app.screen is wizard(looker)
    assert wizard(looker).query_one(ContentSwitcher).current == "step-vip"


async def test_the_demo_s_own_swarm_goes_to_the_checks(tmp_path: Path) -> None:
    embedded = EmbeddedCluster(tmp_path, 3, ())

    async def access() -> Access:
        await embedded.start()
        return Access(embedded.store, (embedded.identity,), isolated=True)

    start = Start(cluster=replace(embedded.cluster, vip=()), demo=True)
    app = VipApp(start, access, embedded.store, ended=embedded.close)
    async with looking(app) as looker:
        await wizard(looker).ready.wait()
        await looker.press("f3")
        await looker.until(lambda: isinstance(looker.app.focused, Input))
        await looker.press("enter")
        await looker.sees("3 nodes", "n1", "leader", "Free for the VIP")
        await looker.press("enter")
        await looker.until(lambda: looker.app.screen is wizard(looker))
        assert wizard(looker).draft.suggested[0] == wizard(looker).draft.vip != ""
        await looker.press("enter", "enter")
        await looker.sees("Nothing stands in the way")
    assert embedded.unknown_commands == []


async def test_a_suggestion_that_was_changed_is_none_any_more(
    looker: Looker, manager: Manager
) -> None:
    manager.answers = [replace(SWARM, suggestions=(IPv4Address("198.18.0.100"),))]
    await begin(looker)
    await found(looker)
    await looker.press("enter")
    await looker.until(lambda: looker.app.screen is wizard(looker))
    await looker.press("enter")
    await looker.sees("a suggestion: free, as far as ARP tells")
    wizard(looker).query_one("#vip", Input).value = "198.18.0.50"
    note = wizard(looker).query_one("#field-vip .field-message", Static)
    await looker.until(lambda: "suggestion" not in str(note.render()))
