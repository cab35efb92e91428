"""Follows a cluster: what the nodes push becomes observations, and those a Snapshot.

Nothing is polled where a stream can be followed: addresses, Docker's events and keepalived's log.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from vip_tui.cluster import Cluster, Node
from vip_tui.errors import UnreachableError, VipError
from vip_tui.keepalived.log import VrrpState, entered_state, since
from vip_tui.keepalived.spec import CONTAINER_NAME, ContainerState
from vip_tui.live import observations as seen
from vip_tui.live.model import Snapshot
from vip_tui.live.recent import LastMinute
from vip_tui.live.state import initial, reduce, settle, snapshot
from vip_tui.live.verdict import timing
from vip_tui.nodes.addresses import AddressFollower
from vip_tui.nodes.engine import Engine
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.probe import Probe, ProbeUnavailable, make_probe
from vip_tui.nodes.reasons import AuthRefused, HostKeyChanged, HostKeyUnknown
from vip_tui.nodes.whole import raise_if_cancelled

LOG_TAIL = 2000
LOG_OVERLAP = 100  # lines read again, so that none falls between the reading and the stream
TICK_S = 0.25
DOCKER_BEAT_S = 5.0
REFUSED_PAUSE_S = 60.0  # asking again and again looks like an attack to the node
SEE_LIMIT_S = 12.0
SETTLE_LIMIT_S = 8.0
_BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)


class Watcher:
    """Keeps the state of one cluster up to date; ``snapshot`` is what it knows now."""

    def __init__(self, cluster: Cluster, fleet: Fleet) -> None:
        self.cluster = cluster
        self.fleet = fleet
        self.probe: Probe | None = None
        priorities = [node.priority for node in cluster.nodes]
        now = time.monotonic()
        self._state = initial(cluster, timing(priorities), now, epoch=time.time() - now)
        self._changed = asyncio.Condition()
        self._version = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: BaseException | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The cluster as it is known at this moment."""
        return snapshot(self._state, time.monotonic())

    async def start(self) -> None:
        """Begin to follow every node and to ask the VIP."""
        for index, node in enumerate(self.cluster.nodes):
            self._run(self._follow(index, node))
        try:
            self.probe = make_probe(self.cluster.probe, self.cluster.vip[0].address)
        except ProbeUnavailable as problem:
            await self._see(seen.ProbeMissing(time.monotonic(), problem))
        else:
            self.probe.start()
        self._run(self._tick())

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(self._guard(work))
        self._tasks.append(task)

    async def _guard(self, work: Coroutine[None, None, None]) -> None:
        """A follower that breaks is a bug: whoever waits for changes must hear of it."""
        try:
            await work
        except Exception as failure:
            self._failure = failure
            await self._notify()

    async def stop(self) -> None:
        """Stop following; the connections stay open, they are the fleet's."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self.probe is not None:
            await asyncio.to_thread(self.probe.stop)

    async def changes(self) -> AsyncIterator[Snapshot]:
        """A snapshot now and after every change; changes that come together are one."""
        shown = -1
        while True:
            async with self._changed:
                while self._version == shown and self._failure is None:
                    await self._changed.wait()
                shown = self._version
            if self._failure is not None:
                raise self._failure
            yield self.snapshot

    async def until(
        self, condition: Callable[[Snapshot], bool], timeout_s: float, patient: bool = False
    ) -> Snapshot | None:
        """The first snapshot for which the condition holds; None where time ran out.

        Where it is ``patient`` no time runs while the operator is asked for a secret.
        """
        limited = self.fleet.access.secrets.within if patient else asyncio.timeout
        try:
            async with limited(timeout_s):
                async for picture in self.changes():
                    if condition(picture):
                        return picture
        except TimeoutError:
            return None
        return None

    async def _see(self, observation: seen.Observation) -> None:
        self._state = reduce(self._state, observation)
        await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._version += 1
            self._changed.notify_all()

    async def _tick(self) -> None:
        """Let time pass for what has to last, and look at the probe's last answer."""
        minute = LastMinute(self.probe.started_at if self.probe else 0.0)
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            if self.probe is not None:
                await self._see(probed(self.probe, minute, now))
            else:
                self._state = settle(self._state, now)
                await self._notify()

    async def _follow(self, index: int, node: Node) -> None:
        """Follow one node for ever, connecting again when the connection breaks."""
        failures = 0
        problem: VipError | None = None
        while True:
            began = time.monotonic()
            try:
                async with asyncio.TaskGroup() as group:
                    await self._connect(index, node, group)
            except* VipError as errors:
                problem = first_problem(errors)
                await self._see(seen.Lost(time.monotonic(), index, problem))
            raise_if_cancelled()
            failures = 1 if time.monotonic() - began > _BACKOFF_S[-1] else failures + 1
            pause = _BACKOFF_S[min(failures, len(_BACKOFF_S)) - 1]
            if isinstance(problem, AuthRefused | HostKeyChanged | HostKeyUnknown):
                pause = REFUSED_PAUSE_S
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - only jitter

    async def _connect(self, index: int, node: Node, group: asyncio.TaskGroup) -> None:
        connection = await self.fleet.connection(node)
        follower = AddressFollower(connection, [str(vip.address) for vip in self.cluster.vip])
        group.create_task(self._addresses(index, follower))
        group.create_task(self._docker(index, node))

    async def _addresses(self, index: int, follower: AddressFollower) -> None:
        async for change in follower.follow():
            now = time.monotonic()
            if change.hostname is not None:
                await self._see(seen.Connected(now, index, change.hostname))
            await self._see(seen.AddressesRead(now, index, change.held))
        raise UnreachableError(f"the stream from {follower.label} ended")

    async def _docker(self, index: int, node: Node) -> None:
        """Follow Docker; while it is down the node itself is still followed."""
        failures = 0
        while True:
            try:
                await self._docker_once(index, await self.fleet.engine(node))
            except* VipError as errors:
                problem = first_problem(errors)
                if isinstance(problem, UnreachableError):
                    raise_if_cancelled()
                    raise problem from None
                await self._see(seen.DockerLost(time.monotonic(), index, problem))
            raise_if_cancelled()
            failures = min(failures + 1, len(_BACKOFF_S))
            await asyncio.sleep(_BACKOFF_S[failures - 1])

    async def _docker_once(self, index: int, engine: Engine) -> None:
        async with asyncio.TaskGroup() as group, engine.events() as events:
            beat = group.create_task(self._docker_beat(engine))
            container = await self._container(index, engine)
            log = group.create_task(self._log(index, engine, container))
            async for event in events:
                name = event.get("Actor", {}).get("Attributes", {}).get("name")
                if name != CONTAINER_NAME or str(event.get("Action", "")).startswith("exec"):
                    continue
                container = await self._container(index, engine)
                if log.done() and container is not None and container.running:
                    log = group.create_task(self._log(index, engine, container))
            log.cancel()
            beat.cancel()

    async def _docker_beat(self, engine: Engine) -> None:
        """A Docker that hangs says nothing, as one does where nothing happens."""
        while True:
            await asyncio.sleep(DOCKER_BEAT_S)
            await engine.version()

    async def _container(self, index: int, engine: Engine) -> ContainerState | None:
        container = await engine.inspect(CONTAINER_NAME)
        await self._see(seen.ContainerSeen(time.monotonic(), index, container))
        return container

    async def _log(self, index: int, engine: Engine, container: ContainerState | None) -> None:
        if container is None or not container.running:
            return
        state: VrrpState | None = None
        # What was written before is read as one piece, so that old news makes no events.
        before = await engine.log_tail(container.id, LOG_TAIL)
        for line in before:
            state = _entered(line, container) or state
        if state is not None:
            await self._see(seen.StateEntered(time.monotonic(), index, state))
        known = set(before)  # the stream begins with some of them; lines may share a timestamp
        async for line in engine.follow_log(container.id, LOG_OVERLAP):
            if line not in known and (state := _entered(line, container)) is not None:
                await self._see(seen.StateEntered(time.monotonic(), index, state))


