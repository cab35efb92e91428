"""What nodes print while they listen becomes what was heard: real output, and hostile output."""

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import VIP, captured
from vip_tui.preflight.heard import Advertisement, Answer, Heard
from vip_tui.preflight.hearing import parse_heard

OWN = IPv4Address("198.18.0.11")
PEER, GONE = IPv4Address("198.18.0.12"), IPv4Address("198.18.0.14")
TAKEN, FREE = IPv4Address(VIP), IPv4Address("198.18.0.101")
MAC = "b2:d4:6e:19:87:13"


def heard(name: str) -> Heard:
    return parse_heard(captured(f"listen-{name}.txt"), "eth0", OWN)


SYSTEMS = {name: heard(name) for name in ("debian-12", "debian-12-user", "alpine-3.20")}


@pytest.mark.parametrize("system", SYSTEMS)
def test_routes_trips_and_neighbours_whatever_the_tools(system: str) -> None:
    """iputils and iproute2, with and without rights; busybox's."""
    told = SYSTEMS[system]
    routes = {route.peer: (route.interface, route.source, route.gateway) for route in told.routes}
    assert routes == {PEER: ("eth0", OWN, ""), GONE: ("eth0", OWN, "")}
    trips = {one.peer: (len(one.trips_ms), one.sent, one.problem) for one in told.distances}
    assert trips == {PEER: (4, 4, ""), GONE: (0, 4, "")}
    median = next(one.median_ms for one in told.distances if one.peer == PEER)
    assert median is not None and 0.05 < median < 0.2
    near, far = told.neighbour(PEER), told.neighbour(GONE)
    assert near is not None and len(near.mac) == 17
    assert far is not None and not far.mac


@pytest.mark.parametrize("system", SYSTEMS)
def test_who_answers_for_a_vip(system: str) -> None:
    answers = {answer.vip: answer for answer in SYSTEMS[system].answers}
    (mac,) = answers[TAKEN].macs
    assert mac == mac.lower() and answers[TAKEN].pinged
    assert answers[FREE] == Answer(FREE)


def test_advertisements_and_what_came_through_the_firewall() -> None:
    told = SYSTEMS["debian-12"]
    stranger = ip_address("198.18.0.13")
    group = ip_address("224.0.0.18")
    (mac,) = next(answer.macs for answer in told.answers if answer.vip == TAKEN)
    assert told.adverts == (Advertisement(stranger, group, 2, 51, 100, mac, ("198.18.0.200",)),)
    both = frozenset({PEER})
    assert (told.through, told.sent, told.mute) == (both, both, "")
    assert told.arrived == {PEER, stranger}


@pytest.mark.parametrize(
    ("system", "deaf", "mute"),
    [
        ("debian-12-user", "You don't have permission to perform", "Operation not permitted"),
        ("alpine-3.20", "the node has no tcpdump", "the node has no python3 or perl"),
    ],
)
def test_what_could_not_be_listened_to_is_none_and_says_why(
    system: str, deaf: str, mute: str
) -> None:
    told = SYSTEMS[system]
    assert (told.adverts, told.through, told.sent) == (None, None, frozenset())
    assert deaf in told.deaf and told.mute == mute


def test_our_own_program_hears_where_there_is_no_tcpdump() -> None:
    lines = (
        "tcpdump eth0 missing: tcpdump",
        "probe eth0 listening",
        "probe eth0 sent 198.18.0.12",
        "probe eth0 advert 198.18.0.12 198.18.0.11 0 0 0 02:00:c6:12:00:0c -",
        f"probe eth0 advert 198.18.0.77 224.0.0.18 3 7 254 {MAC} 198.18.0.200,198.18.0.201",
        "probe eth0 advert 198.18.0.77 224.0.0.18 three 7 254 here -",
        "probe eth0 through 198.18.0.12 0",
    )
    told = parse_heard("\n".join(lines), "eth0", OWN)
    (advert,) = told.adverts or ()
    assert str(advert) == (
        "198.18.0.77 > 224.0.0.18: VRRPv3, VRID 7, priority 254, for 198.18.0.200 198.18.0.201"
    )
    both = frozenset({PEER})
    assert (told.deaf, told.mute, told.through, told.sent) == ("", "", both, both)


def test_tcpdump_that_runs_and_hears_nobody_is_not_deaf() -> None:
    line = "tcpdump eth0 tcpdump: listening on eth0, link-type EN10MB (Ethernet)"
    assert parse_heard(line, "eth0", OWN).adverts == ()


def test_several_addresses_in_tcpdump_s_words() -> None:
    lines = (
        "tcpdump eth0 listening on eth0",
        f"tcpdump eth0 10:00:00.000000 {MAC} > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), …",
        "tcpdump eth0     198.18.0.77 > 224.0.0.18: vrrp 198.18.0.77 > 224.0.0.18: VRRPv3, "
        "Advertisement, (ttl 64), vrid 9, prio 1, intvl 100cs, length 20, "
        "addrs(2): 198.18.0.200,198.18.0.201",
    )
    (advert,) = parse_heard("\n".join(lines), "eth0", OWN).adverts or ()
    assert (advert.vrid, advert.priority, advert.mac) == (9, 1, MAC)
    assert advert.vips == ("198.18.0.200", "198.18.0.201")


def answer(*lines: str) -> Answer:
    told = parse_heard("\n".join(f"vip {VIP} {line}" for line in lines), "eth0", OWN)
    (found,) = told.answers
    return found


