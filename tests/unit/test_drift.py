"""Drift: where the containers are not what the file says, or not alike."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.build import PASSWORD, VIP, cluster, container, node, spec
from vip_tui.cluster import Cluster, Secret
from vip_tui.live.drift import drift
from vip_tui.live.model import NodeView


def views(**changed: Any) -> list[NodeView]:
    """Three nodes as deployed; ``n2={…}`` changes n2's environment."""
    made = []
    for number in (1, 2, 3):
        plain = container(spec(number))
        environment = {**plain.environment, **changed.get(f"n{number}", {})}
        left = {key: value for key, value in environment.items() if value is not None}
        seen = replace(plain, environment=left)
        made.append(NodeView(f"n{number}", "x", container=seen, container_known=True))
    return made


def texts(wanted: Cluster, nodes: list[NodeView]) -> list[str]:
    return [reason.text for reason in drift(wanted, nodes)]


FULL = cluster(
    *(node(n, priority=250 - 50 * n, interface="eth0") for n in (1, 2, 3)),
    vrid=51,
    password=Secret(PASSWORD),
)


@pytest.mark.parametrize("wanted", [cluster(), FULL], ids=["open", "full"])
def test_containers_as_the_file_says_do_not_drift(wanted: Cluster) -> None:
    assert drift(wanted, views()) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("KEEPALIVED_VIRTUAL_IPS", "198.18.0.101"),
        ("KEEPALIVED_ROUTER_ID", "52"),
        ("KEEPALIVED_PASSWORD", "hunter2"),
        ("KEEPALIVED_PRIORITY", "42"),
        ("KEEPALIVED_INTERFACE", "eth1"),
    ],
)
def test_a_value_that_the_file_says_otherwise_drifts(key: str, value: str) -> None:
    found = drift(FULL, views(n2={key: value}))
    assert found[0].text == f"n2: {key} differs from the cluster file"
    assert {reason.verdict for reason in found} == {"drift"}
    assert all("vip-tui plan" in reason.remedy for reason in found)


@pytest.mark.parametrize("key", ["KEEPALIVED_PRIORITY", "KEEPALIVED_INTERFACE"])
def test_what_the_file_leaves_open_cannot_drift_from_it(key: str) -> None:
    assert drift(cluster(), views(n2={key: "77"})) == []


@pytest.mark.parametrize("key", ["KEEPALIVED_ROUTER_ID", "KEEPALIVED_PASSWORD"])
def test_nodes_that_disagree_drift_even_where_the_file_leaves_it_open(key: str) -> None:
    assert texts(cluster(), views(n2={key: "77"})) == [f"cluster: the nodes disagree on {key}"]


def test_another_image_drifts() -> None:
    assert texts(replace(cluster(), image="k:2"), views()) == [
        f"n{number}: the image differs from the cluster file" for number in (1, 2, 3)
    ]


def test_no_password_is_shown() -> None:
    shown = repr(drift(FULL, views(n2={"KEEPALIVED_PASSWORD": "hunter2"})))
    assert "hunter2" not in shown
    assert PASSWORD not in shown


def test_what_differs_is_shown_both_ways() -> None:
    (reason,) = drift(FULL, views(n2={"KEEPALIVED_PRIORITY": "42"}))
    assert reason.evidence == "42 runs, 150 is wanted"


@pytest.mark.parametrize("spelling", [VIP, f"#PYTHON2BASH:['{VIP}']", f'#PYTHON2BASH:["{VIP}"]'])
def test_a_list_in_another_spelling_is_no_drift(spelling: str) -> None:
    same = {f"n{number}": {"KEEPALIVED_VIRTUAL_IPS": spelling} for number in (1, 2, 3)}
    assert drift(FULL, views(**same)) == []


def test_a_list_that_lost_a_quote_drifts() -> None:
    found = texts(FULL, views(n2={"KEEPALIVED_VIRTUAL_IPS": f"#PYTHON2BASH:['{VIP}]"}))
    assert found[0] == "n2: KEEPALIVED_VIRTUAL_IPS differs from the cluster file"


@pytest.mark.parametrize("key", ["KEEPALIVED_ROUTER_ID", "KEEPALIVED_INTERFACE"])
def test_what_a_container_leaves_out_is_the_images_own_value(key: str) -> None:
    # The cookbook's container says neither; 51 and eth0 are what it runs with.
    left_out = {f"n{number}": {key: None} for number in (1, 2, 3)}
    assert drift(FULL, views(**left_out)) == []


@pytest.mark.parametrize(
    "unseen",
    [{"container_known": False}, {"container": None}, {"connected": False, "container": None}],
)
def test_a_container_that_is_not_seen_does_not_drift(unseen: dict[str, Any]) -> None:
    nodes = views(n2={"KEEPALIVED_ROUTER_ID": "52"})
    nodes[1] = replace(nodes[1], **unseen)
    assert drift(FULL, nodes) == []
