"""The embedded node whose sudo asks for a password: what is told it, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.demo_live import serving
from tests.unit.ssh_doors import Person
from vip_tui.demo import EmbeddedCluster
from vip_tui.demo.misfortunes import SUDO_PASSWORD
from vip_tui.nodes.access import Access
from vip_tui.nodes.commands import HOLD_LOCK, READ_LOCK
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.reasons import EngineError, SudoRefused
from vip_tui.preflight.gather import gather

BAD = ("sudo-password",)


def fleet(cluster: EmbeddedCluster, *answers: str | None) -> Fleet:
    ask = Person(*answers) if answers else None
    return Fleet(Access(cluster.store, (cluster.identity,), isolated=True, ask=ask))


async def test_it_runs_what_root_may_and_streams_once_it_is_told(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, misfortunes=BAD) as cluster,
        fleet(cluster, "wrong", SUDO_PASSWORD) as ours,
    ):
        connection = await ours.connection(cluster.cluster.nodes[1])
        async with connection.follow(HOLD_LOCK, "me") as remote:
            assert await remote.readline() == "held"
            assert (await connection.run(READ_LOCK)).output.startswith("locked me")
        assert isinstance(ours.access.ask, Person)
        assert ours.access.ask.again == [False, True]


async def test_its_docker_is_reached_by_sudo(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, misfortunes=BAD, deployed=True) as cluster,
        fleet(cluster, SUDO_PASSWORD) as ours,
    ):
        engine = await ours.engine(cluster.cluster.nodes[1])
        container = await engine.inspect("keepalived")
        assert container is not None and container.running


async def test_without_it_docker_and_root_are_refused_with_a_way_out(tmp_path: Path) -> None:
    async with serving(tmp_path, misfortunes=BAD) as cluster, fleet(cluster) as ours:
        node = cluster.cluster.nodes[1]
        with pytest.raises(SudoRefused, match="has to give sudo a password"):
            await (await ours.connection(node)).run(READ_LOCK)
        with pytest.raises(EngineError, match="may not use Docker") as caught:
            await (await ours.engine(node)).version()
        assert "--ask-sudo-pass" in caught.value.hint


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (SUDO_PASSWORD, "pass", "may use sudo with the password given"),
        (None, "fail", "no root on 127.0.0.1"),
    ],
)
async def test_the_checks_ask_for_it_once(
    tmp_path: Path, answer: str | None, status: str, words: str
) -> None:
    async with serving(tmp_path, misfortunes=BAD) as cluster, fleet(cluster, answer) as ours:
        outcome = await gather(cluster.cluster, ours)
        found = {item.id: item for item in outcome.findings[1]}
        assert (found["privilege"].status, words in found["privilege"].summary) == (status, True)
        assert found["docker"].status == status
        assert isinstance(ours.access.ask, Person)
        assert len(ours.access.ask.questions) == 1
