"""What apply refuses, it leaves untouched: foreign containers, lost nodes, a VIP of others."""

from collections.abc import Iterator

import pytest

from tests.lab import Lab, Node, look
from tests.lab.console import Console, Ended
from tests.lab.look import IMAGE

pytestmark = pytest.mark.lab

VIP = "198.18.0.110"


@pytest.fixture(scope="module")
def fresh(lab: Lab) -> Iterator[list[Node]]:
    nodes = lab.add_nodes(2)
    yield nodes
    for node in nodes:
        node.destroy()


def findings(ended: Ended, node: Node, check: str) -> list[dict[str, str]]:
    """What `check --json` found on a node under that id."""
    told = next(told for told in ended.document["nodes"] if told["address"] == node.address)
    return [finding for finding in told["findings"] if finding["id"] == check]


def assert_untouched(*nodes: Node) -> None:
    for node in nodes:
        assert look.containers(node) == []
        assert node.docker("images", "--quiet").stdout == ""
        assert node.addresses() >= {node.address}
        assert VIP not in node.addresses()


def test_a_foreign_container_is_refused_and_left_alone(fresh: list[Node], console: Console) -> None:
    theirs, ours = fresh
    file = console.cluster(fresh, VIP)
    sleep = ("--net=host", "--entrypoint=sleep", IMAGE, "1000")
    theirs.docker("run", "--detach", "--name=keepalived", *sleep)
    try:
        before = look.run_of(theirs)
        check = console.run("check", file, "--json").expect(1)
        (finding,) = findings(check, theirs, "container")
        assert finding["status"] == "fail"
        assert finding["summary"] and finding["evidence"] and finding["remedy"]
        refused = console.run("apply", file, "--yes", "--json").expect(4)
        error = refused.document["error"]
        assert theirs.name in error["detail"] and "container" in error["detail"]
        assert look.run_of(theirs) == before
        assert look.containers(theirs) == ["keepalived"]
        assert_untouched(ours)
    finally:
        theirs.docker("rm", "--force", "keepalived")
        theirs.docker("rmi", IMAGE)


def test_nothing_is_changed_while_a_node_is_out_of_reach(
    fresh: list[Node], console: Console
) -> None:
    lost = fresh[1]
    file = console.cluster(fresh, VIP)
    lost.sshd_stop()
    try:
        refused = console.run("apply", file, "--yes", "--json")
    finally:
        lost.sshd_start()
    refused.expect(3)
    error = refused.document["error"]
    assert lost.address in error["detail"] and error["hint"]
    assert_untouched(*fresh)


@pytest.fixture
def neighbour(lab: Lab) -> Iterator[Node]:
    """A machine outside the cluster that has the VIP."""
    node = lab.add_node(docker=False, extra_addresses=(f"{VIP}/24",))
    yield node
    node.destroy()


def test_a_vip_that_another_machine_has_is_refused(
    fresh: list[Node], neighbour: Node, console: Console
) -> None:
    file = console.cluster(fresh, VIP)
    check = console.run("check", file, "--json").expect(1)
    for node in fresh:
        (finding,) = findings(check, node, "vip-free")
        assert finding["status"] == "fail"
        assert VIP in finding["evidence"] and finding["remedy"]
    refused = console.run("apply", file, "--yes", "--json").expect(4)
    assert "vip-free" in refused.document["error"]["detail"]
    assert VIP in neighbour.addresses()
    assert_untouched(*fresh)


def test_a_vip_is_free_as_soon_as_the_other_machine_gave_it_up(
    fresh: list[Node], neighbour: Node, console: Console
) -> None:
    file = console.cluster(fresh, VIP)
    console.run("check", file).expect(1)
    neighbour.run("ip", "address", "del", f"{VIP}/24", "dev", "eth0")
    check = console.run("check", file, "--json").expect(0)
    assert [findings(check, node, "vip-free")[0]["status"] for node in fresh] == ["pass"] * 2


def test_without_yes_and_without_a_terminal_nothing_is_done(
    fresh: list[Node], console: Console
) -> None:
    file = console.cluster(fresh, "198.18.0.111")
    refused = console.run("apply", file, "--json").expect(4)
    assert "--yes" in refused.document["error"]["hint"]
    assert_untouched(*fresh)