def _entered(line: str, container: ContainerState) -> VrrpState | None:
    """The state that a log line of this run of the container tells of."""
    text = since(line, container.started_at)
    return entered_state(text) if text is not None else None


def first_problem(errors: BaseExceptionGroup[VipError]) -> VipError:
    """The first of the errors that ended a group of tasks."""
    first = errors.exceptions[0]
    return first_problem(first) if isinstance(first, BaseExceptionGroup) else first


def probed(probe: Probe, minute: LastMinute, now: float) -> seen.Probed:
    """The probe's last answer as an observation."""
    minute.take(probe.answers)
    last = probe.answers[-1] if probe.answers else None
    silent = now - (last.at if last else probe.started_at)
    return seen.Probed(now, max(0.0, silent), last.took if last else None, minute.bars(now))


@asynccontextmanager
async def watching(cluster: Cluster, fleet: Fleet) -> AsyncIterator[Watcher]:
    """A watcher that is stopped with the block."""
    watcher = Watcher(cluster, fleet)
    await watcher.start()
    try:
        yield watcher
    finally:
        await watcher.stop()


@asynccontextmanager
async def settled(
    cluster: Cluster, fleet: Fleet, settle_s: float = SETTLE_LIMIT_S
) -> AsyncIterator[Watcher]:
    """A watcher that has seen what can be seen, and given an election the time to end."""
    async with watching(cluster, fleet) as watcher:
        await watcher.until(lambda picture: picture.complete, SEE_LIMIT_S, patient=True)
        if any(node.connected for node in watcher.snapshot.nodes):
            await watcher.until(lambda picture: picture.settled, settle_s)
        yield watcher
