"""What the headless commands do; the TUI calls the same functions underneath."""

from __future__ import annotations

import secrets
import string
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vip_tui.cli import output
from vip_tui.cluster import Cluster
from vip_tui.deploy.apply import Apply, ApplyReport, StepReport
from vip_tui.deploy.plan import Plan, make_plan
from vip_tui.deploy.remove import RemoveReport, remove
from vip_tui.drill.report import DrillReport
from vip_tui.drill.run import Drill, Progress
from vip_tui.errors import RefusedError, UnreachableError
from vip_tui.live.model import Snapshot
from vip_tui.live.watch import Watcher, watching
from vip_tui.nodes.fleet import Fleet
from vip_tui.preflight.gather import Preflight, gather, learn
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.resolve import node_names, resolve

SEE_LIMIT_S = 12.0
SETTLE_LIMIT_S = 8.0
_PASSWORD_ALPHABET = string.ascii_letters + string.digits


def new_password() -> str:
    """A random VRRP password of the 8 characters that count."""
    return "".join(secrets.choice(_PASSWORD_ALPHABET) for _ in range(8))


def require(outcome: Preflight, allow: tuple[str, ...] = ()) -> None:
    """Raise UnreachableError or RefusedError for what stops apply (design, section 8)."""
    if outcome.unreached:
        lines = [f"{one.name}: {one.problem}" for one in outcome.unreached]
        hints = {one.problem.hint for one in outcome.unreached if one.problem}
        title = "a node could not be reached" if len(lines) == 1 else "nodes could not be reached"
        raise UnreachableError(f"{title}; nothing was changed", "\n".join(lines), "\n".join(hints))
    blocking = outcome.blocking(allow)
    if blocking:
        lines = [f"{name}: {item.id}: {item.summary}" for name, item in blocking]
        ids = sorted({item.id for _, item in blocking})
        hint = "`vip-tui check` tells what mends it; to go on all the same: "
        hint += " ".join(f"--allow {name}" for name in ids)
        raise RefusedError("a check fails; nothing was changed", "\n".join(lines), hint)


async def planned(
    cluster: Cluster, fleet: Fleet, allow: tuple[str, ...] = ()
) -> tuple[Preflight, Plan]:
    """Preflight, then the plan; raises what ``require`` raises."""
    outcome = await gather(cluster, fleet)
    require(outcome, allow)
    resolved = resolve(cluster, outcome.learnt, new_password())
    return outcome, make_plan(resolved, outcome.learnt)


@asynccontextmanager
async def settled(
    cluster: Cluster, fleet: Fleet, settle_s: float = SETTLE_LIMIT_S
) -> AsyncIterator[Watcher]:
    """A watcher that has seen what can be seen, and given an election the time to end."""
    async with watching(cluster, fleet) as watcher:
        await watcher.until(lambda picture: picture.complete, SEE_LIMIT_S)
        if any(node.connected for node in watcher.snapshot.nodes):
            await watcher.until(lambda picture: picture.settled, settle_s)
        yield watcher


async def status(cluster: Cluster, fleet: Fleet) -> Snapshot:
    """The cluster as it is now."""
    async with settled(cluster, fleet) as watcher:
        return watcher.snapshot


async def apply(plan: Plan, fleet: Fleet) -> ApplyReport:
    """Carry the plan out, narrating on stderr."""

    def tell(step: StepReport) -> None:
        if step.outcome != "running":
            output.say(f"{step.node}: {step.action}: {step.outcome}  {step.evidence}")

    async with watching(plan.resolved.cluster, fleet) as watcher:
        await watcher.until(lambda picture: picture.known, SEE_LIMIT_S)
        return await Apply(plan, fleet, watcher, tell).run()


async def drill(cluster: Cluster, fleet: Fleet, max_outage_s: float | None) -> DrillReport:
    """Stop the master, measure, restore; narrating on stderr."""

    def tell(progress: Progress) -> None:
        output.say(f"{progress.phase}: {progress.text}")

    async with settled(cluster, fleet) as watcher:
        return await Drill(watcher, tell, max_outage_s).run()


async def look(cluster: Cluster, fleet: Fleet) -> tuple[list[Learnt], tuple[str, ...]]:
    """What each node says of itself, without the checks."""
    import asyncio

    learnt = await asyncio.gather(*(learn(node, cluster.image, fleet) for node in cluster.nodes))
    return list(learnt), node_names(learnt)


async def take_down(cluster: Cluster, fleet: Fleet, only: str | None) -> list[RemoveReport]:
    """Remove the containers and VIPs, narrating on stderr."""
    learnt, names = await look(cluster, fleet)
    pairs = [(one, name) for one, name in zip(learnt, names, strict=True) if only in (None, name)]
    if not pairs:
        raise RefusedError(f"no node {only!r}", f"the nodes are {', '.join(names)}")

    def tell(report: RemoveReport) -> None:
        output.say(f"{report.name}: {report.outcome}  {report.evidence}")

    chosen, chosen_names = zip(*pairs, strict=True)
    return await remove(cluster, chosen, chosen_names, fleet, tell)
