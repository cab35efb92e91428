"""What was learnt of one node, and what a check reports. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vip_tui.cluster import Node
from vip_tui.errors import VipError
from vip_tui.keepalived.spec import ContainerState
from vip_tui.preflight.facts import HostFacts

Status = Literal["pass", "warn", "fail", "unknown"]


@dataclass(frozen=True, slots=True)
class DockerFacts:
    """What a node's Docker Engine said."""

    version: str
    image_present: bool
    container: ContainerState | None


@dataclass(frozen=True, slots=True)
class Learnt:
    """All that preflight learnt of one node; ``problem`` is why it learnt nothing."""

    node: Node
    problem: VipError | None = None
    host: HostFacts | None = None
    host_problem: VipError | None = None
    docker: DockerFacts | None = None
    docker_problem: VipError | None = None
    answers: tuple[str, ...] | None = None  # the VIPs that somebody answers for, seen from here
    took_s: float | None = None  # from asking to having the facts

    @property
    def name(self) -> str:
        """The node's name: the operator's, else its hostname."""
        hostname = self.host.hostname if self.host else ""
        return self.node.name or hostname or self.node.endpoint


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check reports: what it found, how it knows, and what mends it."""

    id: str
    status: Status
    summary: str
    evidence: str = ""
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """The finding of the JSON contract."""
        return {
            "id": self.id,
            "status": self.status,
            "summary": self.summary,
            "evidence": self.evidence,
            "remedy": self.remedy,
        }
