"""Carries a plan out: step by step, each with what was observed afterwards; undone on failure."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from vip_tui.deploy import containers
from vip_tui.deploy.plan import NodePlan, Plan, start_order
from vip_tui.deploy.report import CLUSTER_STEP, ApplyReport, StepReport
from vip_tui.errors import RefusedError, VipError
from vip_tui.keepalived.recipe import ADVERT_INTERVAL_S
from vip_tui.keepalived.spec import ASIDE_NAME, CONTAINER_NAME, ContainerState
from vip_tui.keepalived.timers import election_limit
from vip_tui.live.model import NodeView, Snapshot
from vip_tui.live.watch import Watcher
from vip_tui.nodes.commands import LOAD_IP_VS, PERSIST_IP_VS
from vip_tui.nodes.engine import Engine
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.lock import locked
from vip_tui.nodes.whole import to_its_end
from vip_tui.preflight import facts

ROLLBACK_PAUSES_S = (1.0, 3.0)
VERIFY_TRIES = 4  # a blip of a probe or a connection is no reason to roll back
_SLACK_S = 10.0  # for Docker to start a container and its log to reach us


class Apply:
    """One run of apply; ``tell`` hears of each step as it begins, goes on and ends."""

    def __init__(
        self, plan: Plan, fleet: Fleet, watcher: Watcher, tell: Callable[[StepReport], object]
    ) -> None:
        self.plan = plan
        self._fleet = fleet
        self._watcher = watcher
        self._tell = tell
        self._before: dict[str, tuple[NodePlan, ContainerState | None]] = {}
        self.report = ApplyReport()
        priorities = tuple(node.target.member.priority for node in plan.nodes)
        self._election_s = election_limit(priorities, ADVERT_INTERVAL_S)
        self._limit_s = self._election_s + _SLACK_S

    async def run(self) -> ApplyReport:
        """Do it; what fails or is cancelled is rolled back before this returns or raises.

        Raises RefusedError, with nothing changed, where somebody else holds a node's lock.
        """
        began = time.monotonic()
        nodes = [node.target.node for node in self.plan.nodes] if self.plan.changes else []
        what = f"apply of {self.plan.resolved.cluster.name}"
        try:
            async with locked(self._fleet, nodes, what):
                await self._locked()
        except VipError as problem:
            self.report.problem = problem
            raise
        except asyncio.CancelledError:
            self.report.problem = self.report.problem or RefusedError("stopped by the operator")
            raise
        self.report.elapsed_s = time.monotonic() - began
        return self.report

    async def _locked(self) -> None:
        try:
            await self._all_at_once(self._prepare)
            await self._containers()
            await self._verify()
        except VipError as problem:
            self.report.problem = problem
            await to_its_end(self._roll_back())
        except asyncio.CancelledError:
            self.report.problem = RefusedError("stopped by the operator")
            await to_its_end(self._roll_back())
            raise
        else:
            self.report.ok = True
            await to_its_end(self._tidy())

    async def _all_at_once(self, work: Callable[[NodePlan], Awaitable[None]]) -> None:
        """On every node side by side; the first failure is raised when all have ended."""
        _raise_first(await asyncio.gather(*map(work, self.plan.nodes), return_exceptions=True))

    async def _step(self, node: NodePlan, action: str, work: Awaitable[str]) -> None:
        """Do one step, and note the evidence that it returns."""
        self._tell(StepReport(node.name, action, "running"))
        try:
            evidence = await work
        except VipError as problem:
            self._note(StepReport(node.name, action, "failed", str(problem)))
            raise
        self._note(StepReport(node.name, action, "done", evidence))

    def _note(self, step: StepReport) -> None:
        self.report.steps.append(step)
        self._tell(step)

    async def _prepare(self, node: NodePlan) -> None:
        """What comes before any container is touched: modules and images."""
        for step in node.steps:
            if step.action == "load-ip_vs":
                await self._step(node, step.action, self._load(node))
            elif step.action == "persist-ip_vs":
                await self._step(node, step.action, self._persist(node))
            elif step.action == "pull":
                await self._step(node, step.action, self._pull(node))

    async def _load(self, node: NodePlan) -> str:
        connection = await self._fleet.connection(node.target.node)
        await connection.run(LOAD_IP_VS)
        seen = facts.parse((await connection.run(facts.REREAD)).output)
        if seen.ip_vs != "loaded":
            detail = f"after modprobe it is {seen.ip_vs}"
            raise VipError(f"ip_vs was not loaded on {node.name}", detail, "Look at `dmesg` there.")
        return "ip_vs is loaded"

    async def _persist(self, node: NodePlan) -> str:
        connection = await self._fleet.connection(node.target.node)
        await connection.run(PERSIST_IP_VS)
        seen = facts.parse((await connection.run(facts.REREAD)).output)
        if not seen.ip_vs_persisted:
            detail = "it is not in the list that was just written"
            raise VipError(f"ip_vs will not be loaded at {node.name}'s next boot", detail)
        return "ip_vs is in the list that is loaded at boot"

    async def _pull(self, node: NodePlan) -> str:
        engine = await self._fleet.engine(node.target.node)
        image = node.target.spec.image

        def progress(text: str) -> None:
            self._tell(StepReport(node.name, "pull", "running", text))

        if not await engine.has_image(image):
            await engine.pull(image, progress)
            if not await engine.has_image(image):
                raise VipError(f"{image} is not on {node.name} after the pull")
        return f"{image} is on the node"

    async def _containers(self) -> None:
        """Change the containers in the plan's order."""
        order = start_order(self.plan)
        changing = [node for node in order if node.container_action != "leave"]
        for node in order:
            if node.container_action == "leave":
                self._note(StepReport(node.name, "leave", "unchanged", self._evidence(node)))
        await self._end_former(changing)
        together = 1 if self.plan.kind == "rolling" else len(changing)
        # The first is alone in any case: it has to be master before the others start.
        for batch in [changing[:1], *_batches(changing[1:], together)]:
            ends = await asyncio.gather(*map(self._change, batch), return_exceptions=True)
            _raise_first(ends)

    async def _end_former(self, changing: Sequence[NodePlan]) -> None:
        """On a cut-over old and new ignore each other: all the old end before the new start."""
        if self.plan.kind == "cut-over":
            for node in reversed(changing):
                if node.container_action == "replace":
                    engine = await self._fleet.engine(node.target.node)
                    await self._remember(engine, node)
                    await to_its_end(containers.set_aside(engine, node))

    async def _change(self, node: NodePlan) -> None:
        await self._step(node, node.container_action, self._container(node))

    async def _container(self, node: NodePlan) -> str:
        engine = await self._fleet.engine(node.target.node)
        await self._remember(engine, node)
        await to_its_end(self._change_container(engine, node))
        what = "started; waiting for keepalived to find its state"
        if self._elects(node):
            what = "started; waiting for it to become master, and hold the VIP"
        self._tell(StepReport(node.name, node.container_action, "running", what))
        index = self.plan.nodes.index(node)
        done = await self._watcher.until(
            lambda picture: (
                picture.nodes[index].state in ("master", "backup")
                and (self._first_settled(picture, node))
            ),
            self._limit_s,
        )
        if done is None:
            view = self._watcher.snapshot.nodes[index]
            detail = f"it is {view.state} after {self._limit_s:.0f} s"
            hint = "Look at its log: `docker logs keepalived`."
            raise VipError(f"keepalived on {node.name} did not come up", detail, hint)
        return self._evidence(node)

    async def _remember(self, engine: Engine, node: NodePlan) -> None:
        """What the node runs now, before the first thing is changed there."""
        if node.name not in self._before:
            self._before[node.name] = (node, await engine.inspect(CONTAINER_NAME))

    async def _change_container(self, engine: Engine, node: NodePlan) -> None:
        if node.container_action == "replace":
            await containers.set_aside(engine, node)
        await containers.put_in_place(engine, node)

    def _elects(self, node: NodePlan) -> bool:
        """On a fresh start the first one has to be master before the others begin."""
        return self.plan.kind in ("fresh", "cut-over") and start_order(self.plan)[0] == node

    def _first_settled(self, picture: Snapshot, node: NodePlan) -> bool:
        if not self._elects(node):
            return True
        view = picture.nodes[self.plan.nodes.index(node)]
        return view.state == "master" and bool(view.holds)

    def _evidence(self, node: NodePlan) -> str:
        return evidence(self._watcher.snapshot.nodes[self.plan.nodes.index(node)])

    async def _verify(self) -> None:
        """Exactly one holder, everybody else backup, the VIP answers; and it stays so.

        A backup that hears no master becomes one itself, but only after its master down interval.
        """
        for _ in range(VERIFY_TRIES):
            told = await self._watcher.until(_decided, self._limit_s)
            if told is None or not _well(told):
                raise self._unwell()
            self.report.holder = ", ".join(told.holders) or None
            if not self.plan.changes:
                return
            self._tell(StepReport(CLUSTER_STEP, "verify", "running", f"{self._election_s:.1f} s"))
            if await self._watcher.until(lambda it: not _well(it), self._election_s) is None:
                return
        raise self._unwell()

    def _unwell(self) -> VipError:
        picture = self._watcher.snapshot
        self.report.holder = ", ".join(picture.holders) or None
        reasons = "; ".join(reason.text for reason in picture.reasons)
        hints = dict.fromkeys(reason.remedy for reason in picture.reasons if reason.remedy)
        detail = reasons or "the VIP does not answer from here"
        title = f"the cluster is {picture.verdict} after the change"
        return VipError(title, detail, " ".join(hints))

    async def _roll_back(self) -> None:
        """Undo what was done, the last first; what cannot be undone is said."""
        whole = True
        for node, former in reversed(self._before.values()):
            try:
                seen = await self._bring_back(node, former)
                self._note(StepReport(node.name, "roll back", "undone", seen))
            except VipError as problem:
                whole = False
                text = f"{problem}. {problem.hint}" if problem.hint else str(problem)
                self._note(StepReport(node.name, "roll back", "unknown", text))
        self.report.rolled_back = whole
        self.report.holder = ", ".join(self._watcher.snapshot.holders) or None

    async def _bring_back(self, node: NodePlan, former: ContainerState | None) -> str:
        """Undo one node's change; over a new connection where the old one broke."""
        for pause in (*ROLLBACK_PAUSES_S, None):
            try:
                engine = await self._fleet.engine(node.target.node)
                return await containers.bring_back(engine, node.name, former)
            except VipError:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        raise AssertionError("the last try returns or raises")

    async def _tidy(self) -> None:
        """The new containers have proven themselves: the former ones go."""
        for node, _ in self._before.values():
            if node.container_action != "replace":
                continue
            try:
                engine = await self._fleet.engine(node.target.node)
                await containers.take_away(engine, ASIDE_NAME)
            except VipError as problem:
                self._note(StepReport(node.name, "tidy", "failed", str(problem)))


def _raise_first(ends: Sequence[object]) -> None:
    """Raise the first failure among the results of a gather that let all of them end."""
    for end in ends:
        if isinstance(end, BaseException):
            raise end


def _batches(nodes: Sequence[NodePlan], size: int) -> list[Sequence[NodePlan]]:
    return [nodes[start : start + size] for start in range(0, len(nodes), max(size, 1))]


def _decided(picture: Snapshot) -> bool:
    """All is well, or there is nothing to wait for: two masters do not find together again."""
    return _well(picture) or picture.verdict == "split-brain"


def _well(picture: Snapshot) -> bool:
    return picture.verdict == "healthy" and answered(picture)


def answered(picture: Snapshot) -> bool:
    """Whether the VIP answers now; where it cannot be asked, that cannot hold things up."""
    return not picture.probe.asked or (
        picture.probe.took is not None and (picture.probe.silent or 0.0) < 2.0
    )


def evidence(view: NodeView) -> str:
    """A node's state as it was observed."""
    held = f", holds {', '.join(view.holds)}" if view.holds else ""
    container = f", container {view.container.id[:12]}" if view.container else ""
    return f"{view.state}{held}{container}"
