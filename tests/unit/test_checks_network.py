"""The checks of one node's network: its interface, its routes, and who answers for the VIP."""

import ipaddress
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest

from tests.unit.build import VIP, captured, cluster, container, heard, host, learnt, mac, node, spec
from vip_tui.errors import VipError
from vip_tui.preflight import facts
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.facts import Address
from vip_tui.preflight.facts.links import Link
from vip_tui.preflight.heard import (
    Advertisement,
    Answer,
    Heard,
    Neighbour,
    NowhereToListen,
    Route,
)
from vip_tui.preflight.learnt import Finding, Learnt

OWN, PEER = IPv4Address("198.18.0.11"), IPv4Address("198.18.0.12")
STRANGER, THEIRS = IPv4Address("198.18.0.77"), "52:54:00:c0:ff:ee"
TAKEN = f"{VIP} is at {THEIRS}"


def found(check: str, one: Learnt, *others: Learnt) -> Finding:
    (item,) = [item for item in check_node(cluster(), one, (one, *others)) if item.id == check]
    return item


def with_interfaces(*texts: str, wanted: Any = None, **more: Any) -> Learnt:
    """A node whose interfaces have these addresses: ``eth1 198.18.0.21/24``."""
    pairs = [text.split() for text in texts]
    addresses = tuple(Address(name, ipaddress.ip_interface(ip)) for name, ip in pairs)
    names = frozenset(name for name, _ in pairs)
    seen = host(1, addresses=addresses, up=names, links=names)
    return learnt(1, facts=replace(seen, **more), wanted=wanted)


def test_the_interface_is_told_with_its_addresses_and_its_kind() -> None:
    one = learnt(1, facts=host(1, "fd00:18::11/64", devices=(Link("eth0", mac(1), "bond"),)))
    item = found("interface", one)
    assert (item.status, item.summary) == ("pass", "eth0, 198.18.0.11")
    assert item.evidence == "eth0 (bond): 198.18.0.11/24 fd00:18::11/64"


BOTH = ("eth0 198.18.0.21/24", "eth1 198.18.0.31/24")


def test_two_interfaces_that_fit_are_a_warning_that_names_them_all() -> None:
    item = found("interface", with_interfaces(*BOTH))
    assert item.status == "warn"
    assert item.summary == "eth0, 198.18.0.21; eth1 would fit as well"
    assert "also fits: eth1: 198.18.0.31/24" in item.evidence
    assert "interface = " in item.remedy


@pytest.mark.parametrize(
    "wanted", [node(1, interface="eth1"), node(1, address="198.18.0.31"), node(1)]
)
def test_the_choice_is_clear_where_the_operator_or_the_ssh_address_makes_it(wanted: Any) -> None:
    one = with_interfaces(*BOTH, wanted=wanted)
    clear = wanted != node(1)
    item = found("interface", one)
    assert (item.status == "pass") == clear
    assert item.summary.startswith("eth1, 198.18.0.31" if clear else "eth0, 198.18.0.21")
    assert "also fits" in item.evidence


def test_an_interface_that_is_there_without_addresses_is_not_called_missing() -> None:
    one = with_interfaces("eth0 198.18.0.11/24", wanted=node(1, interface="eth1"))
    assert one.host is not None
    seen = replace(one.host, links=frozenset({"eth0", "eth1"}))
    item = found("interface", replace(one, host=seen))
    assert (item.status, item.summary) == ("fail", "eth1 is down")
    gone = found("interface", one)
    assert (gone.status, gone.summary) == ("fail", "there is no interface eth1")
    assert gone.evidence == "eth0"


def test_an_interface_of_another_subnet_that_the_operator_named_is_a_warning() -> None:
    one = with_interfaces(
        "eth0 198.18.0.11/24", "eth1 203.0.113.1/24", wanted=node(1, interface="eth1")
    )
    item = found("interface", one)
    assert item.status == "warn" and "not in the subnet" in item.summary


def test_a_docker_bridge_is_never_chosen() -> None:
    for name in ("docker0", "docker_gwbridge", "br-0123456789ab", "veth12ab"):
        assert found("interface", with_interfaces(f"{name} 198.18.0.1/24")).status == "fail"


