"""What workers post; handlers own the state. Bursts of the same news coalesce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from vip_tui.errors import VipError

if TYPE_CHECKING:
    from vip_tui.deploy.report import ApplyReport, StepReport
    from vip_tui.drill.report import DrillReport
    from vip_tui.drill.run import Progress
    from vip_tui.live.model import Snapshot
    from vip_tui.preflight.learnt import Learnt
    from vip_tui.preflight.outcome import Preflight


@dataclass
class NodeLearnt(Message):
    """One node has said what it says of itself alone."""

    index: int
    learnt: Learnt


@dataclass
class ChecksDone(Message):
    """All checks have ended."""

    outcome: Preflight


@dataclass
class StepTold(Message):
    """A step of apply began, goes on or ended."""

    step: StepReport


@dataclass
class ApplyDone(Message):
    """Apply has ended."""

    report: ApplyReport


@dataclass
class SnapshotArrived(Message):
    """The cluster as it is now; only the newest matters."""

    snapshot: Snapshot

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SnapshotArrived)


@dataclass
class DrillTold(Message):
    """The drill reached a phase."""

    progress: Progress


@dataclass
class DrillDone(Message):
    """The drill has ended."""

    report: DrillReport


@dataclass
class Failed(Message):
    """A worker could not go on."""

    problem: VipError
