"""Check, plan and apply on fresh nodes; then a second time, where there is nothing to do."""

from __future__ import annotations

from tests.lab.look import IMAGE, seconds
from tests.scenarios.world import START_S, World, all_alike, outcomes
from vip_tui.keepalived.timers import master_down_interval
from vip_tui.preflight.checks.all import CLUSTER_CHECKS, NODE_CHECKS

FRESH = {
    **dict.fromkeys(NODE_CHECKS, "pass"),
    "ip_vs": "warn",  # loadable, and apply loads it
}
# The lab's nodes are made with an ip_vs that can be loaded, as the embedded ones have it, so that
# not even this depends on the machine's kernel.
FRESH_ACTIONS = ["load-ip_vs", "persist-ip_vs", "pull", "create"]
PRIORITIES = (200, 150, 100)


def test_the_checks_of_fresh_nodes_find_only_that_ip_vs_is_not_loaded(world: World) -> None:
    document = world.first.check.expect(0).document
    assert document["ok"] is True
    assert [node["name"] for node in document["nodes"]] == world.names
    for node in document["nodes"]:
        found = {finding["id"]: finding["status"] for finding in node["findings"]}
        assert found == FRESH, str(world.first.check)
        assert list(found) == list(FRESH), "the order is the catalogue's"
    found = {finding["id"]: finding["status"] for finding in document["cluster"]}
    assert found == dict.fromkeys(CLUSTER_CHECKS, "pass"), str(world.first.check)


def test_the_plan_of_fresh_nodes_makes_everything(world: World) -> None:
    document = world.first.plan.expect(0).document
    assert document["kind"] == "fresh"
    assert document["changes"] == len(FRESH_ACTIONS) * 3
    assert document["cost"].startswith("none:")
    for node, priority in zip(document["nodes"], PRIORITIES, strict=True):
        assert [step["action"] for step in node["steps"]] == FRESH_ACTIONS
        assert f"priority {priority}" in node["steps"][-1]["summary"]
        assert IMAGE in node["steps"][-1]["commands"][0]


def test_apply_reports_every_step_with_its_evidence(world: World) -> None:
    applied = world.first.apply.expect(0)
    document = applied.document
    assert (document["ok"], document["rolled_back"]) == (True, False)
    assert document["holder"] == world.names[0]
    assert 0 < document["elapsed_s"] < applied.took
    expected = [(action, "done") for action in FRESH_ACTIONS]
    assert outcomes(document) == dict.fromkeys(world.names, expected)
    for node in document["nodes"]:
        assert all(step["evidence"] for step in node["steps"])
        container = world.first.containers[node["name"]]["Id"][:12]
        assert container in node["steps"][-1]["evidence"]


def test_the_highest_priority_is_master_after_its_master_down_interval_and_before_others_start(
    world: World,
) -> None:
    first, *others = world.names
    assert world.first.holders == [first]
    assert world.first.answered, "nobody answers for the VIP"
    started = seconds(world.first.containers[first]["State"]["StartedAt"])
    (_, was), (entered, state) = world.first.transitions[first]
    assert (was, state) == ("BACKUP", "MASTER")
    down = master_down_interval(PRIORITIES[0], 1.0)
    assert down - 0.05 <= entered - started <= down + START_S
    for name in others:
        assert seconds(world.first.containers[name]["State"]["StartedAt"]) > entered
        assert [state for _, state in world.first.transitions[name]] == ["BACKUP"]


def test_every_container_is_exactly_the_cookbooks(world: World) -> None:
    passwords = set()
    addresses = dict(zip(world.names, world.backend.vrrp_addresses, strict=True))
    for name, priority in zip(world.names, PRIORITIES, strict=True):
        found = world.first.containers[name]
        config, host = found["Config"], found["HostConfig"]
        assert found["Name"] == "/keepalived"
        assert config["Image"] == IMAGE
        assert config["Labels"] == {"vip-tui.cluster": world.cluster.name}
        assert (config["Cmd"], config["Entrypoint"]) == (None, ["/container/tool/run"])
        assert host["RestartPolicy"] == {"Name": "always", "MaximumRetryCount": 0}
        assert host["NetworkMode"] == "host"
        capabilities = sorted(one.removeprefix("CAP_") for one in host["CapAdd"])
        assert capabilities == ["NET_ADMIN", "NET_BROADCAST", "NET_RAW"]
        assert (host["Privileged"], host["Binds"]) == (False, None)
        pairs = (item.partition("=") for item in config["Env"])
        environment = {key: value for key, _, value in pairs if key.startswith("KEEPALIVED_")}
        passwords.add(environment.pop("KEEPALIVED_PASSWORD"))
        peers = ", ".join(f"'{addresses[other]}'" for other in world.names if other != name)
        assert environment == {
            "KEEPALIVED_UNICAST_PEERS": f"#PYTHON2BASH:[{peers}]",
            "KEEPALIVED_VIRTUAL_IPS": world.vip,
            "KEEPALIVED_PRIORITY": str(priority),
            "KEEPALIVED_INTERFACE": "eth0",
            "KEEPALIVED_ROUTER_ID": world.vip.rpartition(".")[2],
        }
    (password,) = passwords
    assert len(password) == 8
    assert password not in world.first.apply.out + world.first.apply.err


def test_a_deployed_cluster_is_healthy_and_a_second_apply_changes_nothing(trio: World) -> None:
    before = [trio.run_of(name) for name in trio.names]
    document = trio.status(0, "healthy")
    for name, node in zip(trio.names, document["nodes"], strict=True):
        master = name == trio.master
        assert node["state"] == ("master" if master else "backup")
        assert node["holds"] == ([trio.vip] if master else [])
        assert node["priority"] == trio.priority(name)
    assert document["probe"]["answers"] is True
    plan = trio.run("plan").expect(0).document
    assert (plan["changes"], plan["kind"]) == (0, "none")
    again = trio.run("apply", "--yes").expect(0)
    assert again.document["ok"] is True
    assert again.document["holder"] == trio.master
    assert outcomes(again.document) == all_alike(trio, "leave", "unchanged")
    assert [trio.run_of(name) for name in trio.names] == before
    assert all(trio.containers(name) == ["keepalived"] for name in trio.names)


def test_the_checks_of_a_deployed_cluster_pass(trio: World) -> None:
    check = trio.run("check").expect(0)
    for node in check.document["nodes"]:
        found = {finding["id"]: finding["status"] for finding in node["findings"]}
        assert found == {**FRESH, "ip_vs": "pass"}, str(check)
