"""The embedded cluster's VRRP: timers, elections and what is left behind, by a clock we turn."""

from __future__ import annotations

import pytest

from tests.unit.demo_clock import VIP, Segment, said
from vip_tui.demo.container import Container
from vip_tui.keepalived.log import entered_state
from vip_tui.keepalived.timers import master_down_interval, skew_time

WRAPPER_S = 0.04  # before keepalived starts in its container
HAIR = 0.005  # of rounding and of the simulated wire


def states(one: Container) -> list[str]:
    """The states that keepalived entered, by its log."""
    return [state for line in one.log.lines if (state := entered_state(line.text))]


@pytest.fixture
def segment() -> Segment:
    return Segment()


def test_alone_it_is_master_after_the_master_down_interval(segment: Segment) -> None:
    one = segment.run(0, 200)
    took = segment.until_held("n1")
    assert took == pytest.approx(WRAPPER_S + master_down_interval(200, 1.0), abs=HAIR)
    assert states(one) == ["backup", "master"]
    assert said(one, "Entering BACKUP STATE (init)")
    assert said(one, "I'm the MASTER! Whup whup.")


def test_the_highest_priority_is_elected_and_the_others_stay_backup(segment: Segment) -> None:
    made = segment.run_all(100, 200, 150)
    assert segment.holders == ["n2"]
    assert [states(one)[-1] for one in made] == ["backup", "master", "backup"]
    segment.clock.advance(600)
    assert segment.holders == ["n2"]
    assert [len(states(one)) for one in made] == [1, 2, 1]


def test_the_first_stays_master_though_a_higher_priority_comes(segment: Segment) -> None:
    segment.run(0, 100)
    segment.clock.advance(5)
    late = segment.run(1, 200)
    segment.clock.advance(60)
    assert segment.holders == ["n1"]  # the image hard-codes nopreempt
    assert states(late) == ["backup"]


def test_a_clean_stop_costs_the_best_backups_skew(segment: Segment) -> None:
    first, second, third = segment.run_all(200, 150, 100)
    segment.stop(0)
    assert segment.holders == []  # the VIP goes at once, the process a second later
    took = segment.until_held("n2")
    assert took == pytest.approx(skew_time(150, 1.0), abs=HAIR)
    assert first.alive
    segment.clock.advance(1.0)
    assert (first.status, first.exit_code) == ("exited", 0)
    assert said(first, "(VI_1) sent 0 priority")
    assert said(second, "Backup received priority 0 advertisement")
    assert states(third) == ["backup"]


def test_a_killed_master_is_followed_after_the_master_down_interval_and_keeps_the_vip(
    segment: Segment,
) -> None:
    first, *_ = segment.run_all(200, 150, 100)
    segment.kill(0)
    took = segment.until_held("n2")
    bound = master_down_interval(150, 1.0)
    assert bound - 1 - HAIR <= took <= bound + HAIR
    segment.clock.advance(60)
    assert segment.holders == ["n1", "n2"]
    assert (first.status, first.exit_code) == ("exited", 137)


def test_the_next_start_after_a_kill_cleans_up(segment: Segment) -> None:
    first, *_ = segment.run_all(200, 150, 100)
    segment.kill(0)
    segment.clock.advance(10)
    segment.hosts[0].docker.run(first)
    assert segment.holders == ["n2"]
    segment.clock.advance(10)
    assert segment.holders == ["n2"]
    assert states(first)[-1] == "backup"


def test_a_paused_master_keeps_the_vip_and_takes_it_back_when_it_goes_on(segment: Segment) -> None:
    first, second, _ = segment.run_all(200, 150, 100)
    assert first.process is not None
    first.process.freeze()
    segment.clock.advance(6)
    assert segment.holders == ["n1", "n2"]
    first.process.thaw()
    segment.clock.advance(0.1)
    assert segment.holders == ["n1"]
    assert said(first, "A thread timer expired")
    assert said(first, "with lower priority 150, ours 200, forcing new election")
    assert states(second) == ["backup", "master", "backup"]


def test_a_paused_master_that_is_the_lower_one_gives_way(segment: Segment) -> None:
    second = segment.run(1, 150)
    segment.clock.advance(5)
    segment.run(0, 200)
    segment.clock.advance(5)
    assert segment.holders == ["n2"]
    assert second.process is not None
    second.process.freeze()
    segment.clock.advance(6)
    second.process.thaw()
    segment.clock.advance(0.1)
    assert segment.holders == ["n1"]
    assert said(second, "with higher priority 200, ours 150")


def test_a_paused_backup_reads_what_it_missed_and_stays_backup(segment: Segment) -> None:
    _, second, _ = segment.run_all(200, 150, 100)
    assert second.process is not None
    second.process.freeze()
    segment.clock.advance(30)
    second.process.thaw()
    segment.clock.advance(30)
    assert segment.holders == ["n1"]
    assert states(second) == ["backup"]


