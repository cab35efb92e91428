"""The list of findings: what is shown, folded and opened; remote text is only text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.unit import build
from tests.unit import recorded_checks as recorded
from tests.unit.test_checks_tree import clusters
from vip_tui.cluster import Cluster
from vip_tui.errors import VipError
from vip_tui.preflight.learnt import Finding
from vip_tui.preflight.outcome import Preflight
from vip_tui.preflight.remedies import Remedy
from vip_tui.tui.checks_details import CUT
from vip_tui.tui.checks_rows import rows
from vip_tui.tui.checks_state import Inquiry
from vip_tui.tui.checks_tree import NodeView
from vip_tui.tui.checks_view import Line, Opened, View

CLUSTER = build.cluster(vrid=100)


def view(outcome: Preflight) -> View:
    state = Inquiry(outcome.cluster).again(outcome.cluster)
    state.take(outcome)
    return replace(state.view(0), remedy=recorded.remedy)


def shown(lines: Sequence[Line]) -> list[str]:
    return [" ".join(line.plain.split()) for line in lines]


def key(lines: Sequence[Line], words: str) -> str:
    """Of the first row that says so."""
    return next(line.key for line in lines if words in " ".join(line.plain.split()))


@given(clusters(), st.booleans(), st.booleans())
def test_every_row_has_a_key_of_its_own(nodes: list[NodeView], every: bool, full: bool) -> None:
    lines = rows(View(tuple(nodes)), Opened(all=every, details=full))
    keys = [line.key for line in lines]
    assert len(set(keys)) == len(keys)
    assert all(line.parent in keys for line in lines if line.parent)


def test_what_is_fine_is_only_counted() -> None:
    lines = rows(view(recorded.outcome(CLUSTER, {})), Opened())
    assert shown(lines) == [
        "✔ n1 198.18.0.11 17 of 17 fine",
        "✔ n2 198.18.0.12 17 of 17 fine",
        "✔ n3 198.18.0.13 17 of 17 fine",
        "✔ all nodes together 6 of 6 fine",
        "asked 0.4 s, listened 3.1 s; e shows what is fine too",
    ]


def test_all_is_all_of_every_node() -> None:
    outcome = recorded.three(CLUSTER)
    found = [line for line in rows(view(outcome), Opened(all=True)) if line.key.count("/") == 2]
    for index, findings in enumerate(outcome.findings):
        told = [line for line in found if line.key.startswith(f"node/{index}/")]
        assert len(told) == sum(not finding.because for finding in findings)


def test_one_cause_is_one_row_with_the_names_and_what_follows_is_one_line() -> None:
    lines = shown(rows(view(recorded.nine()), Opened()))
    assert lines == [
        "✖ several nodes",
        "✖ firewall the firewall drops IP protocol 112 from the peers n1, n2, n3, n6, n7",
        "✖ auth the node does not let us in n4, n5, n9",
        "? not looked at because of it: privilege, docker, container, image, ip_vs, interface, "
        "vip-free, routes, sysctl, firewall, disk, clock, cloud, swarm",
        "▲ ip_vs not loaded; apply loads it n1, n2, n3, n6, n7",
        "✖ n3 198.18.0.13 11 of 17 fine",
        "✖ docker Docker is not running on n3",
        "? not looked at because of it: container, image, swarm",
        "✖ 7 nodes only what several have n1, n2, n4, n5 and 3 more",
        "✔ n8 198.18.0.18 17 of 17 fine",
        "✔ all nodes together 6 of 6 fine",
        "asked 0.4 s, listened 3.1 s; e shows what is fine too",
    ]


def test_a_finding_opens_to_what_was_seen_what_mends_it_and_why_it_matters() -> None:
    found = view(recorded.three(CLUSTER))
    closed = rows(found, Opened())
    docker = key(closed, "✖ docker")
    lines = [line for line in rows(found, Opened(frozenset({docker}))) if line.parent == docker]
    labels = [line.plain.split()[0] for line in lines]
    assert labels == ["seen", "mend", "m", "way", "looks", "why", "?"]
    said = shown(lines)
    assert said[0] == "seen no /var/run/docker.sock"
    assert said[2] == "m runs systemctl start docker"
    assert said[3] == "way back systemctl stop docker.socket docker"
    assert said[5].startswith("why keepalived runs in a container")


def test_what_nodes_saw_differently_is_told_by_node() -> None:
    other = replace(recorded.FIREWALL, evidence="iptables INPUT: policy DROP")
    outcome = recorded.outcome(
        CLUSTER, {0: (recorded.FIREWALL,), 1: (other,), 2: (recorded.FIREWALL,)}
    )
    lines = shown(rows(view(outcome), Opened(details=True)))
    assert any(line.startswith("seen n1, n3: nft inet filter") for line in lines)
    assert "seen n2: iptables INPUT: policy DROP" in lines


def test_each_command_has_a_row_of_its_own() -> None:
    def remedy(index: int, finding: Finding) -> Remedy | None:
        made = recorded.remedy(index, finding)
        return made and replace(made, commands=("modprobe ip_vs", "echo ip_vs"), barred="")

    found = replace(view(recorded.outcome(CLUSTER, {0: (recorded.NOT_LOADED,)})), remedy=remedy)
    lines = shown(rows(found, Opened(details=True)))
    at = lines.index("m runs modprobe ip_vs")
    assert lines[at + 1] == "then echo ip_vs"


def test_what_vip_tui_may_not_run_itself_is_not_promised() -> None:
    def barred(index: int, finding: Finding) -> Remedy | None:
        made = recorded.remedy(index, finding)
        return made and replace(made, barred="operator is neither root nor may use sudo")

    found = replace(view(recorded.three(CLUSTER)), remedy=barred)
    lines = shown(rows(found, Opened(details=True)))
    assert "by hand systemctl start docker" in lines
    assert not any(line.startswith("m runs") for line in lines)


def test_a_remedy_that_did_not_help_is_told_on_the_row() -> None:
    problem = VipError("Docker on n2 does not start", "no answer", "Look at its journal.")
    found = replace(view(recorded.three(CLUSTER)), tried={(1, "docker"): problem})
    lines = rows(found, Opened(details=True))
    tried = next(line for line in lines if "tried" in line.plain)
    assert "Docker on n2 does not start: no answer" in tried.plain
    assert "Look at its journal." in tried.plain


def test_what_is_accepted_says_so_and_its_node_is_not_red() -> None:
    cluster: Cluster = replace(CLUSTER, allow=("docker",))
    lines = shown(rows(view(recorded.three(cluster)), Opened()))
    assert "✖ docker accepted Docker is not running on n2" in lines
    assert "▲ n2 198.18.0.12 13 of 17 fine" in lines


def test_nodes_without_news_are_folded_where_they_are_many_and_open_to_each() -> None:
    outcome = recorded.outcome(recorded.NINE, {6: (recorded.DOCKER_DOWN,)})
    lines = rows(view(outcome), Opened())
    folded = key(lines, "8 nodes everything is fine")
    assert len(lines) == 5
    opened = rows(view(outcome), Opened(frozenset({folded})))
    assert sum(line.parent == folded for line in opened) == 8


def test_a_long_text_is_cut_and_markup_is_only_text() -> None:
    hostile = replace(
        recorded.DOCKER_DOWN, summary="[/x][@click=app.quit]n2[/]", evidence="A" * 10**6
    )
    lines = rows(view(recorded.outcome(CLUSTER, {1: (hostile,)})), Opened(details=True))
    assert any("[/x][@click=app.quit]n2[/]" in line.plain for line in lines)
    assert max(len(line.body.plain) for line in lines) <= CUT
    assert all("@click" not in str(span.style) for line in lines for span in line.body.spans)


def test_a_name_can_be_told_for_any_number_of_nodes() -> None:
    found = view(recorded.nine())
    assert found.names((0, 1)) == "n1, n2"
    assert found.names((0, 1, 2, 3, 4)) == "n1, n2, n3, n4, n5"
    assert found.names((0, 1, 2, 3, 4, 5)) == "n1, n2, n3, n4 and 2 more"
    assert found.names(tuple(range(9))) == "all 9 nodes"
