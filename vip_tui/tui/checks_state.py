"""What is known of the nodes while they are asked, once or again. Pure: the step draws it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rich.text import Text

from vip_tui.cluster import CHECK_IDS, Cluster
from vip_tui.errors import VipError
from vip_tui.preflight.checks import LATE_CHECKS, check_node
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.outcome import Preflight
from vip_tui.preflight.resolve import node_names
from vip_tui.tui import checks_text
from vip_tui.tui.checks_tree import NodeView, in_the_way, tree
from vip_tui.tui.checks_view import View
from vip_tui.tui.theme import BAD, styled

if TYPE_CHECKING:
    from vip_tui.preflight.remedies import Remedy

Target = tuple[int, str]  # a node's number, and the check whose finding is meant


@dataclass(slots=True)
class Inquiry:
    """One run of the checks after the other; what was known stays until it is known anew."""

    cluster: Cluster
    outcome: Preflight | None = None  # once all is known
    before: Preflight | None = None  # what was known when the nodes were asked last
    problem: VipError | None = None  # why it could not be run to its end
    asked: frozenset[int] = frozenset()
    mending: frozenset[Target] = frozenset()
    tried: dict[Target, VipError] = field(default_factory=dict)  # remedies that did not help
    _seen: dict[int, Learnt] = field(default_factory=dict)
    _found: dict[int, tuple[Finding, ...]] = field(default_factory=dict)

    @property
    def known(self) -> Preflight | None:
        """The last outcome."""
        return self.outcome or self.before

    @property
    def everyone(self) -> frozenset[int]:
        """All nodes."""
        return frozenset(range(len(self.cluster.nodes)))

    @property
    def listens(self) -> bool:
        """Whether all who were asked have answered, and what is on the wire is waited for."""
        return self.outcome is None and self.asked <= self._seen.keys()

    def again(self, cluster: Cluster, only: Collection[int] | None = None) -> Inquiry:
        """Ask all nodes, or only some and those that still are asked."""
        known = self.known
        if known is None or _unlike(known.cluster, cluster):
            return Inquiry(cluster, asked=frozenset(range(len(cluster.nodes))))
        running = self.asked if self.outcome is None else frozenset[int]()
        asked = self.everyone if only is None else frozenset(only) | running
        tried = {target: it for target, it in self.tried.items() if only is not None}
        return Inquiry(cluster, before=known, asked=asked, tried=tried)

    def take_node(self, index: int, learnt: Learnt) -> bool:
        """One node has answered; False where that is news of a run that was given up."""
        nodes = self.cluster.nodes
        if self.outcome is not None or index not in self.asked or learnt.node != nodes[index]:
            return False
        self._seen[index] = learnt
        found = check_node(self.cluster, learnt, ())
        self._found[index] = tuple(item for item in found if item.id not in LATE_CHECKS)
        return True

    def take(self, outcome: Preflight) -> bool:
        """Everything is known; False where it is of a run that was given up."""
        if _unlike(outcome.cluster, self.cluster):
            return False
        self.outcome = outcome
        return True

    def allow(self, allowed: tuple[str, ...]) -> None:
        """These checks may fail."""
        self.cluster = replace(self.cluster, allow=allowed)
        if self.outcome is not None:
            self.outcome = replace(self.outcome, cluster=self.cluster)

    def remedy(self, index: int, finding: Finding) -> Remedy | None:
        """What vip-tui can do about a finding."""
        if finding.fix is None or self.outcome is None or index not in self.everyone:
            return None
        from vip_tui.preflight.remedies import remedy_for

        return remedy_for(self.outcome, index, finding)

    # What is shown of it.

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes' names, as far as they are known."""
        known = self.known
        return node_names(
            [
                self._seen.get(index) or (known.learnt[index] if known else Learnt(node))
                for index, node in enumerate(self.cluster.nodes)
            ]
        )

    def title(self, waited: int) -> Text:
        """What is being done since so many seconds, or what came of it."""
        if self.problem is not None:
            return styled(f"✖ {self.problem.title}", f"bold {BAD}")
        names = self.names
        if self.mending:
            at = sorted({index for index, _ in self.mending})
            return checks_text.mending([names[index] for index in at], waited)
        if self.outcome is None:
            asked = [names[index] for index in sorted(self.asked)]
            every = self.asked == self.everyone
            again = self.before is not None
            return checks_text.asking(asked, len(self._seen), every, again, waited)
        made = tree(self.view(0).nodes, self.outcome.across)
        remedies = (self.remedy(index, finding) for index, finding in in_the_way(self.outcome))
        mendable = sum(remedy is not None and not remedy.barred for remedy in remedies)
        return checks_text.verdict(self.outcome, made, mendable)

    def view(self, waited: int) -> View:
        """What the list is drawn from."""
        known = self.known
        return View(
            nodes=tuple(self._node(index, name) for index, name in enumerate(self.names)),
            across=known.across if known else (),
            across_stale=self.outcome is None,
            allowed=self.cluster.allow,
            waited=waited,
            mending=self.mending,
            tried=self.tried,
            remedy=self.remedy,
            foot=checks_text.took(self.outcome) if self.outcome else "",
        )

    def _node(self, index: int, name: str) -> NodeView:
        endpoint = self.cluster.nodes[index].endpoint
        before = self.known.findings[index] if self.known else None
        if self.outcome is not None or index not in self.asked:
            return NodeView(name, endpoint, before, whole=True)
        if index not in self._seen:
            stale = frozenset(finding.id for finding in before or ())
            return NodeView(name, endpoint, before, asking=True, stale=stale)
        late = (finding for finding in before or () if finding.id in LATE_CHECKS)
        found = sorted([*self._found[index], *late], key=lambda item: CHECK_IDS.index(item.id))
        return NodeView(name, endpoint, tuple(found), stale=LATE_CHECKS)


def _unlike(before: Cluster, now: Cluster) -> bool:
    """Whether what was found of one says nothing of the other; what may fail is no difference."""
    return replace(before, allow=()) != replace(now, allow=())
