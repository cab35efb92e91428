"""What is said where a check could not look. Pure."""

from __future__ import annotations

from vip_tui.preflight.heard import NowhereToListen
from vip_tui.preflight.learnt import Finding, Learnt


def unseen(name: str, one: Learnt) -> Finding:
    """The finding ``unknown``, with what kept the check from looking."""
    problem = one.host_problem or one.docker_problem
    evidence = str(problem) if problem else ""
    remedy = problem.hint if problem else ""
    cause = "privilege" if one.host_problem else ""  # that check tells of the facts
    return Finding(name, "unknown", "could not be looked at", evidence, remedy, because=cause)


def unheard(name: str, one: Learnt) -> Finding:
    """The same, of what the node would have heard on the wire."""
    problem = one.heard.problem if one.heard else None
    summary = "the node could not ask the wire"
    if problem is None:
        return Finding(name, "unknown", summary, "nobody has listened there yet")
    cause = "interface" if isinstance(problem, NowhereToListen) else ""
    return Finding(name, "unknown", summary, str(problem), problem.hint, because=cause)


def unseen_docker(name: str, one: Learnt) -> Finding:
    """The same, of what Docker would have told."""
    problem = one.docker_problem
    if problem is None:
        return unseen(name, one)
    summary = "not looked at: Docker cannot be asked"
    return Finding(name, "unknown", summary, str(problem), problem.hint, because="docker")
