"""From one manager's address to a cluster that is healthy: a real Swarm of three nodes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.lab import Lab, Node, look
from tests.lab.console import Console, Ended
from tests.lab.node import BRIDGE
from tests.lab.tools import output

pytestmark = pytest.mark.lab

VIP = "198.18.0.205"
STRANGER = "198.18.0.250"  # the first address that would be suggested


@dataclass
class Swarm:
    """Two managers and a worker, and what the first said before there was a Swarm."""

    console: Console
    nodes: list[Node]
    before: Ended

    def discover(self, node: Node) -> Ended:
        return self.console.run("discover", f"root@{node.address}")


@pytest.fixture(scope="module")
def swarm(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    # The mesh of a Swarm needs ip_vs, which the machine's own kernel may not have.
    nodes = lab.add_nodes(3, ip_vs="loaded")
    try:
        console = Console(lab, tmp_path_factory.mktemp("swarm"))
        first, second, third = nodes
        made = Swarm(console, nodes, console.run("discover", f"root@{first.address}"))
        first.docker("swarm", "init", "--advertise-addr", first.address)
        for node, role in ((second, "manager"), (third, "worker")):
            token = first.docker("swarm", "join-token", "--quiet", role).stdout.strip()
            node.docker("swarm", "join", "--token", token, f"{first.address}:2377")
        yield made
    finally:
        for node in nodes:
            node.destroy()


def findings(check: Ended, name: str) -> dict[str, dict[str, str]]:
    """What `check --json` found on a node, by check id."""
    told = next(told for told in check.document["nodes"] if told["name"] == name)
    return {finding["id"]: finding for finding in told["findings"]}


def test_a_docker_outside_of_any_swarm_is_told_with_what_to_do(swarm: Swarm) -> None:
    ended = swarm.before.expect(1)
    assert "is in no Swarm" in ended.err and "docker swarm init" in ended.err
    assert ended.out == ""


def test_a_worker_names_its_managers(swarm: Swarm) -> None:
    first, second, worker = swarm.nodes
    ended = swarm.discover(worker).expect(1)
    assert "is a worker" in ended.err and ended.out == ""
    assert first.address in ended.err and second.address in ended.err


def test_from_one_address_to_a_healthy_cluster(swarm: Swarm) -> None:
    output("ip", "address", "add", f"{STRANGER}/24", "dev", BRIDGE)
    try:
        discovered = swarm.discover(swarm.nodes[0]).expect(0)
    finally:
        output("ip", "address", "del", f"{STRANGER}/24", "dev", BRIDGE)
    found = tomllib.loads(discovered.out)
    assert [node["address"] for node in found["node"]] == [node.address for node in swarm.nodes]
    assert [node["name"] for node in found["node"]] == [node.name for node in swarm.nodes]
    assert not any("interface" in node for node in found["node"]), "eth0 is chosen by itself"
    (vip,) = found["vip"]
    assert vip == "198.18.0.249", "somebody answers for the address above it"
    assert found["vrid"] == 249
    file = swarm.console.home / "swarm.toml"
    file.write_text(discovered.out.replace(f'"{vip}"', f'"{VIP}"'))
    swarm.console.run("apply", file, "--yes").expect(0)
    look.wait_agreed(swarm.nodes, VIP)
    status = swarm.console.run("status", file, "--json").expect(0)
    assert status.document["verdict"] == "healthy"
    assert status.document["holders"] == [swarm.nodes[0].name]


def test_drained_and_lost_nodes_are_told_and_put_in_their_place(swarm: Swarm) -> None:
    first, second, worker = swarm.nodes
    file = swarm.console.home / "swarm.toml"
    first.docker("node", "update", "--availability", "drain", first.name)
    worker.sshd_stop()
    try:
        discovered = swarm.discover(second).expect(3)
        check = swarm.console.run("check", file, "--json").expect(3)
    finally:
        worker.sshd_start()
        first.docker("node", "update", "--availability", "active", first.name)
    assert f"{worker.name} is left out" in discovered.err
    found = tomllib.loads(discovered.out)
    assert [node["name"] for node in found["node"]] == [second.name, first.name]
    # Whoever mends the lost node takes the marks off.
    lines = discovered.out.partition("# left out: ")[2].splitlines()[1:]
    unmarked = "\n".join(line.removeprefix("# ") for line in lines)
    assert tomllib.loads(unmarked)["node"][0]["address"] == worker.address
    drained = findings(check, first.name)["swarm"]
    assert drained["status"] == "warn" and "drained" in drained["summary"]
    assert findings(check, second.name)["swarm"]["status"] == "pass"
