"""What the nodes' wires tell together: one link, other routers, distances, the path of VRRP."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import (
    by_hand,
    cluster,
    container,
    docker_facts,
    heard,
    host,
    learnt,
    mac,
    spec,
)
from vip_tui.errors import UnreachableError, VipError
from vip_tui.preflight.checks import CLUSTER_CHECKS, check_all
from vip_tui.preflight.docker_facts import Another
from vip_tui.preflight.facts import Address, NetworkFacts
from vip_tui.preflight.facts.nft import parse_nft
from vip_tui.preflight.heard import Advertisement, Distance, Heard, Neighbour, Route
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.resolve import choose_vrid, new_vrid, resolve

CHECKS = ("subnet", "vrid-free", "latency", "vrrp-path")
NODES = [IPv4Address(f"198.18.0.{10 + number}") for number in range(1, 4)]
STRANGER, GROUP = IPv4Address("198.18.0.77"), IPv4Address("224.0.0.18")


def found(check: str, *nodes: Learnt, **keys: Any) -> Finding:
    (item,) = [item for item in check_all(cluster(**keys), nodes) if item.id == check]
    return item


def trio(**more: Any) -> list[Learnt]:
    """Three nodes that are well, of which n1 heard something else."""
    first, *rest = (learnt(number) for number in (1, 2, 3))
    return [replace(first, heard=heard(1, **more)), *rest]


def test_nodes_that_are_well_pass() -> None:
    assert set(CHECKS) <= set(CLUSTER_CHECKS)
    for check in CHECKS:
        item = found(check, *trio())
        assert (item.status, bool(item.evidence)) == ("pass", True), item


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "blind",
    [
        {"host": None, "heard": None, "problem": UnreachableError("n3 does not answer")},
        {"host": None, "heard": Heard(problem=VipError("too slow")), "host_problem": VipError("x")},
    ],
)
def test_what_a_node_that_was_not_asked_would_tell_is_unknown(check: str, blind: Any) -> None:
    lost = learnt(3, **blind)
    item = found(check, learnt(1), learnt(2), lost)
    # Two others listened for other routers; the rest needs each node.
    assert item.status == ("pass" if check == "vrid-free" else "unknown"), item
    assert "n3" in f"{item.summary} {item.evidence} {item.remedy}"


def advert(vrid: int, source: IPv4Address = STRANGER, target: IPv4Address = GROUP) -> Any:
    return Advertisement(source, target, 2, vrid, 100, "52:54:00:c0:ff:ee", ("198.18.0.200",))


def test_a_stranger_with_our_vrid_is_named_with_its_priority() -> None:
    item = found("vrid-free", *trio(adverts=(advert(51), advert(7))), vrid=51)
    assert item.status == "fail"
    assert item.summary == "198.18.0.77 advertises VRID 51 with priority 100"
    assert "VRID 7" in item.evidence and "198.18.0.200" in item.evidence
    assert "vrid = 100" in item.remedy


def test_other_vrids_are_told_but_do_not_matter() -> None:
    item = found("vrid-free", *trio(adverts=(advert(7),)), vrid=51)
    assert item.status == "pass" and "VRID 7" in item.evidence


@pytest.mark.parametrize("source", NODES)
def test_our_own_nodes_advertisements_are_ours(source: IPv4Address) -> None:
    assert found("vrid-free", *trio(adverts=(advert(51, source),)), vrid=51).status == "pass"


def test_what_two_strangers_say_to_each_other_is_no_clash() -> None:
    """A switch may flood it. What they say to one of us is meant for us."""
    aside = advert(51, target=IPv4Address("198.18.0.78"))
    assert found("vrid-free", *trio(adverts=(aside,)), vrid=51).status == "pass"
    assert (
        found("vrid-free", *trio(adverts=(advert(51, target=NODES[1]),)), vrid=51).status == "fail"
    )


def test_one_listener_is_enough_and_none_is_unknown() -> None:
    deaf: Any = {"adverts": None, "deaf": "the node has no tcpdump"}
    some = found("vrid-free", *trio(**deaf))
    assert some.status == "pass"
    assert "n2, n3 listened" in some.evidence and "n1 could not: the node has no" in some.evidence
    nobody = found("vrid-free", *(learnt(n, heard=heard(n, **deaf)) for n in (1, 2, 3)))
    assert (nobody.status, "tcpdump" in nobody.remedy) == ("unknown", True)
    assert "n3: the node has no tcpdump" in nobody.evidence


def test_an_open_vrid_is_the_vip_s_last_byte_or_the_next_that_was_not_heard() -> None:
    assert choose_vrid(cluster(), trio()) == 100
    taken = trio(adverts=(advert(100), advert(101)))
    assert choose_vrid(cluster(), taken) == 102
    assert found("vrid-free", *taken).status == "pass"
    assert resolve(cluster(), taken, "x").router.vrid == 102
    assert choose_vrid(cluster(vrid=100), taken) == 100
    running = [learnt(n, container(spec(n, vrid=100))) for n in (1, 2, 3)]
    running[0] = replace(running[0], heard=heard(1, adverts=(advert(100),)))
    assert choose_vrid(cluster(), running) == 100
    assert found("vrid-free", *running).status == "fail"
    own = trio(adverts=(advert(100, NODES[2]),))
    assert choose_vrid(cluster(), own) == 100


@given(st.sets(st.integers(1, 255), max_size=254), st.integers(0, 255))
def test_a_new_vrid_is_valid_and_free(taken: set[int], last: int) -> None:
    vrid = new_vrid(cluster(vips=(f"198.18.0.{last}",)), taken)
    assert 1 <= vrid <= 255 and vrid not in taken
    assert new_vrid(cluster(), range(1, 256)) == 100


def test_the_matrix_of_round_trips() -> None:
    item = found("latency", *trio())
    assert item.evidence.count("→") == 6
    assert item.summary == "0.12 ms to 0.12 ms between all nodes"


def far(*milliseconds: float, sent: int = 4) -> tuple[Distance, ...]:
    return (Distance(NODES[1], milliseconds, sent), Distance(NODES[2], (0.1,) * 4, 4))


@pytest.mark.parametrize(
    ("distances", "status", "words"),
    [
        (far(5.1, 5.2, 5.3, 5.4), "warn", "more than 5 ms between n1 and n2"),
        (far(80.0, 0.2, 0.2, 0.2), "pass", "between all nodes"),  # the first waits for ARP
        (far(0.2, 0.2), "warn", "packets are lost between n1 and n2"),
        (far(0.2, 0.2, 0.2), "pass", "between all nodes"),
    ],
)
def test_a_pair_that_is_far_or_loses_is_named(
    distances: tuple[Distance, ...], status: str, words: str
) -> None:
    item = found("latency", *trio(distances=distances))
    assert item.status == status
    assert words in item.summary and "n3" not in item.summary


def test_one_direction_measures_a_pair_and_none_does_not() -> None:
    silent = far(sent=4)
    assert found("latency", *trio(distances=silent)).status == "pass"
    nodes = trio(distances=silent)
    nodes[1] = replace(nodes[1], heard=heard(2, distances=(Distance(NODES[2], (0.1,) * 4, 4),)))
    item = found("latency", *nodes)
    assert (item.status, item.summary) == ("unknown", "not known between n1 and n2")
    assert "n2 does not answer n1's ping" in item.evidence


def test_different_subnets_are_told_apart_from_different_sizes() -> None:
    other = host(3, addresses=(Address("eth0", IPv4Interface("203.0.113.3/24")),))
    nodes = [learnt(1), learnt(2), learnt(3, facts=other)]
    nodes[2] = replace(nodes[2], node=replace(nodes[2].node, interface="eth0"))
    item = found("subnet", *nodes)
    assert (item.status, item.summary) == (*("fail", "different subnets: n1 and n3; n2 and n3"),)
    wide = host(3, addresses=(Address("eth0", IPv4Interface("198.18.0.13/16")),))
    assert found("subnet", learnt(1), learnt(2), learnt(3, facts=wide)).status == "warn"


ROUTED = Route(NODES[1], "198.18.0.12 via 198.18.0.1 dev eth0", "eth0", NODES[0], "198.18.0.1")


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"routes": (ROUTED,)}, "fail", "n1 reaches n2 through 198.18.0.1"),
        (
            {"neighbours": (Neighbour(NODES[1], "", "FAILED"),)},
            "fail",
            "n1 gets no answer to its ARP for n2, 198.18.0.12",
        ),
        (
            {"neighbours": (Neighbour(NODES[1], "00:00:5e:00:01:01", "REACHABLE"),)},
            "warn",
            "n1 sees n2, 198.18.0.12, at 00:00:5e:00:01:01",
        ),
    ],
)
def test_one_subnet_is_not_yet_one_link(more: Any, status: str, words: str) -> None:
    item = found("subnet", *trio(**more))
    assert item.status == status
    assert words in item.evidence and item.remedy


def test_a_link_that_one_of_two_has_seen_is_known() -> None:
    assert found("subnet", *trio(neighbours=())).status == "pass"
    nodes = trio(neighbours=())
    seen = (Neighbour(NODES[2], mac(3), "REACHABLE"),)
    nodes[1] = replace(nodes[1], heard=heard(2, neighbours=seen))
    item = found("subnet", *nodes)
    assert (item.status, "not known of n1 and n2" in item.summary) == ("unknown", True)


def rules(*lines: str, hook: str = "input") -> NetworkFacts:
    body = "\n".join(lines)
    head = f"type filter hook {hook} priority filter; policy accept;"
    text = f"table inet filter {{\n\tchain base {{\n{head}\n{body}\n\t}}\n}}"
    return NetworkFacts((parse_nft(text),), "")


FIRST_ONLY_N3 = {"through": frozenset({NODES[2]})}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        # n2's packets are seen on n1's wire, but do not come through; or not even that.
        ({**FIRST_ONLY_N3, "arrived": frozenset({NODES[1]})}, "n1's firewall drops it from n2"),
        ({**FIRST_ONLY_N3, "arrived": frozenset()}, "from n2 none arrives at n1"),
    ],
)
def test_a_way_on_which_packets_are_lost_is_named(more: Any, words: str) -> None:
    item = found("vrrp-path", *trio(**more))
    assert (item.status, item.evidence) == ("fail", words)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (rules("ip daddr 198.18.0.13 drop", hook="output"), "n1's firewall drops it to n3"),
        (rules("ip saddr 198.18.0.12 drop"), "n1's firewall drops it from n2"),
    ],
)
def test_a_firewall_blocks_a_way(network: NetworkFacts, words: str) -> None:
    nodes = trio(through=frozenset({NODES[2]}), arrived=frozenset())
    assert nodes[0].host is not None
    nodes[0] = replace(nodes[0], host=replace(nodes[0].host, network=network))
    assert words in found("vrrp-path", *nodes).evidence


def test_probes_that_nobody_listened_for_at_that_time_are_no_loss() -> None:
    late = found("vrrp-path", *trio(**FIRST_ONLY_N3, arrived=frozenset(), ended_s=9.0))
    assert (late.status, late.summary) == ("unknown", "could not be tried: n2 → n1")


BARE: Any = {"through": None, "sent": frozenset(), "mute": "the node has no python3 or perl"}


def test_before_anything_is_deployed_it_is_unknown_where_nothing_can_be_sent() -> None:
    nodes = [learnt(n, heard=heard(n, **BARE, arrived=frozenset())) for n in (1, 2, 3)]
    item = found("vrrp-path", *nodes)
    assert (item.status, "before anything is deployed" in item.summary) == ("unknown", True)
    assert "python3 or perl on n1, n2, n3" in item.remedy


def test_advertisements_on_the_wire_and_rules_that_let_them_in_are_enough() -> None:
    """As tcpdump sees them where a cluster runs already; of those who are silent it is unknown."""
    all_heard = [learnt(n, heard=heard(n, **BARE)) for n in (1, 2, 3)]
    assert found("vrrp-path", *all_heard).status == "pass"
    master = [
        learnt(n, heard=heard(n, **BARE, arrived=frozenset({NODES[0]} - {NODES[n - 1]})))
        for n in (1, 2, 3)
    ]
    item = found("vrrp-path", *master)
    assert (item.status, "n2 → n1" in item.summary, "n1 → n2" in item.summary) == (
        *("unknown", True, False),
    )
    assert all_heard[0].host is not None
    blind = replace(all_heard[0].host, network=NetworkFacts(unseen="needs root"))
    all_heard[0] = replace(all_heard[0], host=blind)
    assert found("vrrp-path", *all_heard).status == "unknown"


def test_two_nodes_with_one_name_are_told_apart() -> None:
    twins = [
        replace(one, node=replace(one.node, name=None)) for one in (learnt(1), learnt(2), learnt(3))
    ]
    twins = [
        replace(one, host=replace(one.host, hostname="node"))
        for one in twins
        if one.host is not None
    ]
    item = found("latency", *twins)
    assert (item.status, "198.18.0.11 → 198.18.0.12" in item.evidence) == ("pass", True)


def test_a_hundred_nodes_are_judged_without_a_hundred_lines() -> None:
    nodes = [learnt(n, heard=heard(n, count=60)) for n in range(1, 61)]
    for check in CHECKS:
        item = found(check, *nodes)
        assert item.status == "pass" and len(item.evidence) < 900, check


def test_another_container_of_the_recipe_has_its_vrid_taken() -> None:
    image = {"KEEPALIVED_VIRTUAL_IPS": "198.18.0.99"}  # and so the recipe's own VRID, 51
    beside = Another("kv-web", by_hand(image))
    one = learnt(1, docker=docker_facts(1, others=(beside,)))
    seen = (one, learnt(2), learnt(3))
    wanted = cluster(vips=("198.18.0.51",))
    assert choose_vrid(wanted, seen) == 52
    (item,) = (f for f in check_all(replace(wanted, vrid=51), seen) if f.id == "vrid-free")
    assert item.status == "fail" and item.summary == "kv-web on n1 has VRID 51 too"
