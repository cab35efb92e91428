"""Remedies carried out on the embedded cluster: what they mend, and what they refuse."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.demo_live import Reach, eventually, reaching, serving
from vip_tui.cluster import Cluster
from vip_tui.demo.host import Host
from vip_tui.errors import RefusedError, VipError
from vip_tui.nodes.commands import HOLD_LOCK, LOAD_IP_VS
from vip_tui.nodes.lock import locked
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.gather import learn
from vip_tui.preflight.learnt import Finding, Fix
from vip_tui.preflight.mend import Mended, mend, mend_all
from vip_tui.preflight.outcome import Preflight
from vip_tui.preflight.remedies import Act, Remedy, remedies, remedy_for


@pytest.fixture
async def reach(tmp_path: Path) -> AsyncIterator[Reach]:
    async with serving(tmp_path) as served, reaching(served) as found:
        yield found


def wanted(reach: Reach) -> Cluster:
    return reach.cluster.cluster


async def look(reach: Reach) -> Preflight:
    """What the nodes say of themselves, checked; nobody listens on the wire."""
    cluster = wanted(reach)
    learning = (learn(node, cluster.image, reach.fleet) for node in cluster.nodes)
    seen = tuple(await asyncio.gather(*learning))
    findings = tuple(check_node(cluster, one, seen) for one in seen)
    return Preflight(cluster, seen, findings, 0.1, 0.0)


async def remedy(reach: Reach, fix: Fix) -> Remedy:
    """The one remedy of that kind that the checks of the first node ask for."""
    found = [one for one in remedies(await look(reach)) if (one.index, one.fix) == (0, fix)]
    assert found, fix
    return found[0]


def of(outcome: Preflight, check: str) -> Finding:
    return next(item for item in outcome.findings[0] if item.id == check)


def unloaded(host: Host) -> None:
    host.ip_vs, host.ip_vs_persisted = "loadable", False


def broken_line(host: Host) -> None:
    host.ip_vs, host.ip_vs_persisted, host.etc_modules = "loaded", False, "modprobe ip_vs"


def docker_down(host: Host) -> None:
    host.faults.docker = "down"


def not_at_boot(host: Host) -> None:
    host.docker_at_boot = False


def no_image(host: Host) -> None:
    host.docker.images.clear()


def drops_vrrp(host: Host) -> None:
    host.firewall.append("ip protocol vrrp drop")


@pytest.mark.parametrize(
    ("wrong", "fix", "check", "evidence"),
    [
        (unloaded, "load-ip_vs", "ip_vs", "loaded, and at every boot"),
        (broken_line, "mend-modules", "ip_vs", "loaded, and at every boot"),
        (docker_down, "start-docker", "docker", "Docker 20.10.24 answers"),
        (not_at_boot, "enable-docker", "docker", "Docker 20.10.24 answers"),
        (drops_vrrp, "open-firewall", "firewall", "no rule drops VRRP of 198.18.0.12"),
        (no_image, "pull-image", "image", "osixia/keepalived:2.0.20 is on the node"),
    ],
)
async def test_what_is_wrong_is_mended_and_seen_to_be(
    reach: Reach, wrong: object, fix: Fix, check: str, evidence: str
) -> None:
    assert callable(wrong)
    wrong(reach.host())
    found = await remedy(reach, fix)
    assert await mend(found, wanted(reach), reach.fleet) == evidence
    after = await look(reach)
    assert (of(after, check).status, of(after, check).fix) == ("pass", None)
    assert await mend(found, wanted(reach), reach.fleet) == evidence  # twice is once


async def stale(reach: Reach) -> Remedy:
    """The remedy of a VIP that nobody's keepalived holds any more."""
    reach.host().add_address(f"{wanted(reach).vip[0]}/32", "eth0")
    finding = Finding("vip-free", "warn", "stale", fix="delete-vip")
    found = remedy_for(await look(reach), 0, finding)
    assert found is not None
    return found


async def test_a_stale_vip_goes(reach: Reach) -> None:
    found = await stale(reach)
    vip = str(wanted(reach).vip[0])
    assert await mend(found, wanted(reach), reach.fleet) == f"{vip} is on no interface"
    assert not reach.host().has(vip)


async def test_a_vip_that_a_keepalived_holds_by_now_stays(reach: Reach) -> None:
    found = await stale(reach)
    image = wanted(reach).image
    reach.host().docker.images.add(image)
    await reach.host().docker.create("another", {"Image": image, "Env": []})
    await reach.host().docker.start("another")
    with pytest.raises(RefusedError, match="keepalived runs on n1"):
        await mend(found, wanted(reach), reach.fleet)
    assert reach.host().has(str(wanted(reach).vip[0]))


