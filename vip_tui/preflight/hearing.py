"""The words of ping, arping, ip, tcpdump and of our own program become what was heard. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence

from vip_tui.cluster import IPAddress
from vip_tui.nodes.text import clean_line
from vip_tui.preflight.heard import Advertisement, Answer, Distance, Heard, Neighbour, Route

_MAC = r"([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5})"
# iputils' and busybox's, then Habets' arping.
_ARP_REPLY = re.compile(rf"reply from \S+ \[{_MAC}\]|bytes from {_MAC} \(")
_ARP_COUNT = re.compile(r"Received [0-9]+ (?:response|repl)|packets transmitted")
_TRIP = re.compile(r"(?:time[=<]|\]\s+)([0-9]{1,6}(?:\.[0-9]{1,6})?) ?ms")
_SENT = re.compile(r"([0-9]{1,4}) packets transmitted|Sent ([0-9]{1,4}) probe")
_ROUTE = re.compile(r"\b(via|dev|src) (\S+)")
_FRAME = re.compile(rf"\S+ {_MAC} > ")
_PACKET = re.compile(r"\s+(\S+) > (\S+): (?:vrrp \S+ > \S+: )?VRRPv([0-9]{1,2}), (.*)")
_ADVERT = re.compile(
    r"Advertisement,.* vrid ([0-9]{1,3}), prio ([0-9]{1,3})(?:.*, addrs[^:]*: ?([0-9a-f.:,]+))?"
)

Lines = Sequence[str]
LINE = 500  # characters of a line that are looked at
_DOUBTFUL = "a MAC is in the neighbour table, and its age is not known (needs root, or arping)"


def parse_heard(output: str, interface: str, own: IPAddress, ended_s: float = 0.0) -> Heard:
    """What LISTEN printed on the node whose own address is ``own``: ``PART SUBJECT TEXT``."""
    said: dict[str, dict[str, list[str]]] = {}
    for line in output.splitlines():
        part, _, rest = line.partition(" ")
        subject, _, text = rest.partition(" ")
        said.setdefault(part, {}).setdefault(subject, []).append(text[:LINE])
    wire = said.get("tcpdump", {}).get(interface, [])
    program = said.get("probe", {}).get(interface, [])
    probing = "listening" in program
    tcpdump = any("listening on" in line for line in wire)
    hears = tcpdump or (probing and any(line.startswith("missing: ") for line in wire))
    packets = tuple(_of_tcpdump(wire) if tcpdump else _of_program(program))
    return Heard(
        interface=interface,
        own=own,
        ended_s=ended_s,
        routes=tuple(_route(ip, lines) for ip, lines in _subjects(said.get("route", {}))),
        distances=tuple(_distance(ip, lines) for ip, lines in _subjects(said.get("ping", {}))),
        answers=tuple(_answer(ip, lines) for ip, lines in _subjects(said.get("vip", {}))),
        neighbours=_neighbours(said.get("neighbour", {}).get(interface, [])),
        adverts=_adverts(packets) if hears else None,
        deaf="" if hears else _reason(wire),
        arrived=frozenset(
            one.source for one in packets if one.target == own or one.target.is_multicast
        ),
        through=frozenset(_addresses(program, "through")) if probing else None,
        sent=frozenset(_addresses(program, "sent")),
        mute="" if probing else _reason(program),
    )


def _subjects(part: dict[str, list[str]]) -> Iterator[tuple[IPAddress, Lines]]:
    for subject, lines in part.items():
        if (ip := _ip(subject)) is not None:
            yield ip, lines


def _route(peer: IPAddress, lines: Lines) -> Route:
    """``198.18.0.12 dev eth0 src 198.18.0.11 uid 0``, or why there is no way."""
    line = clean_line(lines[0])
    words = dict(_ROUTE.findall(line))
    return Route(peer, line, words.get("dev", ""), _ip(words.get("src", "")), words.get("via", ""))


def _distance(peer: IPAddress, lines: Lines) -> Distance:
    trips = [float(found[1]) for line in lines if (found := _TRIP.search(line))]
    counts = [found for line in lines if (found := _SENT.search(line))]
    sent = int(counts[0][1] or counts[0][2]) if counts else 0
    return Distance(peer, tuple(trips), sent, "" if trips or sent else _reason(lines))


def _answer(vip: IPAddress, lines: Lines) -> Answer:
    """After the table was flushed a MAC that is REACHABLE there has answered just now.

    Seen: a second after a VIP was taken off its holder the table still had it, as DELAY. Where it
    was not flushed, a MAC in it tells neither that somebody answered nor that nobody did.
    """
    if "own" in lines:
        return Answer(vip, own=True)
    pinged = "answered" in lines
    macs: dict[str, None] = {}
    fresh = pinged or "flushed" in lines
    asked, counted, doubtful = pinged, False, False
    for line in lines:
        if reply := _ARP_REPLY.search(line):
            macs[(reply[1] or reply[2]).lower()] = None
        row = _neighbour(line)
        counted = counted or _ARP_COUNT.search(line) is not None
        asked = asked or row is not None
        doubtful = doubtful or (not fresh and row is not None and row.mac != "")
        if fresh and row is not None and row.ip == vip and row.state == "REACHABLE" and row.mac:
            macs[row.mac] = None
    problem = ""
    if doubtful and not (counted or macs):
        problem = _DOUBTFUL
    elif not (asked or counted or macs):
        problem = _reason(line for line in lines if line != "flushed")
    return Answer(vip, tuple(macs), pinged, problem=problem)


def _neighbours(lines: Lines) -> tuple[Neighbour, ...]:
    return tuple(row for line in lines if (row := _neighbour(line)) is not None)


def _neighbour(line: str) -> Neighbour | None:
    """``198.18.0.12 dev eth0 lladdr 02:00:c6:12:00:0c REACHABLE``."""
    words = line.split()
    ip = _ip(words[0]) if len(words) > 1 else None
    if ip is None or not re.fullmatch(r"[A-Z]+", words[-1]):
        return None
    found = re.search(rf"\blladdr {_MAC}\b", line)
    return Neighbour(ip, found[1].lower() if found else "", words[-1])


def _of_tcpdump(lines: Lines) -> Iterator[Advertisement]:
    """Two lines a packet: its frame with the MAC addresses, then what is in it."""
    mac = ""
    for line in lines:
        if frame := _FRAME.match(line):
            mac = frame[1].lower()
        elif packet := _PACKET.match(line):
            advert = _ADVERT.match(packet[4])
            vrid, priority, vips = advert.groups() if advert else ("0", "0", None)
            yield from _advert([packet[1], packet[2], packet[3], vrid, priority, mac, vips or "-"])


def _of_program(lines: Lines) -> Iterator[Advertisement]:
    """``advert SOURCE TARGET VERSION VRID PRIORITY MAC VIPS``."""
    for line in lines:
        words = line.split()
        if words[:1] == ["advert"] and len(words) == 8:
            yield from _advert(words[1:])


def _advert(words: Sequence[str]) -> Iterator[Advertisement]:
    source, target = _ip(words[0]), _ip(words[1])
    numbers = [int(word) for word in words[2:5] if re.fullmatch("[0-9]{1,3}", word)]
    mac = words[5].lower() if re.fullmatch(_MAC, words[5]) else ""
    vips = [str(ip) for word in words[6].split(",") if (ip := _ip(word)) is not None]
    if source is not None and target is not None and len(numbers) == 3:
        version, vrid, priority = numbers
        yield Advertisement(source, target, version, vrid, priority, mac, tuple(vips))


def _adverts(packets: Iterable[Advertisement]) -> tuple[Advertisement, ...]:
    """Each advertisement once, in the order of its router; probes are none."""
    real = {packet for packet in packets if 1 <= packet.vrid <= 255}
    return tuple(sorted(real, key=lambda one: (one.vrid, str(one.source), str(one))))


def _addresses(lines: Lines, word: str) -> Iterator[IPAddress]:
    for line in lines:
        words = line.split()
        if words[:1] == [word] and len(words) > 1 and (ip := _ip(words[1])) is not None:
            yield ip


def _ip(text: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _reason(lines: Iterable[str]) -> str:
    """Why a part could not be done, in its tool's own words."""
    text = next((clean_line(line) for line in lines if line.strip()), "it said nothing")
    if text.startswith("missing: "):
        return f"the node has no {text.removeprefix('missing: ')}"
    return text.removeprefix("denied ")
