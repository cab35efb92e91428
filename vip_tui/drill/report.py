"""What a drill found, for the screen, for scripts and for the store."""

from __future__ import annotations

from dataclasses import dataclass, field

from vip_tui.drill.safety import MARGIN_S, Outcome


@dataclass(slots=True)
class DrillReport:
    """A drill's outcome; ``*_s`` are seconds, ``started_at`` is RFC 3339 UTC."""

    cluster: str
    fault: str = "stop"
    outcome: Outcome = "inconclusive"
    reasons: list[str] = field(default_factory=list)
    source: str | None = None
    target: str | None = None
    outage_s: float | None = None
    bound_s: float | None = None
    resolution_s: float | None = None
    probe: str = "ping"
    restored: bool = False
    back_as: str | None = None  # the state in which the stopped node was seen again
    started_at: str = ""
    journal: str = ""
    timeline: list[tuple[float, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The drill of the JSON contract."""
        return {
            "outcome": self.outcome,
            "reasons": self.reasons,
            "fault": self.fault,
            "from": self.source,
            "to": self.target,
            "outage_ms": _ms(self.outage_s),
            "bound_ms": _ms(self.bound_s),
            "resolution_ms": _ms(self.resolution_s),
            "probe": self.probe,
            "restored": self.restored,
            "report": self.text(),
            "started_at": self.started_at,
            "journal": self.journal,
        }

    def text(self) -> str:
        """The report for people, plain text."""
        lines = [f"Drill of {self.cluster}: {self.fault}, {self.outcome.upper()}"]
        if self.source and self.timeline:
            taken = f"{self.target or 'nobody'} took the VIP"
            if self.target is None and self.outcome == "aborted":
                taken = "the drill ended before it was seen who took the VIP"
            lines.append(f"  {self.source} was stopped; {taken}.")
        if self.outage_s is not None and self.bound_s is not None:
            resolution = (self.resolution_s or 0) * 1000
            lines.append(
                f"  Without the VIP: {self.outage_s * 1000:.0f} ms (± {resolution:.0f} ms, by "
                f"{self.probe}); the timers allow {self.bound_s * 1000:.0f} ms, and the machines "
                f"{MARGIN_S * 1000:.0f} ms more."
            )
        if self.source and self.timeline:
            state = f"is back as {self.back_as or 'backup'}"
            state = state if self.restored else "was NOT seen to come back"
            lines.append(f"  {self.source} {state}.")
        lines += [f"  {at:+8.3f} s  {what}" for at, what in self.timeline]
        lines += [f"  Reason: {reason}" for reason in self.reasons]
        return "\n".join(lines)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
