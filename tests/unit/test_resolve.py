"""What the file leaves open comes from the running containers, else it is chosen."""

from dataclasses import replace
from ipaddress import ip_address, ip_interface
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import PASSWORD, VIP, by_hand, cluster, container, host, learnt, node, spec
from vip_tui.cluster import Cluster, Node, Secret, parse_vip
from vip_tui.errors import RefusedError
from vip_tui.keepalived.recipe import IMAGE_DEFAULTS
from vip_tui.keepalived.spec import differences
from vip_tui.preflight.facts import Address, HostFacts
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.resolve import (
    ResolvedCluster,
    choose_address,
    choose_interface,
    node_names,
    resolve,
)

NEW = "newpass1"
VIPS = (parse_vip(VIP),)


def run(wanted: Cluster, *seen: Learnt) -> ResolvedCluster:
    return resolve(wanted, seen or tuple(learnt(n, wanted=w) for n, w in each(wanted)), NEW)


def each(wanted: Cluster) -> list[tuple[int, Node]]:
    return list(enumerate(wanted.nodes, start=1))


def priorities(resolved: ResolvedCluster) -> list[int]:
    return [one.member.priority for one in resolved.nodes]


def deployed(resolved: ResolvedCluster, seen: tuple[Learnt, ...], holder: int = 0) -> list[Learnt]:
    """What is learnt after ``resolved`` was deployed and one node has the VIP."""
    after = []
    for index, (one, target) in enumerate(zip(seen, resolved.nodes, strict=True)):
        facts = one.host
        if index == holder and facts is not None:
            vip = Address(target.member.interface, ip_interface(f"{VIP}/32"))
            facts = replace(facts, addresses=(*facts.addresses, vip))
        assert one.docker is not None
        docker = replace(one.docker, container=container(target.spec))
        after.append(replace(one, host=facts, docker=docker))
    return after


def test_a_fresh_cluster_gets_the_cookbooks_priorities_and_the_new_password() -> None:
    resolved = run(cluster())
    assert priorities(resolved) == [200, 150, 100]
    assert resolved.router.password == Secret(NEW)


@pytest.mark.parametrize(
    ("vip", "vrid"), [("198.18.0.100", 100), ("198.18.1.0", 51), ("198.18.0.255", 255)]
)
def test_a_fresh_vrid_is_the_vips_last_byte(vip: str, vrid: int) -> None:
    wanted = cluster(vips=(f"{vip}/16",))
    seen = [replace(learnt(n), host=_in_the_16(n)) for n in (1, 2, 3)]
    assert resolve(wanted, seen, NEW).router.vrid == vrid


def _in_the_16(number: int) -> HostFacts:
    addresses = (Address("eth0", ip_interface(f"198.18.0.{10 + number}/16")),)
    return host(number, addresses=addresses)


def test_what_the_file_says_counts() -> None:
    nodes = (node(1, priority=10), node(2, priority=250), node(3, priority=99))
    resolved = run(cluster(*nodes, vrid=77, password=Secret(PASSWORD)))
    assert (resolved.router.vrid, resolved.router.password) == (77, Secret(PASSWORD))
    assert priorities(resolved) == [10, 250, 99]


def test_what_the_file_says_counts_more_than_what_runs() -> None:
    seen = [learnt(n, container(spec(n))) for n in (1, 2, 3)]
    wanted = cluster(node(1, priority=42), node(2), node(3), vrid=77, password=Secret("other"))
    resolved = resolve(wanted, seen, NEW)
    assert (resolved.router.vrid, resolved.router.password) == (77, Secret("other"))
    assert priorities(resolved) == [42, 150, 100]


def test_what_the_file_leaves_open_is_what_runs() -> None:
    running = [container(spec(n, priority=p, vrid=9)) for n, p in ((1, 30), (2, 20), (3, 10))]
    resolved = run(cluster(), *(learnt(n, running[n - 1]) for n in (1, 2, 3)))
    assert (resolved.router.vrid, resolved.router.password) == (9, Secret(PASSWORD))
    assert priorities(resolved) == [30, 20, 10]


def test_where_the_running_ones_disagree_the_majority_counts() -> None:
    running = [container(spec(n, vrid=vrid)) for n, vrid in ((1, 7), (2, 9), (3, 9))]
    assert run(cluster(), *(learnt(n, running[n - 1]) for n in (1, 2, 3))).router.vrid == 9


