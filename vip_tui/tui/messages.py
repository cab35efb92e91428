"""What workers post; handlers own the state. Bursts of the same news coalesce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from vip_tui.errors import VipError

if TYPE_CHECKING:
    from vip_tui.cluster import Node
    from vip_tui.deploy.report import ApplyReport, StepReport
    from vip_tui.drill.report import DrillReport
    from vip_tui.drill.run import Progress
    from vip_tui.live.model import Snapshot
    from vip_tui.preflight import mend as mending
    from vip_tui.preflight.discover import Discovery
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
class DiscoveryTold(Message):
    """A manager is being asked for its Swarm, and this is what is done now."""

    manager: Node
    text: str


@dataclass
class Discovered(Message):
    """A manager has told of its Swarm."""

    manager: Node
    found: Discovery


@dataclass
class NotDiscovered(Message):
    """A manager could not be asked."""

    manager: Node
    problem: VipError


@dataclass
class Mended(Message):
    """Remedies were carried out, with what came of each."""

    told: tuple[mending.Mended, ...]


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
