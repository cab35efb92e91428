"""What only all nodes together tell. Pure."""

from __future__ import annotations

from vip_tui.preflight.checks.kinds import ClusterCheck

CHECKS: dict[str, ClusterCheck] = {}