def test_a_foreign_container_gives_nothing() -> None:
    other = container(spec(vrid=9), labels={"vip-tui.cluster": "other"})
    resolved = run(cluster(), learnt(1, other), learnt(2), learnt(3))
    assert (resolved.router.vrid, resolved.router.password) == (100, Secret(NEW))


COOKBOOK = {"KEEPALIVED_VIRTUAL_IPS": VIP, "KEEPALIVED_PRIORITY": "200"}


def test_a_container_made_by_hand_gives_what_it_says() -> None:
    made = by_hand({**COOKBOOK, "KEEPALIVED_ROUTER_ID": "9", "KEEPALIVED_PASSWORD": "d0cker"})
    resolved = run(cluster(), learnt(1, made), learnt(2), learnt(3))
    assert (resolved.router.vrid, resolved.router.password) == (9, Secret("d0cker"))


def test_a_container_made_by_hand_gives_the_images_values_for_what_it_leaves_out() -> None:
    # The cookbook gives neither VRID nor password: 51 and the image's own are what runs.
    made = [by_hand({**COOKBOOK, "KEEPALIVED_PRIORITY": p}) for p in ("200", "150", "100")]
    resolved = run(cluster(), *(learnt(n, made[n - 1]) for n in (1, 2, 3)))
    assert (resolved.router.vrid, resolved.router.password) == (51, Secret("d0cker"))


@pytest.mark.parametrize("running", ["0", "255", "999", "-1", "abc", ""])
def test_a_running_priority_that_no_file_could_have_is_not_taken_over(running: str) -> None:
    made = by_hand({**COOKBOOK, "KEEPALIVED_PRIORITY": running})
    resolved = run(cluster(), learnt(1, made), learnt(2, container(spec(2))), learnt(3))
    assert all(1 <= priority <= 254 for priority in priorities(resolved))


@pytest.mark.parametrize("running", ["0", "256", "999", "-1", "abc"])
def test_a_running_vrid_that_no_file_could_have_is_not_taken_over(running: str) -> None:
    made = by_hand({**COOKBOOK, "KEEPALIVED_ROUTER_ID": running})
    resolved = run(cluster(), learnt(1, made), learnt(2), learnt(3))
    assert 1 <= resolved.router.vrid <= 255


def test_a_node_that_is_added_gets_a_free_priority_below_the_others() -> None:
    nodes = tuple(node(n) for n in (1, 2, 3, 4))
    seen = [learnt(n, container(spec(n)) if n < 4 else None) for n in (1, 2, 3, 4)]
    assert priorities(resolve(cluster(*nodes), seen, NEW)) == [200, 150, 100, 90]


def test_nodes_that_are_added_get_priorities_that_differ() -> None:
    nodes = tuple(node(n) for n in range(1, 21))
    seen = [learnt(n, container(spec(1, priority=3)) if n == 1 else None) for n in range(1, 21)]
    chosen = priorities(resolve(cluster(*nodes), seen, NEW))
    assert chosen[0] == 3
    assert len(set(chosen)) == 20
    assert all(1 <= priority <= 254 for priority in chosen)


def test_two_that_run_with_the_same_priority_are_told_apart() -> None:
    seen = [learnt(n, container(spec(n, priority=150))) for n in (1, 2, 3)]
    chosen = priorities(run(cluster(), *seen))
    assert chosen[0] == 150
    assert len(set(chosen)) == 3


@pytest.mark.parametrize("missing", [{"host": None}, {"facts": host(1, addresses=())}])
def test_a_node_of_which_nothing_is_known_cannot_take_part(missing: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match="n1 cannot take part"):
        run(cluster(), learnt(1, **missing), learnt(2), learnt(3))


ETH1 = Address("eth1", ip_interface("198.18.0.77/24"))
WIDE = (Address("eth0", ip_interface("10.0.0.1/8")), ETH1)


@pytest.mark.parametrize(
    ("wanted", "facts", "interface", "address"),
    [
        (node(1), host(1), "eth0", "198.18.0.11"),
        (node(1), host(1, interface="bond0.100"), "bond0.100", "198.18.0.11"),
        (node(1), host(1, addresses=WIDE), "eth1", "198.18.0.77"),
        (node(1), host(1, addresses=(ETH1, *host(1).addresses)), "eth0", "198.18.0.11"),
        (
            Node("n1"),
            host(1, addresses=(ETH1, *host(1).addresses), up=frozenset({"eth0"})),
            "eth0",
            "198.18.0.11",
        ),
        (node(1, interface="eth1"), host(1, addresses=WIDE), "eth1", "198.18.0.77"),
        (node(1, interface="eth0"), host(1, addresses=WIDE), "eth0", "10.0.0.1"),
        (
            node(1, vrrp_address=ip_address("198.18.0.99")),
            host(1, "198.18.0.99/24"),
            "eth0",
            "198.18.0.99",
        ),
        (node(1), host(1, f"{VIP}/24"), "eth0", "198.18.0.11"),
        (Node("203.0.113.1"), host(1, f"{VIP}/24", "198.18.0.15/24"), "eth0", "198.18.0.11"),
    ],
)
def test_interface_and_address_are_the_files_else_those_of_the_vips_subnet(
    wanted: Node, facts: HostFacts, interface: str, address: str
) -> None:
    assert choose_interface(VIPS, wanted, facts) == interface
    assert str(choose_address(VIPS, wanted, facts)) == address


