"""Whether apply may go on after preflight: unreachable before refused, and what may be allowed."""

import pytest

from tests.unit.build import cluster, foreign, learnt
from vip_tui.cluster import CHECK_IDS
from vip_tui.cluster.parse import parse_password
from vip_tui.deploy.prepare import new_password, plan_after
from vip_tui.errors import InputError, RefusedError, UnreachableError
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.outcome import Preflight, require
from vip_tui.preflight.risks import accept, acceptable

LOST = UnreachableError("n1 does not answer", "no answer within 8 s", "Is the machine up?")
UNREACHED = learnt(1, problem=LOST, host=None, docker=None)
TAKEN = learnt(2, answers=("198.18.0.100 is at b2:d4:6e:19:87:13",))


THEIRS = learnt(2, foreign())


def outcome(*seen: Learnt, allow: tuple[str, ...] = ()) -> Preflight:
    wanted = cluster(allow=allow)
    findings = tuple(check_node(wanted, one, seen) for one in seen)
    return Preflight(wanted, seen, findings, 0.1, 0.2)


def test_nodes_that_are_well_stop_nothing() -> None:
    well = outcome(learnt(1), learnt(2), learnt(3))
    require(well)
    assert well.ok


def test_a_node_that_cannot_be_reached_stops_apply_and_is_named() -> None:
    with pytest.raises(UnreachableError, match="nothing was changed") as caught:
        require(outcome(UNREACHED, learnt(2), learnt(3)))
    assert "n1" in caught.value.detail
    assert caught.value.hint == "Is the machine up?"


def test_unreachable_counts_more_than_a_failing_check() -> None:
    with pytest.raises(UnreachableError):
        require(outcome(UNREACHED, TAKEN, learnt(3)))


def test_an_unreachable_node_cannot_be_allowed() -> None:
    with pytest.raises(UnreachableError):
        require(outcome(UNREACHED, learnt(2), learnt(3)), ("reachable",))


def test_a_failing_check_is_refused_and_says_how_to_allow_it() -> None:
    with pytest.raises(RefusedError, match="nothing was changed") as caught:
        require(outcome(learnt(1), TAKEN, learnt(3)))
    assert "n2: vip-free: the VIP is in use on the wire" in caught.value.detail
    assert "--allow vip-free" in caught.value.hint


def test_a_check_may_be_allowed_by_option_or_by_the_file() -> None:
    require(outcome(learnt(1), TAKEN, learnt(3)), ("vip-free",))
    require(outcome(learnt(1), TAKEN, learnt(3), allow=("vip-free",)))


def test_warnings_and_unknowns_do_not_stop_apply() -> None:
    require(outcome(learnt(1, answers=None), learnt(2), learnt(3)))


def test_a_plan_follows_only_where_nothing_stops_it() -> None:
    assert plan_after(outcome(learnt(1), learnt(2), learnt(3))).kind == "fresh"
    with pytest.raises(RefusedError):
        plan_after(outcome(learnt(1), TAKEN, learnt(3)))


def test_a_new_password_is_one_that_the_image_can_carry() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(word) == 8 and parse_password(word) for word in made)


def test_an_accepted_risk_is_still_told() -> None:
    taken = outcome(learnt(1), THEIRS, learnt(3), allow=("container",))
    assert [(name, item.id, item.status) for name, item in taken.accepted()] == [
        ("n2", "container", "fail")
    ]
    assert taken.ok
    assert outcome(learnt(1), THEIRS, learnt(3)).accepted() == ()
    assert len(outcome(learnt(1), THEIRS, learnt(3)).accepted(("container",))) == 1


def test_a_risk_is_accepted_once() -> None:
    once = accept(cluster(), "vip-free")
    assert once.allow == ("vip-free",)
    assert accept(once, "vip-free") is once
    assert accept(once, "clock").allow == ("vip-free", "clock")


@pytest.mark.parametrize("check", CHECK_IDS)
def test_a_risk_can_be_accepted_unless_there_is_no_way_in(check: str) -> None:
    assert acceptable(check) == (check not in ("reachable", "host-key", "auth"))
    if acceptable(check):
        assert accept(cluster(), check).allow == (check,)
    else:
        with pytest.raises(InputError, match=f"{check} cannot be allowed"):
            accept(cluster(), check)
