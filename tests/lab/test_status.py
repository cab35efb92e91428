"""`status` where nodes are out of reach; every other misfortune is in tests/scenarios."""

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
    worst = document["reasons"][0]
    assert worst["verdict"] == verdict, str(status)
    assert worst["text"] and worst["remedy"], str(status)
    return document


def states(document: dict[str, Any]) -> dict[str, str]:
    return {node["name"]: node["state"] for node in document["nodes"]}


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
