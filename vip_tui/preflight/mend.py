"""Carries remedies out: one after another on a node, and tells what is seen there afterwards."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from weakref import WeakKeyDictionary

from vip_tui.cluster import Cluster, Node
from vip_tui.errors import RefusedError, VipError
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.lock import locked
from vip_tui.nodes.mending import FIND_KEEPALIVED
from vip_tui.nodes.reasons import EngineError
from vip_tui.nodes.whole import to_its_end
from vip_tui.preflight import facts
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.facts import NetworkFacts
from vip_tui.preflight.gather import learn
from vip_tui.preflight.learnt import Fix
from vip_tui.preflight.openings import blocks
from vip_tui.preflight.remedies import Remedy

DOCKER_STARTS_S = 30.0  # what dockerd may take until it answers
_AGAIN_S = 0.3

Progress = Callable[[str], None]
# One remedy at a time on a node: the node's lock would take the second for another operator's.
_TURNS: WeakKeyDictionary[Fleet, dict[Node, asyncio.Lock]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Mended:
    """What came of a remedy: what was seen afterwards, or why it was not done."""

    remedy: Remedy
    evidence: str = ""
    problem: VipError | None = None

    @property
    def ok(self) -> bool:
        """Whether the node was seen to be mended."""
        return self.problem is None

    def as_dict(self) -> dict[str, object]:
        """The item of ``fixed`` in the document of ``check --fix``."""
        return {
            "node": self.remedy.name,
            "check": self.remedy.check,
            "fix": self.remedy.fix,
            "ok": self.ok,
            "evidence": self.evidence if self.problem is None else str(self.problem),
            "commands": list(self.remedy.commands),
            "back": list(self.remedy.back),
        }


async def mend_all(
    remedies: Sequence[Remedy], cluster: Cluster, fleet: Fleet, tell: Callable[[Mended], object]
) -> tuple[Mended, ...]:
    """Carry out all of them, nodes side by side; what fails on one holds up no other."""
    by_node: dict[int, list[Remedy]] = {}
    for remedy in remedies:
        by_node.setdefault(remedy.index, []).append(remedy)

    async def on_one(mine: Sequence[Remedy]) -> list[Mended]:
        done = []
        for remedy in mine:
            try:
                done.append(Mended(remedy, await mend(remedy, cluster, fleet)))
            except VipError as problem:
                done.append(Mended(remedy, problem=problem))
            tell(done[-1])
        return done

    # All of them end before this does, also where one was cancelled at once.
    ends = await asyncio.gather(*map(on_one, by_node.values()), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    return tuple(one for end in ends if isinstance(end, list) for one in end)


async def mend(
    remedy: Remedy, cluster: Cluster, fleet: Fleet, progress: Progress = lambda _text: None
) -> str:
    """Carry a remedy out, and return what was seen on the node afterwards.

    Raises VipError where it cannot be done, or where what was seen is not as it should be. Where it
    is cancelled, the command that is under way is run to its end first.
    """
    if remedy.barred:
        hint = "Run the commands there as root, or give the node a user who may."
        raise VipError(f"{remedy.name} cannot be mended from here", remedy.barred, hint)
    node = cluster.nodes[remedy.index]
    async with _TURNS.setdefault(fleet, {}).setdefault(node, asyncio.Lock()):
        if remedy.fix == "pull-image":
            return await _pull(node, remedy.name, cluster.image, fleet, progress)
        async with locked(fleet, [node], f"fix of {cluster.name}"):
            if remedy.fix == "delete-vip":
                await _refuse_where_keepalived_runs(node, remedy.name, fleet)
            connection = await fleet.connection(node)
            for act in remedy.acts:
                await to_its_end(connection.run(act.command, *act.arguments))
            return await _SEEN[remedy.fix](remedy, cluster, fleet)


async def _refuse_where_keepalived_runs(node: Node, name: str, fleet: Fleet) -> None:
    """What a keepalived holds is not stale, whoever runs it."""
    found = (await (await fleet.connection(node)).run(FIND_KEEPALIVED)).output.split()
    if found:
        pids = ", ".join(pid for pid in found if pid.isdecimal())
        hint = "Stop it first; where it is this cluster's, `vip-tui apply` puts things right."
        raise RefusedError(f"keepalived runs on {name}", f"process {pids}", hint)


async def _pull(node: Node, name: str, image: str, fleet: Fleet, progress: Progress) -> str:
    engine = await fleet.engine(node)
    await engine.pull(image, progress)
    if not await engine.has_image(image):
        raise VipError(f"{image} is not on {name} after the pull")
    return f"{image} is on the node"


async def _judged(remedy: Remedy, cluster: Cluster, fleet: Fleet) -> str:
    """What the check says now; it must not ask for a remedy of this kind any more."""
    one = await learn(cluster.nodes[remedy.index], cluster.image, fleet)
    if (problem := one.problem or one.host_problem) is not None:
        raise problem
    finding = next(item for item in check_node(cluster, one, (one,)) if item.id == remedy.check)
    if finding.fix is not None and _SEEN.get(finding.fix) is _judged:
        detail = "; ".join(part for part in (finding.summary, finding.evidence) if part)
        raise VipError(f"{finding.id} on {remedy.name} is not mended", detail, finding.remedy)
    return finding.summary


async def _vip_gone(remedy: Remedy, cluster: Cluster, fleet: Fleet) -> str:
    connection = await fleet.connection(cluster.nodes[remedy.index])
    host = facts.parse((await connection.run(facts.REREAD)).output)
    removed = [ipaddress.ip_interface(act.arguments[0]).ip for act in remedy.acts]
    left = [str(ip) for ip in removed if host.holds(ip)]
    if left or not host.addresses:
        detail = f"{', '.join(left)} is still on it" if left else "its addresses cannot be read"
        raise VipError(f"the VIP is not off {remedy.name}", detail)
    return f"{', '.join(map(str, removed))} is on no interface"


async def _docker_answers(remedy: Remedy, cluster: Cluster, fleet: Fleet) -> str:
    """Docker takes a moment after its start, and tells nobody when it is ready."""
    node = cluster.nodes[remedy.index]
    problem: EngineError | None = None
    try:
        async with asyncio.timeout(DOCKER_STARTS_S):
            while True:
                try:
                    return f"Docker {await (await fleet.engine(node)).version()} answers"
                except EngineError as error:
                    problem = error
                await asyncio.sleep(_AGAIN_S)
    except TimeoutError:
        detail = str(problem) if problem else f"no answer within {DOCKER_STARTS_S:g} s"
        hint = "On the node: `journalctl -u docker`, or /var/log/docker.log."
        raise VipError(f"Docker on {remedy.name} does not start", detail, hint) from None


async def _firewall_open(remedy: Remedy, cluster: Cluster, fleet: Fleet) -> str:
    one = await learn(cluster.nodes[remedy.index], cluster.image, fleet)
    if (problem := one.problem or one.host_problem) is not None:
        raise problem
    network = one.host.network if one.host else NetworkFacts()
    if network.unseen:
        raise VipError(f"the firewall of {remedy.name} cannot be read again", network.unseen)
    known = list(dict.fromkeys(ip_address(act.arguments[-1]) for act in remedy.acts))
    left = [block for _, block, _ in blocks(cluster, one, network, known)]
    if left:
        hint = "It is another rule than before: check again, and mend that one too."
        raise VipError(f"the firewall of {remedy.name} still drops VRRP", str(left[0]), hint)
    return f"no rule drops VRRP of {', '.join(map(str, known))}"


_SEEN: Mapping[Fix, Callable[[Remedy, Cluster, Fleet], Awaitable[str]]] = {
    "load-ip_vs": _judged,
    "persist-ip_vs": _judged,
    "mend-modules": _judged,
    "enable-docker": _judged,
    "delete-vip": _vip_gone,
    "start-docker": _docker_answers,
    "open-firewall": _firewall_open,
}
