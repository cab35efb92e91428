"""A cluster with its operator: the real command line, and looks past it at the nodes.

The looks go over the program's own connections, so that both backends are asked the same way.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import docker
import docker.errors

from tests.lab.console import Ended, Running
from tests.lab.look import ENTERING, at_once, seconds
from tests.lab.tools import LabError, wait_until
from tests.scenarios.backend import Backend, Loop
from vip_tui.cluster import Cluster, dump
from vip_tui.keepalived.spec import CONTAINER_NAME
from vip_tui.keepalived.timers import master_down_interval, skew_time
from vip_tui.nodes.commands import (
    DELETE_ADDRESS,
    HOLD_LOCK,
    READ_ADDRESSES,
    READ_LOCK,
    Command,
)
from vip_tui.nodes.connection import Access, NodeConnection, Remote, Result
from vip_tui.nodes.fleet import Fleet

ADVERT_S = 1.0  # the recipe's
MARGIN_S = 0.25  # what a machine may need beyond the timers
START_S = 1.5  # for the image to prepare itself and keepalived to start
T = TypeVar("T")

Run = tuple[str, str, int]


@dataclass
class FirstSteps:
    """What the walk on fresh nodes showed, kept from when it was walked."""

    check: Ended
    plan: Ended
    apply: Ended
    containers: dict[str, dict[str, Any]]
    transitions: dict[str, list[tuple[float, str]]]
    holders: list[str]
    answered: bool


@dataclass
class World:
    """One backend's cluster, its file, and its operator."""

    backend: Backend
    folder: Path
    fleet: Fleet
    loop: Loop
    first: FirstSteps = field(init=False)

    def __post_init__(self) -> None:
        home = self.folder / "home"
        home.mkdir()
        self._env = {
            **{name: value for name, value in os.environ.items() if name != "SSH_AUTH_SOCK"},
            "HOME": str(home),
            "VIP_TUI_HOME": str(self.backend.store.root),
            "LANG": "C.UTF-8",
        }
        self.file = self.write(self.backend.cluster)
        self.cluster = self.backend.cluster
        self.names = self.backend.names
        self.vip = str(self.cluster.vip[0].address)

    # The operator.

    def write(self, cluster: Cluster, name: str = "cluster") -> Path:
        """A cluster file."""
        path = self.folder / f"{name}.toml"
        path.write_text(dump(cluster))
        return path

    def changed(self, priorities: Sequence[int] = (), **keys: Any) -> Path:
        """The cluster's file with other values."""
        nodes = self.cluster.nodes
        if priorities:
            pairs = zip(nodes, priorities, strict=True)
            nodes = tuple(replace(node, priority=priority) for node, priority in pairs)
        return self.write(replace(self.cluster, nodes=nodes, **keys), "changed")

    def start(self, verb: str, *words: str, file: Path | None = None) -> Running:
        """Starts `vip-tui VERB FILE … --json`."""
        said = (verb, str(file or self.file), *words, "--json")
        argv = [sys.executable, "-m", "vip_tui", *said, "-i", str(self.backend.identity)]
        return Running(argv, ("vip-tui", *said), self._env)

    def run(self, verb: str, *words: str, file: Path | None = None) -> Ended:
        """Runs it to its end."""
        with self.start(verb, *words, file=file) as running:
            ended = running.end()
        print(f"exit {ended.code}, {ended.took:.1f} s: {' '.join(ended.argv)}")  # on a failure
        return ended

    def status(self, code: int, verdict: str) -> dict[str, Any]:
        """Runs `status`, which has to end so, and to name the holders that the kernels have."""
        ended = self.run("status").expect(code)
        document: dict[str, Any] = ended.document
        assert document["verdict"] == verdict, str(ended)
        assert [node["name"] for node in document["nodes"]] == self.names
        assert document["holders"] == self.backend.holders(), str(ended)
        if verdict == "healthy":
            assert document["reasons"] == []
        else:
            worst = document["reasons"][0]
            assert worst["verdict"] == verdict, str(ended)
            assert worst["text"] and worst["remedy"], str(ended)
        return document

    # The nodes, seen past the command line.

    def connection(self, name: str) -> NodeConnection:
        return self.loop.call(self.fleet.connection(self.node(name)))

    def node(self, name: str) -> Any:
        return self.cluster.nodes[self.names.index(name)]

    def command(self, name: str, command: Command, *arguments: str) -> Result:
        """Runs one of the program's commands on a node, whatever it ends with."""
        return self.loop.call(self.connection(name).run(command, *arguments, check=False))

    def talk(
        self, name: str, work: Callable[[Remote], Awaitable[T]], command: Command, *arguments: str
    ) -> T:
        """Runs a command that talks, and talks with it; it ends with the talk."""

        async def talk() -> T:
            connection = await self.fleet.connection(self.node(name))
            async with connection.follow(command, *arguments) as remote:
                return await work(remote)

        return self.loop.call(talk())

    def docker(self, name: str) -> docker.APIClient:
        """The node's Docker, by the SDK over the program's own forwarded socket."""

        async def client() -> docker.APIClient:
            return await (await self.fleet.engine(self.node(name))).open()

        return self.loop.call(client())

    def inspect(self, name: str) -> dict[str, Any] | None:
        """`docker inspect keepalived`, or None where there is none."""
        try:
            found: dict[str, Any] = self.docker(name).inspect_container(CONTAINER_NAME)
        except docker.errors.NotFound:
            return None
        return found

    def container(self, name: str) -> dict[str, Any]:
        found = self.inspect(name)
        assert found is not None, f"{name} has no container"
        return found

    def containers(self, name: str) -> list[str]:
        """The names of all containers, whatever their state."""
        found = self.docker(name).containers(all=True)
        return sorted(one["Names"][0].removeprefix("/") for one in found)

    def run_of(self, name: str) -> Run:
        """What tells one run of the container from another."""
        found = self.container(name)
        return found["Id"], found["State"]["StartedAt"], found["RestartCount"]

    def environment(self, name: str) -> dict[str, str]:
        """The KEEPALIVED_ variables that the container was made with."""
        pairs = (item.partition("=") for item in self.container(name)["Config"]["Env"])
        return {key: value for key, _, value in pairs if key.startswith("KEEPALIVED_")}

    def priority(self, name: str) -> int:
        return int(self.environment(name)["KEEPALIVED_PRIORITY"])

    def skew(self, name: str) -> float:
        return skew_time(self.priority(name), ADVERT_S)

    def master_down(self, name: str) -> float:
        return master_down_interval(self.priority(name), ADVERT_S)

    def transitions(self, name: str) -> list[tuple[float, str]]:
        """When the container's present run entered which VRRP state, by Docker's clock."""
        started = seconds(self.container(name)["State"]["StartedAt"])
        raw = self.docker(name).logs(CONTAINER_NAME, timestamps=True)
        found = []
        for line in raw.decode().splitlines():
            at = seconds(line.split(maxsplit=1)[0])
            if at >= started and (match := ENTERING.search(line)):
                found.append((at, match[1]))
        return sorted(found)

    def part(self, name: str, holders: Sequence[str]) -> str:
        """Which part a node has; `none` where its address and its keepalived do not agree."""
        found = self.inspect(name)
        if found is None or found["State"]["Status"] != "running":
            return "none"
        states = [state for _, state in self.transitions(name)]
        parts = {(True, "MASTER"): "master", (False, "BACKUP"): "backup"}
        return parts.get((name in holders, states[-1]), "none") if states else "none"

    def agreed(self) -> bool:
        """Exactly one holder, its keepalived is master, and every other one is backup."""
        holders = self.backend.holders()
        parts = sorted(self.part(name, holders) for name in self.names)
        return parts == ["backup", "backup", "master"]

    def wait_agreed(self, timeout: float = 15) -> None:
        wait_until(self.agreed, "not one master, all others backup", timeout)

    @property
    def master(self) -> str:
        """The one node that has the VIP."""
        (name,) = self.backend.holders()
        return name

    @property
    def backups(self) -> list[str]:
        """The others, the highest priority first."""
        others = [name for name in self.names if name != self.master]
        return sorted(others, key=lambda name: -self.priority(name))

    def wait_holders(self, count: int, timeout: float = 10) -> list[str]:
        """Waits until so many nodes have the VIP."""
        wait_until(lambda: len(self.backend.holders()) == count, f"not {count} holders", timeout)
        return self.backend.holders()

    def lock(self, name: str) -> str:
        """`free`, or `locked` by whom."""
        return self.command(name, READ_LOCK).output.strip()

    def wait_free(self, name: str, timeout: float = 30) -> None:
        """Waits until nobody holds a node's lock."""
        wait_until(lambda: self.lock(name) == "free", f"the lock on {name} is held", timeout)

    @contextmanager
    def locked(self, name: str, who: str) -> Iterator[None]:
        """Somebody else's run, which holds a node's lock."""
        holding = self.loop.call(self._hold(name, who))
        try:
            yield
        finally:
            self.loop.call(holding.__aexit__(None, None, None))
            self.wait_free(name, 5)

    async def _hold(self, name: str, who: str) -> Any:
        connection = await self.fleet.connection(self.node(name))
        holding = connection.follow(HOLD_LOCK, who)
        remote = await holding.__aenter__()
        assert await remote.readline() == "held"
        return holding

    def answers(self, timeout: float = 2) -> bool:
        """Whether the VIP answers a client."""
        with self.backend.client() as client:
            with contextlib.suppress(LabError):
                wait_until(lambda: bool(client.answers), "no answer", timeout)
            return bool(client.answers)

    def mend(self) -> None:
        """Undoes what a test did to the nodes, until they agree on one master."""
        for name in self.names:
            self.wait_free(name)
        if self.agreed():
            return
        for name in self.names:
            found = self.inspect(name)
            status = found["State"]["Status"] if found else "absent"
            if status == "paused":
                self.backend.docker("unpause", name)
            elif status == "absent":
                self.drop_vip(name)
            elif status != "running":
                self.backend.docker("start", name)
        if any(self.inspect(name) is None for name in self.names):
            self.run("apply", "--yes").expect(0)
        self.wait_agreed()

    def drop_vip(self, name: str) -> None:
        """Takes the VIP off a node that has it although no keepalived runs there."""
        for line in self.command(name, READ_ADDRESSES).output.splitlines():
            words = line.split()
            if words[3].partition("/")[0] == self.vip:
                self.command(name, DELETE_ADDRESS, words[3], words[1])

    def close(self) -> None:
        """Closes the connections; the nodes are the backend's."""
        try:
            self.loop.call(self.fleet.close())
        finally:
            self.loop.close()


