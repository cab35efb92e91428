"""Risks that ``--allow`` accepts are remembered in the cluster file."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cli import output
from vip_tui.cluster import Cluster
from vip_tui.errors import VipError
from vip_tui.store import Store


def remember(reference: str, cluster: Cluster, checks: Sequence[str]) -> None:
    """Write into the file what it does not allow yet; a file that cannot be written is told of."""
    new = [check for check in checks if check not in cluster.allow]
    if not new:
        return
    try:
        path = Store().remember_allowed(reference, new)
    except VipError as problem:
        output.say(f"allowed this time only, as it could not be remembered: {problem}")
    else:
        output.say(f"allowed from now on: {', '.join(new)}; remembered in {path}")
