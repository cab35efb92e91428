"""`remove` leaves alone what is not ours; what it takes is in tests/scenarios."""

from collections.abc import Iterator

import pytest

from tests.lab import Lab, Node, look
from tests.lab.console import Console
from tests.lab.look import IMAGE

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
