"""Whether a drill may run, what it would do, and what its outcome means. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vip_tui.errors import RefusedError
from vip_tui.keepalived.recipe import ADVERT_INTERVAL_S
from vip_tui.keepalived.timers import clean_stop_bound
from vip_tui.live.model import NodeView, Snapshot

Outcome = Literal["passed", "failed", "inconclusive", "aborted", "refused"]

# What a machine needs beyond the timers: stopping, electing, telling the switch, answering.
MARGIN_S = 0.25
QUIET_GAP_S = 0.1


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """What the drill will do: who gives the VIP up, who should take it, within which bound."""

    index: int  # the source's place in the cluster file
    source: str
    target: str
    vips: tuple[str, ...]
    bound_s: float

    @property
    def text(self) -> str:
        """The consequence in one sentence."""
        return (
            f"{self.source} gives up {', '.join(self.vips)}; "
            f"{self.target} should take it within {self.bound_s:.2f} s"
        )


def refusals(picture: Snapshot) -> list[str]:
    """Why no drill may run now; empty where one may."""
    reasons = []
    if picture.verdict != "healthy":
        reasons.append(f"the cluster is {picture.verdict}, not healthy")
        reasons += [reason.text for reason in picture.reasons]
    if not [node for node in picture.nodes if node.state == "backup"]:
        reasons.append("no healthy backup could take over")
    if picture.probe.problem is not None:
        reasons.append(f"the outage cannot be measured: {picture.probe.problem}")
    elif picture.probe.took is None:
        reasons.append("the VIP does not answer from here: the outage cannot be measured")
    return reasons


def blast_radius(picture: Snapshot) -> BlastRadius:
    """What a clean stop of the master does, for a picture that no refusal speaks against."""
    index, source = next((i, node) for i, node in enumerate(picture.nodes) if node.holds)
    backups = [node for node in picture.nodes if node.state == "backup"]
    target = max(backups, key=_rank)
    priorities = tuple(node.priority or 1 for node in backups)
    bound = clean_stop_bound(priorities, ADVERT_INTERVAL_S)
    return BlastRadius(index, source.name, target.name, source.holds, bound)


def require_safe(picture: Snapshot) -> BlastRadius:
    """The blast radius; raises RefusedError with every reason why no drill may run now."""
    if reasons := refusals(picture):
        hint = "`vip-tui status` tells more."
        raise RefusedError("the drill is refused", "; ".join(reasons), hint)
    return blast_radius(picture)


def _rank(node: NodeView) -> int:
    return node.priority or 1


def noisy(baseline_gaps: Sequence[float], answers: int, expected: float) -> str | None:
    """Why the baseline before the fault is too noisy to measure against; None where it is not."""
    if answers < expected / 2:
        return f"only {answers} of about {expected:.0f} probes were answered before the fault"
    worst = max(baseline_gaps, default=0.0)
    if worst > QUIET_GAP_S:
        return f"a gap of {worst * 1000:.0f} ms before the fault"
    return None


def verdict(
    outage_s: float | None,
    bound_s: float,
    taken_by: str | None,
    restored: bool,
    limit_s: float | None,
) -> tuple[Outcome, list[str]]:
    """What the measurement means: the outcome and the reasons for it (seconds)."""
    reasons = []
    if taken_by is None:
        reasons.append("nobody took the VIP over")
    if not restored:
        reasons.append("the stopped node did not come back as backup")
    if outage_s is None:
        return ("failed", reasons) if reasons else ("inconclusive", ["nothing was measured"])
    allowed = limit_s if limit_s is not None else bound_s + MARGIN_S
    if outage_s > allowed:
        what = "the most allowed" if limit_s is not None else "the bound and its margin"
        reasons.append(f"{outage_s * 1000:.0f} ms without the VIP, over {what}: {allowed:.2f} s")
    return ("failed", reasons) if reasons else ("passed", [])
