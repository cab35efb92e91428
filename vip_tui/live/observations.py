"""What is seen of a cluster, one thing at a time. Pure.

``node`` is the node's place in the cluster file; ``at`` is our monotonic clock, in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from vip_tui.errors import VipError
from vip_tui.keepalived.log import VrrpState
from vip_tui.keepalived.spec import ContainerState


@dataclass(frozen=True, slots=True)
class Connected:
    """SSH is up; ``hostname`` is what the node calls itself."""

    at: float
    node: int
    hostname: str


@dataclass(frozen=True, slots=True)
class Lost:
    """SSH is not up, and why."""

    at: float
    node: int
    problem: VipError


@dataclass(frozen=True, slots=True)
class AddressesRead:
    """All VIPs that the node's kernel has, read afresh."""

    at: float
    node: int
    held: frozenset[str]


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """A VIP came to the node's kernel, or went."""

    at: float
    node: int
    vip: str
    held: bool


@dataclass(frozen=True, slots=True)
class ContainerSeen:
    """The node's container, read afresh; None where there is none."""

    at: float
    node: int
    container: ContainerState | None


@dataclass(frozen=True, slots=True)
class DockerLost:
    """Docker on the node does not answer, and why."""

    at: float
    node: int
    problem: VipError


@dataclass(frozen=True, slots=True)
class StateEntered:
    """keepalived's log says that it entered a state; None where its log does not say."""

    at: float
    node: int
    state: VrrpState | None


@dataclass(frozen=True, slots=True)
class Probed:
    """For how long nobody has answered for the VIP, and how long the last answer took (seconds).

    ``recent`` has an answer for about each second, the newest last; None where there was none.
    """

    at: float
    silent: float
    took: float | None
    recent: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class ProbeMissing:
    """The VIP cannot be asked from here, and why."""

    at: float
    problem: VipError


Observation = (
    Connected
    | Lost
    | AddressesRead
    | AddressChanged
    | ContainerSeen
    | DockerLost
    | StateEntered
    | Probed
    | ProbeMissing
)
