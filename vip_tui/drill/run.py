"""A drill: gate, arm, fault, measurement, restoration, report (design, section 6)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from vip_tui.cluster import Node
from vip_tui.drill import safety
from vip_tui.drill.arm import Armed, armed
from vip_tui.drill.journal import Journal
from vip_tui.drill.measure import gaps, longest
from vip_tui.drill.report import DrillReport
from vip_tui.errors import RefusedError, VipError
from vip_tui.keepalived.spec import CONTAINER_NAME
from vip_tui.live.model import Snapshot
from vip_tui.live.watch import Watcher, first_problem
from vip_tui.nodes.commands import READ_LOCK
from vip_tui.nodes.engine import Engine
from vip_tui.nodes.probe import DRILL_INTERVAL_S, REST_INTERVAL_S, describe
from vip_tui.nodes.whole import raise_if_cancelled, to_its_end

Phase = Literal["gate", "armed", "fault", "detected", "taken over", "restored", "verified", "ended"]
GATE_LIMIT_S = 5.0
BASELINE_S = 1.0
BASELINE_TRIES = 5
AFTER_S = 0.5
# All three together stay below the time after which the armed revert runs by itself.
LETTING_GO_LIMIT_S = 12.0
TAKEOVER_LIMIT_S = 10.0
RESTORE_LIMIT_S = 25.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the drill is, in words."""

    phase: Phase
    text: str


