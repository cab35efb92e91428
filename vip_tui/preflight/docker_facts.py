"""What a node's Docker Engine said. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from vip_tui.keepalived.spec import ContainerState


@dataclass(frozen=True, slots=True)
class DockerFacts:
    """What a node's Docker Engine said."""

    version: str
    image_present: bool
    container: ContainerState | None
