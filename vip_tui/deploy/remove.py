"""Takes the cluster's containers and VIPs off its nodes, and says what is there afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vip_tui.cluster import Cluster
from vip_tui.deploy.containers import take_away
from vip_tui.errors import VipError
from vip_tui.keepalived.spec import ASIDE_NAME, CLUSTER_LABEL, CONTAINER_NAME, ownership
from vip_tui.nodes.commands import DELETE_ADDRESS
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.lock import locked
from vip_tui.preflight import facts
from vip_tui.preflight.learnt import Learnt


@dataclass(frozen=True, slots=True)
class RemoveReport:
    """What came of one node."""

    name: str
    outcome: str  # removed, absent, foreign, failed
    evidence: str = ""
    unreached: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing of ours is left there."""
        return self.outcome in ("removed", "absent", "foreign")

    def as_dict(self) -> dict[str, str]:
        """The node of the JSON contract."""
        return {"name": self.name, "outcome": self.outcome, "evidence": self.evidence}


async def remove(
    cluster: Cluster,
    learnt: Sequence[Learnt],
    names: Sequence[str],
    fleet: Fleet,
    tell: Callable[[RemoveReport], None],
) -> list[RemoveReport]:
    """Remove from all nodes that were learnt of; the holders last, so that nobody takes over."""
    holders = {
        name
        for name, one in zip(names, learnt, strict=True)
        if one.host and any(one.host.holds(vip.address) for vip in cluster.vip)
    }
    reports: dict[str, RemoveReport] = {}

    async def one_node(name: str, one: Learnt) -> None:
        try:
            report = await _remove(cluster, name, one, fleet)
        except VipError as problem:
            report = RemoveReport(name, "failed", str(problem), one.problem is not None)
        reports[name] = report
        tell(report)

    pairs = list(zip(names, learnt, strict=True))
    reached = [one.node for one in learnt if one.problem is None]
    async with locked(fleet, reached, f"remove of {cluster.name}"):
        await asyncio.gather(*(one_node(*pair) for pair in pairs if pair[0] not in holders))
        await asyncio.gather(*(one_node(*pair) for pair in pairs if pair[0] in holders))
    return [reports[name] for name in names]


async def _remove(cluster: Cluster, name: str, one: Learnt, fleet: Fleet) -> RemoveReport:
    for problem in (one.problem, one.docker_problem, one.host_problem):
        if problem is not None:
            raise problem
    engine = await fleet.engine(one.node)
    container = await engine.inspect(CONTAINER_NAME)
    vips = tuple(str(vip) for vip in cluster.vip)
    if container is not None and ownership(container, cluster.name, vips) == "foreign":
        return RemoveReport(name, "foreign", "the container is not this cluster's: left alone")
    former = await engine.inspect(ASIDE_NAME)
    if former is not None and former.labels.get(CLUSTER_LABEL) == cluster.name:
        await take_away(engine, ASIDE_NAME)
    if container is not None:
        await take_away(engine, CONTAINER_NAME)
    left = await _clear_vips(cluster, one, fleet, ours=container is not None)
    if await engine.inspect(CONTAINER_NAME) is not None:
        raise VipError(f"the container is still on {name}")
    if left and container is None:
        detail = f"{', '.join(left)} is this machine's own, not keepalived's: left alone"
        return RemoveReport(name, "foreign", detail)
    if left:
        raise VipError(f"{name} still has {', '.join(left)}", "", "Take it off: `ip addr del`.")
    evidence = "no container and no VIP are left"
    return RemoveReport(name, "removed" if container else "absent", evidence)


async def _clear_vips(cluster: Cluster, one: Learnt, fleet: Fleet, ours: bool) -> list[str]:
    """Delete the VIPs that a killed keepalived left behind; returns those that are still there.

    Where no container of ours was found, only an address as keepalived sets it (``/32``, or the
    file's own prefix) is taken for a VIP: with another prefix it is the machine's.
    """
    connection = await fleet.connection(one.node)
    vips = {vip.address: vip.prefix for vip in cluster.vip}
    host = facts.parse((await connection.run(facts.REREAD)).output)
    for address in host.addresses:
        ip = address.ip
        if ip.ip in vips and (ours or ip.network.prefixlen in (ip.max_prefixlen, vips[ip.ip])):
            await connection.run(DELETE_ADDRESS, str(ip), address.interface)
    host = facts.parse((await connection.run(facts.REREAD)).output)
    return [str(address.ip) for address in host.addresses if address.ip.ip in vips]
