"""`status` says what the nodes show, and the verdict's exit code, in each misfortune."""

from typing import Any

import pytest

from tests.lab import look
from tests.lab.conftest import Deployed
from tests.lab.tools import wait_until

pytestmark = pytest.mark.lab


def told(trio: Deployed, code: int, verdict: str) -> dict[str, Any]:
    """Runs `status --json`, which has to end so, and to name the holders that the nodes show."""
    status = trio.console.run("status", trio.file, "--json").expect(code)
    document: dict[str, Any] = status.document
    assert document["verdict"] == verdict, str(status)
    assert [node["address"] for node in document["nodes"]] == [n.address for n in trio.nodes]
    if verdict == "healthy":
        assert document["reasons"] == []
    else:
        worst = document["reasons"][0]
        assert worst["verdict"] == verdict, str(status)
        assert worst["text"] and worst["remedy"], str(status)
    return document


def states(document: dict[str, Any]) -> dict[str, str]:
    return {node["name"]: node["state"] for node in document["nodes"]}


def wait_holders(trio: Deployed, count: int) -> list[str]:
    """Waits until so many nodes have the VIP."""
    wait_until(
        lambda: len(look.holders(trio.nodes, trio.vip)) == count, f"not {count} holders", timeout=10
    )
    return look.holders(trio.nodes, trio.vip)


def test_a_whole_cluster_is_healthy(trio: Deployed) -> None:
    document = told(trio, 0, "healthy")
    assert document["holders"] == look.holders(trio.nodes, trio.vip)
    for node, described in zip(trio.nodes, document["nodes"], strict=True):
        master = node is trio.master
        assert described["state"] == ("master" if master else "backup")
        assert described["holds"] == ([trio.vip] if master else [])
        assert str(described["priority"]) == look.environment(node)["KEEPALIVED_PRIORITY"]


def test_a_master_stopped_by_hand_is_degraded(trio: Deployed) -> None:
    master, successor = trio.master, trio.backups[0]
    master.docker("stop", "keepalived")
    document = told(trio, 1, "degraded")
    assert look.holders(trio.nodes, trio.vip) == document["holders"] == [successor.name]
    assert states(document)[master.name] == "stopped"
    assert states(document)[successor.name] == "master"


def test_a_killed_master_leaves_a_stale_vip(trio: Deployed) -> None:
    master = trio.master
    master.docker("kill", "keepalived")
    holders = wait_holders(trio, 2)
    assert master.name in holders
    document = told(trio, 1, "stale-vip")
    assert document["holders"] == holders
    assert states(document)[master.name] == "stopped"


def test_a_paused_master_leaves_a_stale_vip(trio: Deployed) -> None:
    master = trio.master
    master.docker("pause", "keepalived")
    holders = wait_holders(trio, 2)
    document = told(trio, 1, "stale-vip")
    assert document["holders"] == holders
    assert states(document)[master.name] == "paused"


def test_a_removed_container_is_absent_and_the_cluster_degraded(trio: Deployed) -> None:
    backup = trio.backups[0]
    backup.docker("rm", "--force", "keepalived")
    document = told(trio, 1, "degraded")
    assert document["holders"] == [trio.master.name]
    assert states(document)[backup.name] == "absent"


def test_after_a_vip_was_deleted_by_hand_its_next_holder_is_seen(trio: Deployed) -> None:
    before = trio.master
    states_before = len(look.transitions(before))
    before.run("ip", "address", "del", f"{trio.vip}/32", "dev", "eth0")
    document = told(trio, 0, "healthy")
    # keepalived gave up, and all elected anew: the highest priority has it, perhaps the same again.
    assert look.transitions(before)[states_before][1] == "BACKUP"
    assert document["holders"] == look.holders(trio.nodes, trio.vip) == [trio.nodes[0].name]


def test_nobody_is_master_when_all_are_stopped(trio: Deployed) -> None:
    look.at_once(lambda node: node.docker("stop", "keepalived"), trio.nodes)
    assert look.holders(trio.nodes, trio.vip) == []
    document = told(trio, 1, "no-master")
    assert document["holders"] == []
    assert set(states(document).values()) == {"stopped"}


def test_a_master_out_of_reach_is_degraded_once_another_has_the_vip(trio: Deployed) -> None:
    master, others = trio.master, trio.backups
    master.cut()
    wait_until(lambda: bool(look.holders(others, trio.vip)), "nobody takes over", timeout=10)
    document = told(trio, 1, "degraded")
    assert document["holders"] == look.holders(others, trio.vip)
    unreachable = next(node for node in document["nodes"] if node["address"] == master.address)
    assert (unreachable["state"], unreachable["holds"]) == ("unreachable", [])


def test_no_node_within_reach_ends_with_3(trio: Deployed) -> None:
    for node in trio.nodes:
        node.sshd_stop()
    try:
        document = told(trio, 3, "unknown")
    finally:
        for node in trio.nodes:
            node.sshd_start()
    assert set(states(document).values()) == {"unreachable"}
