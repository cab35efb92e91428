"""Two nodes with a VRID and password written by hand, and changes of their file on the way."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab import Lab, look
from tests.lab.conftest import Deployed, deploy
from tests.lab.console import Console
from tests.lab.look import IMAGE

pytestmark = pytest.mark.lab

VIP = "198.18.0.170"
PASSWORD = "s3cr3t.1"
BY_HAND: dict[str, Any] = {"name": "pair", "vrid": 77, "password": PASSWORD}


@pytest.fixture(scope="module")
def pair(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    nodes = lab.add_nodes(2)
    try:
        yield deploy(Console(lab, tmp_path_factory.mktemp("pair")), nodes, VIP, **BY_HAND)
    finally:
        for node in nodes:
            node.destroy()


def apply(pair: Deployed, kind: str, **keys: Any) -> dict[str, Any]:
    """Applies the file with other values, as a plan of that kind; all has to be well at once."""
    file = pair.console.cluster(pair.nodes, VIP, **{**BY_HAND, **keys})
    plan = pair.console.run("plan", file, "--json").expect(0)
    assert plan.document["kind"] == kind, str(plan)
    done = pair.console.run("apply", file, "--yes", "--json").expect(0)
    assert look.agreed(pair.nodes, VIP)
    assert all(look.containers(node) == ["keepalived"] for node in pair.nodes)
    assert PASSWORD not in plan.out + done.out + done.err
    document: dict[str, Any] = done.document
    assert [document["holder"]] == look.holders(pair.nodes, VIP)
    return document


def test_two_nodes_have_priorities_200_and_100_and_what_was_written_by_hand(pair: Deployed) -> None:
    pair.applied.expect(0)
    assert pair.holders == [pair.nodes[0].name]
    for node, priority in zip(pair.nodes, ("200", "100"), strict=True):
        environment = look.environment(node)
        assert environment["KEEPALIVED_PRIORITY"] == priority
        assert environment["KEEPALIVED_ROUTER_ID"] == "77"
        assert environment["KEEPALIVED_PASSWORD"] == PASSWORD


def test_a_second_apply_of_values_written_by_hand_changes_nothing(pair: Deployed) -> None:
    before = [look.run_of(node) for node in pair.nodes]
    document = apply(pair, "none")
    steps = [step for node in document["nodes"] for step in node["steps"]]
    assert [step["outcome"] for step in steps] == ["unchanged", "unchanged"]
    assert [look.run_of(node) for node in pair.nodes] == before


def test_a_replacement_that_cannot_start_leaves_the_former_containers_at_work(
    pair: Deployed,
) -> None:
    pair.mend()
    before = [look.inspect(node) for node in pair.nodes]
    broken = f"{IMAGE}-broken"
    for node in pair.nodes:
        node.docker("create", "--name=broken", "--entrypoint=/nothing", IMAGE)
        node.docker("commit", "broken", broken)
        node.docker("rm", "broken")
    file = pair.console.cluster(pair.nodes, VIP, **BY_HAND, image=broken)
    done = pair.console.run("apply", file, "--yes", "--json").expect(1)
    assert (done.document["ok"], done.document["rolled_back"]) == (False, True)
    assert "/nothing" in done.document["error"]["detail"]
    look.wait_agreed(pair.nodes, VIP)
    for node, was in zip(pair.nodes, before, strict=True):
        assert look.containers(node) == ["keepalived"]
        now = look.inspect(node)
        assert (now["Id"], now["HostConfig"]) == (was["Id"], was["HostConfig"])
