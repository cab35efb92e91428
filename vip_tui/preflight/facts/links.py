"""Interfaces and addresses, as ip(8) tells of them. Pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface

from vip_tui.preflight.facts.script import Section

SECTIONS = (
    Section("addresses", "ip -o addr show"),
    Section("links", "ip -o link show"),
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address on an interface, with its prefix."""

    interface: str
    ip: IPv4Interface | IPv6Interface


def parse_addresses(text: str) -> tuple[Address, ...]:
    """``ip -o addr show``: one address a line, ``2: eth0    inet 192.0.2.1/24 …``."""
    found = []
    for line in text.splitlines():
        if address := parse_address_line(line):
            found.append(address)
    return tuple(found)


def parse_address_line(line: str) -> Address | None:
    """One such line, also of ``ip -o monitor address``; None for any other."""
    match = re.match(r"\d+:\s+(\S+)\s+inet6?\s+(\S+)", line)
    if not match:
        return None
    try:
        return Address(match[1].partition("@")[0], ipaddress.ip_interface(match[2]))
    except ValueError:
        return None


def parse_links(text: str) -> frozenset[str]:
    """``ip -o link show``: the interfaces that are up and have a carrier."""
    return frozenset(name for name, flags in _links(text).items() if {"UP", "LOWER_UP"} <= flags)


def parse_link_names(text: str) -> frozenset[str]:
    """``ip -o link show``: all interfaces that there are."""
    return frozenset(_links(text))


def _links(text: str) -> dict[str, set[str]]:
    found = {}
    for line in text.splitlines():
        match = re.match(r"\d+:\s+([^:@\s]+)(?:@\S+)?:\s+<([^>]*)>", line)
        if match:
            found[match[1]] = set(match[2].split(","))
    return found
