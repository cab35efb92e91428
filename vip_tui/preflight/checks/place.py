"""What the machine is, and where it stands: disk, clock, cloud, Swarm. Pure."""

from __future__ import annotations

from vip_tui.preflight.checks.kinds import NodeCheck

CHECKS: dict[str, NodeCheck] = {}