def walk(world: World) -> FirstSteps:
    """Check, plan and apply on fresh nodes, and a look at them at once."""
    check, plan = at_once(world.run, ("check", "plan"))
    applied = world.run("apply", "--yes").expect(0)
    made = [name for name in world.names if world.inspect(name) is not None]
    return FirstSteps(
        check=check,
        plan=plan,
        apply=applied,
        holders=world.backend.holders(),
        answered=world.answers(),
        containers={name: world.container(name) for name in made},
        transitions={name: world.transitions(name) for name in made},
    )


def outcomes(document: Any) -> dict[str, list[tuple[str, str]]]:
    """The steps of an apply, node by node: action and outcome."""
    return {
        node["name"]: [(step["action"], step["outcome"]) for step in node["steps"]]
        for node in document["nodes"]
    }


def all_alike(world: World, action: str, outcome: str) -> dict[str, list[tuple[str, str]]]:
    """One step on every node, everywhere the same, as `outcomes` tells it."""
    return {name: [(action, outcome)] for name in world.names}


def states(document: Any) -> dict[str, str]:
    return {node["name"]: node["state"] for node in document["nodes"]}


def make_world(backend: Backend, folder: Path) -> World:
    """The operator's side of a cluster that nothing is deployed on."""
    access = Access(backend.store, (backend.identity,))

    async def fleet() -> Fleet:
        return Fleet(access)

    loop = Loop("scenario-looks")
    return World(backend, folder, loop.call(fleet()), loop)
