"""Facts of a node: one POSIX ``sh`` script with one snippet per fact, and a pure parser for each.

The script needs only sh, coreutils and ip(8); what is missing there leaves its fact unknown.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface
from typing import Literal

from vip_tui.nodes.commands import Command
from vip_tui.nodes.text import parse_hostname

MARK = "--8<-- vip-tui "

IpVs = Literal["loaded", "loadable", "missing", "unknown"]

SNIPPETS: dict[str, str] = {
    "hostname": "cat /proc/sys/kernel/hostname",
    "account": "id -u; id -un; sudo -n true 2>/dev/null && echo sudo",
    "addresses": "ip -o addr show",
    "links": "ip -o link show",
    "ip_vs": """
grep -qs '^ip_vs ' /proc/modules && echo loaded
[ -d /sys/module/ip_vs ] && echo loaded
PATH=$PATH:/usr/sbin:/sbin
if modprobe -n ip_vs >/dev/null 2>&1 || modinfo ip_vs >/dev/null 2>&1; then echo loadable
elif command -v modinfo >/dev/null || ! modprobe -n ip_vs 2>&1 | grep -qi option; then
  command -v modprobe >/dev/null && echo modprobe
fi
true""",
    "ip_vs_persisted": """
cat /etc/modules /etc/modules-load.d/*.conf 2>/dev/null | grep -x ip_vs
true""",
}

GATHER = Command(
    "facts",
    "\n".join(f"echo '{MARK}{name}'\n{text.strip()}" for name, text in SNIPPETS.items()),
    limit_s=10,
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address on an interface, with its prefix."""

    interface: str
    ip: IPv4Interface | IPv6Interface


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What one node's script said."""

    hostname: str
    user: str
    root: bool
    sudo: bool
    addresses: tuple[Address, ...]
    up: frozenset[str]
    ip_vs: IpVs
    ip_vs_persisted: bool

    def on(self, interface: str) -> tuple[Address, ...]:
        """The addresses of one interface."""
        return tuple(address for address in self.addresses if address.interface == interface)

    def holds(self, ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        """Whether the kernel has this address."""
        return any(address.ip.ip == ip for address in self.addresses)


def parse(output: str) -> HostFacts:
    """The script's output as facts."""
    parts = sections(output)
    account = parts.get("account", "").split()
    return HostFacts(
        hostname=parse_hostname(parts.get("hostname", "")),
        user=account[1] if len(account) > 1 else "",
        root=account[:1] == ["0"],
        sudo="sudo" in account[2:],
        addresses=parse_addresses(parts.get("addresses", "")),
        up=parse_links(parts.get("links", "")),
        ip_vs=parse_ip_vs(parts.get("ip_vs", "")),
        ip_vs_persisted="ip_vs" in parts.get("ip_vs_persisted", "").split(),
    )


def sections(output: str) -> dict[str, str]:
    """The output cut at the marks."""
    found = {}
    for part in output.split(MARK)[1:]:
        name, _, body = part.partition("\n")
        found[name.strip()] = body
    return found


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
    up = set()
    for line in text.splitlines():
        match = re.match(r"\d+:\s+([^:@\s]+)(?:@\S+)?:\s+<([^>]*)>", line)
        if match and {"UP", "LOWER_UP"} <= set(match[2].split(",")):
            up.add(match[1])
    return frozenset(up)


def parse_ip_vs(text: str) -> IpVs:
    """What the ip_vs snippet's words mean."""
    words = set(text.split())
    if "loaded" in words:
        return "loaded"
    if "loadable" in words:
        return "loadable"
    return "missing" if "modprobe" in words else "unknown"
