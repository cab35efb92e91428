"""What the checks of the network see on real nodes, on a real wire, and that it goes when mended.

Two nodes without Docker, which no check here needs; a third machine is none of the cluster's.
"""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab import Lab, Node, look
from tests.lab.conftest import Deployed
from tests.lab.console import Console, Ended
from tests.lab.tools import wait_until

pytestmark = pytest.mark.lab

VIP = "198.18.0.170"
VRID = 170
OF_NODES = ("interface", "vip-free", "routes", "firewall")
OF_ALL = ("subnet", "vrid-free", "latency", "vrrp-path")
KEEPALIVED = f"""
vrrp_instance OTHERS {{
    state BACKUP
    interface eth0
    virtual_router_id {VRID}
    priority 77
    authentication {{
        auth_type PASS
        auth_pass hush4you
    }}
    virtual_ipaddress {{
        198.18.0.171
    }}
}}
"""
DROPS_VRRP = """
table inet filter {
    chain input {
        type filter hook input priority filter; policy accept;
        tcp dport 22 accept
        jump vrrp
    }
    chain vrrp {
        ip saddr 198.18.0.0/24 ip protocol 112 counter drop
    }
}
"""
LETS_IN_ANSWERS = """
table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iifname "lo" accept
        tcp dport 22 accept
        icmp type echo-request accept
    }
}
"""
# Of the bridge, which is the switch here.
SWITCH = """
table bridge lab {
    chain forward {
        type filter hook forward priority filter; policy accept;
        ether type ip ip protocol 112 drop
    }
}
"""

Findings = dict[tuple[str, str], dict[str, str]]


@dataclass
class Pair:
    """Two nodes of a cluster, a stranger beside them, and the operator."""

    nodes: list[Node]
    stranger: Node
    console: Console
    file: Path

    def check(self) -> Findings:
        """Every finding by node and check; those of the nodes together by the name ``all``."""
        return by_check(self.console.run("check", self.file, "--json"))


def by_check(check: Ended) -> Findings:
    document = check.document
    told = [(node["name"], node["findings"]) for node in document["nodes"]]
    return {
        (name, finding["id"]): finding
        for name, findings in (*told, ("all", document["cluster"]))
        for finding in findings
    }