class Drill:
    """One drill with the fault ``stop``; ``tell`` hears of each phase as it is reached."""

    def __init__(
        self,
        watcher: Watcher,
        tell: Callable[[Progress], object],
        max_outage_s: float | None = None,
        confirmed: safety.BlastRadius | None = None,
    ) -> None:
        self._watcher = watcher
        self._tell = tell
        self._max_outage_s = max_outage_s
        self._confirmed = confirmed
        self._began = 0.0
        self.report = DrillReport(watcher.cluster.name, probe=describe(watcher.cluster.probe))

    async def run(self) -> DrillReport:
        """Run it; refusals and failures are in the report. Cancelled, it restores, then raises."""
        try:
            await self._run()
        except* RefusedError as refusals:
            self.report.outcome = "refused"
            self.report.reasons.append(str(first_problem(refusals)))
        except* VipError as problems:
            self.report.outcome = "aborted"
            self.report.reasons.append(str(first_problem(problems)))
        finally:
            if self._watcher.probe is not None:
                self._watcher.probe.set_interval(REST_INTERVAL_S)
        self._say("ended", self.report.outcome)
        raise_if_cancelled()
        return self.report

    def _say(self, phase: Phase, text: str) -> None:
        self._tell(Progress(phase, text))

    def _mark(self, phase: Phase | None, text: str) -> None:
        """Note a moment of the drill, in seconds from the fault; some are phases of it."""
        self.report.timeline.append((time.monotonic() - self._began, text))
        if phase is not None:
            self._say(phase, text)

    async def _run(self) -> None:
        self._say("gate", "looking whether the cluster can take it")
        radius = await self._gate()
        if self._confirmed is not None and self._confirmed != radius:
            raise _refused([f"it is no longer what was confirmed: now {radius.text}"])
        self.report.source, self.report.bound_s = radius.source, radius.bound_s
        self.report.resolution_s = DRILL_INTERVAL_S
        index = radius.index
        node = self._watcher.cluster.nodes[index]
        journal = Journal(self._watcher.fleet.access.store, self.report.cluster)
        self.report.started_at, self.report.journal = journal.started_at, str(journal.path)
        connection = await self._watcher.fleet.connection(node)
        engine = await self._watcher.fleet.engine(node)
        async with armed(connection, self.report.cluster) as way_back:
            journal.write("armed", node=radius.source, bound_ms=round(radius.bound_s * 1000, 1))
            self._say("armed", f"{radius.source} comes back by itself, whatever happens to us")
            try:
                try:
                    await self._fault(engine, radius, journal)
                finally:
                    # Also on Ctrl-C: a cancelled drill restores before it ends.
                    back = self._restore(engine, index, radius, journal)
                    await to_its_end(self._put_back(back, way_back, journal))
            except asyncio.CancelledError:
                self.report.outcome = "aborted"
                self.report.reasons.append("stopped by the operator")
                journal.write("ended", outcome="aborted")
                raise
        self._judge(journal)

    async def _put_back(self, restore: Awaitable[None], way_back: Armed, journal: Journal) -> None:
        """Restore; only what was seen to be restored calls the armed revert off."""
        await restore
        if self.report.restored:
            await way_back.disarm()
            journal.write("disarmed")

    async def _gate(self) -> safety.BlastRadius:
        """Promise 1: a healthy cluster, no lock held, and a quiet baseline."""
        await self._watcher.until(lambda picture: not safety.refusals(picture), GATE_LIMIT_S)
        safety.require_safe(self._watcher.snapshot)
        locks = [self._lock(node) for node in self._watcher.cluster.nodes]
        held = [problem for problem in await asyncio.gather(*locks) if problem]
        if held:
            raise _refused(held)
        await self._baseline()
        return safety.require_safe(self._watcher.snapshot)

    async def _baseline(self) -> None:
        """Wait for a quiet second before the fault: against a noisy one nothing is measured."""
        probe = self._watcher.probe
        assert probe is not None  # else require_safe had refused
        probe.set_interval(DRILL_INTERVAL_S)
        noise: str | None = None
        for _ in range(BASELINE_TRIES):
            start = time.monotonic() + BASELINE_S / 4
            await asyncio.sleep(BASELINE_S * 1.25)
            end = time.monotonic()
            answers = [answer.at for answer in list(probe.answers) if start <= answer.at <= end]
            found = [gap.length for gap in gaps(answers, DRILL_INTERVAL_S, start, end)]
            noise = safety.noisy(found, len(answers), (end - start) / DRILL_INTERVAL_S)
            if noise is None:
                return
            self._say("gate", f"waiting for a quiet probe: {noise}")
        raise _refused([f"the baseline is not quiet: {noise}"])

    async def _lock(self, node: Node) -> str | None:
        connection = await self._watcher.fleet.connection(node)
        answer = (await connection.run(READ_LOCK)).output.strip()
        if answer == "free":
            return None
        views = dict(zip(self._watcher.cluster.nodes, self._watcher.snapshot.nodes, strict=True))
        return f"{views[node].name} is {answer.replace('locked', 'locked by', 1)}"

    async def _fault(self, engine: Engine, radius: safety.BlastRadius, journal: Journal) -> None:
        journal.write("fault", node=radius.source, fault="stop")
        self._began = time.monotonic()
        self._mark("fault", f"{radius.source}: docker stop")
        async with asyncio.TaskGroup() as group:  # a stop that fails ends the waiting for it
            stopping = group.create_task(to_its_end(engine.stop(CONTAINER_NAME)))
            group.create_task(self._watch_takeover(radius))
            await stopping
            self._mark(None, f"{radius.source}: container stopped")

    async def _watch_takeover(self, radius: safety.BlastRadius) -> None:
        def gone(picture: Snapshot) -> bool:
            return not picture.nodes[radius.index].holds

        def taken(picture: Snapshot) -> bool:
            return gone(picture) and _new_holder(picture, radius) is not None

        if await self._watcher.until(gone, LETTING_GO_LIMIT_S) is not None:
            self._mark("detected", f"{radius.source} has let go of the VIP")
        picture = await self._watcher.until(taken, TAKEOVER_LIMIT_S)
        if picture is None:
            return
        self.report.target = _new_holder(picture, radius)
        self._mark("taken over", f"{self.report.target} has the VIP")
        await asyncio.sleep(AFTER_S)  # the measurement has to see answers after the gap
        self._measure()

    def _measure(self) -> None:
        probe = self._watcher.probe
        assert probe is not None
        end = time.monotonic()
        # One interval before the fault, so that the last answer before it starts the gap.
        start = self._began - 2 * DRILL_INTERVAL_S
        answers = [answer.at for answer in list(probe.answers)]
        gap = longest(answers, DRILL_INTERVAL_S, start, end)
        if gap is None:
            self.report.outage_s = 0.0
        elif gap.end < end:
            self.report.outage_s = gap.length
            self.report.timeline += [
                (gap.start - self._began, "last answer before the gap"),
                (gap.end - self._began, "first answer after it"),
            ]

    async def _restore(
        self, engine: Engine, index: int, radius: safety.BlastRadius, journal: Journal
    ) -> None:
        """Start the stopped node again, and believe it only when it is seen."""
        journal.write("restoring", node=radius.source)
        await engine.start(CONTAINER_NAME)
        self._mark("restored", f"{radius.source}: docker start")

        def back(picture: Snapshot) -> bool:
            view = picture.nodes[index]
            return view.state in ("backup", "master") and picture.verdict == "healthy"

        self.report.restored = await self._watcher.until(back, RESTORE_LIMIT_S) is not None
        if self.report.restored:
            state = self.report.back_as = self._watcher.snapshot.nodes[index].state
            self._mark("verified", f"{radius.source} is back as {state}; one holder")
        journal.write("restored" if self.report.restored else "not restored", node=radius.source)

    def _judge(self, journal: Journal) -> None:
        bound = self.report.bound_s or 0.0
        self.report.outcome, self.report.reasons = safety.verdict(
            self.report.outage_s,
            bound,
            self.report.target,
            self.report.restored,
            self._max_outage_s,
        )
        self.report.timeline.sort()
        journal.write("ended", outcome=self.report.outcome, outage_s=self.report.outage_s)


def _new_holder(picture: Snapshot, radius: safety.BlastRadius) -> str | None:
    for index, node in enumerate(picture.nodes):
        if index != radius.index and node.holds and node.state == "master":
            return node.name
    return None


def _refused(reasons: list[str]) -> RefusedError:
    hint = "`vip-tui status` tells more."
    return RefusedError("the drill is refused", "; ".join(reasons), hint)
