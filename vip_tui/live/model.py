"""What is known of a cluster at one moment: nodes, probe, verdict and reasons. Frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vip_tui.errors import VipError
from vip_tui.keepalived.log import VrrpState
from vip_tui.keepalived.spec import ContainerState

Verdict = Literal[
    "split-brain", "no-master", "stale-vip", "unknown", "drift", "degraded", "healthy"
]
WORST_FIRST: tuple[Verdict, ...] = (
    *("split-brain", "no-master", "stale-vip", "unknown", "drift", "degraded", "healthy"),
)
NodeWord = Literal[
    "master",
    "backup",
    "fault",
    "stopped",
    "paused",
    "restarting",
    "absent",
    "unreachable",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict applies: what is so, how we know, what mends it."""

    verdict: Verdict
    text: str
    evidence: str = ""
    remedy: str = ""
    passing: bool = False  # an election may be all there is to it


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node as it is known now."""

    name: str
    address: str
    state: NodeWord = "unknown"
    since: float | None = None
    holds: tuple[str, ...] = ()
    holds_known: bool = False
    priority: int | None = None
    container: ContainerState | None = None
    container_known: bool = False
    vrrp: VrrpState | None = None
    hostname: str = ""
    connected: bool | None = None
    problem: VipError | None = None


@dataclass(frozen=True, slots=True)
class ProbeView:
    """How the VIP answers from here: for how long it has been silent and how long the last answer
    took, in seconds; ``took`` is None before the first answer. ``recent`` is about the last minute,
    the newest last; None where nobody answered."""

    silent: float | None = None
    took: float | None = None
    asked: bool = False
    problem: VipError | None = None
    recent: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: when (monotonic seconds), where, what."""

    at: float
    kind: Literal["transition", "container", "address", "verdict", "connection"]
    node: str
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The cluster at one moment; what every screen, command and drill looks at."""

    at: float
    verdict: Verdict
    since: float
    reasons: tuple[Reason, ...]
    nodes: tuple[NodeView, ...]
    probe: ProbeView
    events: tuple[Event, ...]
    epoch: float = 0.0  # what to add to a monotonic moment for the time of day (Unix time)

    @property
    def holders(self) -> tuple[str, ...]:
        """The names of the nodes whose kernel has a VIP."""
        return tuple(node.name for node in self.nodes if node.holds)

    @property
    def complete(self) -> bool:
        """Whether every node was either fully seen or found to be out of reach."""
        return all(
            node.connected is False
            or (node.connected and node.holds_known and (node.container_known or node.problem))
            for node in self.nodes
        )

    @property
    def known(self) -> bool:
        """Complete, and every running keepalived's log has told its state."""
        return self.complete and not any(
            node.state == "unknown" and node.container_known and node.connected
            for node in self.nodes
        )

    @property
    def settled(self) -> bool:
        """Known, and nothing is waited for: no election, no first answer of the probe."""
        return (
            self.known
            and not any(reason.passing for reason in self.reasons)
            and (self.probe.problem is not None or self.probe.took is not None or not self.holders)
        )