@pytest.fixture(scope="module")
def pair(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    made: list[Node] = []
    try:
        made += [lab.add_node(docker=False) for _ in range(3)]
        *nodes, stranger = made
        console = Console(lab, tmp_path_factory.mktemp("network"))
        yield Pair(nodes, stranger, console, console.cluster(nodes, VIP, vrid=VRID))
    finally:
        for node in made:
            node.destroy()


def well(found: Findings, nodes: list[Node]) -> None:
    names = [(node.name, check) for node in nodes for check in OF_NODES]
    names += [("all", check) for check in OF_ALL]
    assert {name: found[name]["status"] for name in names} == dict.fromkeys(names, "pass"), found


def test_nodes_that_are_well_pass_every_check_of_the_network(pair: Pair) -> None:
    well(pair.check(), pair.nodes)


def test_strangers_and_a_firewall_are_named_and_gone_when_mended(pair: Pair) -> None:
    """Nobody has tcpdump, and one node has only perl: what it hears is the same."""
    first, second = pair.nodes
    stranger = pair.stranger
    for node in pair.nodes:
        node.run("rm", "/usr/bin/tcpdump")
    first.run("sh", "-c", "rm /usr/bin/python3*")
    stranger.run("tee", "/tmp/others.conf", input=KEEPALIVED)
    stranger.run("keepalived", "-f", "/tmp/others.conf", "-p", "/run/others.pid")
    wait_until(lambda: "198.18.0.171" in stranger.addresses(), "no master among the others", 10)
    stranger.run("ip", "address", "add", f"{VIP}/24", "dev", "eth0")
    first.run("nft", "-f", "-", input=DROPS_VRRP)
    found = pair.check()
    clash = found["all", "vrid-free"]
    assert clash["status"] == "fail"
    assert clash["summary"] == f"{stranger.address} advertises VRID {VRID} with priority 77"
    assert "for 198.18.0.171" in clash["evidence"]
    for node in pair.nodes:
        taken = found[node.name, "vip-free"]
        assert (taken["status"], stranger.address in taken["summary"]) == ("fail", True), taken
        mac = stranger.run("cat", "/sys/class/net/eth0/address").stdout.strip()
        assert f"{VIP} is at {mac}" in taken["evidence"]
    blocked = found[first.name, "firewall"]
    assert (blocked["status"], blocked["fix"]) == ("fail", "open-firewall")
    assert "ip saddr 198.18.0.0/24 ip protocol" in blocked["evidence"]
    assert found[second.name, "firewall"]["status"] == "pass"
    path = found["all", "vrrp-path"]
    assert (path["status"], f"{first.name}'s firewall" in path["evidence"]) == ("fail", True), path
    assert "hush4you" not in str(found)

    stranger.run("sh", "-c", 'kill "$(cat /run/others.pid)"')
    stranger.run("ip", "address", "del", f"{VIP}/24", "dev", "eth0")
    first.run("nft", "flush", "ruleset")
    wait_until(lambda: "198.18.0.171" not in stranger.addresses(), "the others go on", 10)
    mended = pair.check()
    well(mended, pair.nodes)
    assert f"{first.name}, {second.name} listened" in mended["all", "vrid-free"]["evidence"]


def test_what_lets_in_only_answers_and_what_drops_a_peer(pair: Pair) -> None:
    """Both nodes send probes: those shall not open the way for each other's."""
    first, second = pair.nodes
    first.run("nft", "-f", "-", input=LETS_IN_ANSWERS)
    second.run("iptables", "-A", "INPUT", "-s", first.address, "-p", "vrrp", "-j", "DROP")
    try:
        found = pair.check()
    finally:
        first.run("nft", "flush", "ruleset")
        second.run("nft", "flush", "ruleset")
    assert found[first.name, "firewall"]["status"] == "fail"
    assert "policy drop" in found[first.name, "firewall"]["evidence"]
    assert found[second.name, "firewall"]["status"] == "fail"
    assert f"-A INPUT -s {first.address}/32 -p" in found[second.name, "firewall"]["evidence"]


def test_a_switch_that_drops_vrrp_is_found_before_anything_is_deployed(pair: Pair) -> None:
    subprocess.run(["nft", "-f", "-"], input=SWITCH, text=True, check=True)
    try:
        found = pair.check()
    finally:
        subprocess.run(["nft", "delete", "table", "bridge", "lab"], check=True)
    assert {found[node.name, "firewall"]["status"] for node in pair.nodes} == {"pass"}
    path = found["all", "vrrp-path"]
    assert path["status"] == "fail"
    first, second = (node.name for node in pair.nodes)
    assert f"from {first} none arrives at {second}" in path["evidence"]
    assert found["all", "latency"]["status"] == "pass"


def said(node: Node) -> list[str]:
    """keepalived's log, but for what a new master repeats by itself (garp_master_delay, 5 s)."""
    lines = node.docker("logs", "keepalived").stderr.splitlines()
    return [line for line in lines if "gratuitous ARP" not in line]


def test_a_cluster_that_runs_is_well_and_is_not_disturbed(trio: Deployed) -> None:
    before = {node.name: said(node) for node in trio.nodes}
    found = by_check(trio.console.run("check", trio.file, "--json").expect(0))
    well(found, trio.nodes)
    assert {item["status"] for item in found.values()} <= {"pass", "warn"}, found
    after = {node.name: said(node) for node in trio.nodes}
    assert after == before, "keepalived has something to say of what was sent"
    look.wait_no_processes(trio.nodes, 2)
