"""The outage as a client saw it: the gaps between answers on a monotonic clock. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody answered between these two moments (seconds, monotonic)."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """Its length in seconds."""
        return self.end - self.start


def gaps(answers: Sequence[float], interval_s: float, start: float, end: float) -> list[Gap]:
    """The gaps between answers that arrived between ``start`` and ``end``, longest first.

    A gap is longer than two intervals: one answer that is a little late is none. A gap that was
    under way at ``start`` counts from there, one that has not ended up to ``end``.
    """
    inside = [at for at in answers if start <= at <= end]
    edges = [start, *inside, end]
    found = [Gap(a, b) for a, b in pairwise(edges) if b - a > 2 * interval_s]
    return sorted(found, key=lambda gap: -gap.length)


def longest(answers: Sequence[float], interval_s: float, start: float, end: float) -> Gap | None:
    """The longest gap, or None where no answer was missed."""
    found = gaps(answers, interval_s, start, end)
    return found[0] if found else None
