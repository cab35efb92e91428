"""Getting in, as the checks tell it: which machine it was, and what root is needed for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.build import cluster, host, learnt
from vip_tui.errors import UnreachableError, VipError
from vip_tui.nodes.reasons import AuthRefused, CommandFailed, HostKeyUnknown, SudoRefused
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.learnt import Finding, Learnt


def found(one: Learnt) -> dict[str, Finding]:
    return {item.id: item for item in check_node(cluster(), one, [one])}


def stopped(problem: UnreachableError, on_the_way: bool) -> dict[str, Finding]:
    problem.on_the_way = on_the_way
    return found(learnt(1, problem=problem, host=None, docker=None))


PROBLEMS = pytest.mark.parametrize(
    ("problem", "step"),
    [
        (UnreachableError("no answer"), 0),
        (HostKeyUnknown("jump host gw", "ssh-ed25519 SHA256:x", "gw ssh-ed25519 AAAA"), 1),
        (AuthRefused("jump host gw does not let us in"), 2),
    ],
)
STEPS = ("reachable", "host-key", "auth")


@PROBLEMS
def test_what_a_jump_host_let_us_see_is_not_said_of_the_node(
    problem: UnreachableError, step: int
) -> None:
    findings = stopped(problem, on_the_way=True)
    assert [findings[name].status for name in STEPS[: step + 1]] == ["unknown"] * step + ["fail"]
    assert findings[STEPS[step]].summary == problem.title
    assert {findings[name].because for name in STEPS[:step]} <= {STEPS[step]}
    assert findings["privilege"].status == "unknown"


@PROBLEMS
def test_what_the_node_itself_let_us_see_is(problem: UnreachableError, step: int) -> None:
    findings = stopped(problem, on_the_way=False)
    assert [findings[name].status for name in STEPS[: step + 1]] == ["pass"] * step + ["fail"]


ASKS = host(1, root=False, user="ops", sudo_asks=True)


def privilege(one: Learnt) -> Finding:
    return found(one)["privilege"]


def test_sudo_with_its_password_is_enough() -> None:
    finding = privilege(learnt(1, facts=ASKS, elevated=True))
    assert (finding.status, finding.summary) == (
        "pass",
        "ops may use sudo with the password given",
    )


@pytest.mark.parametrize(
    "problem",
    [
        SudoRefused("no root on n1", "its sudo password: it was refused 3 times", "Give the right"),
        CommandFailed("n1 is too slow", "no answer within 10 s", "Try again."),
    ],
)
def test_a_password_that_did_not_do_is_told(problem: VipError) -> None:
    finding = privilege(learnt(1, facts=ASKS, elevation_problem=problem))
    assert (finding.status, finding.summary, finding.remedy) == (
        "fail",
        problem.title,
        problem.hint,
    )
    assert problem.detail in finding.evidence


@pytest.mark.parametrize("asks", [True, False])
def test_an_account_that_cannot_become_root_is_told_what_for(asks: bool) -> None:
    finding = privilege(learnt(1, facts=replace(ASKS, sudo_asks=asks)))
    assert finding.status == "fail"
    assert "the lock of a change" in finding.evidence
    assert "--ask-sudo-pass" in finding.remedy and "NOPASSWD" in finding.remedy
