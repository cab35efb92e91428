"""The wizard's forms: they check as one types, take a pasted list, and lose nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher, Input, Static

from vip_tui.cluster import load
from vip_tui.store import Store
from vip_tui.tui.app import Start, VipApp
from vip_tui.tui.screens.wizard import WizardScreen

SIZES = [(60, 15), (80, 24), (120, 40)]


def wizard(app: VipApp) -> WizardScreen:
    assert isinstance(app.screen, WizardScreen)
    return app.screen


async def ready(app: VipApp) -> None:
    """Its later steps are made after the first paint."""
    if isinstance(app.screen, WizardScreen):
        await app.screen.ready.wait()


def message(app: VipApp, field: str) -> str:
    return str(app.screen.query_one(f"#field-{field} .field-message", Static).render())


def step(app: VipApp) -> str | None:
    return app.screen.query_one(ContentSwitcher).current


async def put(app: VipApp, pilot: Pilot[Any], field: str, text: str) -> None:
    app.screen.query_one(f"#{field}", Input).value = text
    await pilot.pause()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("198.18.0.11 198.18.0.999", "not an address"),
        ("198.18.0.11 198.18.0.11", "node given twice"),
        ("198.18.0.11", "fewer than two nodes"),
        ("198.18.0.11:70000 198.18.0.12", "port out of range"),
    ],
)
async def test_a_wrong_node_is_named_beside_the_field_as_it_is_typed(text: str, says: str) -> None:
    app = VipApp()
    async with app.run_test() as pilot:
        await ready(app)
        await put(app, pilot, "nodes", text)
        assert says in message(app, "nodes")
        await pilot.press("enter")
        assert step(app) == "step-nodes"


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("vip", "198.18.0.11", "VIP is a node's own address"),
        ("vip", "10.9.9.9", "VIP outside every node's subnet"),
        ("vip", "hello", "not an IP address"),
        ("vrid", "256", "VRID out of range"),
        ("vrid", "0", "VRID out of range"),
        ("priorities", "255 100", "priority out of range"),
        ("priorities", "100", "one priority per node"),
        ("password", "ninechars", "password too long"),
        ("name", "a b", "not a name"),
    ],
)
async def test_a_wrong_value_is_named_beside_its_field(field: str, text: str, says: str) -> None:
    app = VipApp()
    async with app.run_test() as pilot:
        await ready(app)
        await put(app, pilot, "nodes", "198.18.0.11 198.18.0.12")
        await pilot.press("enter")
        await put(app, pilot, "vip", "198.18.0.100")
        await put(app, pilot, field, text)
        assert says in message(app, field)
        await pilot.press("enter")
        assert step(app) == "step-vip"


@pytest.mark.parametrize("separator", [", ", "\n", " ", "\r\n", ";"])
async def test_a_pasted_list_becomes_nodes(separator: str) -> None:
    app = VipApp()
    async with app.run_test() as pilot:
        await ready(app)
        pasted = separator.join(["198.18.0.11", "198.18.0.12", "198.18.0.13"])
        app.screen.query_one("#nodes", Input).post_message(events.Paste(pasted))
        await pilot.pause()
        await pilot.press("enter")
        assert step(app) == "step-vip"
        assert len(wizard(app).draft.nodes.replace(",", " ").replace(";", " ").split()) == 3


async def test_typed_ahead_backspaces_delete_what_was_typed_before_them() -> None:
    app = VipApp()
    async with app.run_test() as pilot:
        await ready(app)
        field = app.screen.query_one("#nodes", Input)
        for key, character in (("9", "9"), ("backspace", "\x7f"), ("1", "1"), ("3", "3")):
            app.post_message(events.Key(key, character))
        await pilot.pause()
        assert field.value == "13"


async def test_going_back_loses_nothing() -> None:
    app = VipApp()
    async with app.run_test() as pilot:
        await ready(app)
        await put(app, pilot, "nodes", "198.18.0.11 198.18.0.12")
        await put(app, pilot, "user", "root")
        await pilot.press("enter")
        await put(app, pilot, "vip", "198.18.0.100")
        await put(app, pilot, "vrid", "77")
        await pilot.press("escape")
        assert step(app) == "step-nodes"
        assert app.screen.query_one("#nodes", Input).value == "198.18.0.11 198.18.0.12"
        assert app.screen.query_one("#user", Input).value == "root"
        await pilot.press("enter")
        assert app.screen.query_one("#vip", Input).value == "198.18.0.100"
        assert app.screen.query_one("#vrid", Input).value == "77"


async def test_a_changed_node_list_is_held_against_the_vip_again() -> None:
    app = VipApp()
    async with app.run_test() as pilot:
        await ready(app)
        await put(app, pilot, "nodes", "198.18.0.11 198.18.0.12")
        await pilot.press("enter")
        await put(app, pilot, "vip", "198.18.0.100")
        await pilot.press("escape")
        await put(app, pilot, "nodes", "198.18.0.11 198.18.0.100")
        await pilot.press("enter")
        assert "VIP is a node's own address" in message(app, "vip")


async def test_set_up_is_prefilled_and_keeps_what_the_form_does_not_show(tmp_path: Path) -> None:
    text = """
name = "prod"
vip = ["198.18.0.100"]
vrid = 42
probe = "tcp:443"
[[node]]
address = "198.18.0.11"
port = 2222
interface = "ens18"
[[node]]
address = "198.18.0.12"
user = "admin"
name = "second"
"""
    store = Store(tmp_path)
    store.save(load(text))
    app = VipApp(Start(setup="prod"), store=store)
    async with app.run_test():
        await ready(app)
        from vip_tui.tui.draft import to_cluster

        assert to_cluster(wizard(app).draft) == load(text)


async def test_a_cluster_that_does_not_exist_is_said_in_a_dialog() -> None:
    app = VipApp(Start(watch="nowhere"))
    async with app.run_test() as pilot:
        await ready(app)
        title = str(app.screen.query_one(".dialog-title", Static).render())
        assert "nowhere" in title
        await pilot.press("enter")
        assert step(app) == "step-nodes"


@pytest.mark.parametrize("size", SIZES)
async def test_every_field_of_the_forms_can_be_seen(size: tuple[int, int]) -> None:
    app = VipApp()
    async with app.run_test(size=size) as pilot:
        await ready(app)
        for _ in range(2):
            for field in app.screen.query(Input).results(Input):
                if not field.is_on_screen and field.region.area == 0:
                    continue  # belongs to the step that is not shown
                field.focus()
                await pilot.pause()
                assert app.screen.region.contains_region(field.region), field.id
            await put(app, pilot, "nodes", "198.18.0.11 198.18.0.12")
            app.screen.query_one("#nodes", Input).focus()
            await pilot.press("enter")


async def test_a_form_that_tells_of_itself_late_takes_nothing_back() -> None:
    """A step is made while the one before it is typed in, and each input tells its first text."""
    app = VipApp()
    async with app.run_test() as pilot:
        await ready(app)
        await put(app, pilot, "nodes", "198.18.0.11 198.18.0.12")
        name = app.screen.query_one("#name", Input)
        name.post_message(Input.Changed(name, name.value))
        await pilot.pause()
        assert wizard(app).draft.nodes == "198.18.0.11 198.18.0.12"
        await pilot.press("enter")
        await put(app, pilot, "vip", "198.18.0.11")
        assert "VIP is a node's own address" in message(app, "vip")
