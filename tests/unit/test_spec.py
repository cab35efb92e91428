"""The container that runs, read from Docker, and how it differs from the one that is wanted."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import PASSWORD, by_hand, captured, container, foreign, spec
from vip_tui.keepalived.recipe import IMAGE_DEFAULTS
from vip_tui.keepalived.spec import (
    ContainerState,
    Difference,
    differences,
    ownership,
    read_container,
    read_list,
    write_list,
)

INSPECTED = json.loads(captured("inspect.json"))
PEERS = "#PYTHON2BASH:['198.18.0.11', '198.18.0.12', '198.18.0.13']"


def test_a_container_is_read_from_dockers_own_words() -> None:
    assert read_container(INSPECTED) == ContainerState(
        id="a8f3915eeb0060779aafb7d6af4abcb5892d826fbe3dc75264e9ee5b3146bae2",
        image="osixia/keepalived:2.0.20",
        environment={
            "KEEPALIVED_UNICAST_PEERS": PEERS,
            "KEEPALIVED_VIRTUAL_IPS": "198.18.0.100",
            "KEEPALIVED_PRIORITY": "200",
        },
        labels={},
        capabilities=frozenset({"NET_ADMIN", "NET_BROADCAST", "NET_RAW"}),
        network="host",
        restart="always",
        status="running",
        exit_code=0,
        started_at="2026-11-22T21:32:36.866517914Z",
        log_driver="json-file",
    )


@pytest.mark.parametrize(
    ("status", "running"),
    [
        *(("running", True), ("paused", False), ("exited", False), ("created", False)),
        *(("restarting", False), ("removing", False), ("dead", False)),
    ],
)
def test_only_a_container_that_is_up_and_not_paused_is_running(status: str, running: bool) -> None:
    seen = read_container({**INSPECTED, "State": {**INSPECTED["State"], "Status": status}})
    assert (seen.status, seen.running) == (status, running)


def test_the_exit_code_of_a_killed_container_is_read() -> None:
    state = {"Status": "exited", "ExitCode": 137, "StartedAt": "2026-11-22T21:32:36.866517914Z"}
    assert read_container({**INSPECTED, "State": state}).exit_code == 137


@pytest.mark.parametrize("empty", [{}, {"Config": None, "HostConfig": None, "State": None}])
def test_what_docker_leaves_out_is_unknown_and_not_running(empty: dict[str, None]) -> None:
    seen = read_container(empty)
    assert (seen.status, seen.running, dict(seen.environment)) == ("unknown", False, {})


def test_values_with_an_equals_sign_are_kept_whole() -> None:
    config = {**INSPECTED["Config"], "Env": ["KEEPALIVED_PASSWORD=a=b=", "EMPTY=", "BARE"]}
    seen = read_container({**INSPECTED, "Config": config})
    assert seen.environment == {"KEEPALIVED_PASSWORD": "a=b=", "EMPTY": "", "BARE": ""}


def test_the_container_that_was_asked_for_has_no_difference() -> None:
    assert differences(spec(), container(spec()), IMAGE_DEFAULTS) == ()


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        (
            {"image": "osixia/keepalived:2.0.19"},
            ("image", "osixia/keepalived:2.0.19", spec().image),
        ),
        ({"network": "bridge"}, ("network", "bridge", "host")),
        ({"restart": "no"}, ("restart", "no", "always")),
        (
            {"capabilities": frozenset({"NET_ADMIN"})},
            ("capabilities", "NET_ADMIN", "NET_ADMIN NET_BROADCAST NET_RAW"),
        ),
        ({"labels": {}}, ("label vip-tui.cluster", "", "homelab")),
    ],
)
def test_each_field_that_differs_is_told(
    changed: dict[str, object], difference: tuple[str, str, str]
) -> None:
    found = differences(spec(), container(spec(), **changed), IMAGE_DEFAULTS)
    assert found == (Difference(*difference),)


def _with(**environment: str) -> ContainerState:
    plain = container(spec())
    return replace(plain, environment={**plain.environment, **environment})


def test_an_environment_value_that_differs_is_told() -> None:
    found = differences(spec(), _with(KEEPALIVED_PRIORITY="150"), IMAGE_DEFAULTS)
    assert found == (Difference("KEEPALIVED_PRIORITY", "150", "200"),)


def test_a_password_that_differs_is_told_but_not_shown() -> None:
    (found,) = differences(spec(), _with(KEEPALIVED_PASSWORD="hunter2"), IMAGE_DEFAULTS)
    assert found.field == "KEEPALIVED_PASSWORD"
    assert "hunter2" not in repr(found)
    assert PASSWORD not in repr(found)


def test_a_value_left_out_is_the_images_own() -> None:
    plain = container(spec())
    without = {key: value for key, value in plain.environment.items() if "INTERFACE" not in key}
    seen = replace(plain, environment=without)
    assert differences(spec(), seen, IMAGE_DEFAULTS) == ()


def test_an_extra_keepalived_variable_is_a_difference() -> None:
    found = differences(spec(), _with(KEEPALIVED_STATE="MASTER"), IMAGE_DEFAULTS)
    assert found == (Difference("KEEPALIVED_STATE", "MASTER", "BACKUP"),)


def test_an_extra_variable_with_the_images_own_value_is_none() -> None:
    assert differences(spec(), _with(KEEPALIVED_STATE="BACKUP"), IMAGE_DEFAULTS) == ()


def test_other_variables_and_labels_are_not_our_business() -> None:
    seen = _with(PATH="/usr/bin", LANG="C")
    seen = replace(seen, labels={**seen.labels, "org.example": "x"})
    assert differences(spec(), seen, IMAGE_DEFAULTS) == ()


def test_a_difference_reads_as_a_sentence() -> None:
    assert str(Difference("restart", "", "always")) == "restart: nothing → always"


@pytest.mark.parametrize(
    ("state", "vips", "whose"),
    [
        (container(spec()), ("198.18.0.100",), "ours"),
        (container(spec()), ("198.18.0.200",), "ours"),
        (foreign(), ("198.18.0.100",), "foreign"),
        (read_container(INSPECTED), ("198.18.0.100",), "adoptable"),
        (read_container(INSPECTED), ("198.18.0.100/24",), "adoptable"),
        (read_container(INSPECTED), ("198.18.0.101",), "foreign"),
        (read_container(INSPECTED), ("198.18.0.100", "198.18.0.101"), "foreign"),
        (
            by_hand({"KEEPALIVED_VIRTUAL_IPS": "#PYTHON2BASH:['198.18.0.101', '198.18.0.100']"}),
            ("198.18.0.100", "198.18.0.101"),
            "adoptable",
        ),
        (by_hand({}), ("198.18.0.100",), "foreign"),
        (by_hand({}), (), "foreign"),
        (by_hand({"KEEPALIVED_VIRTUAL_IPS": "#PYTHON2BASH:['198.18.0.100]"}), (), "foreign"),
    ],
)
def test_a_container_is_ours_by_label_and_adoptable_by_its_vips(
    state: ContainerState, vips: tuple[str, ...], whose: str
) -> None:
    assert ownership(state, "homelab", vips) == whose


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("", ()),
        ("198.18.0.100", ("198.18.0.100",)),
        ("#PYTHON2BASH:['a']", ("a",)),
        ("#PYTHON2BASH:['a', 'b']", ("a", "b")),
        ('#PYTHON2BASH:["a","b"]', ("a", "b")),
        ("#PYTHON2BASH:[]", ()),
        ("#PYTHON2BASH:['a, 'b']", ()),
        ("#PYTHON2BASH:['a', 'b]", ()),
        ("#PYTHON2BASH:['a', 'b'", ()),
        ("#PYTHON2BASH:", ()),
        ("#PYTHON2BASH:{'a': 'b'}", ()),
        ("#PYTHON2BASH:[1, 2]", ()),
        ("x#PYTHON2BASH:['a']", ()),
        pytest.param("#PYTHON2BASH:" + "[" * 200_000, (), id="a deep nest"),
        pytest.param(f"#PYTHON2BASH:[{'1' * 5000}]", (), id="a number of 5000 digits"),
    ],
)
def test_a_list_in_the_images_spelling_is_read_and_a_broken_one_is_none(
    value: str, items: tuple[str, ...]
) -> None:
    assert read_list(value) == items


ITEMS = st.lists(st.from_regex(r"[0-9a-f.:/]{1,40}", fullmatch=True), min_size=1).map(tuple)


@given(ITEMS)
def test_what_is_written_as_a_list_is_read_again(items: tuple[str, ...]) -> None:
    assert read_list(write_list(items)) == items


@given(ITEMS, st.data())
def test_a_list_that_lost_a_quote_is_none_and_never_a_wrong_one(
    items: tuple[str, ...], data: st.DataObject
) -> None:
    text = write_list(items)
    quotes = [index for index, letter in enumerate(text) if letter == "'"]
    lost = data.draw(st.sampled_from(quotes))
    assert read_list(text[:lost] + text[lost + 1 :]) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
PARTS = ("Config", "HostConfig", "State", "Id", "RestartCount")


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(PARTS, JSON)))
def test_no_json_of_a_node_makes_the_reader_raise(attributes: dict[str, Any]) -> None:
    assert isinstance(read_container(attributes), ContainerState)


@pytest.mark.parametrize("field", ["Env", "Labels", "Image"])
@given(value=JSON)
def test_no_field_of_a_container_makes_the_reader_raise(field: str, value: Any) -> None:
    assert isinstance(read_container({"Config": {field: value}}), ContainerState)
