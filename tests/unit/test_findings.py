"""Findings as text: alike ones together, one cause told once, counts at the end, 80 columns."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import cluster, foreign, host, learnt, node
from vip_tui.cli.findings import text_of
from vip_tui.cluster import CHECK_IDS
from vip_tui.errors import UnreachableError
from vip_tui.preflight.checks import check_all, check_node
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.outcome import Preflight

LOST = UnreachableError("no way in", "no answer within 8 s", "Is the machine up?")
OTHERS = "the container belongs to the cluster 'other'; a node belongs to one cluster"
SEEN = "osixia/keepalived:2.0.20, running, id a8f3915eeb00"


def outcome(*seen: Learnt, allow: tuple[str, ...] = ()) -> Preflight:
    wanted = cluster(*(one.node for one in seen), allow=allow)
    findings = tuple(check_node(wanted, one, seen) for one in seen)
    return Preflight(wanted, seen, findings, 0.41, 3.02, check_all(wanted, seen))


def lost(number: int) -> Learnt:
    return learnt(number, problem=LOST, host=None, docker=None)


def foreign_on(number: int) -> Learnt:
    """A node with another cluster's container."""
    return learnt(number, foreign())


def said(of: Preflight, width: int | None = None) -> list[str]:
    return [text for text, _ in text_of(of, width)]


def only(lines: Sequence[str], word: str) -> str:
    (found,) = [line for line in lines if word in line]
    return found


def test_the_nodes_are_named_with_their_addresses_at_the_top() -> None:
    assert said(outcome(learnt(1), learnt(2)))[0] == "2 nodes: n1 198.18.0.11, n2 198.18.0.12"


def test_what_is_fine_everywhere_names_no_node() -> None:
    lines = said(outcome(learnt(1), learnt(2)))
    assert only(lines, "logged in as root") == "  ✔ privilege   logged in as root"


def test_what_is_not_alike_is_told_for_each_node() -> None:
    lines = said(outcome(learnt(1), learnt(2)))
    assert [line for line in lines if " interface " in line] == [
        "  ✔ interface   n1: eth0, 198.18.0.11",
        "  ✔ interface   n2: eth0, 198.18.0.12",
    ]


def test_many_nodes_that_are_fine_are_counted() -> None:
    lines = said(outcome(*map(learnt, range(1, 10))))
    assert [line.split(maxsplit=2)[2] for line in lines if " interface " in line][4:] == [
        "5 more nodes are fine"
    ]


def test_a_failure_of_many_nodes_is_told_once_with_how_why_and_what_to_do() -> None:
    lines = said(outcome(learnt(1), *map(foreign_on, range(2, 8))))
    at = lines.index(f"  ✖ container   n2, n3, n4, n5, n6, n7: {OTHERS}")
    assert [line.split(maxsplit=1)[0] for line in lines[at + 1 : at + 4]] == ["seen", "why", "mend"]
    assert lines[at + 1].endswith(SEEN)
    assert "two keepaliveds on one node fight for the same VIP" in lines[at + 2]


def test_the_reason_is_told_once_for_a_check() -> None:
    stopped = learnt(3, foreign(status="exited"))
    lines = said(outcome(learnt(1), foreign_on(2), stopped))
    assert len([line for line in lines if line.startswith("  ✖ container")]) == 2
    assert only(lines, "two keepaliveds on one node")


def test_what_one_cause_hides_is_one_line_for_all_nodes() -> None:
    lines = said(outcome(learnt(1), lost(2), lost(3)))
    folded = only(lines, "not looked at, because of reachable: ")
    assert folded.startswith("  ? n2, n3: ")
    hidden = folded.rpartition(": ")[2].split(", ")
    assert {"host-key", "auth", "docker", "ip_vs", "vip-free"} <= set(hidden)
    assert not any(line.startswith("  ? docker") for line in lines)


def test_what_vip_tui_can_mend_is_said() -> None:
    loadable = host(2, ip_vs="loadable", ip_vs_persisted=False)
    assert "`vip-tui check --fix` mends this" in only(
        said(outcome(learnt(1), learnt(2, facts=loadable))), "--fix"
    )
    assert not any("--fix" in line for line in said(outcome(learnt(1), foreign_on(2))))


def test_an_accepted_risk_is_marked_and_counted() -> None:
    of = outcome(learnt(1), foreign_on(2), allow=("container",))
    lines = text_of(of)
    assert (f"  ✖ container   n2: {OTHERS} (accepted)", "yellow") in lines
    assert "1 failing (1 accepted)" in lines[-1][0]


def test_what_all_nodes_together_tell_has_a_place_of_its_own() -> None:
    across = (Finding("distinct", "fail", "n1 and n2 are one machine", "both are 7f3a"),)
    of = outcome(learnt(1), learnt(2))
    lines = said(Preflight(of.cluster, of.learnt, of.findings, 0.1, 3.0, across))
    at = lines.index("all nodes")
    assert lines[at + 1] == "  ✖ distinct    n1 and n2 are one machine"


def test_the_last_line_counts_and_times() -> None:
    of = outcome(learnt(1), lost(2))
    findings = [item for one in of.findings for item in one] + list(of.across)
    fine = sum(item.status == "pass" for item in findings)
    unknown = sum(item.status == "unknown" for item in findings)
    assert said(of)[-1] == (
        f"{fine} of {len(findings)} checks are fine, 1 failing, {unknown} unknown; "
        "0.4 s, and 3.0 s on the wire"
    )


FINDINGS = st.builds(
    Finding,
    st.sampled_from(CHECK_IDS),
    st.sampled_from(["pass", "warn", "fail", "unknown"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=200),
    st.text(max_size=200),
    st.text(max_size=200),
    because=st.sampled_from(["", "reachable", "docker"]),
)


@given(st.lists(st.lists(FINDINGS), min_size=2, max_size=4), st.lists(FINDINGS))
def test_every_finding_is_told_or_folded(each: list[list[Finding]], across: list[Finding]) -> None:
    seen = tuple(learnt(n) for n in range(1, len(each) + 1))
    wanted = cluster(*(node(n) for n in range(1, len(each) + 1)))
    of = Preflight(wanted, seen, tuple(map(tuple, each)), 0.1, 3.0, tuple(across))
    text = "\n".join(said(of))
    for item in (*(one for findings in each for one in findings), *across):
        if item.status != "pass":
            folded = item.status == "unknown" and item.because
            assert item.id in text
            assert folded or item.summary in text


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    of = outcome(learnt(1), foreign_on(2), *map(lost, range(3, 20)))
    assert max(map(len, said(of, width))) <= width
    joined = " ".join(" ".join(said(of, width)).split())
    assert joined == " ".join(" ".join(said(of)).split())
