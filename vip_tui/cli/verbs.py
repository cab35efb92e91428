"""What the headless commands do; the TUI calls the same functions underneath."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from vip_tui.cli import output
from vip_tui.cluster import Cluster
from vip_tui.deploy.apply import Apply
from vip_tui.deploy.plan import Plan
from vip_tui.deploy.prepare import plan_after
from vip_tui.deploy.remove import RemoveReport, remove
from vip_tui.deploy.report import ApplyReport, StepReport
from vip_tui.drill.report import DrillReport
from vip_tui.drill.run import Drill, Progress
from vip_tui.drill.safety import BlastRadius
from vip_tui.errors import InputError, RefusedError
from vip_tui.live.model import Snapshot
from vip_tui.live.watch import SEE_LIMIT_S, settled, watching
from vip_tui.nodes.fleet import Fleet
from vip_tui.preflight.gather import gather, learn
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.resolve import node_names


async def planned(cluster: Cluster, fleet: Fleet, allow: tuple[str, ...] = ()) -> Plan:
    """Preflight, then the plan; narrates the accepted risks, and raises as ``plan_after`` does."""
    outcome = await gather(cluster, fleet)
    made = plan_after(outcome, allow)
    for name, finding in outcome.accepted(allow):
        output.say(f"accepted risk: {name}: {finding.id}: {finding.summary}")
    return made


async def status(cluster: Cluster, fleet: Fleet) -> Snapshot:
    """The cluster as it is now."""
    async with settled(cluster, fleet) as watcher:
        return watcher.snapshot


async def apply(
    cluster: Cluster,
    fleet: Fleet,
    allow: tuple[str, ...],
    confirmed: Plan | None,
    begin: Callable[[], object] = lambda: None,
) -> tuple[ApplyReport, list[str]]:
    """Plan and carry it out, narrating on stderr; returns the report and the nodes' names.

    ``begin`` is called when nothing stands in the way any more. Raises RefusedError where the plan
    is no longer the one that was confirmed.
    """
    plan = await planned(cluster, fleet, allow)
    if confirmed is not None and confirmed.as_dict() != plan.as_dict():
        raise RefusedError(
            "the nodes have changed since the plan was shown; nothing was changed",
            "what would be done now is not what was confirmed",
            "Run apply again, and review the new plan.",
        )

    begin()

    def tell(step: StepReport) -> None:
        if step.outcome != "running":
            output.say(f"{step.node}: {step.action}: {step.outcome}  {step.evidence}")

    async with watching(plan.resolved.cluster, fleet) as watcher:
        await watcher.until(lambda picture: picture.known, SEE_LIMIT_S)
        report = await Apply(plan, fleet, watcher, tell).run()
    return report, [node.name for node in plan.nodes]


async def drill(
    cluster: Cluster,
    fleet: Fleet,
    max_outage_s: float | None,
    confirmed: BlastRadius | None = None,
) -> DrillReport:
    """Stop the master, measure, restore; narrating on stderr."""

    def tell(progress: Progress) -> None:
        output.say(f"{progress.phase}: {progress.text}")

    async with settled(cluster, fleet) as watcher:
        return await Drill(watcher, tell, max_outage_s, confirmed).run()


async def look(cluster: Cluster, fleet: Fleet) -> tuple[list[Learnt], tuple[str, ...]]:
    """What each node says of itself, without the checks."""
    learnt = await asyncio.gather(*(learn(node, cluster.image, fleet) for node in cluster.nodes))
    return list(learnt), node_names(learnt)


async def take_down(cluster: Cluster, fleet: Fleet, only: str | None) -> list[RemoveReport]:
    """Remove the containers and VIPs, narrating on stderr."""
    learnt, names = await look(cluster, fleet)
    pairs = [(one, name) for one, name in zip(learnt, names, strict=True) if only in (None, name)]
    if not pairs:
        raise InputError(f"no node {only!r}", f"the nodes are {', '.join(names)}")

    def tell(report: RemoveReport) -> None:
        output.say(f"{report.name}: {report.outcome}  {report.evidence}")

    chosen, chosen_names = zip(*pairs, strict=True)
    return await remove(cluster, chosen, chosen_names, fleet, tell)
