"""A drill that vip-tui cannot bring to its end: the node comes back by itself, and stays.

The drills were begun by a fixture, before other tests, so that nobody waits for them idly.
"""

import time

import pytest

from tests.lab import look
from tests.lab.conftest import CutShort
from tests.lab.tools import wait_until

pytestmark = pytest.mark.lab

BACK_S = 30  # within which a node is back, and nothing of ours runs there, when vip-tui died
ARMED_S = 60  # after which it comes back by itself when nobody can tell it
SLACK_S = 3  # for Docker to start a container
RETRY_S = 16  # for so long the revert keeps at it


def left(since: float, limit: float) -> float:
    """What is left of a time limit, at least a second."""
    return max(since + limit - time.time(), 1)


def started(one: CutShort) -> float:
    return look.seconds(look.inspect(one.master)["State"]["StartedAt"])


def assert_as_before(one: CutShort) -> None:
    """The same containers as before, one master, and the lock is free."""
    look.wait_agreed(one.pair.nodes, one.pair.vip)
    assert look.run_of(one.master)[0] == one.before[0]
    for node in one.pair.nodes:
        assert look.containers(node) == ["keepalived"]
        assert look.inspect(node)["HostConfig"]["RestartPolicy"]["Name"] == "always"
        assert look.lock_is_free(node)


@pytest.mark.parametrize("moment", ["armed", "detected"])
def test_the_node_comes_back_when_vip_tui_is_killed_at(
    unattended: dict[str, CutShort], moment: str
) -> None:
    one = unattended[f"killed at {moment}"]
    assert one.lock_was_held, "the lock is held until the revert has run"
    look.wait_no_processes(one.pair.nodes, left(one.cut_at, BACK_S))
    if moment == "detected":
        assert look.run_of(one.master)[1] > one.before[1]
    assert started(one) - one.cut_at < BACK_S
    assert_as_before(one)


def test_a_master_that_lost_its_network_comes_back_within_the_armed_time(
    unattended: dict[str, CutShort],
) -> None:
    one = unattended["network lost"]
    (other,) = [node for node in one.pair.nodes if node is not one.master]
    wait_until(lambda: one.pair.vip in other.addresses(), "nobody took over", timeout=10)
    limit = left(one.armed_at, ARMED_S + SLACK_S)
    wait_until(lambda: look.inspect(one.master)["State"]["Running"], "it stays stopped", limit)
    assert look.run_of(one.master)[1] > one.before[1]
    assert started(one) - one.armed_at < ARMED_S + SLACK_S
    limit = left(one.armed_at, ARMED_S + RETRY_S)
    wait_until(lambda: look.lock_is_free(one.master), "the revert ran, the lock is held", limit)
    ended = one.drill.end(30).expect(4)
    assert ended.document["outcome"] == "aborted"
    assert ended.document["restored"] is False
    one.master.heal()
    assert_as_before(one)
