"""`check --fix`: each remedy mends what it says, on real nodes, and can be taken back."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, Node, look
from tests.lab.console import Console, Ended
from tests.lab.look import IMAGE
from tests.lab.tools import wait_until

pytestmark = pytest.mark.lab

VIP = "198.18.0.160"
MODULES = "# what this machine needs\nloop\nmodprobe ip_vs\n"
RULES = """
table inet filter {
    chain input {
        type filter hook input priority filter; policy accept;
        tcp dport 22 accept
        ip protocol 112 drop
    }
}
"""


@dataclass
class Mended:
    """Two nodes with much amiss, as they were checked, refused, mended and mended again."""

    console: Console
    file: Path
    first: Node  # the recipe's broken line, ip_vs not loaded, Docker not at boot, a firewall
    second: Node  # ip_vs not loaded, Docker stopped; reached by sudo
    rules: str  # of the first, before anything was mended
    refused: Ended
    touched: list[str]  # by the refused run
    fixed: Ended


@pytest.fixture(scope="module")
def nodes(lab: Lab) -> Iterator[list[Node]]:
    made: list[Node] = []
    try:
        made.append(lab.add_node(ip_vs="loadable"))
        made.append(lab.add_node(ip_vs="loadable", user="alice", sudo="nopasswd"))
        for node in made:
            node.wait_docker()
        yield made
    finally:
        for node in made:
            node.destroy()


@pytest.fixture(scope="module")
def mended(nodes: list[Node], lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Mended:
    first, second = nodes
    first.run("tee", "/etc/modules", input=MODULES)
    first.run("nft", "-f", "-", input=RULES)
    for verb in ("defaults", "disable"):
        first.run("update-rc.d", "docker", verb)
    second.docker_stop()
    rules = ruleset(first)
    console = Console(lab, tmp_path_factory.mktemp("fix"))
    file = console.cluster(nodes, VIP)
    refused = console.run("check", file, "--fix", "--json")
    return Mended(
        console=console,
        file=file,
        first=first,
        second=second,
        rules=rules,
        refused=refused,
        touched=what_is_touched(first, second, rules),
        fixed=console.run("check", file, "--fix", "--yes", "--json"),
    )


def ruleset(node: Node) -> str:
    return node.run("nft", "list", "ruleset").stdout


def what_is_touched(first: Node, second: Node, rules: str) -> list[str]:
    """What is not as it was made."""
    untouched = {
        "modules": first.run("cat", "/etc/modules").stdout == MODULES,
        "firewall": ruleset(first) == rules,
        "ip_vs": not any(loaded(node) for node in (first, second)),
        "docker": second.run("test", "-e", "/run/docker.pid", check=False).returncode != 0,
        "image": first.docker("images", "--quiet").stdout == "",
    }
    return [what for what, so in untouched.items() if not so]


def loaded(node: Node) -> bool:
    return node.run("test", "-d", "/sys/module/ip_vs", check=False).returncode == 0


def finding(ended: Ended, node: Node, check: str) -> dict[str, Any]:
    told = next(told for told in ended.document["nodes"] if told["address"] == node.address)
    (found,) = [item for item in told["findings"] if item["id"] == check]
    assert isinstance(found, dict)
    return found


def fixes(ended: Ended) -> list[tuple[str, str, bool]]:
    return [(one["node"], one["fix"], one["ok"]) for one in ended.document["fixed"]]


def test_each_trouble_is_told_with_its_remedy(mended: Mended) -> None:
    first, second = mended.first.name, mended.second.name
    said = mended.refused.err
    for finding_line, evidence in (
        (f"▲ ip_vs       {first}: not loaded", "/etc/modules: modprobe ip_vs"),
        (f"▲ docker      {first}: ", "does not start at the next boot"),
        (f"✖ firewall    {first}: ", "vrrp drop"),
        (f"▲ ip_vs       {second}: not loaded", "modprobe -n ip_vs would load it"),
        (f"✖ docker      {second}: Docker is not running", "no /var/run/docker.sock"),
    ):
        assert finding_line in said and evidence in said, mended.refused
    assert said.count("or        `vip-tui check --fix` mends this") == 5


def test_without_a_terminal_and_a_yes_nothing_is_mended(mended: Mended) -> None:
    mended.refused.expect(4)
    assert mended.refused.document["error"]["title"] == "not confirmed"
    assert mended.touched == []
    for line in ("modprobe ip_vs", "nft insert rule inet filter input", f"docker pull {IMAGE}"):
        assert line in mended.refused.err


def test_all_of_it_is_mended_with_evidence(mended: Mended) -> None:
    done = fixes(mended.fixed)
    name, other = mended.first.name, mended.second.name
    assert sorted(done) == sorted(
        [
            (name, "enable-docker", True),
            (name, "mend-modules", True),
            (name, "open-firewall", True),
            (name, "pull-image", True),
            (other, "start-docker", True),
            (other, "load-ip_vs", True),
        ]
    ), mended.fixed
    assert all(one["evidence"] for one in mended.fixed.document["fixed"])
    for node, check in (
        *((mended.first, check) for check in ("ip_vs", "docker", "firewall", "image")),
        *((mended.second, check) for check in ("ip_vs", "docker")),
    ):
        assert finding(mended.fixed, node, check)["status"] == "pass"
    mended.fixed.expect(0)


def test_the_nodes_themselves_are_as_it_says(mended: Mended) -> None:
    assert mended.first.run("cat", "/etc/modules").stdout == MODULES.replace(
        "modprobe ip_vs", "ip_vs"
    )
    for node in (mended.first, mended.second):
        assert loaded(node)
        assert node.run("cat", "/etc/modules-load.d/ip_vs.conf").stdout == "ip_vs\n"
    assert mended.first.docker("images", "--quiet").stdout
    assert mended.second.docker("ps", "--quiet", check=False).returncode == 0
    assert mended.first.run("sh", "-c", "echo /etc/rc2.d/S*docker").stdout.count("*") == 0
    allowed = f'ip saddr {mended.second.address} ip protocol vrrp accept comment "vip-tui"'
    rules = [line.strip() for line in ruleset(mended.first).splitlines()]
    assert rules.index(allowed) < rules.index("ip protocol vrrp drop")


def test_the_way_back_restores_the_firewall(mended: Mended) -> None:
    (opened,) = [one for one in mended.fixed.document["fixed"] if one["fix"] == "open-firewall"]
    assert ruleset(mended.first) != mended.rules
    for line in opened["back"]:
        mended.first.run("sh", "-c", line)
    assert ruleset(mended.first) == mended.rules
    mended.first.run("nft", "flush", "ruleset")


@dataclass
class Later:
    """Another run, on a node that somebody works on, and on one with a stale VIP."""

    fixed: Ended
    modules: str  # those loaded at boot on the first, afterwards
    was_held: bool  # by the second, before


@pytest.fixture(scope="module")
def later(mended: Mended) -> Later:
    first, second = mended.first, mended.second
    first.run("rm", "/etc/modules-load.d/ip_vs.conf")
    first.run("tee", "/etc/modules", input="loop\n")
    second.docker(
        *("run", "--detach", "--name=keepalived", "--net=host"),
        *("--cap-add=NET_ADMIN", "--cap-add=NET_BROADCAST", "--cap-add=NET_RAW"),
        *("--env", f"KEEPALIVED_VIRTUAL_IPS={VIP}", "--env", "KEEPALIVED_UNICAST_PEERS=198.18.0.9"),
        IMAGE,
    )
    wait_until(lambda: VIP in second.addresses(), "keepalived does not take the VIP", 15)
    second.docker("kill", "keepalived")
    second.docker("rm", "keepalived")
    held = VIP in second.addresses()
    pid = look.hold_lock(first, "apply by somebody")
    try:
        fixed = mended.console.run("check", mended.file, "--fix", "--yes", "--json")
        return Later(fixed, first.run("ls", "/etc/modules-load.d").stdout, held)
    finally:
        first.run("kill", pid)
        first.run("tee", "/etc/modules-load.d/ip_vs.conf", input="ip_vs\n")


def test_a_vip_that_a_killed_keepalived_left_is_taken_off(mended: Mended, later: Later) -> None:
    assert later.was_held
    assert f"ip addr del {VIP}/32 dev eth0" in later.fixed.err
    assert (mended.second.name, "delete-vip", True) in fixes(later.fixed)
    assert VIP not in mended.second.addresses()
    assert finding(later.fixed, mended.second, "vip-free")["status"] == "pass"
    (fixed,) = [one for one in later.fixed.document["fixed"] if one["fix"] == "delete-vip"]
    assert fixed["back"] == [f"ip addr add {VIP}/32 dev eth0"]


def test_a_node_that_somebody_works_on_is_left_alone(mended: Mended, later: Later) -> None:
    later.fixed.expect(4)
    assert (mended.first.name, "persist-ip_vs", False) in fixes(later.fixed)
    (refused,) = [one for one in later.fixed.document["fixed"] if not one["ok"]]
    assert "apply by somebody" in refused["evidence"]
    assert finding(later.fixed, mended.first, "ip_vs")["status"] == "warn"
    assert later.modules == ""


def test_a_machines_own_address_is_not_taken_off_and_there_is_nothing_else(
    mended: Mended, later: Later
) -> None:
    node = mended.first
    node.run("ip", "address", "add", f"{VIP}/24", "dev", "eth0")
    try:
        check = mended.console.run("check", mended.file, "--fix", "--json").expect(1)
    finally:
        node.run("ip", "address", "del", f"{VIP}/24", "dev", "eth0")
    assert (finding(check, node, "vip-free")["status"], fixes(check)) == ("fail", [])
    assert "There is nothing that vip-tui can mend." in check.err
