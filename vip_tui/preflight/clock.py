"""A node's clock against ours, as exactly as one round trip allows. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from vip_tui.preflight.facts.machine import MachineFacts


@dataclass(frozen=True, slots=True)
class Clock:
    """How far a node's clock is ahead of ours (seconds), and by how much that may be wrong."""

    offset_s: float
    uncertainty_s: float

    @property
    def surely_off_s(self) -> float:
        """By how much it is off at the least (seconds)."""
        return max(0.0, abs(self.offset_s) - self.uncertainty_s)

    def apart_s(self, other: Clock) -> float:
        """By how much two nodes' clocks differ at the least (seconds)."""
        doubt = self.uncertainty_s + other.uncertainty_s
        return max(0.0, abs(self.offset_s - other.offset_s) - doubt)


def clock_offset(sent_s: float, received_s: float, machine: MachineFacts) -> Clock | None:
    """The node's clock from when we asked and when its answer was here (seconds since 1970).

    It was read at some moment between the two, as in NTP (RFC 5905, section 8), and told no finer
    than its resolution. None where it was not told, or ours was set back meanwhile.
    """
    if machine.clock_s is None or received_s < sent_s:
        return None
    least = machine.clock_s - received_s
    most = machine.clock_s + machine.clock_resolution_s - sent_s
    return Clock((least + most) / 2, (most - least) / 2)