def test_a_paused_backup_that_missed_the_masters_end_takes_over_when_it_goes_on(
    segment: Segment,
) -> None:
    segment.run(0, 200)
    second = segment.run(1, 150)
    segment.clock.advance(5)
    assert second.process is not None
    second.process.freeze()
    segment.stop(0)
    segment.clock.advance(20)
    assert segment.holders == []
    second.process.thaw()
    assert segment.until_held("n2") <= skew_time(150, 1.0) + HAIR


def test_a_cut_makes_two_masters_and_its_end_settles_them(segment: Segment) -> None:
    _, second, third = segment.run_all(200, 150, 100)
    segment.wire.cut = True
    segment.clock.advance(5)
    assert segment.holders == ["n1", "n2", "n3"]
    segment.wire.cut = False
    segment.clock.advance(1.1)
    assert segment.holders == ["n1"]
    assert states(second)[-1] == states(third)[-1] == "backup"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ROUTER_ID": "101"}, ""),
        ({"PASSWORD": "another!"}, "received an invalid passwd!"),
        ({"VIRTUAL_IPS": "198.18.0.101"}, "received an invalid ip number count"),
    ],
)
def test_who_does_not_belong_is_not_heard(
    segment: Segment, changes: dict[str, str], says: str
) -> None:
    first = segment.run(0, 200)
    other = segment.run(1, 150, **changes)
    segment.clock.advance(5)
    assert states(first)[-1] == states(other)[-1] == "master"
    assert not says or said(other, says)


def test_of_a_password_eight_characters_count(segment: Segment) -> None:
    segment.run(0, 200, PASSWORD="abcdefgh-one")
    segment.run(1, 150, PASSWORD="abcdefgh-two")
    segment.clock.advance(5)
    assert segment.holders == ["n1"]


def test_an_equal_priority_is_settled_by_the_address(segment: Segment) -> None:
    first, second = segment.run(0, 150), segment.run(1, 150)
    segment.clock.advance(6)
    assert segment.holders == ["n2"]
    assert states(second) == ["backup", "master"]
    assert states(first)[-1] == "backup"


def test_a_vip_that_somebody_deletes_makes_the_master_give_up(segment: Segment) -> None:
    first, second, _ = segment.run_all(200, 150, 100)
    segment.hosts[0].remove_address(f"{VIP}/32", "eth0")
    segment.clock.advance(0.01)
    assert segment.holders == []
    assert states(first)[-1] == "backup"
    assert said(second, "Backup received priority 0 advertisement")
    # Its own skew is the shortest: it takes the VIP again, as the real one does [seen].
    assert segment.until_held("n1") == pytest.approx(skew_time(200, 1.0), abs=0.02)
    segment.clock.advance(5)
    assert segment.holders == ["n1"]


def test_a_broken_list_of_peers_leaves_nobody_to_tell(segment: Segment) -> None:
    broken = "#PYTHON2BASH:['198.18.0.12', '198.18.0.13]"
    first = segment.run(0, 200, UNICAST_PEERS=broken)
    segment.run(1, 150)
    segment.clock.advance(5)
    assert segment.holders == ["n1", "n2"]
    assert said(first, "malformed unicast peer")


def test_an_interface_that_is_not_there_is_a_fault(segment: Segment) -> None:
    one = segment.run(0, 200, INTERFACE="bond0")
    segment.clock.advance(10)
    assert segment.holders == []
    assert states(one) == ["fault"]


def test_several_vips_move_together(segment: Segment) -> None:
    both = "#PYTHON2BASH:['198.18.0.100', '198.18.0.101/24']"
    segment.run(0, 200, VIRTUAL_IPS=both)
    segment.run(1, 150, VIRTUAL_IPS=both)
    segment.clock.advance(5)
    assert segment.hosts[0].interface("eth0").addresses[1:3] == [  # type: ignore[union-attr]
        "198.18.0.100/32",
        "198.18.0.101/24",
    ]
    segment.stop(0)
    segment.clock.advance(1)
    assert [host.has("198.18.0.101") for host in segment.hosts] == [False, True, False]


def test_a_crash_past_docker_is_restarted_and_a_kill_by_docker_is_not(segment: Segment) -> None:
    one, *_ = segment.run_all(200, 150, 100)
    segment.hosts[0].docker.crash("keepalived")
    assert (one.status, one.exit_code) == ("restarting", 137)
    segment.clock.advance(1)
    assert (one.status, one.restarts) == ("running", 1)
    segment.kill(0)
    segment.clock.advance(60)
    assert (one.status, one.restarts) == ("exited", 1)
