"""What somebody does to the nodes by hand, what `status` says of it, and how it heals."""

from __future__ import annotations

from tests.lab.look import seconds
from tests.lab.tools import wait_until
from tests.scenarios.backend import Client
from tests.scenarios.world import ADVERT_S, MARGIN_S, World, outcomes, states


def assert_took_over(world: World, name: str, lost_at: float) -> None:
    """RFC 3768, 6.4.2: within a master down interval of the last advertisement, of all of one."""
    *_, (entered, state) = world.transitions(name)
    assert state == "MASTER"
    down = world.master_down(name)
    assert down - ADVERT_S - 0.1 <= entered - lost_at <= down + MARGIN_S


def wait_answer(client: Client) -> None:
    """Waits until the VIP has answered once more."""
    before = len(client.answers)
    wait_until(lambda: len(client.answers) > before, "the VIP does not answer", 2)


def test_a_killed_master_leaves_a_stale_vip_until_it_is_started_again(trio: World) -> None:
    master, successor = trio.master, trio.backups[0]
    before = trio.run_of(master)
    trio.backend.docker("kill", master)
    assert trio.backend.holders() == [master], "nobody takes the VIP off a killed node"
    holders = trio.wait_holders(2)
    assert set(holders) == {master, successor}
    killed = trio.container(master)["State"]
    assert (killed["Status"], killed["ExitCode"]) == ("exited", 137)
    assert_took_over(trio, successor, seconds(killed["FinishedAt"]))
    document = trio.status(1, "stale-vip")
    assert states(document)[master] == "stopped"
    assert states(document)[successor] == "master"
    assert trio.run_of(master) == before, "Docker does not restart what was killed by its own hand"

    trio.backend.docker("start", master)
    assert trio.wait_holders(1) == [successor]
    document = trio.status(0, "healthy")
    assert states(document)[master] == "backup"
    assert trio.run_of(master)[0] == before[0]


def test_a_paused_master_leaves_a_stale_vip_until_it_goes_on(trio: World) -> None:
    master, successor = trio.master, trio.backups[0]
    before = trio.run_of(master)
    trio.backend.docker("pause", master)
    assert set(trio.wait_holders(2)) == {master, successor}
    document = trio.status(1, "stale-vip")
    assert states(document)[master] == "paused"
    assert states(document)[successor] == "master"

    trio.backend.docker("unpause", master)
    # Two masters hear each other: the lower priority gives way (RFC 3768, 6.4.3).
    highest = max((master, successor), key=trio.priority)
    assert trio.wait_holders(1) == [highest]
    trio.wait_agreed()
    trio.status(0, "healthy")
    assert trio.run_of(master) == before


def test_a_stopped_backup_is_degraded_refuses_drills_and_heals(trio: World) -> None:
    master, backup = trio.master, trio.backups[-1]
    before = trio.run_of(master)
    trio.backend.docker("stop", backup)
    document = trio.status(1, "degraded")
    assert document["holders"] == [master]
    assert states(document)[backup] == "stopped"
    drill = trio.run("drill", "--yes").expect(4).document
    assert drill["outcome"] == "refused"
    assert (drill["from"], drill["outage_ms"], drill["restored"]) == (None, None, False)
    assert "degraded" in " ".join(drill["reasons"])
    assert trio.run_of(master) == before

    trio.backend.docker("start", backup)
    trio.wait_agreed()
    trio.status(0, "healthy")
    assert trio.backend.holders() == [master]


def test_a_master_stopped_by_hand_hands_over_at_once(trio: World) -> None:
    master, successor = trio.master, trio.backups[0]
    with trio.backend.client() as client:
        wait_answer(client)
        trio.backend.docker("stop", master)
        assert trio.wait_holders(1) == [successor]
        wait_answer(client)
    stopped = trio.container(master)["State"]
    assert (stopped["Status"], stopped["ExitCode"]) == ("exited", 0)
    skew = trio.skew(successor)
    assert skew - 0.03 <= client.longest_gap <= skew + MARGIN_S
    document = trio.status(1, "degraded")
    assert states(document)[master] == "stopped"
    assert states(document)[successor] == "master"


def test_nobody_is_master_when_all_are_stopped(trio: World) -> None:
    trio.backend.docker("stop", *trio.names)
    assert trio.backend.holders() == []
    document = trio.status(1, "no-master")
    assert set(states(document).values()) == {"stopped"}
    assert document["probe"]["answers"] is False


def test_a_removed_backup_is_absent_and_apply_mends_it_alone(trio: World) -> None:
    master, (other, removed) = trio.master, trio.backups
    before = {name: trio.run_of(name) for name in (master, other)}
    gone = trio.run_of(removed)
    environment = trio.environment(removed)
    trio.backend.docker("remove", removed)
    assert trio.containers(removed) == []
    document = trio.status(1, "degraded")
    assert states(document)[removed] == "absent"

    applied = trio.run("apply", "--yes").expect(0).document
    assert applied["holder"] == master
    assert outcomes(applied) == {
        master: [("leave", "unchanged")],
        other: [("leave", "unchanged")],
        removed: [("create", "done")],
    }
    assert {name: trio.run_of(name) for name in (master, other)} == before
    assert trio.run_of(removed)[0] != gone[0]
    assert trio.environment(removed) == environment
    trio.status(0, "healthy")
