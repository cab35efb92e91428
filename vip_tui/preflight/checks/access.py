"""Getting in: reachable, host-key, auth, privilege. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster
from vip_tui.nodes.reasons import AuthRefused, HostKeyChanged, HostKeyUnknown
from vip_tui.preflight.checks.unseen import unseen
from vip_tui.preflight.learnt import Finding, Learnt

SLOW_S = 2.0  # a healthy node logs in and answers in a small part of this
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
    return Finding(
        "privilege",
        "fail",
        f"{host.user or 'this user'} is neither root nor may use sudo without a password",
        "id -u is not 0; sudo -n true fails",
        "Log in as root, or allow sudo without a password: visudo, `USER ALL=(ALL) NOPASSWD: ALL`.",
    )


CHECKS = {"privilege": privilege}
