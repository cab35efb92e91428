"""What a node heard on the wire while it listened. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from vip_tui.cluster import IPAddress
from vip_tui.errors import VipError


class NowhereToListen(VipError):  # noqa: N818 - the words of the design
    """The node has no interface for the VIP."""


@dataclass(frozen=True, slots=True)
class Route:
    """The way to a peer, as the kernel would take it; ``line`` is ip(8)'s own."""

    peer: IPAddress
    line: str
    interface: str = ""
    source: IPAddress | None = None
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class Distance:
    """Round trips to a peer in milliseconds, those that came back of those that were ``sent``."""

    peer: IPAddress
    trips_ms: tuple[float, ...] = ()
    sent: int = 0
    problem: str = ""

    @property
    def median_ms(self) -> float | None:
        """The middle one: the first waits for the peer's MAC, and one late one proves little."""
        ordered = sorted(self.trips_ms)
        return ordered[(len(ordered) - 1) // 2] if ordered else None


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers for a VIP: the MAC addresses, and whether ping was answered."""

    vip: IPAddress
    macs: tuple[str, ...] = ()
    pinged: bool = False
    own: bool = False  # it is on this node, whose kernel would answer itself
    problem: str = ""  # why nobody could be asked

    @property
    def anybody(self) -> bool:
        """Whether another machine than this node answered."""
        return bool(self.macs) or self.pinged


@dataclass(frozen=True, slots=True)
class Advertisement:
    """An advertisement of a virtual router; ``mac`` is its sender's."""

    source: IPAddress
    target: IPAddress
    version: int
    vrid: int
    priority: int
    mac: str = ""
    vips: tuple[str, ...] = ()

    def __str__(self) -> str:
        vips = f", for {' '.join(self.vips)}" if self.vips else ""
        return (
            f"{self.source} > {self.target}: VRRPv{self.version}, VRID {self.vrid}, "
            f"priority {self.priority}{vips}"
        )


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A row of the neighbour table; ``mac`` is empty where nobody answered for the address."""

    ip: IPAddress
    mac: str
    state: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard, and what could not be listened to; ``problem`` is why nothing was."""

    problem: VipError | None = None
    interface: str = ""
    own: IPAddress | None = None  # our address there
    ended_s: float = 0.0  # on our monotonic clock: who listened at the same time as whom
    routes: tuple[Route, ...] = ()
    distances: tuple[Distance, ...] = ()
    answers: tuple[Answer, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    # On the wire, before our firewall: None where nobody could listen, for the reason in ``deaf``.
    adverts: tuple[Advertisement, ...] | None = None
    deaf: str = ""
    arrived: frozenset[IPAddress] = frozenset()  # whose packets of IP protocol 112, on the wire
    # Whose of them came past our firewall, and to whom we sent some; None for the reason in
    # ``mute``.
    through: frozenset[IPAddress] | None = None
    sent: frozenset[IPAddress] = frozenset()
    mute: str = ""

    def neighbour(self, ip: IPAddress) -> Neighbour | None:
        """What the neighbour table has of an address."""
        return next((row for row in self.neighbours if row.ip == ip), None)
