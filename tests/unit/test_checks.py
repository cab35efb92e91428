"""Each check, in each of its states; and nothing that was not seen ever passes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import (
    VIP,
    by_hand,
    cluster,
    container,
    docker_facts,
    foreign,
    heard,
    host,
    learnt,
    mac,
    node,
    spec,
)
from vip_tui.cluster import CHECK_IDS
from vip_tui.errors import InputError, UnreachableError, VipError
from vip_tui.nodes.reasons import AuthRefused, EngineError, HostKeyChanged, HostKeyUnknown
from vip_tui.preflight.catalogue import CATALOGUE
from vip_tui.preflight.checks import ACCESS_CHECKS, NODE_CHECKS, blocking, check_node
from vip_tui.preflight.learnt import Finding, Learnt

CLUSTER = cluster()
TAKEN = f"{VIP} is at b2:d4:6e:19:87:13"
PROBLEM = EngineError("Docker on n1 does not answer", "no answer within 10 s", "Restart it.")


def findings(one: Learnt, *others: Learnt) -> dict[str, Finding]:
    return {item.id: item for item in check_node(CLUSTER, one, (one, *others))}


def found(check: str, one: Learnt, *others: Learnt) -> Finding:
    return findings(one, *others)[check]


def with_host(**changed: Any) -> Learnt:
    return learnt(1, facts=host(1, **changed))


def test_a_node_that_is_well_passes_every_check() -> None:
    seen = findings(learnt(1), learnt(2), learnt(3))
    assert tuple(seen) == NODE_CHECKS
    assert {item.status for item in seen.values()} == {"pass"}


@pytest.mark.parametrize(
    ("problem", "failed"),
    [
        (UnreachableError("n1 does not answer", "no answer", "Is it up?"), "reachable"),
        (InputError("the key has a passphrase", "id_rsa", "ssh-add"), "reachable"),
        (HostKeyUnknown("n1", "SHA256:abc", "n1 ssh-ed25519 AAAA"), "host-key"),
        (HostKeyChanged("host key of n1 has changed", "now x", "Mend it."), "host-key"),
        (AuthRefused("n1 does not let us in", "Permission denied", "ssh-copy-id"), "auth"),
    ],
)
def test_the_first_step_of_getting_in_that_fails_is_named_and_the_rest_is_unknown(
    problem: VipError, failed: str
) -> None:
    seen = findings(Learnt(node(1), problem=problem))
    step = ACCESS_CHECKS.index(failed)
    wanted = ["pass"] * step + ["fail"] + ["unknown"] * (len(NODE_CHECKS) - step - 1)
    assert [item.status for item in seen.values()] == wanted
    assert (seen[failed].summary, seen[failed].evidence) == (problem.title, problem.detail)
    assert seen[failed].remedy == problem.hint


@pytest.mark.parametrize(
    ("account", "status"),
    [
        ({"root": True}, "pass"),
        ({"root": False, "sudo": True, "user": "alice"}, "pass"),
        ({"root": False, "sudo": False, "user": "alice"}, "fail"),
        ({"root": False, "sudo": False, "user": ""}, "fail"),
    ],
)
def test_privilege(account: dict[str, object], status: str) -> None:
    assert found("privilege", with_host(**account)).status == status


def test_docker_that_answers_passes_with_its_version() -> None:
    assert "20.10.24" in found("docker", learnt(1)).summary


def test_docker_that_cannot_be_used_fails_with_its_reason() -> None:
    one = learnt(1, docker=None, docker_problem=PROBLEM)
    item = found("docker", one)
    assert (item.status, item.summary, item.remedy) == ("fail", PROBLEM.title, PROBLEM.hint)


@pytest.mark.parametrize(
    ("seen", "status", "words"),
    [
        (None, "pass", "no container"),
        (container(spec()), "pass", "this cluster's"),
        (container(spec(), status="exited"), "warn", "this cluster's"),
        (by_hand({"KEEPALIVED_VIRTUAL_IPS": VIP}), "warn", "made by hand"),
        (by_hand({}), "fail", "foreign container"),
        (foreign(), "fail", "the cluster 'other'"),
    ],
)
def test_the_container(seen: Any, status: str, words: str) -> None:
    item = found("container", learnt(1, seen))
    assert item.status == status
    assert words in item.summary


@pytest.mark.parametrize(
    ("one", "status", "words"),
    [
        (learnt(1), "pass", "eth0, 198.18.0.11"),
        (learnt(1, facts=host(1, f"{VIP}/24")), "pass", "eth0, 198.18.0.11"),
        (learnt(1, wanted=node(1, interface="eth0")), "pass", "eth0, 198.18.0.11"),
        (with_host(addresses=()), "fail", "no interface is in the subnet"),
        (learnt(1, facts=host(1, interface="docker0")), "fail", "no interface is in the subnet"),
        (learnt(1, wanted=node(1, interface="eth7")), "fail", "there is no interface eth7"),
        (with_host(up=frozenset({"lo"})), "fail", "eth0 is down"),
        (
            learnt(
                1,
                wanted=node(1, interface="eth1"),
                facts=host(1, up=frozenset({"eth0", "eth1"})),
            ),
            "fail",
            "eth1 has no IPv4 address",
        ),
    ],
)
def test_the_interface(one: Learnt, status: str, words: str) -> None:
    item = found("interface", one)
    assert item.status == status
    assert words in item.summary


HELD = host(1, f"{VIP}/32")


@pytest.mark.parametrize(
    ("one", "status", "words"),
    [
        (learnt(1), "pass", "nobody answers"),
        (learnt(1, answers=(TAKEN,)), "fail", "in use on the wire"),
        (learnt(1, answers=None), "unknown", "could not ask the wire"),
        (learnt(1, container(spec()), HELD), "pass", "held by this node's keepalived"),
        (learnt(1, container(spec(), status="exited"), HELD), "warn", "does not run"),
        (learnt(1, None, HELD), "fail", "this node's own address"),
        (learnt(1, foreign(), HELD), "fail", "this node's own address"),
        (learnt(1, facts=HELD, docker=None, docker_problem=PROBLEM), "unknown", "is not known"),
    ],
)
def test_the_vip_is_free(one: Learnt, status: str, words: str) -> None:
    item = found("vip-free", one)
    assert item.status == status
    assert words in item.summary


def test_a_vip_that_another_node_of_the_cluster_holds_is_free_and_names_it() -> None:
    holder = learnt(2, container(spec(2)), host(2, f"{VIP}/32"))
    item = found("vip-free", learnt(1, answers=(f"{VIP} is at {mac(2)}",)), holder)
    assert (item.status, "n2" in item.summary) == ("pass", True)


SEEN_BY = {
    "privilege": "host",
    "ip_vs": "host",
    "sysctl": "host",
    "disk": "host",
    "clock": "host",
    "cloud": "host",
    "interface": "host",
    "vip-free": "host",
    "routes": "host",
    "firewall": "host",
    "docker": "docker",
    "container": "docker",
    "image": "docker",
    "swarm": "docker",
}


@pytest.mark.parametrize("check", sorted(SEEN_BY))
def test_a_check_whose_facts_are_missing_is_unknown(check: str) -> None:
    missing: dict[str, Any] = {SEEN_BY[check]: None}
    one = learnt(1, **missing)
    assert found(check, one).status == "unknown"


@pytest.mark.parametrize("check", sorted(SEEN_BY))
def test_a_check_whose_facts_are_missing_tells_why(check: str) -> None:
    missing: dict[str, Any] = {SEEN_BY[check]: None, f"{SEEN_BY[check]}_problem": PROBLEM}
    item = found(check, learnt(1, **missing))
    assert item.status in ("unknown", "fail")
    assert PROBLEM.title in f"{item.summary} {item.evidence}"


PROBLEMS = st.none() | st.just(PROBLEM)


@given(
    problem=PROBLEMS,
    facts=st.none() | st.just(host(1)) | st.just(HELD),
    docker=st.none() | st.just(docker_facts(1)),
    answers=st.none() | st.just(()),
    problems=st.tuples(PROBLEMS, PROBLEMS),
)
def test_nothing_unseen_ever_passes(
    problem: Any, facts: Any, docker: Any, answers: Any, problems: Any
) -> None:
    one = Learnt(
        node(1),
        problem=problem,
        host=facts,
        host_problem=problems[0],
        docker=docker,
        docker_problem=problems[1],
        heard=None if answers is None else heard(1, *answers),
    )
    passed = {name for name, item in findings(one).items() if item.status == "pass"}
    if problem is not None:
        assert passed == set()
    for name in passed - set(ACCESS_CHECKS):
        assert getattr(one, SEEN_BY[name]) is not None
    if answers is None:
        assert passed.isdisjoint({"vip-free", "routes"})


def test_a_finding_has_the_keys_of_the_contract() -> None:
    item = Finding("ip_vs", "warn", "not loaded", "modprobe -n", "Load it.", "load-ip_vs")
    assert item.as_dict() == {
        "id": "ip_vs",
        "status": "warn",
        "summary": "not loaded",
        "evidence": "modprobe -n",
        "remedy": "Load it.",
        "looked_at": CATALOGUE["ip_vs"].looks_at,
        "why": CATALOGUE["ip_vs"].why,
        "fix": "load-ip_vs",
        "because": "",
    }


def test_each_check_of_the_contract_says_what_it_is_about() -> None:
    assert set(CATALOGUE) == set(CHECK_IDS)


def test_every_finding_that_is_not_fine_says_how_it_knows_or_what_mends_it() -> None:
    broken = replace(
        with_host(root=False, ip_vs="missing", up=frozenset()), heard=heard(1, TAKEN, routes=())
    )
    for item in findings(broken).values():
        assert item.status == "pass" or item.evidence or item.remedy


def test_only_what_fails_and_was_not_allowed_stops_apply() -> None:
    items = [Finding(status, status, "") for status in ("pass", "warn", "unknown", "fail")]
    assert [item.id for item in blocking(items, ())] == ["fail"]
    assert blocking(items, ("fail",)) == ()
