"""An apply that fails leaves the nodes as they were, and says why."""

from collections.abc import Iterator

import pytest

from tests.lab import Lab, Node, look
from tests.lab.console import Console, Ended
from tests.lab.look import IMAGE

pytestmark = pytest.mark.lab

VIP = "198.18.0.150"


@pytest.fixture(scope="module")
def fresh(lab: Lab) -> Iterator[list[Node]]:
    nodes = lab.add_nodes(2)
    yield nodes
    for node in nodes:
        node.destroy()


def assert_failed(apply: Ended, *words: str) -> None:
    apply.expect(1)
    document = apply.document
    assert (document["ok"], document["holder"]) == (False, None), str(apply)
    told = f"{document['error']['title']} {document['error']['detail']}"
    assert all(word in told for word in words), str(apply)
    steps = [step for node in document["nodes"] for step in node["steps"]]
    failed = [step for step in steps if step["outcome"] == "failed"]
    assert failed and all(step["evidence"] for step in failed)


def assert_nothing_left(nodes: list[Node]) -> None:
    assert [look.containers(node) for node in nodes] == [[] for _ in nodes]
    assert look.holders(nodes, VIP) == []
    look.wait_no_processes(nodes, 5)


def test_a_pull_that_fails_leaves_no_container(
    lab: Lab, fresh: list[Node], console: Console
) -> None:
    file = console.cluster(fresh, VIP)
    lab.registry_stop()
    try:
        refused = console.run("apply", file, "--yes", "--json")
        apply = console.run("apply", file, "--yes", "--json", "--allow", "image")
    finally:
        lab.registry_start()
    assert_nothing_left(fresh)
    refused.expect(4)
    assert f"image: {IMAGE} cannot be pulled" in refused.document["error"]["detail"]
    assert_failed(apply, "cannot pull", IMAGE)
    assert apply.document["error"]["hint"]


def break_image(node: Node, name: str) -> None:
    """Gives a node an image of that name which has nothing to start."""
    node.docker("pull", IMAGE)
    node.docker("create", "--name=broken", "--entrypoint=/nothing", IMAGE)
    node.docker("commit", "broken", name)
    node.docker("rm", "broken")


def test_a_container_that_cannot_start_takes_the_others_back_with_it(
    fresh: list[Node], console: Console
) -> None:
    first, second = fresh
    first.docker("pull", IMAGE)
    break_image(second, IMAGE)
    try:
        file = console.cluster(fresh, VIP)
        apply = console.run("apply", file, "--yes", "--json")
    finally:
        second.docker("rmi", "--force", IMAGE)
    assert first.docker("events", "--since=60s", "--until=0s").stdout.count("container start") == 1
    assert_nothing_left(fresh)
    assert_failed(apply, second.address, "/nothing")
    *_, told = apply.document["nodes"]
    assert told["name"] == second.name
    assert ("create", "failed") in [(step["action"], step["outcome"]) for step in told["steps"]]
    assert apply.document["rolled_back"] is True
