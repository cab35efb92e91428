"""What came of apply, step by step. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from vip_tui.errors import VipError

CLUSTER_STEP = ""  # the node of a step that is of no node, but of all together
Outcome = Literal["done", "unchanged", "failed", "undone", "unknown"]


@dataclass(frozen=True, slots=True)
class StepReport:
    """What came of a step; the evidence is what was observed, not what was intended."""

    node: str
    action: str
    outcome: Outcome | Literal["running"]
    evidence: str = ""


@dataclass(slots=True)
class ApplyReport:
    """The outcome of apply; durations in seconds."""

    ok: bool = False
    rolled_back: bool = False
    elapsed_s: float = 0.0
    holder: str | None = None
    steps: list[StepReport] = field(default_factory=list)
    problem: VipError | None = None

    def as_dict(self, names: Sequence[str]) -> dict[str, object]:
        """The report of the JSON contract."""
        document: dict[str, object] = {
            "ok": self.ok,
            "rolled_back": self.rolled_back,
            "elapsed_s": round(self.elapsed_s, 3),
            "holder": self.holder,
            "nodes": [
                {
                    "name": name,
                    "steps": [
                        {"action": s.action, "outcome": s.outcome, "evidence": s.evidence}
                        for s in self.steps
                        if s.node == name
                    ],
                }
                for name in names
            ],
        }
        if self.problem is not None:
            document["error"] = self.problem.as_dict()
        return document
