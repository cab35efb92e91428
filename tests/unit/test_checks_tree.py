"""Findings in order: one cause is one entry, nothing is told twice, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit import build
from tests.unit import recorded_checks as recorded
from vip_tui.nodes.reasons import CommandFailed
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.learnt import Finding, Status
from vip_tui.tui.checks_tree import (
    TOGETHER,
    Entry,
    NodeView,
    accepted,
    can_accept,
    impersonal,
    in_the_way,
    obstacles,
    tree,
)

CLUSTER = build.cluster(vrid=100)
IDS = recorded.OF_A_NODE
STATUSES: st.SearchStrategy[Status] = st.sampled_from(get_args(Status))


def node(index: int, *other: Finding) -> NodeView:
    found = recorded.findings(index, *other)
    return NodeView(f"n{index + 1}", f"198.18.0.{11 + index}", found, whole=True)


@st.composite
def clusters(draw: st.DrawFn) -> list[NodeView]:
    """Nodes with findings of all kinds; what is unknown may name any check as its cause."""
    nodes = []
    for index in range(draw(st.integers(1, 4))):
        found = []
        for check in IDS[: draw(st.integers(0, 8))]:
            summary = draw(st.sampled_from(["one", "other", f"of n{index + 1}"]))
            because = draw(st.sampled_from(["", *IDS[:9]]))
            found.append(Finding(check, draw(STATUSES), summary, because=because))
        nodes.append(NodeView(f"n{index + 1}", f"198.18.0.{11 + index}", tuple(found), whole=True))
    return nodes


def pairs(entries: tuple[Entry, ...]) -> list[tuple[int, str]]:
    """All findings of entries, and of what follows from them."""
    own = [(index, finding.id) for entry in entries for index, finding in entry.found]
    return own + [pair for entry in entries for pair in pairs(entry.follows)]


@given(clusters())
def test_what_is_not_fine_is_told_once_and_never_lost(nodes: list[NodeView]) -> None:
    told = pairs(tree(nodes).entries)
    expected = [
        (index, finding.id)
        for index, one in enumerate(nodes)
        for finding in one.findings or ()
        if finding.status != "pass"
    ]
    assert sorted(told) == sorted(expected)


@given(clusters())
def test_a_failure_is_never_put_under_another(nodes: list[NodeView]) -> None:
    def below(entries: tuple[Entry, ...]) -> list[Finding]:
        found = [item for entry in entries for one in entry.follows for _, item in one.found]
        return found + [it for entry in entries for it in below(entry.follows)]

    assert all(finding.status == "unknown" for finding in below(tree(nodes).entries))


def test_thirty_nodes_with_one_cause_are_one_entry() -> None:
    nodes = [node(index, recorded.NO_WAY_IN, *recorded.BEHIND_AUTH) for index in range(30)]
    found = tree(nodes)
    (entry,) = found.several
    assert not any(found.own)
    assert entry.nodes == tuple(range(30))
    assert entry.summary == "the node does not let us in"
    assert len(entry.follows) == len(recorded.BEHIND_AUTH)
    assert all(len(item.found) == 30 for item in entry.follows)


def test_what_only_one_node_has_is_its_own_in_its_own_words() -> None:
    found = tree([node(0), node(1, recorded.DOCKER_DOWN, *recorded.BEHIND_DOCKER), node(2)])
    (entry,) = found.own[1]
    assert entry.summary == "Docker is not running on n2"
    assert [item.finding.id for item in entry.follows] == ["container", "image", "swarm"]
    assert not found.several and not found.own[0]


def test_the_same_check_with_another_result_is_another_entry() -> None:
    other = replace(recorded.NOT_LOADED, status="fail")
    found = tree([node(0, recorded.NOT_LOADED), node(1, other), node(2, recorded.NOT_LOADED)])
    assert [entry.nodes for entry in found.several] == [(0, 2)]
    assert [len(own) for own in found.own] == [0, 1, 0]


def test_the_worst_comes_first() -> None:
    (own,) = tree([node(0, recorded.NOT_LOADED, recorded.FIREWALL)]).own
    assert [entry.finding.id for entry in own] == ["firewall", "ip_vs"]


def test_where_a_node_s_facts_cannot_be_had_that_is_one_cause() -> None:
    problem = CommandFailed("facts failed on n2", "killed", "Look at its memory.")
    learnt = [build.learnt(1), build.learnt(2, host=None, host_problem=problem), build.learnt(3)]
    found = check_node(CLUSTER, learnt[1], learnt)
    alone = tree([NodeView("n2", "n2", found, whole=True)]).own[0]
    unknown = {"privilege", *(item.finding.id for item in alone[0].follows)}
    assert alone[0].finding.id == "privilege" and alone[0].finding.status == "fail"
    assert {"ip_vs", "interface", "routes", "firewall", "disk", "cloud"} <= unknown


def test_causes_that_name_each_other_do_not_hide_one_another() -> None:
    first = Finding("docker", "unknown", "?", because="image")
    second = Finding("image", "unknown", "?", because="docker")
    found = tree([node(0, first, second)])
    assert sorted(pairs(found.entries)) == [(0, "docker"), (0, "image")]


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ("n1 does not let us in", "the node does not let us in"),
        ("Docker is not running on n1", "Docker is not running on the node"),
        ("no SSH with 198.18.0.11", "no SSH with the node"),
        ("n11 and n1-a and n1.local and 198.18.0.110", None),
        ("an1", None),
    ],
)
def test_only_the_node_s_own_name_is_left_out(summary: str, told: str | None) -> None:
    assert impersonal(summary, ("n1", "198.18.0.11", "")) == (told or summary)


# What stands in the way.


def test_what_fails_stands_in_the_way_until_it_is_accepted() -> None:
    outcome = recorded.three(CLUSTER)
    assert [(index, finding.id) for index, finding in in_the_way(outcome)] == [(1, "docker")]
    allowed = replace(outcome, cluster=replace(CLUSTER, allow=("docker",)))
    assert in_the_way(allowed) == ()
    assert accepted(allowed.findings[1][4], ("docker",))


def test_without_a_way_in_nothing_can_be_accepted() -> None:
    outcome = recorded.outcome(
        replace(CLUSTER, allow=("auth",)), {1: (recorded.NO_WAY_IN, *recorded.BEHIND_AUTH)}
    )
    assert not can_accept(recorded.NO_WAY_IN)
    assert [(index, finding.id) for index, finding in in_the_way(outcome)] == [(1, "auth")]


@pytest.mark.parametrize(
    ("other", "together", "said"),
    [
        ({}, (), ""),
        ({1: (recorded.DOCKER_DOWN,)}, (), "docker on n2 stands in the way"),
        (
            {0: (recorded.FIREWALL,), 1: (recorded.DOCKER_DOWN,)},
            (),
            "2 checks on n1, n2 stand in the way",
        ),
        (
            dict.fromkeys(range(3), (recorded.FIREWALL,)),
            (),
            "firewall on all 3 nodes stands in the way",
        ),
        ({}, (recorded.THEIRS,), "vrid-free stands in the way"),
        (
            {1: (recorded.DOCKER_DOWN,)},
            (recorded.THEIRS,),
            "2 checks on n2 and between the nodes stand in the way",
        ),
    ],
)
def test_what_stands_in_the_way_is_a_sentence(
    other: dict[int, tuple[Finding, ...]], together: tuple[Finding, ...], said: str
) -> None:
    assert obstacles(recorded.outcome(CLUSTER, other, *together)) == said


def test_many_nodes_are_counted() -> None:
    assert obstacles(recorded.nine()) == "3 checks on 8 nodes stand in the way"


def test_what_all_have_together_is_nobody_s_own() -> None:
    (entry,) = tree([node(0)], recorded.across(recorded.THEIRS)).across
    assert entry.found[0][0] == TOGETHER and entry.nodes == ()
