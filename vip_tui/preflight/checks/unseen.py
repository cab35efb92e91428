"""What is said where a check could not look. Pure."""

from __future__ import annotations

from vip_tui.preflight.learnt import Finding, Learnt


def unseen(name: str, one: Learnt) -> Finding:
    """The finding ``unknown``, with what kept the check from looking."""
    problem = one.host_problem or one.docker_problem
    evidence = str(problem) if problem else ""
    remedy = problem.hint if problem else ""
    return Finding(name, "unknown", "could not be looked at", evidence, remedy)
