"""What is cut short leaves a node as it was, and two runs do not change the same node at once."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, Node, look
from tests.lab.conftest import Deployed
from tests.lab.console import Console

pytestmark = pytest.mark.lab


def changed(trio: Deployed, **keys: Any) -> Path:
    """The cluster's file with another priority for the last node: a rolling change of one node."""
    priorities = (200, 150, 90)
    return trio.console.cluster(trio.nodes, trio.vip, name="trio", priorities=priorities, **keys)


@pytest.fixture
def reset(trio: Deployed) -> Iterator[Deployed]:
    """The trio; its containers and its file are put back afterwards."""
    yield trio
    given = (200, 150, 100)
    file = trio.console.cluster(trio.nodes, trio.vip, name="trio", priorities=given)
    trio.console.run("apply", file, "--yes").expect(0)
    trio.console.cluster(trio.nodes, trio.vip, name="trio")


def whole(trio: Deployed) -> bool:
    """One container on every node, running, and started by Docker at boot."""
    return all(
        look.containers(node) == ["keepalived"]
        and look.inspect(node)["HostConfig"]["RestartPolicy"]["Name"] == "always"
        and look.inspect(node)["State"]["Running"]
        for node in trio.nodes
    )


@pytest.mark.parametrize(
    ("signum", "delay"),
    [(signal.SIGINT, 0.0), (signal.SIGINT, 0.5), (signal.SIGINT, 1.3), (signal.SIGTERM, 0.5)],
)
def test_an_interrupted_apply_leaves_the_old_or_the_new_and_never_half(
    reset: Deployed, signum: signal.Signals, delay: float
) -> None:
    last = reset.nodes[-1]
    before = look.inspect(last)["Id"]
    file = changed(reset)
    with reset.console.start("apply", file, "--yes", "--json") as run:
        run.wait_for(f"{reset.nodes[0].name}: leave:")
        time.sleep(delay)  # the moment of the interruption is what is tried here
        run.send(signum)
        ended = run.end()
    assert ended.code in (0, 130), str(ended)
    assert whole(reset), str(ended)
    # A change is only believed once an election has had the time to fail; till then it goes back.
    done = f"{last.name}: replace: done" in ended.err and "roll back" not in ended.err
    assert done or ended.code == 130, str(ended)
    assert (look.inspect(last)["Id"] != before) == done, str(ended)
    look.wait_agreed(reset.nodes, reset.vip)
    assert all(look.lock_is_free(node) for node in reset.nodes)


def test_a_container_left_aside_does_not_stand_in_the_way(reset: Deployed) -> None:
    last = reset.nodes[-1]
    label = look.inspect(last)["Config"]["Labels"]["vip-tui.cluster"]
    mark = f"vip-tui.cluster={label}"
    last.docker("create", "--name", "keepalived-former", "--label", mark, look.IMAGE)
    reset.console.run("apply", changed(reset), "--yes").expect(0)
    assert whole(reset)


def test_a_paused_container_is_let_go_on(reset: Deployed) -> None:
    paused = reset.backups[-1]
    paused.docker("pause", "keepalived")
    reset.console.run("apply", reset.file, "--yes").expect(0)
    assert whole(reset)


def test_a_hung_docker_on_the_holder_is_unknown_and_its_vip_is_still_seen(trio: Deployed) -> None:
    master = trio.master
    master.docker_pause()
    try:
        status = trio.console.run("status", trio.file, "--json").expect(1)
    finally:
        master.docker_resume()
    assert status.document["verdict"] == "unknown"
    assert status.document["holders"] == [master.name]
    (node,) = [node for node in status.document["nodes"] if node["name"] == master.name]
    assert node["state"] == "unknown"


@pytest.fixture
def own_address(lab: Lab) -> Iterator[list[Node]]:
    nodes = [lab.add_node(extra_addresses=("198.18.0.77/24",)), lab.add_node()]
    for node in nodes:
        node.wait_docker()
    yield nodes
    for node in nodes:
        node.destroy()


def test_remove_leaves_an_address_that_is_the_machines_own(
    own_address: list[Node], console: Console
) -> None:
    file = console.cluster(own_address, "198.18.0.77")
    ended = console.run("remove", file, "--yes", "--json").expect(0)
    assert "198.18.0.77" in own_address[0].addresses()
    assert ended.document["nodes"][0]["outcome"] == "foreign"
