"""The outcome of preflight, and whether apply may go on after it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from vip_tui.cluster import Cluster
from vip_tui.errors import InputError, RefusedError, UnreachableError
from vip_tui.preflight.checks import blocking
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.resolve import node_names

ALL_NODES = "all nodes"


@dataclass(frozen=True, slots=True)
class Preflight:
    """The outcome of one run: what was learnt, what was found, and how long it took (seconds)."""

    cluster: Cluster
    learnt: tuple[Learnt, ...]
    findings: tuple[tuple[Finding, ...], ...]
    elapsed_s: float
    listen_s: float
    across: tuple[Finding, ...] = ()  # of the nodes together

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes' names, in the cluster's order."""
        return node_names(self.learnt)

    @property
    def unreached(self) -> tuple[Learnt, ...]:
        """The nodes that could not be reached or did not let us in."""
        return tuple(one for one in self.learnt if one.problem is not None)

    @property
    def _everyone(self) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
        """All findings, with the name of the node that they are of."""
        return (*zip(self.names, self.findings, strict=True), (ALL_NODES, self.across))

    @property
    def bad_input(self) -> InputError | None:
        """What the operator gave that cannot be used, such as a file that is no key."""
        problems = (one.problem for one in self.learnt)
        return next((one for one in problems if isinstance(one, InputError)), None)

    def blocking(self, allowed: tuple[str, ...] = ()) -> tuple[tuple[str, Finding], ...]:
        """What stops apply, with the node's name."""
        permitted = (*self.cluster.allow, *allowed)
        return tuple(
            (name, finding)
            for name, findings in self._everyone
            for finding in blocking(findings, permitted)
        )

    def accepted(self, allowed: tuple[str, ...] = ()) -> tuple[tuple[str, Finding], ...]:
        """What fails but stops nothing, as the operator takes the risk; with the node's name."""
        stopping = self.blocking(allowed)
        failing = [(name, one) for name, all_of in self._everyone for one in blocking(all_of, ())]
        return tuple(pair for pair in failing if pair not in stopping)

    @property
    def ok(self) -> bool:
        """Whether nothing fails that was not allowed."""
        return not self.blocking()


def require(outcome: Preflight, allow: tuple[str, ...] = ()) -> None:
    """Raise UnreachableError or RefusedError for what stops apply (design, section 8).

    InputError where a node was not reached because of what the operator gave.
    """
    if outcome.bad_input is not None:
        raise outcome.bad_input
    if outcome.unreached:
        lines = [f"{one.name}: {one.problem}" for one in outcome.unreached]
        hints = dict.fromkeys(one.problem.hint for one in outcome.unreached if one.problem)
        title = "a node could not be reached" if len(lines) == 1 else "nodes could not be reached"
        raise UnreachableError(f"{title}; nothing was changed", "\n".join(lines), "\n".join(hints))
    blocking = outcome.blocking(allow)
    if blocking:
        lines = [f"{name}: {item.id}: {item.summary}" for name, item in blocking]
        ids = dict.fromkeys(item.id for _, item in blocking)
        hint = "`vip-tui check` tells what mends it; "
        if any(item.fix for _, item in blocking):
            hint = "`vip-tui check --fix` mends it, or tells what does; "
        hint += "to go on all the same: "
        hint += " ".join(f"--allow {name}" for name in ids)
        raise RefusedError("a check fails; nothing was changed", "\n".join(lines), hint)
