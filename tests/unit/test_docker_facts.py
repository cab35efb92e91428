"""What the Engine's answers mean, from what real ones said, and from what none should say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import DIGEST, IMAGE_ID, captured
from vip_tui.preflight.docker_facts import (
    Image,
    InRegistry,
    Listed,
    Manager,
    SwarmNode,
    read_image,
    read_info,
    read_listed,
    read_registry,
    read_swarm_nodes,
    runs_keepalived,
    runs_on,
)

MANAGERS = (
    Manager("rgfx49mexfdj8c87osz0y9sx2", "198.18.0.11"),
    Manager("cfx613wk536j55nt9xnuuwo3f", "198.18.0.13"),
)


def told(name: str) -> Any:
    return json.loads(captured(f"docker-{name}.json"))


def test_an_engine_tells_what_it_is() -> None:
    facts = read_info(told("info"))
    assert (facts.version, facts.architecture) == ("20.10.24+dfsg1", "amd64")
    assert (facts.log_driver, facts.root_dir) == ("json-file", "/var/lib/docker")
    assert (facts.rootless, facts.live_restore) == (False, False)
    assert facts.clock == "2026-11-23T03:22:50.54636213Z"
    assert facts.image is None and not facts.image_present


def test_a_rootless_engine_says_so_among_its_security_options() -> None:
    options = ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"]
    assert read_info({"SecurityOptions": options}).rootless
    assert not read_info({"SecurityOptions": ["name=seccomp,profile=rootless"]}).rootless


def test_a_node_outside_of_any_swarm() -> None:
    swarm = read_info(told("info")).swarm
    assert swarm is not None
    assert (swarm.state, swarm.active, swarm.manager, swarm.managers) == (
        *("inactive", False, False),
        (),
    )


@pytest.mark.parametrize(
    ("name", "manager", "node_id", "address"),
    [
        ("info-manager", True, "rgfx49mexfdj8c87osz0y9sx2", "198.18.0.11"),
        ("info-worker", False, "odj6cpi8vq2jgkgj24cvseoop", "198.18.0.12"),
    ],
)
def test_a_node_of_a_swarm(name: str, manager: bool, node_id: str, address: str) -> None:
    swarm = read_info(told(name)).swarm
    assert swarm is not None and swarm.active
    assert (swarm.manager, swarm.node_id, swarm.address) == (manager, node_id, address)
    assert set(swarm.managers) == set(MANAGERS)
    assert swarm.availability is None, "only a manager's list tells that"


def test_a_manager_lists_all_nodes() -> None:
    third, second, first = read_swarm_nodes(told("nodes"))
    assert first == SwarmNode(
        *(MANAGERS[0].node_id, "n1", "198.18.0.11", "manager", "active", "ready"), leader=True
    )
    assert second == SwarmNode(
        *("odj6cpi8vq2jgkgj24cvseoop", "n2", "198.18.0.12", "worker", "drain", "ready")
    )
    assert (third.role, third.leader) == ("manager", False)


@pytest.mark.parametrize(
    ("told_of_itself", "as_manager", "address"),
    [
        ("0.0.0.0", "198.18.0.11:2377", "198.18.0.11"),
        ("0.0.0.0", "[2001:db8::11]:2377", "2001:db8::11"),
        ("", "", ""),
        ("2001:db8::12", "", "2001:db8::12"),
    ],
)
def test_a_manager_that_does_not_know_its_own_address_is_known_by_its_raft_address(
    told_of_itself: str, as_manager: str, address: str
) -> None:
    node = {"Status": {"Addr": told_of_itself}, "ManagerStatus": {"Addr": as_manager}}
    assert read_swarm_nodes([node])[0].address == address


def test_an_image_on_a_node() -> None:
    assert read_image(told("image")) == Image(IMAGE_ID, (DIGEST,), "amd64", "linux")


def test_an_image_in_its_registry() -> None:
    assert read_registry(told("distribution")) == InRegistry(DIGEST, ("linux/amd64",))


def test_attestations_in_a_registry_are_no_platforms() -> None:
    platforms = [
        {"os": "linux", "architecture": "arm64"},
        {"os": "unknown", "architecture": "unknown"},
        {"os": "linux", "architecture": "arm64", "variant": "v8"},
    ]
    assert read_registry({"Platforms": platforms}).platforms == ("linux/arm64",)


def test_containers_as_docker_lists_them() -> None:
    listed = [
        {
            "Id": "c0ffee",
            "Names": ["/web/keepalived", "/keepalived-former"],
            "Image": "osixia/keepalived:2.0.20",
            "Command": "/container/tool/run",
            "State": "exited",
        }
    ]
    (one,) = read_listed(listed)
    assert (one.name, one.status) == ("keepalived-former", "exited")


@pytest.mark.parametrize(
    ("image", "command", "runs"),
    [
        ("osixia/keepalived:2.0.20", "/container/tool/run", True),
        ("registry.example:5000/lb/keepalived@sha256:abc", "", True),
        ("keepalived", "", True),
        ("example/ha:1", "keepalived -n -l -D", True),
        ("example/ha:1", "sh -c '/usr/sbin/keepalived --dont-fork'", True),
        ("example/keepalived-exporter:1.3", "/bin/keepalived-exporter", False),
        ("example/keepalived_exporter", "/keepalived_exporter --web", False),
        ("nginx:latest", "nginx -g 'daemon off;'", False),
    ],
)
def test_what_runs_keepalived_is_told_from_what_looks_at_it(
    image: str, command: str, runs: bool
) -> None:
    assert runs_keepalived(Listed("id", "name", image, "running", command)) is runs


@pytest.mark.parametrize(
    ("architecture", "machine", "runs"),
    [
        ("amd64", "amd64", True),
        ("386", "amd64", True),
        ("arm", "arm64", True),
        ("arm64", "amd64", False),
        ("amd64", "arm64", False),
        ("arm64", "arm", False),
    ],
)
def test_which_images_run_on_which_machines(architecture: str, machine: str, runs: bool) -> None:
    assert runs_on(architecture, machine) is runs


ANYTHING: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Swarm", "RemoteManagers", "Addr", "Names", "Platforms", "Descriptor", "Status"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(table=st.dictionaries(st.sampled_from(["Swarm", "RepoDigests", "Platforms"]), ANYTHING))
def test_what_no_engine_should_say_breaks_nothing(table: dict[str, Any]) -> None:
    assert read_info(table).swarm is not None
    read_image(table)
    read_registry(table)


@given(items=st.lists(ANYTHING, max_size=4))
def test_lists_of_anything_break_nothing_either(items: list[Any]) -> None:
    assert len(read_swarm_nodes(items)) == len(read_listed(items)) == len(items)
