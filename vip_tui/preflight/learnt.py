"""What was learnt of one node, and what a check reports. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vip_tui.cluster import Node
from vip_tui.errors import VipError
from vip_tui.preflight.catalogue import CATALOGUE
from vip_tui.preflight.clock import Clock
from vip_tui.preflight.docker_facts import DockerFacts
from vip_tui.preflight.facts import HostFacts
from vip_tui.preflight.heard import Heard

Status = Literal["pass", "warn", "fail", "unknown"]
Fix = Literal[
    "load-ip_vs",
    "persist-ip_vs",
    "mend-modules",
    "delete-vip",
    "start-docker",
    "enable-docker",
    "open-firewall",
    "pull-image",
]


@dataclass(frozen=True, slots=True)
class Learnt:
    """All that preflight learnt of one node; ``problem`` is why it learnt nothing."""

    node: Node
    problem: VipError | None = None
    host: HostFacts | None = None
    host_problem: VipError | None = None
    elevated: bool = False  # whether sudo's password was needed, and did
    elevation_problem: VipError | None = None  # why it was needed, and did not
    docker: DockerFacts | None = None
    docker_problem: VipError | None = None
    heard: Heard | None = None  # on the wire; None until the node has listened
    clock: Clock | None = None  # against ours
    took_s: float | None = None  # from asking to having the facts

    @property
    def name(self) -> str:
        """The node's name: the operator's, else its hostname."""
        hostname = self.host.hostname if self.host else ""
        return self.node.name or hostname or self.node.endpoint


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check reports: what it found, how it knows, and what mends it.

    ``fix`` names the remedy that vip-tui can carry out itself; ``because`` is the id of the check
    of the same node whose failure kept this one from looking.
    """

    id: str
    status: Status
    summary: str
    evidence: str = ""
    remedy: str = ""
    fix: Fix | None = None
    because: str = ""

    def as_dict(self) -> dict[str, str]:
        """The finding of the JSON contract."""
        about = CATALOGUE[self.id]
        return {
            "id": self.id,
            "status": self.status,
            "summary": self.summary,
            "evidence": self.evidence,
            "remedy": self.remedy,
            "looked_at": about.looks_at,
            "why": about.why,
            "fix": self.fix or "",
            "because": self.because,
        }