def test_without_ip_8_nothing_is_said_of_interfaces() -> None:
    seen = facts.parse(f"{facts.MARK}addresses\nsh: 1: ip: not found\n{facts.MARK}links\n")
    item = found("interface", learnt(1, facts=seen))
    assert (item.status, item.evidence) == ("unknown", "sh: 1: ip: not found")
    assert "iproute2" in item.remedy


@pytest.mark.parametrize("wanted", [None, node(1, interface="eth0"), node(1, interface="eth1")])
def test_links_that_ip_8_does_not_tell_of_are_not_called_down_nor_missing(wanted: Any) -> None:
    one = with_interfaces("eth0 198.18.0.11/24", wanted=wanted, up=frozenset(), links=frozenset())
    name = "eth0" if wanted is None else wanted.interface
    item = found("interface", one)
    assert (item.status, item.summary) == (
        *("unknown", f"{name}: whether it is up could not be read"),
    )
    assert item.evidence == "ip -o link says nothing"
    assert item.remedy == f"`ip link show {name}` on the node tells."


@pytest.mark.parametrize(
    ("system", "name", "link"),
    [
        ("debian-12", "eth0", Link("eth0", "9a:d6:9c:2e:fa:b2")),
        ("debian-12", "docker0", Link("docker0", "02:36:32:35:8d:ef", "bridge")),
        ("ubuntu-24.04", "bond0.100", Link("bond0.100", "5a:3c:11:5d:7c:02", "vlan")),
        ("ubuntu-24.04", "bond0", Link("bond0", "5a:3c:11:5d:7c:02", "bond")),
        ("alpine-3.20", "eth0", Link("eth0", "9a:d6:9c:2e:fa:b2")),
        ("rhel-9", "wg0", Link("wg0", "", "wireguard")),
    ],
)
def test_the_mac_address_and_the_kind_of_a_link(system: str, name: str, link: Link) -> None:
    seen = facts.parse(captured(f"{system}.txt"))
    assert next(one for one in seen.devices if one.name == name) == link


def test_routes_out_of_the_interface_as_the_vrrp_address_are_fine() -> None:
    item = found("routes", learnt(1), learnt(2), learnt(3))
    assert (item.status, item.summary) == ("pass", "2 peers out of eth0, as 198.18.0.11")
    assert "198.18.0.12 dev eth0 src 198.18.0.11" in item.evidence


@pytest.mark.parametrize(
    ("route", "status", "words"),
    [
        (Route(PEER, "RTNETLINK answers: Network is unreachable"), "fail", "no route to n2"),
        (Route(PEER, "… dev eth1 …", "eth1", OWN), "warn", "to n2 the way is eth1, but"),
        (
            Route(PEER, "… src 198.18.0.21", "eth0", IPv4Address("198.18.0.21")),
            "warn",
            "n2 would see 198.18.0.21, not 198.18.0.11",
        ),
    ],
)
def test_a_route_that_is_not_as_it_should_be(route: Route, status: str, words: str) -> None:
    item = found("routes", learnt(1, heard=heard(1, routes=(route,))), learnt(2))
    assert item.status == status
    assert words in item.summary and item.remedy
    assert item.evidence == route.line


def test_routes_that_nobody_asked_for_are_unknown() -> None:
    assert found("routes", learnt(1)).status == "unknown"  # no peer is known
    assert found("routes", learnt(1, heard=None), learnt(2)).status == "unknown"
    nowhere = Heard(problem=NowhereToListen("nowhere to listen", "no interface"))
    item = found("routes", learnt(1, heard=nowhere), learnt(2))
    assert (item.status, item.because) == ("unknown", "interface")


def test_the_machine_that_answers_for_the_vip_is_named_by_its_own_address() -> None:
    """The neighbour table of any node tells it, or an advertisement that it sends."""
    row = Neighbour(STRANGER, THEIRS, "STALE")
    local = Neighbour(ipaddress.ip_address("fe80::77"), THEIRS, "STALE")
    table = heard(2, neighbours=(row, local))
    advert = Advertisement(STRANGER, IPv4Address("224.0.0.18"), 2, 7, 100, THEIRS, (VIP,))
    for other in (table, heard(2, adverts=(advert,))):
        item = found("vip-free", learnt(1, answers=(TAKEN,)), learnt(2, heard=other))
        assert item.status == "fail"
        assert item.summary == "the VIP is in use on the wire by 198.18.0.77"
        assert f"{VIP} is at {THEIRS}, which is also 198.18.0.77" in item.evidence
    assert str(advert) in item.evidence


