"""The priorities of nodes that were given none. Pure."""

from __future__ import annotations


def default_priorities(count: int) -> tuple[int, ...]:
    """Priorities by order: 200 for the first, 100 for the last, spread between."""
    if count == 1:
        return (200,)
    return tuple(200 - round(100 * index / (count - 1)) for index in range(count))
