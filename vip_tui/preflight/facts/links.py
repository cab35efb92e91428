"""Interfaces and addresses, as ip(8) tells of them. Pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface

from vip_tui.nodes.text import clean_line
from vip_tui.preflight.facts.script import Section

# The kind of a link is read from sysfs, because busybox's ip(8) has no -d.
SECTIONS = (
    Section("addresses", "ip -o addr show 2>&1"),
    Section("links", "ip -o link show 2>/dev/null"),
    Section("link_kinds", "grep -s ^DEVTYPE= /sys/class/net/*/uevent /dev/null\ntrue"),
)
_LINK = re.compile(r"\d+:\s+([^:@\s]+)(?:@\S+)?:\s+<([^>]*)>")


@dataclass(frozen=True, slots=True)
class Address:
    """An address on an interface, with its prefix."""

    interface: str
    ip: IPv4Interface | IPv6Interface


@dataclass(frozen=True, slots=True)
class Link:
    """An interface: its MAC address, and what it is where it is no plain one (bond, vlan, …)."""

    name: str
    mac: str = ""
    kind: str = ""


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


def parse_devices(links: str, kinds: str) -> tuple[Link, ...]:
    """All interfaces, in their order; the kinds are ``/sys/class/net/NAME/uevent:DEVTYPE=KIND``."""
    kind = dict(re.findall(r"^/sys/class/net/([^/\s]+)/uevent:DEVTYPE=(\w+)$", kinds, re.MULTILINE))
    found = []
    for line in links.splitlines():
        if match := _LINK.match(line):
            mac = re.search(r"link/\w+ ([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b", line)
            found.append(Link(match[1], mac[1] if mac else "", kind.get(match[1], "")))
    return tuple(found)


def no_addresses(text: str) -> str:
    """Why ``ip -o addr show`` told of no address at all; empty where it did."""
    return "" if parse_addresses(text) else clean_line(text) or "ip(8) says nothing"


def parse_links(text: str) -> frozenset[str]:
    """``ip -o link show``: the interfaces that are up and have a carrier."""
    return frozenset(name for name, flags in _links(text).items() if {"UP", "LOWER_UP"} <= flags)


def parse_link_names(text: str) -> frozenset[str]:
    """``ip -o link show``: all interfaces that there are."""
    return frozenset(_links(text))


def _links(text: str) -> dict[str, set[str]]:
    found = {}
    for line in text.splitlines():
        if match := _LINK.match(line):
            found[match[1]] = set(match[2].split(","))
    return found
