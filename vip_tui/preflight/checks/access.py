"""Getting in: reachable, host-key, auth, privilege. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster
from vip_tui.errors import UnreachableError
from vip_tui.nodes.reasons import AuthRefused, HostKeyChanged, HostKeyUnknown
from vip_tui.preflight.checks.unseen import unseen
from vip_tui.preflight.learnt import Finding, Learnt

SLOW_S = 2.0  # a healthy node logs in and answers in a small part of this
# What the docker group alone does not give.
_NEEDED = "root is needed for the lock of a change, a drill's way back, a VIP left over, modules"
ACCESS_CHECKS = ("reachable", "host-key", "auth")


def access(one: Learnt) -> tuple[Finding, ...]:
    """The three steps of getting in; the first that failed ends them."""
    problem = one.problem
    passed = (
        _reachable(one),
        Finding("host-key", "pass", "the host key is the one we know"),
        Finding("auth", "pass", "logged in"),
    )
    if problem is None:
        return passed
    if isinstance(problem, AuthRefused):
        step = 2
    elif isinstance(problem, HostKeyUnknown | HostKeyChanged):
        step = 1
    else:
        step = 0
    failed = Finding(ACCESS_CHECKS[step], "fail", problem.title, problem.detail, problem.hint)
    if isinstance(problem, UnreachableError) and problem.on_the_way:
        # It was the jump host that was seen so far, and not the node.
        unseen = (
            Finding(
                name, "unknown", "not looked at: it lies behind the jump host", because=failed.id
            )
            for name in ACCESS_CHECKS[:step]
        )
        return (*unseen, failed)
    return (*passed[:step], failed)


def _reachable(one: Learnt) -> Finding:
    if one.took_s is None or one.took_s < SLOW_S:
        return Finding("reachable", "pass", f"SSH answers at {one.node.endpoint}")
    return Finding(
        "reachable",
        "warn",
        f"SSH answers at {one.node.endpoint}, but slowly",
        f"{one.took_s:.1f} s to log in and run one command",
        "Look at the node's load, its DNS (sshd_config(5), UseDNS) and the way there.",
    )


def privilege(_cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    host = one.host
    if host is None:
        problem = one.host_problem
        if problem is not None:  # what cannot be looked at shall not be gone on with
            return Finding("privilege", "fail", problem.title, problem.detail, problem.hint)
        return unseen("privilege", one)
    if host.root:
        return Finding("privilege", "pass", "logged in as root")
    if host.sudo:
        return Finding("privilege", "pass", f"{host.user} may use sudo without a password")
    if one.elevated:
        return Finding("privilege", "pass", f"{host.user} may use sudo with the password given")
    problem = one.elevation_problem
    if host.sudo_asks and problem is not None:
        detail = f"{problem.detail}; {_NEEDED}"
        return Finding("privilege", "fail", problem.title, detail, problem.hint)
    return Finding(
        "privilege",
        "fail",
        f"{host.user or 'this user'} is neither root nor may use sudo without a password",
        f"id -u is not 0; sudo -n true fails; {_NEEDED}",
        "Log in as root, or allow sudo: visudo, `USER ALL=(ALL) ALL`, and give --ask-sudo-pass, "
        "or without a password `USER ALL=(ALL) NOPASSWD: ALL`.",
    )


CHECKS = {"privilege": privilege}
