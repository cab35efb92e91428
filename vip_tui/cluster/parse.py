"""Values as they are typed or written: each ``parse_*`` returns the value or raises InputError."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from vip_tui.cluster.model import (
    DEFAULT_IMAGE,
    PASSWORD_LENGTH,
    IPAddress,
    Node,
    Secret,
    Vip,
    check_nodes,
)
from vip_tui.errors import InputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,31}\$?")
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,14}")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}")
# Every other character breaks the image's sed, is a comment in keepalived's file, or quotes.
_PASSWORD = re.compile(r"[A-Za-z0-9._+=:,%-]{1,8}")


def parse_name(text: str) -> str:
    """A cluster's or node's name; raises InputError."""
    if _NAME.fullmatch(text):
        return text
    raise InputError("not a name", f"{text!r}", "Use letters, digits, dot, dash and underscore.")


def parse_address(text: str) -> str:
    """An SSH address: an IP address, a host name, or an alias of ``~/.ssh/config``."""
    try:
        return str(parse_ip(text))
    except InputError:
        looks_numeric = re.fullmatch(r"[0-9.]+|[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*", text)
        if not looks_numeric and _HOST.fullmatch(text):
            return text
    raise InputError("not an address", f"{text!r}", "Give an IP address, a name or an SSH alias.")


def parse_port(text: str | int) -> int:
    """A TCP port; raises InputError."""
    return _number(text, "port", 1, 65535)


def parse_vrid(text: str | int) -> int:
    """A virtual router id, 1 to 255 (RFC 9568, section 5.2.3); raises InputError."""
    return _number(text, "VRID", 1, 255)


def parse_priority(text: str | int) -> int:
    """A priority, 1 to 254; 255 is for the address's owner (RFC 9568, section 5.2.4)."""
    return _number(text, "priority", 1, 254)


def _number(text: str | int, what: str, low: int, high: int) -> int:
    if isinstance(text, bool) or not re.fullmatch(r"[0-9]{1,9}", str(text).strip()):
        raise InputError(f"{what} is not a number", repr(text), f"Give {low} to {high}.")
    value = int(text)
    if not low <= value <= high:
        raise InputError(f"{what} out of range", str(value), f"Give {low} to {high}.")
    return value


def parse_user(text: str) -> str:
    """A login name; raises InputError."""
    if _USER.fullmatch(text):
        return text
    raise InputError("not a user name", repr(text), "Give the name that you log in with.")


def parse_interface(text: str) -> str:
    """A network interface's name; raises InputError."""
    if _INTERFACE.fullmatch(text):
        return text
    raise InputError("not an interface", repr(text), "Give a name such as eth0.")


def parse_image(text: str) -> str:
    """An image reference, by tag or digest; raises InputError."""
    if _IMAGE.fullmatch(text):
        return text
    raise InputError("not an image", repr(text), f"Give a reference such as {DEFAULT_IMAGE}.")


def parse_ip(text: str) -> IPAddress:
    """An IP address; raises InputError."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        raise InputError("not an IP address", repr(text), "For example 192.0.2.10.") from None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        parse_interface(address.scope_id)  # ipaddress takes any text for a scope (RFC 4007)
    return address


def parse_vip(text: str) -> Vip:
    """A virtual address with an optional ``/len``; raises InputError."""
    bare, slash, length = text.strip().partition("/")
    address = parse_ip(bare)
    limited_broadcast = address == ipaddress.IPv4Address("255.255.255.255")
    if address.is_unspecified or address.is_multicast or address.is_loopback or limited_broadcast:
        raise InputError("not usable as a VIP", str(address), "Give a free address of the subnet.")
    if not slash:
        return Vip(address)
    vip = Vip(address, _number(length, "prefix length", 1, address.max_prefixlen))
    network = vip.network
    assert network is not None
    if address.version == 4 and network.prefixlen < 31:  # RFC 3021: a /31 has no broadcast address
        if address == network.network_address:
            raise InputError("not usable as a VIP", f"{address} is the subnet's own address")
        if address == network.broadcast_address:
            raise InputError("not usable as a VIP", f"{address} is the broadcast address")
    return vip


def parse_password(text: str) -> Secret:
    """A VRRPv2 password of at most 8 characters from an allow-list; raises InputError."""
    if len(text) > PASSWORD_LENGTH:
        raise InputError("password too long", "", "VRRP uses 8 characters; give at most that many.")
    if _PASSWORD.fullmatch(text):
        return Secret(text)
    raise InputError(
        "password has a character that keepalived's image cannot carry",
        "",
        "Use letters, digits and . _ + = : , % -",
    )


def parse_probe(text: str) -> str:
    """``icmp``, ``tcp:PORT`` or an ``http://`` URL; raises InputError."""
    if text == "icmp" or _is_http(text):
        return text
    if text.startswith("tcp:"):
        return f"tcp:{parse_port(text.removeprefix('tcp:'))}"
    raise InputError("not a probe", repr(text), 'Give "icmp", "tcp:PORT" or "http://…".')


def _is_http(text: str) -> bool:
    if not re.fullmatch(r"http://[\x21-\x7e]+", text):
        return False
    try:
        url = urlsplit(text)
        return bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def parse_track(text: str) -> str:
    """``tcp:PORT`` or an ``http://`` URL; raises InputError."""
    if text == "icmp":
        raise InputError("not a track", repr(text), 'Give "tcp:PORT" or "http://…".')
    return parse_probe(text)


def parse_node(text: str) -> Node:
    """A node as typed in one word: ``[user@]address[:port]``, IPv6 with a port in brackets."""
    user, at, rest = text.strip().rpartition("@")
    port: str | None = None
    if match := re.fullmatch(r"\[([^\]]+)\](?::([^:]*))?", rest):
        rest, port = match[1], match[2]
    elif rest.count(":") == 1:
        rest, _, port = rest.partition(":")
    return Node(
        address=parse_address(rest),
        user=parse_user(user) if at else None,
        port=parse_port(port) if port is not None else None,
    )


def split_nodes(text: str) -> list[str]:
    """A pasted list of addresses, cut at commas, semicolons, blanks and lines."""
    return [part for part in re.split(r"[\s,;]+", text) if part]


def parse_nodes(text: str) -> tuple[Node, ...]:
    """A pasted list as nodes; raises InputError for the first that is wrong or given twice."""
    nodes = tuple(parse_node(part) for part in split_nodes(text))
    check_nodes(nodes)
    return nodes
