"""What a Swarm's nodes said makes a proposed cluster: order, ways, subnet, interface, VRID."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import by_hand, docker_facts, host, learnt
from vip_tui.cluster import Node, check_cluster, dump, load, parse_node
from vip_tui.errors import InputError, UnreachableError, VipError
from vip_tui.preflight.docker_facts import SwarmNode
from vip_tui.preflight.facts import Address, HostFacts
from vip_tui.preflight.heard import Advertisement, Answer, Heard
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.proposal import (
    SSH_LABEL,
    Place,
    SwarmMember,
    address_within,
    common_subnet,
    judged,
    members,
    notes_on,
    proposed,
    running_vrids,
    settled,
)
from vip_tui.preflight.vacancy import ASKED, candidates, choose_vrid, read_vacancy

MANAGER = parse_node("root@198.18.0.11")
NETWORK = IPv4Network("198.18.0.0/24")
PLACE = Place(NETWORK, (0,))


def listed(number: int, **changed: Any) -> SwarmNode:
    plain = SwarmNode(
        *(f"id{number}", f"n{number}", f"198.18.0.{10 + number}", "worker", "active", "ready")
    )
    return replace(plain, **changed)


def order(*nodes: SwarmNode, manager: Node = MANAGER) -> list[str]:
    return [item.name for item in members(nodes, manager, "id1")]


def with_addresses(number: int, *pairs: tuple[str, str], **more: Any) -> HostFacts:
    addresses = tuple(Address(name, ipaddress.ip_interface(text)) for name, text in pairs)
    up = frozenset(name for name, _ in pairs)
    return replace(host(number), addresses=addresses, up=up, **more)


# --- order and ways


def test_those_that_work_come_first_then_by_name_as_people_count() -> None:
    nodes = [
        *(listed(10), listed(2), listed(1)),
        listed(3, availability="drain"),
        listed(4, state="down"),
        listed(5, availability="pause"),
    ]
    assert order(*nodes) == ["n1", "n2", "n10", "n5", "n3", "n4"]


def test_the_manager_is_reached_as_it_was_and_the_others_where_the_swarm_knows_them() -> None:
    manager = parse_node("ops@mgr:2222")
    first, second = members([listed(1), listed(2)], manager, "id1")
    assert first.node == Node("mgr", "ops", 2222, name="n1")
    assert second.node == Node("198.18.0.12", "ops", 2222, name="n2")


def test_without_a_user_and_a_port_none_is_made_up() -> None:
    _, second = members([listed(1), listed(2)], parse_node("mgr"), "id1")
    assert second.node == Node("198.18.0.12", name="n2")


def test_a_label_tells_where_ssh_reaches_a_node() -> None:
    labels = (("zone", "b"), (SSH_LABEL, "ops@jump.example:2201"))
    (one,) = members([listed(2, labels=labels)], MANAGER, "id1")
    assert (one.node, one.address) == (Node("jump.example", "ops", 2201, name="n2"), "198.18.0.12")


@pytest.mark.parametrize("address", ["", "not an address", "198.18.0.300", "-oProxyCommand=x"])
def test_an_address_that_is_none_is_a_problem_and_no_way(address: str) -> None:
    (one,) = members([listed(2, address=address)], MANAGER, "id1")
    assert one.node is None and one.problem is not None
    assert "advertise-addr" in one.problem.hint


def test_a_node_that_is_down_is_listed_with_that_as_its_problem() -> None:
    (one,) = members([listed(2, state="down")], MANAGER, "id1")
    assert one.problem is not None and one.problem.title == "is down"
    assert one.node is not None


def test_an_address_that_two_nodes_have_is_one_way_only() -> None:
    first, second = members([listed(2), listed(3, address="198.18.0.12")], MANAGER, "id1")
    assert first.problem is None
    assert second.problem is not None and "has the address of n2" in second.problem.title
    assert SSH_LABEL in second.problem.hint


def test_names_that_two_nodes_have_are_no_names_of_the_cluster() -> None:
    pair = members([listed(2), listed(3, hostname="n2")], MANAGER, "id1")
    assert [item.name for item in pair] == ["n2", "n2"]
    assert [item.node.name for item in pair if item.node] == [None, None]


def test_hostile_names_are_clean() -> None:
    (one,) = members([listed(2, hostname="n2\x1b[2J\n[x]", role="r\x1b[1m\n")], MANAGER, "id1")
    assert not set(one.name + one.role) & set("\x1b\n[")


NAMES = st.text(st.characters(codec="utf-8"), max_size=20)


@given(
    nodes=st.lists(
        st.builds(
            SwarmNode,
            *(NAMES, NAMES, st.sampled_from(["198.18.0.12", "", "x y"]) | NAMES, NAMES, NAMES),
            st.sampled_from(["ready", "down"]),
        ),
        max_size=5,
    )
)
def test_whatever_a_manager_lists_each_node_is_a_member_once(nodes: list[SwarmNode]) -> None:
    found = members(nodes, MANAGER, "id1")
    assert sorted(item.node_id for item in found) == sorted(node.node_id for node in nodes)
    for item in found:
        assert item.node is not None or item.problem is not None
    ways = [item.node for item in found if item.node and item.problem is None]
    assert len({(way.address, way.port) for way in ways}) == len(ways)
    if len(ways) > 1:
        made = proposed(ways, [IPv4Address("198.18.0.250")], 1)
        assert load(dump(made)) == made


# --- subnet and interface

GWBRIDGE = ("docker_gwbridge", "172.18.0.1/16")


def test_the_subnet_is_the_one_that_most_have_and_never_docker_s() -> None:
    hosts = [
        with_addresses(1, ("eth0", "198.18.0.11/24"), ("eth1", "203.0.113.1/24"), GWBRIDGE),
        with_addresses(2, ("eth0", "198.18.0.12/24"), GWBRIDGE),
        None,
        with_addresses(4, ("eth0", "192.0.2.4/24"), GWBRIDGE),
    ]
    assert common_subnet(hosts, "203.0.113.1") == Place(NETWORK, (0, 1))


@pytest.mark.parametrize("preferred", ["198.18.0.11", "203.0.113.1"])
def test_of_several_subnets_it_is_the_one_of_the_swarm(preferred: str) -> None:
    pairs = (("eth0", "198.18.0.11/24"), ("eth1", "203.0.113.1/24"))
    found = common_subnet([with_addresses(1, *pairs)], preferred)
    assert found is not None and IPv4Address(preferred) in found.network


@pytest.mark.parametrize(
    "address", ["127.0.0.1/8", "169.254.3.4/16", "198.18.0.11/32", "198.18.0.10/31", "fe80::1/64"]
)
def test_what_no_vip_can_move_in_is_no_subnet(address: str) -> None:
    name = "lo" if address.startswith("127") else "eth0"
    assert common_subnet([with_addresses(1, (name, address))], "") is None


def test_an_interface_is_named_only_where_another_would_be_chosen() -> None:
    node = Node("mgr")
    plain = with_addresses(1, ("eth0", "198.18.0.11/24"), ("eth1", "203.0.113.1/24"))
    assert settled(node, plain, NETWORK, "198.18.0.11") == node
    twice = with_addresses(1, ("eth0", "198.18.0.5/24"), ("ens18", "198.18.0.11/24"))
    assert settled(node, twice, NETWORK, "198.18.0.11").interface == "ens18"
    assert settled(node, twice, NETWORK, "198.18.0.5") == node
    assert settled(node, plain, IPv4Network("192.0.2.0/24"), "192.0.2.1") == node


def test_the_address_within_is_the_swarm_s_where_it_can_be() -> None:
    twice = with_addresses(1, ("eth0", "198.18.0.5/24"), ("ens18", "198.18.0.11/24"))
    found = address_within(twice, NETWORK, "198.18.0.11")
    assert found is not None and found.interface == "ens18"
    assert address_within(twice, IPv4Network("192.0.2.0/24")) is None


# --- who takes part

MEMBER = SwarmMember("n2", "198.18.0.12", "worker", "active", "ready")


def test_a_member_takes_part_unless_something_stands_in_the_way() -> None:
    assert judged(MEMBER, learnt(2), PLACE).problem is None
    lost = UnreachableError("198.18.0.12 refuses SSH", "connection refused", "Is sshd running?")
    assert judged(MEMBER, Learnt(Node("x"), problem=lost), PLACE).problem is lost
    slow = VipError("n2 is too slow")
    assert judged(MEMBER, Learnt(Node("x"), host_problem=slow), PLACE).problem is slow
    elsewhere = judged(MEMBER, learnt(2, facts=with_addresses(2, ("eth0", "192.0.2.2/24"))), PLACE)
    assert elsewhere.problem is not None
    assert elsewhere.problem.title == "has no address in 198.18.0.0/24"
    assert elsewhere.problem.detail == "192.0.2.2/24"
    assert judged(MEMBER, learnt(2), None).problem is not None


def test_the_notes_say_what_was_left_out_and_what_is_odd() -> None:
    lost = UnreachableError("198.18.0.12 refuses SSH", "connection refused")
    found = [
        replace(MEMBER, name="n1"),
        replace(MEMBER, problem=lost),
        replace(MEMBER, name="n3", availability="drain"),
        replace(MEMBER, name="n4", availability="pause"),
    ]
    running = learnt(1, by_hand({"KEEPALIVED_VIRTUAL_IPS": "203.0.113.9"}))
    notes = notes_on(found, [running], PLACE)
    assert notes == (
        "n2 is left out: 198.18.0.12 refuses SSH: connection refused",
        "last, as drained in the Swarm: n3",
        "paused in the Swarm: n4",
        "n1 runs keepalived already, for 203.0.113.9",
    )
    few = notes_on(found[:2], [], None)
    assert "no subnet was found that a VIP could be in" in few
    assert "a cluster needs two nodes at least" in few


# --- what is free


def test_candidates_are_near_the_top_and_nobody_s() -> None:
    hosts = [host(1, "198.18.0.250/24"), host(2, "198.18.0.248/32")]
    found = candidates(NETWORK, hosts)
    assert [str(one) for one in found[:3]] == ["198.18.0.249", "198.18.0.247", "198.18.0.246"]
    assert len(found) == ASKED


@given(
    network=st.integers(8, 30).map(
        lambda length: ipaddress.ip_network(f"198.18.64.64/{length}", strict=False)
    )
)
def test_candidates_are_addresses_of_hosts(network: IPv4Network) -> None:
    found = candidates(network, [])
    assert found and len(set(found)) == len(found) <= ASKED
    for address in found:
        assert address in network
        assert address not in (network.network_address, network.broadcast_address)


ASK = tuple(IPv4Address(f"198.18.0.{last}") for last in (250, 249, 248, 247, 246))


def heard(*answers: Answer, vrids: tuple[int, ...] | None = (), **more: Any) -> Heard:
    adverts = (
        None
        if vrids is None
        else tuple(Advertisement(ASK[0], IPv4Address("224.0.0.18"), 2, vrid, 100) for vrid in vrids)
    )
    return Heard(answers=answers, adverts=adverts, **more)


def test_what_nobody_answered_for_is_suggested() -> None:
    answers = (
        Answer(ASK[0], macs=("02:00:c6:12:00:77",)),
        Answer(ASK[1], pinged=True),
        Answer(ASK[2]),
        Answer(ASK[3], own=True),
        Answer(ASK[4]),
    )
    found = read_vacancy(ASK, heard(*answers, vrids=(248, 7)), "n1", {51})
    assert found.addresses == (ASK[2], ASK[4])
    assert found.vrid == 249, "248, the VIP's last byte, is in use"
    free, vrids = found.notes
    assert "nobody answered n1 for 198.18.0.248, 198.18.0.246" in free and "DHCP" in free
    assert vrids == "VRIDs in use: 7, 51, 248"


def test_what_was_not_answered_at_all_is_not_taken_for_free() -> None:
    refused = (Answer(ASK[0], problem="the node has no ping"),)
    for deaf in (heard(*refused), heard()):
        found = read_vacancy(ASK, deaf, "n1", ())
        assert found.addresses == ()
        assert "could not be asked" in found.notes[0]
    assert "has no ping" in read_vacancy(ASK, heard(*refused), "n1", ()).notes[0]
    lost = Heard(problem=UnreachableError("connection to n1 lost"))
    found = read_vacancy(ASK, lost, "n1", ())
    assert found.addresses == () and found.vrid is None
    assert all("connection to n1 lost" in note for note in found.notes)


def test_a_full_subnet_has_no_suggestion() -> None:
    taken = (Answer(address, pinged=True) for address in ASK)
    found = read_vacancy(ASK, heard(*taken), "n1", ())
    assert found.addresses == ()
    assert found.notes == ("no free address was found among 198.18.0.246 to 198.18.0.250",)


def test_a_vrid_is_proposed_only_where_somebody_listened() -> None:
    deaf = heard(Answer(ASK[0]), vrids=None, deaf="Operation not permitted")
    found = read_vacancy(ASK, deaf, "n1", ())
    assert found.vrid is None
    assert "Operation not permitted" in found.notes[-1]


@given(
    vip=st.none() | st.integers(0, 2**32 - 1).map(IPv4Address),
    in_use=st.sets(st.integers(1, 255)),
)
def test_a_chosen_vrid_is_one_that_nobody_uses(vip: IPv4Address | None, in_use: set[int]) -> None:
    vrid = choose_vrid(vip, in_use)
    if vrid is None:
        assert len(in_use) == 255
    else:
        assert 1 <= vrid <= 255 and vrid not in in_use


def test_vrids_of_containers_that_run_already_are_in_use() -> None:
    one = learnt(1, by_hand({"KEEPALIVED_VIRTUAL_IPS": "x", "KEEPALIVED_ROUTER_ID": "77"}))
    default = learnt(2, by_hand({"KEEPALIVED_VIRTUAL_IPS": "x"}))
    nonsense = learnt(3, by_hand({"KEEPALIVED_VIRTUAL_IPS": "x", "KEEPALIVED_ROUTER_ID": "²"}))
    other = learnt(4, docker=docker_facts(4, container=by_hand({"FOO": "1"})))
    assert running_vrids([one, default, nonsense, other]) == {77, 51}


# --- the cluster


def test_the_proposed_cluster_wants_nothing_but_perhaps_a_vip() -> None:
    nodes = (Node("198.18.0.11", name="n1"), Node("198.18.0.12", name="n2"))
    check_cluster(proposed(nodes, [IPv4Address("198.18.0.250")], 250))
    bare = proposed(nodes, [], None)
    assert (bare.vip, bare.vrid) == ((), None)
    with pytest.raises(InputError, match="no VIP"):
        load(dump(bare))
