"""What apply would change: of which kind, in which order, at which cost, and no secrets in it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import (
    PASSWORD,
    VIP,
    by_hand,
    cluster,
    container,
    host,
    learnt,
    node,
    spec,
)
from vip_tui.cluster import Cluster, Secret
from vip_tui.deploy.plan import NodePlan, Plan, make_plan, start_order
from vip_tui.keepalived.spec import ContainerState
from vip_tui.nodes.commands import LOAD_IP_VS, PERSIST_IP_VS
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.resolve import resolve

FIXED: dict[str, Any] = {"vrid": 51, "password": Secret(PASSWORD)}
HELD = {1: host(1, f"{VIP}/32")}


def plan(*seen: Learnt, wanted: Cluster | None = None) -> Plan:
    made = wanted or cluster(**FIXED)
    return make_plan(resolve(made, seen, "newpass1"), seen)


Former = dict[int, ContainerState | None]


def running(former: Former | None = None, holder: int | None = 1) -> list[Learnt]:
    """Three nodes as deployed; ``former`` has the containers that are others."""
    others = former or {}
    return [
        learnt(
            n,
            others.get(n, container(spec(n))),
            host(n, *([f"{VIP}/32"] if n == holder else [])),
        )
        for n in (1, 2, 3)
    ]


def fresh() -> list[Learnt]:
    return [learnt(n, image_present=False) for n in (1, 2, 3)]


def actions(made: Plan) -> list[list[str]]:
    return [[step.action for step in one.steps] for one in made.nodes]


def names(nodes: Sequence[NodePlan]) -> list[str]:
    return [one.name for one in nodes]


def test_a_deployed_cluster_needs_nothing() -> None:
    made = plan(*running())
    assert (made.kind, made.changes, made.cost) == ("none", 0, "nothing to do")
    assert actions(made) == [["leave"]] * 3


def test_on_empty_nodes_the_image_is_pulled_and_the_container_created() -> None:
    made = plan(*fresh())
    assert (made.kind, made.changes) == ("fresh", 6)
    assert actions(made) == [["pull", "create"]] * 3


def test_an_image_that_is_there_is_not_pulled() -> None:
    assert actions(plan(learnt(1), learnt(2), learnt(3))) == [["create"]] * 3


def test_a_fresh_start_costs_nothing_and_says_when_the_vip_answers() -> None:
    # Three intervals of 1 s and the skew of priority 200 (RFC 3768, section 6.1).
    assert "3.2 s" in plan(*fresh()).cost


@pytest.mark.parametrize(
    ("module", "steps"),
    [
        ({"ip_vs": "loaded", "ip_vs_persisted": True}, []),
        ({"ip_vs": "loaded", "ip_vs_persisted": False}, ["persist-ip_vs"]),
        ({"ip_vs": "loadable", "ip_vs_persisted": True}, ["load-ip_vs"]),
        ({"ip_vs": "loadable", "ip_vs_persisted": False}, ["load-ip_vs", "persist-ip_vs"]),
        ({"ip_vs": "missing", "ip_vs_persisted": False}, []),
        ({"ip_vs": "unknown", "ip_vs_persisted": False}, []),
    ],
)
def test_the_module_is_loaded_and_persisted_where_that_is_missing(
    module: dict[str, Any], steps: list[str]
) -> None:
    made = plan(learnt(1, facts=host(1, **module)), learnt(2), learnt(3))
    assert actions(made)[0] == [*steps, "create"]


def test_the_modules_steps_show_the_commands_that_are_run() -> None:
    module: dict[str, Any] = {"ip_vs": "loadable", "ip_vs_persisted": False}
    steps = plan(learnt(1, facts=host(1, **module)), learnt(2), learnt(3)).nodes[0].steps
    scripts = [LOAD_IP_VS.script.strip(), PERSIST_IP_VS.script.strip()]
    assert [step.commands[0] for step in steps[:2]] == scripts


@pytest.mark.parametrize(
    ("status", "action", "command"),
    [
        ("running", "leave", None),
        ("restarting", "leave", None),
        ("paused", "start", "docker unpause keepalived"),
        ("exited", "start", "docker start keepalived"),
        ("created", "start", "docker start keepalived"),
        ("dead", "start", "docker start keepalived"),
    ],
)
def test_the_right_container_is_left_or_started(
    status: str, action: str, command: str | None
) -> None:
    step = plan(*running({3: container(spec(3), status=status)})).nodes[2].steps[-1]
    assert step.action == action
    assert step.commands == ((command,) if command else ())


def test_a_container_that_differs_is_replaced_and_the_difference_named() -> None:
    made = plan(*running({2: container(spec(2, image="osixia/keepalived:2.0.19"))}))
    step = made.nodes[1].steps[-1]
    assert step.action == "replace"
    assert "osixia/keepalived:2.0.19 → osixia/keepalived:2.0.20" in step.summary
    assert step.commands[0] == "docker rm -f keepalived"
    assert step.commands[1].startswith("docker run -d --name keepalived ")


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"image": "osixia/keepalived:2.0.19"}, "rolling"),
        ({"priority": 199}, "rolling"),
        ({"count": 2}, "rolling"),
        ({"vrid": 52}, "cut-over"),
        ({"password": Secret("former")}, "cut-over"),
        ({"vips": cluster(vips=(VIP, "198.18.0.101")).vip}, "cut-over"),
    ],
)
def test_what_all_nodes_change_decides_the_kind(changed: dict[str, Any], kind: str) -> None:
    former: Former = {n: container(spec(n, **{"count": 3, **changed})) for n in (1, 2)}
    former[3] = container(spec(3, **{**changed, "count": 3}))
    nodes = tuple(node(n, priority=200 - 50 * (n - 1)) for n in (1, 2, 3))
    assert plan(*running(former), wanted=cluster(*nodes, **FIXED)).kind == kind


def test_containers_that_none_runs_are_a_fresh_start() -> None:
    stopped: Former = {n: container(spec(n), status="exited") for n in (1, 2, 3)}
    assert plan(*running(stopped, None)).kind == "fresh"


def test_a_container_made_by_hand_with_the_same_values_is_rolled() -> None:
    former: Former = {n: by_hand(dict(spec(n).environment)) for n in (1, 2, 3)}
    made = plan(*running(former), wanted=cluster())
    assert (made.kind, actions(made)) == ("rolling", [["replace"]] * 3)


def test_a_stopped_container_with_an_old_vrid_needs_no_cut_over() -> None:
    # The others stay as they are; a cut-over would wait for the new one to become the master.
    former = container(spec(1, vrid=52), status="exited")
    made = plan(*running({1: former}, holder=2))
    assert actions(made) == [["replace"], ["leave"], ["leave"]]
    assert made.kind == "rolling"


def test_a_single_backup_that_strayed_needs_no_cut_over() -> None:
    made = plan(*running({3: container(spec(3, vrid=52))}))
    assert actions(made) == [["leave"], ["leave"], ["replace"]]
    assert made.kind == "rolling"


def test_a_cut_over_says_for_how_long_the_vip_is_down() -> None:
    former: Former = {n: container(spec(n, vrid=52)) for n in (1, 2, 3)}
    assert "3.2 s" in plan(*running(former)).cost


def test_rolling_the_holder_costs_the_skew_of_the_best_backup() -> None:
    made = plan(*running({1: container(spec(1, image="old:1"))}))
    assert "one handover, about 0.41 s" in made.cost


def test_rolling_only_backups_costs_nothing() -> None:
    made = plan(*running({2: container(spec(2, image="old:1"))}))
    assert made.cost == "none: the holder is not touched"


@pytest.mark.parametrize(("holder", "order"), [(1, "n2 n3 n1"), (2, "n1 n3 n2"), (3, "n1 n2 n3")])
def test_the_holder_changes_last(holder: int, order: str) -> None:
    former: Former = {n: container(spec(n, image="old:1")) for n in (1, 2, 3)}
    made = plan(*running(former, holder))
    assert made.holder == f"n{holder}"
    assert names(start_order(made)) == order.split()


@pytest.mark.parametrize(
    "priorities", [(200, 150, 100), (100, 150, 200), (10, 254, 9)], ids=lambda p: str(p)
)
def test_on_a_fresh_start_the_highest_priority_is_first(priorities: tuple[int, ...]) -> None:
    nodes = tuple(node(n, priority=p) for n, p in enumerate(priorities, start=1))
    made = plan(*fresh(), wanted=cluster(*nodes, **FIXED))
    order = [one.target.member.priority for one in start_order(made)]
    assert order == sorted(priorities, reverse=True)


def test_on_a_cut_over_the_highest_priority_is_first_whoever_holds() -> None:
    former: Former = {n: container(spec(n, vrid=52)) for n in (1, 2, 3)}
    assert names(start_order(plan(*running(former, 3)))) == ["n1", "n2", "n3"]


def test_the_document_has_the_keys_of_the_contract() -> None:
    document: Any = plan(*fresh()).as_dict()
    assert set(document) == {"changes", "kind", "cost", "nodes"}
    assert (document["changes"], document["kind"]) == (6, "fresh")
    assert set(document["nodes"][0]) == {"name", "steps"}
    assert set(document["nodes"][0]["steps"][0]) == {"action", "summary", "commands"}
    assert json.loads(json.dumps(document)) == document


SECRETS = st.from_regex(r"[A-Z0-9]{8}", fullmatch=True)


@given(old=SECRETS, new=SECRETS, empty=st.booleans())
def test_no_password_is_in_the_document_or_any_text_of_a_plan(
    old: str, new: str, empty: bool
) -> None:
    former: Former = {n: container(spec(n, password=Secret(old))) for n in (1, 2, 3)}
    seen = fresh() if empty else running(former)
    made = plan(*seen, wanted=cluster(vrid=51, password=Secret(new)))
    shown = json.dumps(made.as_dict()) + repr([step for one in made.nodes for step in one.steps])
    assert old not in shown
    assert new not in shown


@given(st.lists(st.sampled_from(["none", "right", "old", "stopped"]), min_size=3, max_size=3))
def test_every_node_is_in_the_plan_and_in_the_order_once(states: list[str]) -> None:
    former: Former = {}
    for n, state in enumerate(states, start=1):
        wanted = spec(n, image="old:1") if state == "old" else spec(n)
        status = "exited" if state == "stopped" else "running"
        former[n] = None if state == "none" else container(wanted, status=status)
    made = plan(*running(former, None))
    assert names(made.nodes) == ["n1", "n2", "n3"]
    assert sorted(names(start_order(made))) == ["n1", "n2", "n3"]
    assert (made.kind == "none") == (made.changes == 0) == (set(states) == {"right"})