@pytest.mark.parametrize(
    "own", ["docker0", "docker_gwbridge", "veth1a2b3c", "br-0123456789ab", "lo"]
)
def test_dockers_own_interfaces_are_never_chosen(own: str) -> None:
    assert choose_interface(VIPS, node(1), host(1, interface=own)) is None


def test_an_address_without_a_subnet_is_in_no_vips_subnet() -> None:
    addresses = (Address("wg0", ip_interface(f"{VIP}/32")),)
    assert choose_interface(VIPS, node(1), host(1, addresses=addresses)) is None


def test_several_vips_have_to_be_in_one_interfaces_subnet() -> None:
    vips = (parse_vip(VIP), parse_vip("10.0.0.100"))
    assert choose_interface(vips, node(1), host(1, "10.0.0.1/25")) is None


def test_a_hostname_that_two_nodes_have_is_replaced_by_their_addresses() -> None:
    twins = [
        learnt(n, facts=host(n, hostname="debian"), wanted=Node(f"198.18.0.{10 + n}"))
        for n in (1, 2)
    ]
    other = learnt(3, wanted=Node("198.18.0.13"))
    assert node_names([*twins, other]) == ("198.18.0.11", "198.18.0.12", "n3")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_resolved_node_has_its_own_spec(number: int) -> None:
    environment = dict(run(cluster()).nodes[number - 1].spec.environment)
    assert f"'198.18.0.{10 + number}'" not in environment["KEEPALIVED_UNICAST_PEERS"]
    assert environment["KEEPALIVED_PRIORITY"] == str([200, 150, 100][number - 1])


OPEN_NODES = st.lists(st.none() | st.integers(1, 254), min_size=2, max_size=6).filter(
    lambda drawn: len(given := [p for p in drawn if p]) == len(set(given))
)
RUNNING = st.lists(
    st.none() | st.tuples(st.integers(1, 254), st.integers(1, 255)), min_size=6, max_size=6
)


@given(
    drawn=OPEN_NODES,
    vrid=st.none() | st.integers(1, 255),
    password=st.none() | st.just(Secret(PASSWORD)),
    running=RUNNING,
    holder=st.integers(0, 5),
)
def test_resolving_again_after_the_deployment_changes_nothing(
    drawn: list[int | None], vrid: int | None, password: Secret | None, running: Any, holder: int
) -> None:
    nodes = tuple(node(n, priority=p) for n, p in enumerate(drawn, start=1))
    wanted = cluster(*nodes, vrid=vrid, password=password)
    made = [r and container(spec(1, priority=r[0], vrid=r[1])) for r in running]
    seen = tuple(learnt(n, made[n - 1], wanted=one) for n, one in enumerate(nodes, start=1))
    first = resolve(wanted, seen, NEW)
    after = deployed(first, seen, holder)
    again = resolve(wanted, after, "another1")
    assert again == first
    for one, target in zip(after, again.nodes, strict=True):
        assert one.docker is not None
        assert one.docker.container is not None
        assert differences(target.spec, one.docker.container, IMAGE_DEFAULTS) == ()


@given(drawn=OPEN_NODES, running=RUNNING)
def test_priorities_are_always_in_range_and_all_different(
    drawn: list[int | None], running: Any
) -> None:
    nodes = tuple(node(n, priority=p) for n, p in enumerate(drawn, start=1))
    made = [r and container(spec(1, priority=r[0])) for r in running]
    seen = [learnt(n, made[n - 1], wanted=one) for n, one in enumerate(nodes, start=1)]
    chosen = priorities(resolve(cluster(*nodes), seen, NEW))
    assert len(set(chosen)) == len(chosen)
    assert all(1 <= priority <= 254 for priority in chosen)
    assert all(want is None or want == got for want, got in zip(drawn, chosen, strict=True))
