"""What stands between the nodes: routes and firewalls. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vip_tui.preflight.facts.script import Section

SECTIONS: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What the script said of the network."""


def parse_network(parts: Mapping[str, str]) -> NetworkFacts:
    """The sections of this module as facts."""
    del parts
    return NetworkFacts()
