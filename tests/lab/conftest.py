"""Fixtures of the lab tests: an operator at the command line, and a cluster that is deployed."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, LabError, Node, look
from tests.lab.console import Console, Ended, Running


@dataclass
class Deployed:
    """A cluster that `vip-tui apply` made on fresh nodes, and how the nodes were right then."""

    console: Console
    nodes: list[Node]
    vip: str
    file: Path
    applied: Ended
    containers: dict[str, dict[str, Any]]  # docker inspect by node
    transitions: dict[str, list[tuple[float, str]]]
    holders: list[str]
    answered: bool

    @property
    def master(self) -> Node:
        """The one node that has the VIP."""
        (name,) = look.holders(self.nodes, self.vip)
        return next(node for node in self.nodes if node.name == name)

    @property
    def backups(self) -> list[Node]:
        """The others, the highest priority first."""
        master = self.master
        return [node for node in self.nodes if node is not master]

    def mend(self) -> None:
        """Undoes by hand what a test did to the nodes, until they agree on one master."""
        for node in self.nodes:
            node.heal()
        if look.agreed(self.nodes, self.vip):
            return
        for node in self.nodes:
            if "keepalived" in look.containers(node):
                node.docker("unpause", "keepalived", check=False)
                node.docker("start", "keepalived")
            else:
                node.run("ip", "address", "del", f"{self.vip}/32", "dev", "eth0", check=False)
        if any("keepalived" not in look.containers(node) for node in self.nodes):
            self.console.run("apply", self.file, "--yes")
        look.wait_agreed(self.nodes, self.vip)


def deploy(console: Console, nodes: list[Node], vip: str, **keys: Any) -> Deployed:
    """Applies a cluster file to nodes, and looks at them at once."""
    file = console.cluster(nodes, vip, **keys)
    applied = console.run("apply", file, "--yes", "--json")
    made = [node for node in nodes if "keepalived" in look.containers(node)]
    return Deployed(
        console=console,
        nodes=nodes,
        vip=vip,
        file=file,
        applied=applied,
        holders=look.holders(nodes, vip),
        answered=look.answers(vip),
        containers={node.name: look.inspect(node) for node in made},
        transitions={node.name: look.transitions(node) for node in made},
    )


@pytest.fixture
def console(lab: Lab, tmp_path: Path) -> Console:
    """An operator who knows the nodes' host keys."""
    return Console(lab, tmp_path)


@pytest.fixture(scope="session")
def deployed(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Three nodes and a file that leaves open what can be left open; shared by many tests."""
    nodes = lab.add_nodes(3)
    try:
        console = Console(lab, tmp_path_factory.mktemp("trio"))
        yield deploy(console, nodes, "198.18.0.190", name="trio")
    finally:
        for node in nodes:
            node.destroy()


@pytest.fixture
def trio(deployed: Deployed) -> Deployed:
    """That cluster, with one master and two backups, whatever an earlier test did to it."""
    try:
        deployed.mend()
    except LabError as error:
        pytest.fail(f"the shared cluster is not well before this test: {error}")
    return deployed


@dataclass
class CutShort:
    """A drill that vip-tui could not bring to its end, on a pair of nodes of its own."""

    pair: Deployed
    master: Node
    before: tuple[str, str, int]
    armed_at: float  # seconds since 1970, as the next
    cut_at: float
    lock_was_held: bool
    drill: Running


def cut_short(console: Console, nodes: list[Node], number: int, how: str) -> CutShort:
    """Deploys a pair, starts a drill, and cuts it short: `killed at PHASE`, or `network lost`."""
    pair = deploy(console, nodes, f"198.18.0.{180 + number}", name=f"pair{number}")
    pair.applied.expect(0)
    master = pair.master
    before = look.run_of(master)
    drill = console.start("drill", pair.file, "--yes", "--json")
    try:
        drill.wait_for("armed:")
        armed_at = time.time()
        drill.wait_for("armed:" if how == "killed at armed" else "detected:")
        if how == "network lost":
            master.cut(carrier=True)
        else:
            drill.send(signal.SIGKILL)
            drill.end()
        cut_at = time.time()
        held = not look.lock_is_free(master)
    except BaseException:
        drill.close()
        raise
    return CutShort(pair, master, before, armed_at, cut_at, held, drill)


@pytest.fixture(scope="session")
def unattended(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, CutShort]]:
    """Three drills that were cut short; their nodes come back while other tests run.

    That takes up to a minute, so test_drill.py begins what test_unattended.py judges.
    """
    ways = ("killed at armed", "killed at detected", "network lost")
    nodes = lab.add_nodes(2 * len(ways))
    begun: dict[str, CutShort] = {}
    consoles = [Console(lab, tmp_path_factory.mktemp("unattended")) for _ in ways]
    for console in consoles:  # what is killed cannot tidy up after itself
        console.env["TMPDIR"] = str(tmp_path_factory.mktemp("killed"))

    def begin(number: int) -> None:
        pair = nodes[2 * number : 2 * number + 2]
        begun[ways[number]] = cut_short(consoles[number], pair, number, ways[number])

    try:
        look.at_once(begin, range(len(ways)))
        yield begun
    finally:
        for one in begun.values():
            one.drill.close()
        for node in nodes:
            node.destroy()
