"""What the image osixia/keepalived:2.0.20 makes of a container's environment."""

from __future__ import annotations

import ast
import ipaddress
from collections.abc import Mapping

from vip_tui.demo.vrrp import Settings
from vip_tui.keepalived.recipe import IMAGE_DEFAULTS

MARK = "#PYTHON2BASH:"
PASSWORD_LENGTH = 8  # keepalived cuts what VRRPv2's field cannot carry


def items(value: str) -> tuple[str, ...]:
    """A variable as the image reads it: ``ast.literal_eval``, whose failure leaves the text."""
    if not value.startswith(MARK):
        return (value,)
    text = value.removeprefix(MARK)
    try:
        read = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return (text,)
    return tuple(str(item) for item in read) if isinstance(read, list) else (text,)


def environment_of(given: Mapping[str, str]) -> dict[str, str]:
    """The container's environment on top of the image's defaults."""
    return {**IMAGE_DEFAULTS, **given}


def settings(given: Mapping[str, str], source: str) -> Settings:
    """The configuration that the image renders; ``source`` is the interface's own address.

    What keepalived could not read as an address is left out, as keepalived does with a warning.
    """
    environment = environment_of(given)
    return Settings(
        vrid=_number(environment["KEEPALIVED_ROUTER_ID"], 51),
        priority=_number(environment["KEEPALIVED_PRIORITY"], 100),
        password=environment["KEEPALIVED_PASSWORD"][:PASSWORD_LENGTH],
        vips=_addresses(environment["KEEPALIVED_VIRTUAL_IPS"]),
        peers=_addresses(environment["KEEPALIVED_UNICAST_PEERS"]),
        interface=environment["KEEPALIVED_INTERFACE"],
        source=source,
    )


def complaints(given: Mapping[str, str]) -> list[str]:
    """What keepalived says of the items that are no addresses."""
    environment = environment_of(given)
    peers = items(environment["KEEPALIVED_UNICAST_PEERS"])
    return [
        f"(Line 19) ({item}) malformed unicast peer address" for item in peers if not _good(item)
    ]


def _addresses(value: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in items(value) if _good(item))


def _good(item: str) -> bool:
    try:
        ipaddress.ip_interface(item.strip())
    except ValueError:
        return False
    return True


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and 1 <= int(text) <= 255 else otherwise
