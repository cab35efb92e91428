"""`remove` takes our containers and VIPs off the nodes, and nothing else."""

from collections.abc import Iterator

import pytest

from tests.lab import Lab, Node, look
from tests.lab.console import Console
from tests.lab.look import IMAGE
from tests.lab.tools import wait_until

pytestmark = pytest.mark.lab

VIP = "198.18.0.160"


@pytest.fixture(scope="module")
def nodes(lab: Lab) -> Iterator[list[Node]]:
    pair = lab.add_nodes(2)
    yield pair
    for node in pair:
        node.destroy()


def assert_clean(*nodes: Node) -> None:
    for node in nodes:
        assert look.containers(node) == []
        assert VIP not in node.addresses()


def test_remove_takes_one_node_then_all_and_may_be_repeated(
    nodes: list[Node], console: Console
) -> None:
    first, second = nodes
    file = console.cluster(nodes, VIP)
    console.run("apply", file, "--yes", "--json").expect(0)
    before = look.run_of(second)
    one = console.run("remove", file, "--node", first.name, "--yes", "--json").expect(0)
    assert [node["name"] for node in one.document["nodes"]] == [first.name]
    assert_clean(first)
    assert look.run_of(second) == before
    wait_until(lambda: VIP in second.addresses(), "the other does not take over", timeout=3)

    for outcomes in (["absent", "removed"], ["absent", "absent"]):
        all_of_them = console.run("remove", file, "--yes", "--json").expect(0)
        document = all_of_them.document
        assert document["ok"] is True
        assert [node["outcome"] for node in document["nodes"]] == outcomes
        assert_clean(*nodes)


def test_remove_leaves_a_foreign_container_alone(nodes: list[Node], console: Console) -> None:
    other, theirs = nodes
    sleep = ("--net=host", "--entrypoint=sleep", IMAGE, "1000")
    theirs.docker("run", "--detach", "--name=keepalived", *sleep)
    try:
        before = look.run_of(theirs)
        file = console.cluster(nodes, VIP)
        remove = console.run("remove", file, "--yes", "--json").expect(0)
        assert [node["outcome"] for node in remove.document["nodes"]] == ["absent", "foreign"]
        assert look.run_of(theirs) == before
        assert_clean(other)
    finally:
        theirs.docker("rm", "--force", "keepalived")
