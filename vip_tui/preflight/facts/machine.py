"""The machine itself: identity, system, clock, disks, what it is a machine of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vip_tui.preflight.facts.script import Section

SECTIONS: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What the script said of the machine."""


def parse_machine(parts: Mapping[str, str]) -> MachineFacts:
    """The sections of this module as facts."""
    del parts
    return MachineFacts()