def test_a_machine_that_nobody_knows_is_named_by_its_mac_address() -> None:
    item = found("vip-free", learnt(1, answers=(TAKEN,)), learnt(2))
    assert item.summary == f"the VIP is in use on the wire by {THEIRS}"


def test_a_virtual_router_s_mac_address_tells_its_vrid() -> None:
    item = found("vip-free", learnt(1, answers=(f"{VIP} is at 00:00:5e:00:01:33",)))
    assert "virtual router, VRID 51" in item.evidence


def test_ping_alone_tells_that_somebody_is_there() -> None:
    item = found("vip-free", learnt(1, answers=(f"{VIP} answers ping",)))
    assert (item.status, item.evidence) == ("fail", f"{VIP} answers ping")


HOLDER = learnt(2, container(spec(2)), host(2, f"{VIP}/32"))


def test_a_stranger_beside_our_own_holder_is_found_from_every_node() -> None:
    item = found("vip-free", learnt(1, answers=(f"{VIP} is at {mac(2)}", TAKEN)), HOLDER)
    assert (item.status, THEIRS in item.summary) == ("fail", True)
    assert mac(2) not in item.evidence
    own = learnt(1, container(spec()), host(1, f"{VIP}/32"), answers=(TAKEN,))
    assert found("vip-free", own, learnt(2)).status == "fail"


def test_a_holder_of_ours_whose_mac_addresses_nobody_knows_is_no_stranger() -> None:
    assert HOLDER.host is not None
    vague = replace(HOLDER, host=replace(HOLDER.host, devices=()))
    assert found("vip-free", learnt(1, answers=(TAKEN,)), vague).status == "pass"


def test_a_node_of_ours_that_could_not_be_asked_is_known_by_its_address() -> None:
    lost = learnt(2, host=None, heard=None, docker=None, host_problem=VipError("n2 is too slow"))
    asked = heard(1, TAKEN, neighbours=(Neighbour(PEER, THEIRS, "REACHABLE"),))
    assert found("vip-free", learnt(1, heard=asked), lost).status == "pass"


def test_where_nobody_could_be_asked_it_is_unknown_with_the_reason() -> None:
    vip = IPv4Address(VIP)
    mute = heard(1, answers=(Answer(vip, problem="the node has no ping"),))
    item = found("vip-free", learnt(1, heard=mute), learnt(2))
    assert (item.status, item.evidence) == ("unknown", "the node has no ping")
    nothing = found("vip-free", learnt(1, heard=heard(1, answers=())), learnt(2))
    assert nothing.status == "unknown"
    assert found("vip-free", learnt(1, heard=None), learnt(2)).status == "unknown"


@pytest.mark.parametrize(
    ("status", "prefix", "fix"),
    [
        ("exited", 32, "delete-vip"),
        ("created", 32, "delete-vip"),
        ("paused", 32, None),
        (None, 32, "delete-vip"),
        (None, 24, None),  # a host's own address
    ],
)
def test_a_stale_vip_can_be_taken_off(status: str | None, prefix: int, fix: str | None) -> None:
    made = container(spec(), status=status) if status else None
    item = found("vip-free", learnt(1, made, host(1, f"{VIP}/{prefix}")), learnt(2))
    assert item.status == ("warn" if status else "fail")
    assert item.fix == fix


def test_a_vip_that_is_held_says_nothing_of_one_that_nobody_could_ask_for() -> None:
    two = cluster(vips=(VIP, "198.18.0.101"))
    holder = learnt(1, container(spec()), host(1, f"{VIP}/32"))
    (item,) = (one for one in check_node(two, holder, (holder,)) if one.id == "vip-free")
    assert item.status == "unknown" and "198.18.0.101" in item.summary