ROW = f"{VIP} dev eth0 lladdr {MAC}"


@pytest.mark.parametrize(
    ("lines", "macs", "pinged"),
    [
        (("flushed", "answered", f"{ROW} REACHABLE "), (MAC,), True),
        (("flushed", f"{ROW} REACHABLE "), (MAC,), False),
        (("answered", f"{ROW} REACHABLE"), (MAC,), True),
        (("flushed", "answered", f"{ROW} STALE "), (), True),
        (("answered",), (), True),
        ((f"Unicast reply from {VIP} [{MAC.upper()}]  0.536ms",), (MAC,), False),
        ((f"60 bytes from {MAC} ({VIP}): index=0 time=11.2 usec",), (MAC,), False),
        (
            (f"Unicast reply from {VIP} [02:00:c6:12:00:0c] 0.1ms", "flushed", f"{ROW} REACHABLE"),
            ("02:00:c6:12:00:0c", MAC),
            False,
        ),
    ],
)
def test_whoever_answers_ping_or_arp_is_told(
    lines: tuple[str, ...], macs: tuple[str, ...], pinged: bool
) -> None:
    assert answer(*lines) == Answer(TAKEN, macs, pinged)


@pytest.mark.parametrize(
    "lines",
    [
        ("flushed", f"{VIP} dev eth0 INCOMPLETE "),
        ("flushed", f"{VIP} dev eth0  FAILED "),
        ("flushed", "Sent 2 probes (2 broadcast(s))", "Received 0 response(s)"),
        *(("flushed", f"{ROW} {state} ") for state in ("STALE", "DELAY", "PROBE", "FAILED")),
        # What could not be flushed is of no matter where arping asked.
        *((f"{ROW} {state} ", "Received 0 response(s)") for state in ("REACHABLE", "STALE")),
        (f"{VIP} dev eth0 INCOMPLETE ",),
    ],
)
def test_nobody_answers(lines: tuple[str, ...]) -> None:
    assert answer(*lines) == Answer(TAKEN)


@pytest.mark.parametrize("state", ["REACHABLE", "STALE", "DELAY", "PROBE", "PERMANENT"])
@pytest.mark.parametrize(
    "more", [(), (f"{VIP} dev eth1 INCOMPLETE ",), ("arping: socket: Operation not permitted",)]
)
def test_a_mac_of_unknown_age_is_neither_an_answer_nor_none(
    state: str, more: tuple[str, ...]
) -> None:
    """Seen without root: a host that drops ping answers ARP all the same.

    But a second after a VIP was taken off its holder the table still had it.
    """
    told = answer(f"{ROW} {state} ", *more)
    assert (told.anybody, told.macs) == (False, ())
    assert "its age is not known" in told.problem and "needs root" in told.problem


def test_a_vip_of_the_node_itself_is_its_own() -> None:
    assert answer("own") == Answer(TAKEN, own=True)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (("flushed", "missing: ping"), "the node has no ping"),
        (("ping: connect: Network is unreachable",), "ping: connect: Network is unreachable"),
        (("flushed",), "it said nothing"),
    ],
)
def test_where_nobody_could_be_asked_it_says_why(lines: tuple[str, ...], problem: str) -> None:
    assert answer(*lines) == Answer(TAKEN, problem=problem)


@pytest.mark.parametrize(
    ("line", "interface", "gateway"),
    [
        ("198.18.0.12 via 198.18.0.1 dev eth1 src 203.0.113.5 uid 0 ", "eth1", "198.18.0.1"),
        ("RTNETLINK answers: Network is unreachable", "", ""),
    ],
)
def test_the_way_to_a_peer(line: str, interface: str, gateway: str) -> None:
    (route,) = parse_heard(f"route {PEER} {line}\nroute {PEER}     cache ", "eth0", OWN).routes
    assert (route.interface, route.gateway, route.line) == (interface, gateway, line.strip())


def test_trips_by_arping_where_there_is_no_ping() -> None:
    lines = (
        f"ping {PEER} ARPING 198.18.0.12 from 198.18.0.11 eth0",
        f"ping {PEER} Unicast reply from 198.18.0.12 [02:00:C6:12:00:0C]  0.558ms",
        f"ping {PEER} Sent 3 probes (1 broadcast(s))",
    )
    (one,) = parse_heard("\n".join(lines), "eth0", OWN).distances
    assert (one.trips_ms, one.sent) == ((0.558,), 3)
    (none,) = parse_heard(f"ping {PEER} missing: ping", "eth0", OWN).distances
    assert (none.median_ms, none.problem) == (None, "the node has no ping")


PARTS = st.sampled_from(["route", "ping", "vip", "tcpdump", "probe", "neighbour", "", "x"])
SUBJECTS = st.sampled_from([str(PEER), VIP, "eth0", "fe80::1%eth0", "999.1.1.1", ""])


@given(st.lists(st.tuples(PARTS, SUBJECTS, st.text())))
def test_no_output_makes_the_parser_raise(lines: list[tuple[str, str, str]]) -> None:
    output = "\n".join(" ".join(line) for line in lines)
    assert isinstance(parse_heard(output, "eth0", OWN), Heard)


@given(st.text())
def test_nothing_that_was_not_said_is_heard(output: str) -> None:
    told = parse_heard(output, "eth0", OWN)
    assert told.adverts is None or "listening" in output
    assert told.through is None or "listening" in output
