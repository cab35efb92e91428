"""A drill measures one failover, leaves the node as it was, and is refused where it may not run."""

import signal

import pytest

from tests.lab import Node, look
from tests.lab.conftest import Deployed
from tests.lab.console import Ended

# The drills that are cut short are begun before these, because their end takes a minute.
pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("unattended")]

MARGIN_S = 0.25  # what a machine may need beyond the timers


def skew(node: Node) -> float:
    """RFC 3768, section 6.1, in seconds."""
    return (256 - int(look.environment(node)["KEEPALIVED_PRIORITY"])) / 256


def assert_back(trio: Deployed, node: Node, before: tuple[str, str, int]) -> None:
    """The same container as before runs, and all agree on one master."""
    look.wait_agreed(trio.nodes, trio.vip)
    assert look.run_of(node)[0] == before[0]
    assert look.inspect(node)["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert all(look.containers(one) == ["keepalived"] for one in trio.nodes)


def assert_nothing_of_ours(trio: Deployed, timeout: float) -> None:
    look.wait_no_processes(trio.nodes, timeout)
    assert all(look.lock_is_free(node) for node in trio.nodes)


def assert_refused(trio: Deployed, drill: Ended, *words: str) -> None:
    drill.expect(4)
    document = drill.document
    assert document["outcome"] == "refused"
    reasons = " ".join(document["reasons"])
    assert all(word in reasons for word in words), str(drill)
    assert (document["from"], document["outage_ms"], document["restored"]) == (None, None, False)


def test_a_drill_measures_what_a_client_sees_and_restores_the_node(trio: Deployed) -> None:
    master, (successor, other) = trio.master, trio.backups
    before = {node.name: look.run_of(node) for node in trio.nodes}
    bound = min(skew(successor), skew(other))
    with look.Pinger(trio.vip) as pinger:
        drill = trio.console.run("drill", trio.file, "--yes", "--json")
    drill.expect(0)
    document = drill.document
    assert (document["outcome"], document["fault"]) == ("passed", "stop")
    assert (document["from"], document["to"]) == (master.name, successor.name)
    assert document["restored"] is True
    assert document["bound_ms"] == pytest.approx(1000 * bound, abs=0.1)
    assert document["resolution_ms"] == 10
    assert bound * 1000 - 20 <= document["outage_ms"] <= (bound + MARGIN_S) * 1000
    # Two clients that ask every 10 ms may differ by an interval at each end of the gap.
    assert document["outage_ms"] / 1000 == pytest.approx(pinger.longest_gap, abs=0.03)
    assert document["report"]
    assert_back(trio, master, before[master.name])
    assert look.holders(trio.nodes, trio.vip) == [successor.name]
    assert look.run_of(master)[1] > before[master.name][1]
    assert all(look.run_of(node) == before[node.name] for node in (successor, other))
    assert_nothing_of_ours(trio, 5)


def test_a_drill_is_refused_without_a_healthy_backup(trio: Deployed) -> None:
    master, before = trio.master, look.run_of(trio.master)
    look.at_once(lambda node: node.docker("stop", "keepalived"), trio.backups)
    drill = trio.console.run("drill", trio.file, "--yes", "--json")
    assert_refused(trio, drill, "no healthy backup")
    assert look.run_of(master) == before
    assert look.holders(trio.nodes, trio.vip) == [master.name]


def test_a_drill_is_refused_where_a_node_is_out_of_reach(trio: Deployed) -> None:
    master, before = trio.master, look.run_of(trio.master)
    lost = trio.backups[-1]
    lost.sshd_stop()
    try:
        drill = trio.console.run("drill", trio.file, "--yes", "--json")
    finally:
        lost.sshd_start()
    assert_refused(trio, drill, lost.address)
    assert look.run_of(master) == before


@pytest.mark.parametrize("where", ["the master", "a backup"])
def test_a_drill_is_refused_while_another_run_holds_the_lock_on(trio: Deployed, where: str) -> None:
    before = [look.run_of(node) for node in trio.nodes]
    node = trio.master if where == "the master" else trio.backups[-1]
    pid = look.hold_lock(node, "apply by somebody else")
    try:
        drill = trio.console.run("drill", trio.file, "--yes", "--json")
    finally:
        node.run("kill", pid)
    assert_refused(trio, drill, "lock", "somebody else")
    assert [look.run_of(node) for node in trio.nodes] == before


def test_ctrl_c_ends_a_drill_with_130_and_restores_the_node(trio: Deployed) -> None:
    master, before = trio.master, look.run_of(trio.master)
    with trio.console.start("drill", trio.file, "--yes", "--json") as drill:
        drill.wait_for("detected:")
        drill.send(signal.SIGINT)
        ended = drill.end()
    ended.expect(130)
    assert ended.document["error"]["title"] == "interrupted"
    assert look.run_of(master)[1] > before[1]
    assert_back(trio, master, before)
    assert_nothing_of_ours(trio, 5)
