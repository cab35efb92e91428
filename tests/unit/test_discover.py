"""From one manager to a cluster file: against the embedded cluster, over real SSH and HTTP."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from tests.unit.command_line import Cli
from tests.unit.demo_live import Reach, reaching, serving
from vip_tui.cli import discovering
from vip_tui.cli.discovering import document
from vip_tui.cli.opening import Ssh
from vip_tui.cluster import Cluster, Node, check_cluster, load
from vip_tui.demo.swarm import SSH_LABEL
from vip_tui.errors import InputError, UnreachableError, VipError
from vip_tui.preflight import proposal
from vip_tui.preflight.discover import Discovery, SwarmMember, discover


async def found(reach: Reach, index: int = 0) -> Discovery:
    return await discover(reach.node(index), reach.fleet)


async def test_one_address_in_and_all_nodes_out(tmp_path: Path) -> None:
    said: list[str] = []
    async with serving(tmp_path, 5) as cluster, reaching(cluster) as reach:
        discovery = await discover(reach.node(), reach.fleet, said.append)
        ways = [node.port for node in cluster.cluster.nodes]
    assert [item.name for item in discovery.nodes] == ["n1", "n2", "n3", "n4", "n5"]
    assert [item.address for item in discovery.nodes] == [f"198.18.0.1{n}" for n in range(1, 6)]
    assert [item.role for item in discovery.nodes] == ["manager"] * 3 + ["worker"] * 2
    assert [item.leader for item in discovery.nodes] == [True, False, False, False, False]
    assert {(item.availability, item.state) for item in discovery.nodes} == {("active", "ready")}
    assert [item.problem for item in discovery.nodes] == [None] * 5
    made = discovery.cluster
    assert [(node.port, node.name) for node in made.nodes] == [
        (port, item.name) for port, item in zip(ways, discovery.nodes, strict=True)
    ]
    assert discovery.suggestions[0] == made.vip[0].address == IPv4Address("198.18.0.250")
    assert made.vrid == 250
    assert all(node.interface is None for node in made.nodes), "eth0 would be chosen anyway"
    check_cluster(made)
    assert said and "n1, n2, n3, n4, n5" in said[0]


async def test_what_is_in_use_on_the_wire_is_not_suggested(tmp_path: Path) -> None:
    async with serving(tmp_path, 2) as cluster, reaching(cluster) as reach:
        reach.host().wire.strangers["198.18.0.250"] = "52:54:00:c0:ff:ee"
        reach.host(1).add_address("198.18.0.249/32", "eth0")
        discovery = await found(reach)
    assert IPv4Address("198.18.0.250") not in discovery.suggestions
    assert IPv4Address("198.18.0.249") not in discovery.suggestions
    assert discovery.suggestions[0] == IPv4Address("198.18.0.248")


async def test_a_worker_names_the_managers(tmp_path: Path) -> None:
    async with serving(tmp_path, 4) as cluster, reaching(cluster) as reach:
        with pytest.raises(VipError, match="is a worker") as caught:
            await found(reach, 3)
    assert caught.value.hint == "Ask a manager: 198.18.0.11, 198.18.0.12, 198.18.0.13."
    assert caught.value.exit_code == 1


async def test_a_manager_that_cannot_be_reached_is_an_error_of_reaching(tmp_path: Path) -> None:
    async with serving(tmp_path, 2, ["node-down"]) as cluster, reaching(cluster) as reach:
        with pytest.raises(UnreachableError):
            await found(reach, 1)


async def test_a_node_that_cannot_be_reached_is_listed_and_left_out(tmp_path: Path) -> None:
    async with serving(tmp_path, 3, ["no-key"]) as cluster, reaching(cluster) as reach:
        discovery = await found(reach)
    problem = discovery.nodes[1].problem
    assert problem is not None and "does not let us in" in problem.title
    assert [node.name for node in discovery.cluster.nodes] == ["n1", "n3"]
    assert any(note.startswith("n2 is left out: ") for note in discovery.notes)
    text = document(Node("127.0.0.1"), discovery)
    assert load(text) == discovery.cluster
    assert f"# port = {cluster.cluster.nodes[1].port}" in text, (
        "one takes off the marks, and has it"
    )


async def test_a_drained_node_comes_last(tmp_path: Path) -> None:
    async with serving(tmp_path, 3, ["drained"]) as cluster, reaching(cluster) as reach:
        discovery = await found(reach)
    assert [node.name for node in discovery.cluster.nodes] == ["n1", "n3", "n2"]
    assert "last, as drained in the Swarm: n2" in discovery.notes


async def test_a_node_of_another_subnet_is_left_out(tmp_path: Path) -> None:
    async with serving(tmp_path, 3, ["no-interface"]) as cluster, reaching(cluster) as reach:
        discovery = await found(reach)
    assert [node.name for node in discovery.cluster.nodes] == ["n1", "n3"]
    assert "203.0.113.12/24" in discovery.notes[0]


async def test_hostile_names_make_no_file_of_their_own(tmp_path: Path) -> None:
    async with serving(tmp_path, 3, ["hostile-output"]) as cluster, reaching(cluster) as reach:
        discovery = await found(reach)
    text = document(Node("127.0.0.1"), discovery)
    assert load(text) == discovery.cluster
    assert not set(text) & set("\x1b\x9b\x07")


def test_both_sides_know_the_same_label() -> None:
    assert SSH_LABEL == proposal.SSH_LABEL


MEMBER = SwarmMember("n1", "198.18.0.11", "manager", "active", "ready", node=Node("198.18.0.11"))


def test_a_file_without_a_vip_says_what_to_give() -> None:
    nodes = (Node("198.18.0.11", name="n1"), Node("198.18.0.12", name="n2"))
    bare = Discovery((MEMBER,), Cluster("swarm", (), nodes), (), ("no free address was found",))
    text = document(Node("198.18.0.11"), bare)
    assert "# no free address was found\n" in text
    with pytest.raises(InputError, match="no VIP"):
        load(text)
    assert load(text.replace("vip = []", 'vip = ["198.18.0.100"]')).nodes == nodes


def test_a_comment_stays_one_whatever_a_node_says() -> None:
    lost = VipError("lost", 'x\n[[node]]\naddress = "192.0.2.66"', "y")
    member = replace(MEMBER, name="n1\nimage = 'evil'", problem=lost)
    nodes = (Node("198.18.0.11"), Node("198.18.0.12"))
    made = Cluster("swarm", proposal.proposed(nodes, [IPv4Address("198.18.0.9")], 9).vip, nodes)
    text = document(Node("198.18.0.11"), Discovery((member,), made, (), (f"a\nb: {lost}",)))
    assert load(text) == made


@pytest.mark.parametrize(("problem", "code"), [(None, 0), (VipError("lost", "cable"), 3)])
def test_the_file_goes_to_stdout_and_what_is_left_out_to_the_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    problem: VipError | None,
    code: int,
) -> None:
    nodes = (Node("198.18.0.11"), Node("198.18.0.12"))
    made = proposal.proposed(nodes, [IPv4Address("198.18.0.9")], 9)
    told = Discovery((replace(MEMBER, problem=problem),), made, (), ("VRIDs in use: 7",))
    monkeypatch.setattr(discovering, "with_fleet", lambda _ssh, _work: told)
    assert discovering.discover(Node("198.18.0.11"), Ssh()) == code
    said = capsys.readouterr()
    assert load(said.out) == made
    assert said.err == "VRIDs in use: 7\n"


@pytest.mark.parametrize("manager", ["not an address", "root@", "198.18.0.300", "a:b"])
def test_what_is_no_address_is_bad_input(cli: Cli, manager: str) -> None:
    ended = cli("discover", manager)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("✖ ")
