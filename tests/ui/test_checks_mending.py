"""What is done about a finding: nothing runs, and no risk is taken, before the operator agreed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ui.checks_nodes import (
    CLUSTER,
    FINE,
    THREE,
    Nodes,
    at_the_checks,
    checks,
    cursor,
    notice,
    three_nodes,
    to_the_end,
    wizard,
)
from tests.unit import recorded_checks as recorded
from vip_tui.errors import VipError
from vip_tui.preflight import remedies
from vip_tui.preflight.learnt import Finding
from vip_tui.preflight.outcome import Preflight
from vip_tui.preflight.remedies import Remedy
from vip_tui.store import Store
from vip_tui.tui.screens.dialogs import Dialog


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Nodes:
    return three_nodes(monkeypatch)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


# Mending.


async def test_nothing_runs_before_its_commands_were_shown(store: Store, nodes: Nodes) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        await looker.press("m")
        await looker.sees("Mend docker on n2?", "$ systemctl start docker", "The way back:")
        await looker.sees("▲ Docker starts the containers too")
        await looker.press("enter")  # it starts on the way out
        await looker.until(lambda: not isinstance(looker.app.screen, Dialog))
        assert nodes.mended == [] and len(nodes.asked) == 1


async def test_after_a_remedy_its_node_is_asked_and_what_was_seen_is_told(
    store: Store, nodes: Nodes
) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        known, nodes.says = checks(looker).outcome, FINE
        await looker.press("m", "right", "enter")
        await looker.sees("Nothing stands in the way", "Mended. n2: Docker 20.10.24 answers.")
        assert [(one.index, one.fix) for one in nodes.mended] == [(1, "start-docker")]
        assert nodes.asked[1:] == [(known, frozenset({1}))]


async def test_what_several_nodes_have_is_mended_on_each(store: Store, nodes: Nodes) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        await looker.press("home", "down", "m")
        await looker.sees("Mend ip_vs on n1, n3?", "modprobe ip_vs")
        await looker.press("right", "enter")
        await looker.until(lambda: len(nodes.asked) == 2)
        assert [one.index for one in nodes.mended] == [0, 2]
        assert nodes.asked[1][1] == frozenset({0, 2})


async def test_a_remedy_that_fails_says_so_with_the_next_step(store: Store, nodes: Nodes) -> None:
    nodes.says = THREE
    nodes.fails = VipError("Docker on n2 does not start", "no answer", "Look at its journal.")
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        await looker.press("m", "right", "enter")
        said = "Docker on n2 does not start: no answer. Look at its journal."
        await looker.until(lambda: said in notice(looker))
        await looker.sees("tried Docker on n2 does not start: no answer")
        await looker.until(lambda: len(nodes.asked) == 2)
        await to_the_end(looker)
        assert checks(looker).obstacles == "docker on n2 stands in the way"


async def test_escape_stops_a_remedy_and_looks_what_came_of_it(store: Store, nodes: Nodes) -> None:
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        nodes.waits = asyncio.Event().wait
        await looker.press("m", "right", "enter")
        await looker.sees("Mending n2… 0 s", "▶ mending… 0 s")
        await looker.press("f5")
        assert "Not now: it is being mended" in notice(looker)
        nodes.waits = None
        await looker.pilot.click("#rail", offset=(3, 1))  # does not leave it behind
        assert wizard(looker).step == 2 and checks(looker).state.mending
        await looker.press("escape")
        await looker.until(lambda: len(nodes.asked) == 2)
        assert wizard(looker).step == 2
        assert nodes.asked[1][1] == frozenset({1})
        await to_the_end(looker)


async def test_where_vip_tui_may_not_run_the_commands_it_says_why(
    store: Store, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def barred(_outcome: Preflight, index: int, finding: Finding) -> Remedy | None:
        made = recorded.remedy(index, finding)
        return made and replace(made, barred="operator is neither root nor may use sudo")

    monkeypatch.setattr(remedies, "remedy_for", barred)
    nodes.says = THREE
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        await looker.press("m")
        assert "Not now: operator is neither root nor may use sudo" in notice(looker)


# Accepting a risk.


async def test_an_accepted_risk_stops_nothing_and_is_remembered_in_the_file(
    store: Store, nodes: Nodes
) -> None:
    nodes.says = recorded.outcome(CLUSTER, {1: (recorded.FIREWALL,)})
    async with at_the_checks(store) as looker:
        await to_the_end(looker)
        await looker.press("a")
        await looker.sees("Go on although firewall fails?", "every node becomes master")
        await looker.sees("From now on firewall stops no deployment of homelab")
        await looker.press("enter")
        assert checks(looker).obstacles
        await looker.press("a", "right", "enter")
        await looker.sees("Nothing stands in the way", "(1 accepted risk)")
        await looker.sees("✖ firewall accepted the firewall drops")
        await looker.press("f5")
        await looker.until(lambda: len(nodes.asked) == 2)
        await looker.sees("(1 accepted risk)")
        await looker.press("enter")
        await looker.until(lambda: wizard(looker).step == 3, "no review")
        plan = wizard(looker).review.plan
        assert plan is not None
        store.save(plan.resolved.cluster)  # as deploying it does
        assert store.load("homelab").allow == ("firewall",)


async def test_an_accepted_risk_can_be_taken_back(store: Store, nodes: Nodes) -> None:
    cluster = replace(CLUSTER, allow=("docker", "disk"))
    nodes.says = recorded.three(cluster)
    async with at_the_checks(store, cluster=cluster) as looker:
        await looker.sees("Nothing stands in the way")
        await looker.until(lambda: "ip_vs" in cursor(looker))
        await looker.press("down", "down", "down", "a")
        await looker.sees("docker on n2 stands in the way")
        assert wizard(looker).draft.allow == ("disk",)


async def test_without_a_way_in_there_is_nothing_to_accept(store: Store, nodes: Nodes) -> None:
    nodes.says = recorded.outcome(CLUSTER, {1: (recorded.NO_WAY_IN, *recorded.BEHIND_AUTH)})
    async with at_the_checks(store) as looker:
        await looker.sees("auth on n2 stands in the way. Mend it, then press F5.")
        await looker.press("a")
        assert "Not now: without a way in nothing can be deployed there" in notice(looker)
        assert not isinstance(looker.app.screen, Dialog)
