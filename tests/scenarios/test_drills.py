"""A drill measures one failover and restores the node; cut short, the node still comes back."""

from __future__ import annotations

import asyncio
import signal

from tests.lab.tools import wait_until
from tests.scenarios.world import MARGIN_S, Run, World
from vip_tui.keepalived.spec import CONTAINER_NAME
from vip_tui.nodes.commands import ARM_START
from vip_tui.nodes.connection import Remote

BACK_S = 10  # within which a node is back when vip-tui died
LOCK_S = 25  # the revert keeps at it for 15 s, and the lock is its own


def assert_free(world: World) -> None:
    assert [world.lock(name) for name in world.names] == ["free"] * len(world.names)


def assert_restored(world: World, node: str, before: Run) -> None:
    """The same container as before runs again, and all agree on one master."""
    world.wait_agreed()
    now = world.run_of(node)
    assert now[0] == before[0]
    assert now[1] > before[1]
    assert world.container(node)["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert all(world.containers(name) == ["keepalived"] for name in world.names)


def drilled(world: World) -> None:
    """One drill of the present master, which has to pass."""
    master, (successor, other) = world.master, world.backups
    before = {name: world.run_of(name) for name in world.names}
    bound = min(world.skew(successor), world.skew(other))
    with world.backend.client() as client:
        drill = world.run("drill", "--yes").expect(0)
    document = drill.document
    assert (document["outcome"], document["fault"]) == ("passed", "stop"), str(drill)
    assert (document["from"], document["to"]) == (master, successor)
    assert document["restored"] is True
    assert document["reasons"] == []
    assert abs(document["bound_ms"] - 1000 * bound) <= 0.1
    assert document["resolution_ms"] == 10
    assert bound * 1000 - 20 <= document["outage_ms"] <= (bound + MARGIN_S) * 1000
    # Two clients that ask every 10 ms may differ by an interval at each end of the gap.
    assert abs(document["outage_ms"] / 1000 - client.longest_gap) <= 0.03, client.longest_gap
    phases = ("gate", "armed", "fault", "detected", "taken over", "restored", "verified", "ended")
    told = [line.partition(":")[0] for line in drill.err.splitlines()]
    # The gate may speak more than once, where it waits for a quiet probe.
    assert list(dict.fromkeys(phase for phase in told if phase in phases)) == list(phases), (
        drill.err
    )
    assert_restored(world, master, before[master])
    assert world.backend.holders() == [successor], "nopreempt: who took the VIP keeps it"
    assert {name: world.run_of(name) for name in (successor, other)} == {
        name: before[name] for name in (successor, other)
    }
    assert_free(world)


def test_a_drill_measures_what_a_client_sees_and_restores_the_node(trio: World) -> None:
    drilled(trio)


def test_ctrl_c_ends_a_drill_with_130_and_restores_the_node(trio: World) -> None:
    master, before = trio.master, trio.run_of(trio.master)
    with trio.start("drill", "--yes") as drill:
        drill.wait_for("detected:")
        drill.send(signal.SIGINT)
        ended = drill.end().expect(130)
    assert ended.document["error"]["title"] == "interrupted"
    assert_restored(trio, master, before)
    assert_free(trio)


def revert_in_time(world: World, name: str) -> None:
    """Arms a revert for a second and stops the container: it is started when the time is up."""
    before = world.run_of(name)

    async def arm(remote: Remote) -> str:
        said = await remote.readline()
        await asyncio.to_thread(world.backend.docker, "stop", name)
        await asyncio.to_thread(wait_until, lambda: back(world, name, before), "stays stopped", 8)
        return said

    said = world.talk(name, arm, ARM_START, CONTAINER_NAME, "1", "drill by nobody")
    assert said.startswith("armed ")
    assert world.lock(name).startswith("locked drill by nobody since ")


def back(world: World, name: str, before: Run) -> bool:
    now = world.container(name)
    return bool(now["State"]["Running"]) and now["State"]["StartedAt"] != before[1]


def test_a_node_comes_back_by_itself_when_vip_tui_is_killed_and_when_the_time_is_up(
    trio: World,
) -> None:
    master, before = trio.master, trio.run_of(trio.master)
    with trio.start("drill", "--yes") as drill:
        drill.wait_for("detected:")
        drill.send(signal.SIGKILL)
        drill.end()
    wait_until(lambda: back(trio, master, before), f"{master} does not come back", BACK_S)
    # As long as the revert is at work nobody else may drill; it says whose lock it is.
    assert trio.lock(master).startswith(f"locked drill of {trio.cluster.name} by ")
    trio.wait_agreed()
    refused = trio.run("drill", "--yes").expect(4).document
    assert refused["outcome"] == "refused"
    assert f"drill of {trio.cluster.name} by" in " ".join(refused["reasons"])
    timed = trio.backups[-1]
    revert_in_time(trio, timed)
    trio.wait_free(master, LOCK_S)
    trio.wait_free(timed, LOCK_S)
    assert_restored(trio, master, before)
    assert trio.master != master
    drilled(trio)


def test_drills_and_changes_are_refused_while_somebody_else_holds_a_lock(trio: World) -> None:
    before = [trio.run_of(name) for name in trio.names]
    backup = trio.backups[-1]
    with trio.locked(backup, "apply by somebody else"):
        drill = trio.run("drill", "--yes").expect(4).document
        apply = trio.run("apply", "--yes", file=trio.changed(vrid=99)).expect(4).document
        remove = trio.run("remove", "--yes").expect(4).document
    assert drill["outcome"] == "refused"
    assert "somebody else" in " ".join(drill["reasons"])
    assert "somebody else" in apply["error"]["detail"]
    assert "somebody else" in remove["error"]["detail"]
    assert [trio.run_of(name) for name in trio.names] == before
