"""Observations of a cluster of three, and the state that they make."""

from collections.abc import Sequence
from typing import Any

from tests.unit.build import VIP, cluster, container, spec
from vip_tui.errors import UnreachableError
from vip_tui.live import observations as seen
from vip_tui.live.state import State, initial, reduce, settle
from vip_tui.live.verdict import timing

CLUSTER = cluster()
TIMING = timing([200, 150, 100])
LATER = 1000.0
LOST = UnreachableError("connection to n1 lost", "reset by peer", "Is it up?")
RUNS = [container(spec(n)) for n in (1, 2, 3)]


def after(*observations: seen.Observation, state: State | None = None) -> State:
    current = state or initial(CLUSTER, TIMING, 0.0)
    for observation in observations:
        current = reduce(current, observation)
    return current


def full_read(index: int, vrrp: Any, at: float = 1.0, held: Sequence[str] = ()) -> list[Any]:
    """All that a node tells when it is connected to."""
    return [
        seen.Connected(at, index, f"n{index + 1}"),
        seen.AddressesRead(at, index, frozenset(held)),
        seen.ContainerSeen(at, index, RUNS[index]),
        seen.StateEntered(at, index, vrrp),
    ]


def healthy() -> State:
    reads = [*full_read(0, "master", held=[VIP]), *full_read(1, "backup"), *full_read(2, "backup")]
    return settle(after(*reads), LATER)
