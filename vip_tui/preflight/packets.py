"""Whether the tests of a firewall's rule hold for an advertisement. Pure.

A test is decided only where the packet alone decides it: one that counts, limits or looks into a
list that we cannot see is neither true nor false.
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from vip_tui.cluster import IPAddress
from vip_tui.preflight.facts.rules import Test

Direction = Literal["input", "output"]
VRRP = ("112", "vrrp", "carp")  # protocols(5); carp shares the number
ANY_PROTOCOL = ("0", "all", "ip")


@dataclass(frozen=True, slots=True)
class Packet:
    """An advertisement to or from a peer: unicast, sent by root.

    It is the first of its connection, unless one went the other way not long before.
    """

    source: IPAddress | None
    destination: IPAddress | None
    direction: Direction
    interface: str = ""  # where that is not known
    established: bool = False
    marked: bool = False  # whether a rule may have put a mark on it

    @property
    def version(self) -> int:
        """Of IP."""
        address = self.source or self.destination
        return 4 if address is None else address.version


def all_hold(tests: tuple[Test, ...], packet: Packet) -> bool | None:
    """Whether all tests hold; None where one of them cannot be decided, and none fails."""
    return _all([_holds(test, packet) for test in tests])


def _all(found: list[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def _holds(test: Test, packet: Packet) -> bool | None:
    if "never" in test.fields:
        return False
    if test.fields == ("?",):
        return None
    if test.op in _COMPARE:
        return _compared(test, packet)
    each = [_all(_parts(test, value, packet)) for value in test.values]
    found = True if True in each else None if None in each else False
    return found if found is None or test.op == "==" else not found


def _parts(test: Test, value: tuple[str, ...], packet: Packet) -> list[bool | None]:
    if len(value) != len(test.fields):
        return [None]
    return [
        _is(field, part.strip('"'), test.mask, packet)
        for field, part in zip(test.fields, value, strict=True)
    ]


def _is(field: str, value: str, mask: int | None, packet: Packet) -> bool | None:
    """Whether the packet's field is this one value."""
    if value == "?":
        return None
    if field in _WORDS:
        return _WORDS[field](value.lower(), packet)
    if field in ("saddr", "daddr"):
        return _within(packet.source if field == "saddr" else packet.destination, value)
    if field in ("iif", "oif"):
        return _interface(field, value, packet)
    number, known = _number(value), _of_packet(field, packet)
    if known is None:
        return None
    if low_high := re.fullmatch(r"(\d+)-(\d+)", value):
        return mask is None and int(low_high[1]) <= known <= int(low_high[2])
    return None if number is None else (known if mask is None else known & mask) == number


def _compared(test: Test, packet: Packet) -> bool | None:
    known = _of_packet(test.fields[0], packet)
    number = _number(test.values[0][0]) if test.values else None
    if known is None or number is None or len(test.fields) > 1 or test.mask is not None:
        return None
    return _COMPARE[test.op](known, number)


_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _of_packet(field: str, packet: Packet) -> int | None:
    """What is a number in every advertisement (RFC 5798, section 5.1.1)."""
    if field == "mark":
        return None if packet.marked else 0
    return {"ttl": 255, "version": packet.version, "zero": 0}.get(field)


def _number(text: str) -> int | None:
    return int(text, 0) if re.fullmatch(r"0x[0-9a-fA-F]{1,8}|0|[1-9][0-9]{0,9}", text) else None


def _within(address: IPAddress | None, value: str) -> bool | None:
    """An address, a subnet, or a range of addresses."""
    if address is None:
        return None
    first, _, last = value.partition("-")
    try:
        if last:
            low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
            return low.version == address.version and int(low) <= int(address) <= int(high)
        return address in ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None


def _interface(field: str, value: str, packet: Packet) -> bool | None:
    """A name, or the beginning of one with a star; what comes in has no way out yet."""
    if (field == "iif") != (packet.direction == "input"):
        return False
    if not packet.interface:
        return False if value == "lo" else None
    if value.endswith("*"):
        return packet.interface.startswith(value[:-1])
    return packet.interface == value


def _protocol(value: str, _packet: Packet) -> bool | None:
    if found := re.fullmatch(r"(\d{1,3})-(\d{1,3})", value):
        return int(found[1]) <= 112 <= int(found[2])
    return value in VRRP or value in ANY_PROTOCOL


def _nfproto(value: str, packet: Packet) -> bool | None:
    four, six = ("ipv4", "ip", "0x0800"), ("ipv6", "ip6", "0x86dd")
    return value in (four if packet.version == 4 else six)


def _pkttype(value: str, packet: Packet) -> bool | None:
    return value in ("host", "unicast") if packet.direction == "input" else None


def _uid(value: str, packet: Packet) -> bool | None:
    return packet.direction == "output" and value in ("0", "root")


def _fib(value: str, _packet: Packet) -> bool | None:
    """The way back to a peer, which is in our own subnet, is there."""
    known = {"missing": False, "0": False, "false": False, "exists": True, "true": True}
    return known.get(value)


_WORDS: Mapping[str, Callable[[str, Packet], bool | None]] = {
    "protocol": _protocol,
    "nfproto": _nfproto,
    "pkttype": _pkttype,
    "uid": _uid,
    "fib": _fib,
    "ctstate": lambda value, packet: value == ("established" if packet.established else "new"),
    # Those are of connections that are known already.
    "ctstatus": lambda _, packet: None if packet.established else False,
    "ctdirection": lambda value, packet: (value in ("original", "0")) != packet.established,
    "dsttype": lambda value, packet: (
        value == ("local" if packet.direction == "input" else "unicast")
    ),
    "srctype": lambda value, packet: (
        value == ("unicast" if packet.direction == "input" else "local")
    ),
    "?": lambda _value, _packet: None,
}
