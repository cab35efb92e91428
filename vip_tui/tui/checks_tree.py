"""What the checks found, put in order: one cause is one entry, whatever follows from it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vip_tui.cluster import NEVER_ALLOWED
from vip_tui.preflight.learnt import Finding
from vip_tui.preflight.outcome import Preflight

TOGETHER = -1  # in the place of a node's number: a finding of all nodes together
THE_NODE = "the node"
FEW_NAMES = 3
WORST_FIRST = ("fail", "warn", "unknown", "pass")


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node, as far as it is known; ``findings`` is None before it has said anything.

    ``stale`` are the checks whose findings are from before, and are being looked at again.
    """

    name: str
    endpoint: str
    findings: tuple[Finding, ...] | None = None
    asking: bool = False
    whole: bool = False  # nothing is being waited for
    stale: frozenset[str] = frozenset()

    @property
    def fine(self) -> int:
        """How many findings are fine."""
        return sum(finding.status == "pass" for finding in self.findings or ())


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding of one node, or of several that have the same, by the nodes' numbers.

    ``follows`` is what could not be looked at because of it.
    """

    found: tuple[tuple[int, Finding], ...]
    follows: tuple[Entry, ...] = ()
    summary: str = ""

    @property
    def finding(self) -> Finding:
        """The finding, of the first node."""
        return self.found[0][1]

    @property
    def nodes(self) -> tuple[int, ...]:
        """Whose it is; nobody's own where it is of all together."""
        return tuple(index for index, _ in self.found if index != TOGETHER)


@dataclass(frozen=True, slots=True)
class Tree:
    """What is not fine: of several nodes, of each alone, of all together; the worst first."""

    several: tuple[Entry, ...]
    own: tuple[tuple[Entry, ...], ...]
    across: tuple[Entry, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them."""
        return (*self.several, *(entry for own in self.own for entry in own), *self.across)

    def count(self, status: str) -> int:
        """How many entries are so."""
        return sum(entry.finding.status == status for entry in self.entries)


def tree(nodes: Sequence[NodeView], across: Sequence[Finding] = ()) -> Tree:
    """Put what is not fine in order."""
    everyone = [entries(index, node.findings or ()) for index, node in enumerate(nodes)]
    names = [(node.name, node.endpoint) for node in nodes]
    several, own = _shared(
        [[item for item in found if not_fine(item)] for found in everyone], names
    )
    together = [item for item in entries(TOGETHER, across) if not_fine(item)]
    return Tree(_sorted(several), tuple(map(_sorted, own)), _sorted(together))


def not_fine(entry: Entry) -> bool:
    """Whether there is something to tell."""
    return entry.finding.status != "pass"


def _sorted(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The worst first, else in the catalogue's order."""
    return tuple(sorted(entries, key=lambda entry: WORST_FIRST.index(entry.finding.status)))


def entries(index: int, findings: Sequence[Finding]) -> list[Entry]:
    """One node's findings, fine ones too; what follows from another is put under it."""
    by_id = {finding.id: finding for finding in findings}
    follows: dict[str, list[Entry]] = {}
    roots = []
    for finding in findings:
        entry = Entry(((index, finding),), summary=finding.summary)
        cause = _cause(finding, by_id)
        if cause is None:
            roots.append(entry)
        else:
            follows.setdefault(cause.id, []).append(entry)
    return [
        Entry(entry.found, tuple(follows.get(entry.finding.id, ())), entry.summary)
        for entry in roots
    ]


def _cause(finding: Finding, by_id: dict[str, Finding]) -> Finding | None:
    """The first cause of what could not be looked at; None where there is none to be found."""
    seen: list[Finding] = [finding]
    while seen[-1].status == "unknown" and seen[-1].because:
        cause = by_id.get(seen[-1].because)
        if cause is None or cause.status == "pass":
            break
        if cause in seen:
            return None  # they name each other
        seen.append(cause)
    return seen[-1] if len(seen) > 1 else None


def _shared(
    everyone: Sequence[Sequence[Entry]], names: Sequence[tuple[str, str]]
) -> tuple[list[Entry], list[list[Entry]]]:
    """What several nodes have alike, once; and what is each one's own."""
    groups: dict[tuple[str, str, str], list[Entry]] = {}
    for index, own in enumerate(everyone):
        for entry in own:
            finding = entry.finding
            key = (finding.id, finding.status, impersonal(finding.summary, names[index]))
            groups.setdefault(key, []).append(entry)
    alike = {key: group for key, group in groups.items() if len(group) > 1}
    members = {id(entry) for group in alike.values() for entry in group}
    rest = [[entry for entry in own if id(entry) not in members] for own in everyone]
    return [_merged(group, key[2], names) for key, group in alike.items()], rest


def _merged(group: Sequence[Entry], summary: str, names: Sequence[tuple[str, str]]) -> Entry:
    """Entries that say the same, as one; with what follows from any of them."""
    found = tuple(pair for entry in group for pair in entry.found)
    said = {entry.summary for entry in group}
    below: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in group:
        for item in entry.follows:
            whose = names[entry.found[0][0]]
            key = (item.finding.id, item.finding.status, impersonal(item.summary, whose))
            below.setdefault(key, []).append(item)
    follows = tuple(_merged(items, key[2], names) for key, items in below.items())
    return Entry(found, follows, said.pop() if len(said) == 1 else summary)


def impersonal(summary: str, names: Iterable[str]) -> str:
    """A summary without the node's own names, so that it can be held against another node's."""
    for name in sorted({name for name in names if name}, key=len, reverse=True):
        summary = re.sub(rf"(?<![\w.:-]){re.escape(name)}(?![\w:-]|\.\w)", THE_NODE, summary)
    return summary


# What stands in the way.


def accepted(finding: Finding, allowed: Sequence[str]) -> bool:
    """Whether it fails, and somebody has said that it may."""
    return finding.status == "fail" and finding.id in allowed and can_accept(finding)


def can_accept(finding: Finding) -> bool:
    """Whether one could go on with it: never without a way in."""
    return finding.status == "fail" and finding.id not in NEVER_ALLOWED


def in_the_way(outcome: Preflight) -> tuple[tuple[int, Finding], ...]:
    """What stops a deployment, by the node's number."""
    allowed = outcome.cluster.allow
    everyone = (*enumerate(outcome.findings), (TOGETHER, outcome.across))
    return tuple(
        (index, finding)
        for index, findings in everyone
        for finding in findings
        if finding.status == "fail" and not accepted(finding, allowed)
    )


def obstacles(outcome: Preflight) -> str:
    """What stands in the way, in a sentence without its full stop; empty where nothing does."""
    found = in_the_way(outcome)
    if not found:
        return ""
    checks = list(dict.fromkeys(finding.id for _, finding in found))
    places = sorted({index for index, _ in found} - {TOGETHER})
    names = [outcome.names[index] for index in places]
    if len(names) == len(outcome.names):
        names = [f"all {len(names)} nodes"]
    elif len(names) > FEW_NAMES:
        names = [f"{len(names)} nodes"]
    where = f" on {', '.join(names)}" if names else ""
    if names and any(index == TOGETHER for index, _ in found):
        where += " and between the nodes"
    if len(checks) == 1:
        return f"{checks[0]}{where} stands in the way"
    return f"{len(checks)} checks{where} stand in the way"