async def test_what_was_not_mended_is_said(reach: Reach, monkeypatch: pytest.MonkeyPatch) -> None:
    unloaded(reach.host())
    found = await remedy(reach, "load-ip_vs")
    # The second act is left out, so that the module will not be there at the next boot.
    half = replace(found, acts=(Act(LOAD_IP_VS),))
    with pytest.raises(VipError, match="ip_vs on n1 is not mended") as caught:
        await mend(half, wanted(reach), reach.fleet)
    assert "not at the next boot" in caught.value.detail


async def test_a_command_that_fails_is_told_in_the_nodes_own_words(reach: Reach) -> None:
    unloaded(reach.host())
    found = await remedy(reach, "load-ip_vs")
    reach.host().ip_vs = "missing"
    with pytest.raises(VipError, match="load-ip-vs failed") as caught:
        await mend(found, wanted(reach), reach.fleet)
    assert "Module ip_vs not found" in caught.value.detail


async def test_a_node_that_somebody_works_on_is_left_alone(reach: Reach) -> None:
    unloaded(reach.host())
    found = await remedy(reach, "load-ip_vs")
    async with (await reach.connection()).follow(HOLD_LOCK, "an apply") as theirs:
        assert await theirs.readline() == "held"
        with pytest.raises(RefusedError, match="another run holds the lock"):
            await mend(found, wanted(reach), reach.fleet)
    assert reach.host().ip_vs == "loadable"


async def test_an_image_is_pulled_whoever_works_there(reach: Reach) -> None:
    no_image(reach.host())
    found = await remedy(reach, "pull-image")
    said: list[str] = []
    async with locked(reach.fleet, [reach.node()], "an apply"):
        await mend(found, wanted(reach), reach.fleet, said.append)
    assert said


async def test_two_remedies_of_one_node_wait_for_each_other(reach: Reach) -> None:
    unloaded(reach.host())
    not_at_boot(reach.host())
    both = [await remedy(reach, fix) for fix in ("load-ip_vs", "enable-docker")]
    await asyncio.gather(*(mend(one, wanted(reach), reach.fleet) for one in both))
    assert (reach.host().ip_vs, reach.host().docker_at_boot) == ("loaded", True)


async def test_what_fails_on_one_node_holds_up_no_other(reach: Reach) -> None:
    for index in (0, 1):
        unloaded(reach.host(index))
    found = [one for one in remedies(await look(reach)) if one.fix == "load-ip_vs"]
    assert [one.name for one in found] == ["n1", "n2"]
    reach.host(0).ip_vs = "missing"
    told: list[Mended] = []
    done = await mend_all(found, wanted(reach), reach.fleet, told.append)
    assert [(one.remedy.name, one.ok) for one in done] == [("n1", False), ("n2", True)]
    assert sorted(told, key=lambda one: one.remedy.index) == list(done)
    assert done[0].as_dict()["evidence"] == str(done[0].problem)
    assert done[1].as_dict()["ok"] is True


async def test_who_may_not_become_root_touches_nothing(reach: Reach) -> None:
    unloaded(reach.host())
    found = replace(await remedy(reach, "load-ip_vs"), barred="alice may not use sudo")
    with pytest.raises(VipError, match="cannot be mended from here") as caught:
        await mend(found, wanted(reach), reach.fleet)
    assert caught.value.detail == "alice may not use sudo"
    assert reach.host().ip_vs == "loadable"


async def test_an_operator_who_stops_it_leaves_no_half_and_no_lock(reach: Reach) -> None:
    docker_down(reach.host())
    found = await remedy(reach, "start-docker")
    work = asyncio.ensure_future(mend(found, wanted(reach), reach.fleet))
    entries = reach.fleet.log.entries
    under_way = lambda: any(one.summary == "start docker" for one in entries())  # noqa: E731
    await eventually(under_way, "the command is not begun")
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert reach.host().faults.docker == "up"
    await eventually(lambda: not reach.host().lock_holder, "the lock is not free again")


async def test_stopping_a_pull_cuts_short_nothing_on_another_node(reach: Reach) -> None:
    docker_down(reach.host(0))
    no_image(reach.host(1))
    found = [
        one for one in remedies(await look(reach)) if one.fix in ("start-docker", "pull-image")
    ]
    assert [one.name for one in found] == ["n1", "n2"]
    work = asyncio.ensure_future(mend_all(found, wanted(reach), reach.fleet, lambda _: None))
    entries = reach.fleet.log.entries
    both = {"start docker", f"docker pull {wanted(reach).image}"}
    await eventually(lambda: both <= {one.summary for one in entries()}, "they are not begun")
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert reach.host(0).faults.docker == "up"


async def test_the_misfortune_of_a_stale_vip_can_be_mended(tmp_path: Path) -> None:
    async with serving(tmp_path, 3, ["stale-vip"]) as served, reaching(served) as reach:
        vip = str(wanted(reach).vip[0].address)
        assert reach.host().has(vip)
        found = await remedy(reach, "delete-vip")
        await mend(found, wanted(reach), reach.fleet)
        assert not reach.host().has(vip)
        assert remedies(await look(reach)) == ()
