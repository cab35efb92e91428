"""`apply` on fresh nodes: the cookbook's containers, one master, and nothing the second time."""

import pytest

from tests.lab import look
from tests.lab.conftest import Deployed
from tests.lab.look import IMAGE

pytestmark = pytest.mark.lab

MASTER_DOWN_S = 3 + (256 - 200) / 256  # RFC 3768, section 6.1, of priority 200
START_S = 1.5  # for the image to prepare itself and keepalived to start


def test_apply_ends_with_0_and_reports_every_step_with_its_evidence(deployed: Deployed) -> None:
    applied = deployed.applied
    applied.expect(0)
    document = applied.document
    assert (document["ok"], document["rolled_back"]) == (True, False)
    assert document["holder"] == deployed.nodes[0].name
    assert 0 < document["elapsed_s"] < applied.took
    assert [node["name"] for node in document["nodes"]] == [n.name for n in deployed.nodes]
    for told in document["nodes"]:
        assert [step["action"] for step in told["steps"]] == ["pull", "create"]
        assert all(step["outcome"] == "done" and step["evidence"] for step in told["steps"])
        container = deployed.containers[told["name"]]["Id"][:12]
        assert container in told["steps"][-1]["evidence"]


def test_the_highest_priority_alone_holds_the_vip_within_the_master_down_interval(
    deployed: Deployed,
) -> None:
    first = deployed.nodes[0]
    assert deployed.holders == [first.name]
    assert deployed.answered, "the VIP does not answer from the operator's network"
    started = look.seconds(deployed.containers[first.name]["State"]["StartedAt"])
    *_, (entered, state) = deployed.transitions[first.name]
    assert state == "MASTER"
    assert entered - started <= MASTER_DOWN_S + START_S
    for node in deployed.nodes[1:]:
        assert [state for _, state in deployed.transitions[node.name]] == ["BACKUP"]


def test_the_highest_priority_is_master_before_the_others_start(deployed: Deployed) -> None:
    first, *others = deployed.nodes
    *_, (entered, state) = deployed.transitions[first.name]
    assert state == "MASTER"
    for node in others:
        assert look.seconds(deployed.containers[node.name]["State"]["StartedAt"]) > entered


def test_every_container_is_exactly_the_cookbooks(deployed: Deployed) -> None:
    passwords = set()
    for node, priority in zip(deployed.nodes, ("200", "150", "100"), strict=True):
        assert look.containers(node) == ["keepalived"]
        found = deployed.containers[node.name]
        config, host = found["Config"], found["HostConfig"]
        assert config["Image"] == IMAGE
        assert config["Labels"] == {"vip-tui.cluster": "trio"}
        assert (config["Cmd"], config["Entrypoint"]) == (None, ["/container/tool/run"])
        assert host["RestartPolicy"] == {"Name": "always", "MaximumRetryCount": 0}
        assert host["NetworkMode"] == "host"
        assert sorted(name.removeprefix("CAP_") for name in host["CapAdd"]) == [
            "NET_ADMIN",
            "NET_BROADCAST",
            "NET_RAW",
        ]
        assert (host["Privileged"], host["Binds"]) == (False, None)
        environment = look.environment(node)
        passwords.add(environment.pop("KEEPALIVED_PASSWORD"))
        peers = [f"'{other.address}'" for other in deployed.nodes if other is not node]
        assert environment == {
            "KEEPALIVED_UNICAST_PEERS": f"#PYTHON2BASH:[{', '.join(peers)}]",
            "KEEPALIVED_VIRTUAL_IPS": deployed.vip,
            "KEEPALIVED_PRIORITY": priority,
            "KEEPALIVED_INTERFACE": "eth0",
            "KEEPALIVED_ROUTER_ID": deployed.vip.rpartition(".")[2],
        }
    (password,) = passwords
    assert len(password) == 8
    assert password not in deployed.applied.out + deployed.applied.err


def test_a_second_apply_changes_and_restarts_nothing_where_the_file_leaves_values_open(
    trio: Deployed,
) -> None:
    before = [look.run_of(node) for node in trio.nodes]
    plan = trio.console.run("plan", trio.file, "--json").expect(0)
    assert (plan.document["changes"], plan.document["kind"]) == (0, "none")
    again = trio.console.run("apply", trio.file, "--yes", "--json").expect(0)
    assert again.document["ok"] is True
    outcomes = [step["outcome"] for node in again.document["nodes"] for step in node["steps"]]
    assert outcomes == ["unchanged"] * 3
    assert [look.run_of(node) for node in trio.nodes] == before
    assert all(look.containers(node) == ["keepalived"] for node in trio.nodes)
