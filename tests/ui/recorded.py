"""A cluster of three as it was observed on the lab, for tests and screenshots."""

from __future__ import annotations

from vip_tui.cluster import Cluster, load
from vip_tui.keepalived.spec import ContainerState
from vip_tui.live import observations as seen
from vip_tui.live.model import Snapshot
from vip_tui.live.state import initial, reduce, snapshot
from vip_tui.live.verdict import timing

CLUSTER = load(
    """
name = "homelab"
vip = ["198.18.0.100"]
[[node]]
address = "198.18.0.11"
[[node]]
address = "198.18.0.12"
[[node]]
address = "198.18.0.13"
"""
)


NINE_O_CLOCK = 1767258000.0  # 2026-01-01 09:00 UTC


def container(priority: int, status: str = "running", vips: str = "198.18.0.100") -> ContainerState:
    return ContainerState(
        id="c0ffee",
        image=CLUSTER.image,
        environment={"KEEPALIVED_PRIORITY": str(priority), "KEEPALIVED_VIRTUAL_IPS": vips},
        status=status,
        started_at="2026-01-01T00:00:00Z",
    )


def picture(cluster: Cluster = CLUSTER, *more: seen.Observation, at: float = 100.0) -> Snapshot:
    """A healthy cluster of three, then what else is observed."""
    state = initial(cluster, timing([1]), 0.0, epoch=NINE_O_CLOCK)
    observations: list[seen.Observation] = []
    for index, priority in enumerate((200, 150, 100)):
        observations += [
            seen.Connected(1.0, index, f"n{index + 1}"),
            seen.AddressesRead(1.0, index, frozenset({"198.18.0.100"} if index == 0 else ())),
            seen.ContainerSeen(1.0, index, container(priority)),
            seen.StateEntered(1.0, index, "master" if index == 0 else "backup"),
        ]
    observations.append(seen.Probed(1.0, 0.1, 0.0004))
    for observation in (*observations, *more):
        state = reduce(state, observation)
    return snapshot(state, at)
