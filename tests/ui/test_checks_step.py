"""The checks on the screen: the list keeps its place, and shows what matters first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Footer

from tests.ui.checks_nodes import (
    CLUSTER,
    FINE,
    THREE,
    Nodes,
    at_the_checks,
    checks,
    cursor,
    keys,
    notice,
    three_nodes,
    title,
    to_the_end,
    wizard,
)
from tests.unit import build
from tests.unit import recorded_checks as recorded
from vip_tui.cluster import dump, load
from vip_tui.errors import VipError
from vip_tui.store import Store
from vip_tui.tui.screens.wizard import WizardScreen

SIZES = [(60, 15), (80, 24), (120, 40)]


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Nodes:
    return three_nodes(monkeypatch)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


# Going on.


async def test_enter_goes_on_where_nothing_stands_in_the_way(store: Store, nodes: Nodes) -> None:
    async with at_the_checks(store) as looker:
        await looker.sees("Nothing stands in the way")
        await looker.press("enter")
        await looker.until(lambda: wizard(looker).step == 3, "no review")


async def test_enter_shows_what_stands_in_the_way_wherever_the_cursor_is(
    store: Store, nodes: Nodes
) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await looker.sees("docker on n2 stands in the way")
        await looker.press("space", "home", "enter")
        assert wizard(looker).step == 2
        assert cursor(looker) == "✖ docker Docker is not running on n2"
        assert "m runs systemctl start docker" in looker.text
        assert "Not now: docker on n2 stands in the way" in notice(looker)


async def test_the_first_that_stands_in_the_way_is_open_at_once(store: Store, nodes: Nodes) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await looker.sees("no /var/run/docker.sock", "On the node: `systemctl start docker`.")
        assert cursor(looker) == "✖ docker Docker is not running on n2"


async def test_escape_goes_back_and_nothing_is_asked_any_more(store: Store, nodes: Nodes) -> None:
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        await looker.press("escape")
        assert wizard(looker).step == 1
        await looker.press("enter")
        await to_the_end(looker)
        assert [only for _, only in nodes.asked] == [None, None]


# The list.


async def test_the_cursor_stays_on_its_finding_as_others_come(
    store: Store, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WizardScreen, "_run_checks", lambda *_: None)
    async with at_the_checks(store) as looker:
        step = checks(looker)
        facts = build.host(2, ip_vs="loadable", ip_vs_persisted=False)
        step.take_node(1, build.learnt(2, facts=facts))
        await looker.until(lambda: "▲ ip_vs" in looker.text)
        await looker.press("down", "down")
        assert cursor(looker).startswith("▲ ip_vs")
        step.take_node(0, build.learnt(1))
        facts = build.host(3, ip_vs="loadable", ip_vs_persisted=False)
        step.take_node(2, build.learnt(3, facts=facts))
        await looker.until(lambda: "several nodes" in looker.text)
        assert cursor(looker).startswith("▲ ip_vs") and cursor(looker).endswith("n2, n3")


async def test_a_row_opens_and_closes_and_left_leads_out(store: Store, nodes: Nodes) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await looker.sees("no /var/run/docker.sock")
        await looker.press("space")
        assert "no /var/run/docker.sock" not in looker.text
        await looker.press("right", "right", "down")
        assert cursor(looker) == "seen no /var/run/docker.sock"
        await looker.press("left")
        assert cursor(looker) == "✖ docker Docker is not running on n2"
        await looker.press("left")
        assert "no /var/run/docker.sock" not in looker.text
        await looker.press("left")
        assert cursor(looker).startswith("✖ n2")


async def test_what_is_fine_can_be_shown_and_the_cursor_stays(store: Store, nodes: Nodes) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        assert "manager, active" not in looker.text
        await looker.press("e")
        assert looker.text.count("manager, active") == 2
        assert cursor(looker) == "✖ docker Docker is not running on n2"
        await looker.press("e")
        assert "manager, active" not in looker.text


async def test_a_click_has_the_cursor_and_opens(store: Store, nodes: Nodes) -> None:
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        await looker.pilot.click("#findings", offset=(6, 1))
        assert cursor(looker).startswith("✔ n2")
        assert "eth0, 198.18.0.12" in looker.text
        await looker.pilot.click("#findings", offset=(6, 4))
        assert cursor(looker).startswith("✔ auth")


async def test_what_a_node_says_is_only_text(store: Store, nodes: Nodes) -> None:
    hostile = replace(recorded.DOCKER_DOWN, summary="[/x][@click=app.quit]n2[/] [fe80::1]")
    nodes.says = recorded.outcome(CLUSTER, {1: (hostile,)})
    async with at_the_checks(store) as looker:
        await looker.sees("[/x][@click=app.quit]n2[/] [fe80::1]")
        await looker.press("a")
        await looker.sees("[/x][@click=app.quit]n2[/] [fe80::1]")


@pytest.mark.parametrize("size", SIZES)
async def test_a_key_is_named_whole_or_not_at_all(
    store: Store, nodes: Nodes, size: tuple[int, int]
) -> None:
    nodes.says = THREE
    async with at_the_checks(store, size) as looker:
        await to_the_end(looker)
        await looker.until(lambda: "m Mend" in keys(looker))
        footer = wizard(looker).query_one(Footer)
        shown = [key for key in footer.children if key.display]
        assert all(footer.region.contains_region(key.region) for key in shown)
        named = keys(looker)
        assert named[:5] == ["Enter Next", "Esc Back", "Space Open", "m Mend", "a Accept"]
        assert "? Help" in named
        await looker.press("home")
        await looker.until(lambda: "m Mend" not in keys(looker))
        assert not {"m Mend", "a Accept"} & set(keys(looker))


async def test_a_key_is_named_as_soon_as_it_means_something(
    store: Store, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WizardScreen, "_run_checks", lambda *_: None)
    async with at_the_checks(store) as looker:
        await looker.until(lambda: "r This node" in keys(looker))
        assert "Space Open" not in keys(looker)
        checks(looker).take_node(0, build.learnt(1))
        await looker.until(lambda: "Space Open" in keys(looker), "the row can be opened")


# Once more.


async def test_one_node_is_asked_again_and_the_others_are_kept(store: Store, nodes: Nodes) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        known = checks(looker).outcome
        nodes.says = FINE
        await looker.press("r")
        await looker.until(lambda: len(nodes.asked) == 2)
        assert nodes.asked[1] == (known, frozenset({1}))
        await looker.sees("Nothing stands in the way")
        assert cursor(looker).startswith("✔ n2")


async def test_f5_asks_all_again_and_what_was_known_stays_meanwhile(
    store: Store, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        monkeypatch.setattr(WizardScreen, "_run_checks", lambda *_: None)
        await looker.press("down", "up", "f5")
        assert title(looker) == "Asking 3 nodes, all at once… 0 s"
        assert cursor(looker) == "✖ docker Docker is not running on n2"
        assert "asking again…" in looker.text
        await looker.press("enter")
        assert "Not now: the checks are still running" in notice(looker)


async def test_checks_that_cannot_be_run_say_why_and_f5_asks_again(
    store: Store, nodes: Nodes
) -> None:
    async def broken() -> None:
        raise VipError("no way in", "permission denied: '~/.ssh/config'", "Look at the file.")

    nodes.waits = broken
    async with at_the_checks(store) as looker:
        await looker.sees("✖ no way in", "permission denied", "Look at the file.", "F5 asks again")
        nodes.waits = None
        await looker.press("f5")
        await looker.sees("Nothing stands in the way")


# As text.


async def test_a_row_is_copied_with_all_that_is_behind_it(store: Store, nodes: Nodes) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        await looker.press("space", "y")
        said = looker.app.clipboard
        assert said.splitlines()[0].split()[:2] == ["✖", "docker"]
        assert "no /var/run/docker.sock" in said and "systemctl start docker" in said
        assert "ip_vs" not in said
        await looker.press("space", "down", "down", "down", "y")
        assert looker.app.clipboard == "systemctl start docker"  # a command alone, to be pasted


async def test_the_list_is_copied_whole(store: Store, nodes: Nodes) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        await looker.press("Y")
        lines = looker.app.clipboard.splitlines()
        assert lines[0].startswith("✖ docker on n2 stands in the way.")
        assert "modprobe ip_vs" in looker.app.clipboard
        assert "asked 0.4 s, listened 3.1 s" in lines[-1]


def test_the_example_of_these_tests_is_a_cluster_that_can_be_saved() -> None:
    assert load(dump(CLUSTER)) == CLUSTER


async def test_a_burst_of_answers_is_drawn_once(
    store: Store, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WizardScreen, "_run_checks", lambda *_: None)
    async with at_the_checks(store, cluster=recorded.NINE) as looker:
        step = checks(looker)
        drawn: list[int] = []
        show = step.list.show

        def counted(*given: Any) -> None:
            drawn.append(1)
            show(*given)

        monkeypatch.setattr(step.list, "show", counted)
        for number in range(1, 10):
            step.take_node(number - 1, build.learnt(number))
        await looker.sees("listening on the wire")
        assert len(drawn) == 1
