"""A cluster of three as it was observed on the lab, for tests and screenshots."""

from __future__ import annotations

from vip_tui.cluster import Cluster, load
from vip_tui.keepalived.spec import CLUSTER_LABEL, ContainerState
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
VIP = "198.18.0.100"
NINE_O_CLOCK = 1767258000.0  # 2026-01-01 09:00 UTC
TWO_HOURS = 8041.0  # seconds that the healthy cluster has been watched for, in most scenes

# What the last minute's answers took: a wire at rest, with a slower one here and there.
RECENT: tuple[float | None, ...] = tuple(
    0.0031 if second == 41 else 0.0014 if second % 9 == 4 else 0.0004 for second in range(60)
)


def container(
    priority: int,
    status: str = "running",
    vips: str = VIP,
    exit_code: int = 0,
    started_at: str = "2025-12-29T05:12:00Z",
    cluster: str = CLUSTER.name,
) -> ContainerState:
    return ContainerState(
        id="c0ffee",
        image=CLUSTER.image,
        environment={
            "KEEPALIVED_PRIORITY": str(priority),
            "KEEPALIVED_ROUTER_ID": "100",
            "KEEPALIVED_VIRTUAL_IPS": vips,
        },
        labels={CLUSTER_LABEL: cluster},
        status=status,
        exit_code=exit_code,
        started_at=started_at,
    )


def picture(
    cluster: Cluster = CLUSTER,
    *more: seen.Observation,
    at: float = 100.0,
    recent: tuple[float | None, ...] = RECENT,
) -> Snapshot:
    """A healthy cluster, its first node the master, then what else is observed."""
    state = initial(cluster, timing([1]), 0.0, epoch=NINE_O_CLOCK)
    observations: list[seen.Observation] = []
    last = max(1, len(cluster.nodes) - 1)
    for index in range(len(cluster.nodes)):
        held = {str(vip.address) for vip in cluster.vip} if index == 0 else ()
        vips = f"#PYTHON2BASH:{[str(vip) for vip in cluster.vip]!r}"
        observations += [
            seen.Connected(1.0, index, f"n{index + 1}"),
            seen.AddressesRead(1.0, index, frozenset(held)),
            seen.ContainerSeen(
                1.0,
                index,
                container(200 - round(100 * index / last), vips=vips, cluster=cluster.name),
            ),
            seen.StateEntered(1.0, index, "master" if index == 0 else "backup"),
        ]
    observations.append(seen.Probed(1.0, 0.1, 0.0004, recent))
    for observation in (*observations, *more):
        state = reduce(state, observation)
    return snapshot(state, at)
