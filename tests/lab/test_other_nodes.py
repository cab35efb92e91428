"""Nodes that are not plain: ip_vs loadable or missing, another interface, port or account."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, Node, look
from tests.lab.console import Console, Ended
from tests.lab.tools import wait_until

pytestmark = pytest.mark.lab

VIP = "198.18.0.130"
PERSISTED = "/etc/modules-load.d/ip_vs.conf"


@dataclass
class Applied:
    """Apply on a node that can load ip_vs, and on an odd one that cannot; and what came before."""

    console: Console
    loadable: Node
    odd: Node
    file: Path
    check: Ended
    plan: Ended
    apply: Ended

    @property
    def nodes(self) -> list[Node]:
        return [self.loadable, self.odd]


@pytest.fixture(scope="module")
def applied(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    nodes: list[Node] = []
    tool = Path("/usr/sbin/modprobe")
    before = tool.read_bytes()
    try:
        nodes.append(lab.add_node(ip_vs="loadable"))
        nodes.append(lab.add_node(ip_vs="missing", interface="ens18", ssh_port=2222))
        assert tool.read_bytes() == before, "a node's feigned tools reach the machine's own"
        for node in nodes:
            node.wait_docker()
        console = Console(lab, tmp_path_factory.mktemp("mixed"))
        file = console.cluster(nodes, VIP)
        check = console.run("check", file, "--json")
        plan = console.run("plan", file, "--json")
        assert not loaded(nodes[0]), "check and plan change nothing"
        apply = console.run("apply", file, "--yes", "--json")
        yield Applied(console, nodes[0], nodes[1], file, check, plan, apply)
    finally:
        for node in nodes:
            node.destroy()


def loaded(node: Node) -> bool:
    return node.run("test", "-d", "/sys/module/ip_vs", check=False).returncode == 0


def finding(check: Ended, node: Node) -> dict[str, str]:
    told = next(
        told for told in check.document["nodes"] if told["address"].split(":")[0] == node.address
    )
    found: dict[str, str] = next(one for one in told["findings"] if one["id"] == "ip_vs")
    return found


def actions(ended: Ended, node: Node) -> list[Any]:
    told = next(told for told in ended.document["nodes"] if told["name"] == node.name)
    return [step["action"] for step in told["steps"]]


def test_the_plan_loads_and_persists_it_where_it_can_be_loaded(applied: Applied) -> None:
    applied.check.expect(0)
    assert finding(applied.check, applied.loadable)["status"] == "warn"
    assert applied.plan.document["kind"] == "fresh"
    wanted = ["load-ip_vs", "persist-ip_vs", "pull", "create"]
    assert actions(applied.plan, applied.loadable) == wanted


def test_apply_loads_it_and_persists_it(applied: Applied) -> None:
    applied.apply.expect(0)
    assert loaded(applied.loadable)
    assert applied.loadable.run("cat", PERSISTED).stdout == "ip_vs\n"
    assert applied.loadable.run("cat", "/etc/modules").stdout == ""
    check = applied.console.run("check", applied.file, "--json")
    assert finding(check, applied.loadable)["status"] == "pass"


def test_a_kernel_without_it_is_a_warning_that_does_not_stop_apply(applied: Applied) -> None:
    warning = finding(applied.check, applied.odd)
    assert warning["status"] == "warn"
    assert warning["summary"] and warning["evidence"] and warning["remedy"]
    assert actions(applied.plan, applied.odd) == ["pull", "create"]
    assert look.agreed(applied.nodes, VIP)
    assert not loaded(applied.odd)
    assert applied.odd.run("ls", "/etc/modules-load.d").stdout == ""


def test_a_second_apply_changes_nothing_of_it(applied: Applied) -> None:
    before = [look.run_of(node) for node in applied.nodes]
    again = applied.console.run("apply", applied.file, "--yes", "--json").expect(0)
    assert [actions(again, node) for node in applied.nodes] == [["leave"], ["leave"]]
    assert [look.run_of(node) for node in applied.nodes] == before
    assert applied.loadable.run("cat", PERSISTED).stdout == "ip_vs\n"


def test_another_interface_and_ssh_port_make_no_difference(applied: Applied) -> None:
    applied.apply.expect(0)
    assert look.environment(applied.odd)["KEEPALIVED_INTERFACE"] == "ens18"
    assert look.environment(applied.loadable)["KEEPALIVED_INTERFACE"] == "eth0"
    status = applied.console.run("status", applied.file, "--json").expect(0)
    assert status.document["holders"] == look.holders(applied.nodes, VIP) == [applied.loadable.name]
    applied.loadable.docker("stop", "keepalived")
    wait_until(lambda: VIP in applied.odd.addresses(), "the odd node does not take over", 3)
    on_ens18 = applied.odd.run("ip", "address", "show", "dev", "ens18").stdout
    assert f"{VIP}/32" in on_ens18
    applied.console.run("remove", applied.file, "--yes", "--json").expect(0)
    assert_clean(applied.nodes, VIP)


def assert_clean(nodes: list[Node], vip: str) -> None:
    assert [look.containers(node) for node in nodes] == [[] for _ in nodes]
    assert look.holders(nodes, vip) == []


def test_an_account_with_sudo_and_without_access_to_docker(lab: Lab, console: Console) -> None:
    vip = "198.18.0.141"
    nodes: list[Node] = []
    try:
        for _ in range(2):
            nodes.append(lab.add_node(user="ops", sudo="nopasswd", ip_vs="loadable"))
        for node in nodes:
            node.wait_docker()
        file = console.cluster(nodes, vip)
        console.run("apply", file, "--yes", "--json").expect(0)
        assert look.agreed(nodes, vip)
        assert look.holders(nodes, vip) == [nodes[0].name]
        for node in nodes:
            assert node.run("cat", "/etc/modules-load.d/ip_vs.conf").stdout == "ip_vs\n"
        before = look.run_of(nodes[0])
        drill = console.run("drill", file, "--yes", "--json").expect(0)
        assert (drill.document["outcome"], drill.document["restored"]) == ("passed", True)
        assert look.agreed(nodes, vip)
        assert look.holders(nodes, vip) == [nodes[1].name]
        assert look.run_of(nodes[0])[1] > before[1]
        assert look.lock_is_free(nodes[0])
        console.run("remove", file, "--yes", "--json").expect(0)
        assert_clean(nodes, vip)
        look.wait_no_processes(nodes, 5)
    finally:
        for node in nodes:
            node.destroy()
