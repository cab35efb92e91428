"""Which remedy a finding has: its exact commands, the way back, and when there is none."""

import shlex
import subprocess
from dataclasses import replace
from ipaddress import ip_interface
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import VIP, cluster, container, host, learnt, node, spec
from vip_tui.errors import UnreachableError, VipError
from vip_tui.nodes.commands import LOAD_IP_VS, PERSIST_IP_VS
from vip_tui.nodes.mending import MEND_MODULES
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.facts import Address
from vip_tui.preflight.facts.kernel import BrokenLine, KernelFacts
from vip_tui.preflight.learnt import Finding, Fix, Learnt
from vip_tui.preflight.outcome import Preflight
from vip_tui.preflight.remedies import ORDER, Remedy, remedies, remedy_for, stale_vips

FIXES: tuple[Fix, ...] = get_args(Fix)


def outcome(*seen: Learnt, **more: Any) -> Preflight:
    wanted = cluster(*(one.node for one in seen), **more)
    return Preflight(wanted, seen, tuple(() for _ in seen), 0.1, 3.0)


def remedy(first: Learnt, fix: Fix, **more: Any) -> Remedy | None:
    """What mends the first of three nodes."""
    finding = Finding("docker", "fail", "it is broken", fix=fix)
    return remedy_for(outcome(first, learnt(2), learnt(3), **more), 0, finding)


def sure(first: Learnt, fix: Fix, **more: Any) -> Remedy:
    found = remedy(first, fix, **more)
    assert found is not None
    return found


def with_lines(*lines: tuple[str, str]) -> KernelFacts:
    return KernelFacts(broken_lines=tuple(BrokenLine(file, line) for file, line in lines))


def test_every_fix_has_its_place() -> None:
    assert sorted(ORDER) == sorted(FIXES)


@pytest.mark.parametrize("fix", FIXES)
def test_without_a_fix_or_a_node_there_is_no_remedy(fix: Fix) -> None:
    lost = learnt(1, problem=UnreachableError("n1 does not answer"), host=None, docker=None)
    assert remedy(lost, fix) is None
    assert remedy_for(outcome(learnt(1)), 0, Finding("docker", "fail", "broken")) is None


@pytest.mark.parametrize("fix", ["load-ip_vs", "persist-ip_vs", "mend-modules"])
def test_all_that_is_wrong_with_ip_vs_is_one_remedy(fix: Fix) -> None:
    broken = with_lines(("/etc/modules", "modprobe ip_vs"))
    facts = host(1, ip_vs="loadable", ip_vs_persisted=False, kernel=broken)
    found = sure(learnt(1, facts=facts), fix)
    assert [act.command for act in found.acts] == [MEND_MODULES, LOAD_IP_VS, PERSIST_IP_VS]
    assert found.commands[1] == "modprobe ip_vs"
    assert "$1" not in found.commands[0] and "/etc/modules" in found.commands[0]
    assert found.back[1] == "modprobe -r ip_vs"  # the last is taken back first


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({"ip_vs": "loadable", "ip_vs_persisted": True}, [LOAD_IP_VS]),
        ({"ip_vs": "loaded", "ip_vs_persisted": False}, [PERSIST_IP_VS]),
        ({"ip_vs": "loadable", "ip_vs_persisted": False}, [LOAD_IP_VS, PERSIST_IP_VS]),
        (
            {"kernel": with_lines(("/etc/modules", "/sbin/modprobe  ip_vs"))},
            [MEND_MODULES],
        ),
    ],
)
def test_of_ip_vs_only_what_is_missing_is_done(facts: dict[str, Any], wanted: list[Any]) -> None:
    found = sure(learnt(1, facts=host(1, **facts)), "load-ip_vs")
    assert [act.command for act in found.acts] == wanted


@pytest.mark.parametrize(
    "lines",
    [
        (("/etc/modules", "modprobe -a ip_vs ip_vs_rr"),),
        (("/etc/modules", "modprobe ip_vs"), ("/etc/modules-load.d/x.conf", "insmod ip_vs.ko")),
        (("/usr/lib/modules-load.d/x.conf", "modprobe ip_vs"),),
        (("/etc/modules-load.d/a b.conf", "modprobe ip_vs"),),
        (("/etc/../root/modules", "modprobe ip_vs"),),
        (("/etc/$(reboot).conf", "modprobe ip_vs"),),
    ],
)
def test_a_line_of_another_making_is_left_to_a_person(lines: tuple[tuple[str, str], ...]) -> None:
    facts = host(1, ip_vs_persisted=False, kernel=with_lines(*lines))
    assert remedy(learnt(1, facts=facts), "mend-modules") is None


def test_where_ip_vs_is_as_it_should_be_there_is_nothing_to_do() -> None:
    assert remedy(learnt(1), "load-ip_vs") is None


STALE = host(1, f"{VIP}/32")


def test_a_stale_vip_is_taken_off_and_can_be_put_back() -> None:
    found = sure(learnt(1, facts=STALE), "delete-vip")
    assert found.acts[0].arguments == (f"{VIP}/32", "eth0")
    assert found.commands[0].startswith(f"ip addr del {VIP}/32 dev eth0")
    assert found.back == (f"ip addr add {VIP}/32 dev eth0",)
    assert "If another program put it there" in found.warning
    assert "Until keepalived runs, nobody has it." in found.warning
    ours = sure(learnt(1, container(spec(), status="exited"), STALE), "delete-vip")
    assert ours.warning == "Until keepalived runs, nobody has it."


def test_what_a_load_balancer_keeps_on_the_loopback_is_left_alone() -> None:
    facts = host(1)
    lo = Address("lo", ip_interface(f"{VIP}/32"))
    real_server = replace(facts, addresses=(*facts.addresses, lo))
    assert remedy(learnt(1, facts=real_server), "delete-vip") is None


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        *(("exited", True), ("created", True), ("dead", True)),
        *(("running", False), ("paused", False), ("restarting", False), ("removing", False)),
    ],
)
def test_only_where_keepalived_does_not_run(status: str, offered: bool) -> None:
    stopped = container(spec(), status=status)
    assert (remedy(learnt(1, stopped, STALE), "delete-vip") is not None) == offered


def test_nobody_knows_what_runs_where_docker_does_not_answer() -> None:
    assert remedy(learnt(1, facts=STALE, docker=None), "delete-vip") is None


def test_where_another_node_has_the_vip_nobody_loses_it() -> None:
    finding = Finding("vip-free", "warn", "stale", fix="delete-vip")
    both = outcome(learnt(1, facts=STALE), learnt(2, facts=host(2, f"{VIP}/32")))
    found = remedy_for(both, 0, finding)
    assert found is not None
    assert "nobody has it" not in found.warning


@pytest.mark.parametrize(
    ("vip", "addresses", "stale"),
    [
        (VIP, ["198.18.0.11/24", f"{VIP}/32"], [f"{VIP}/32"]),
        (VIP, ["198.18.0.11/24", f"{VIP}/24"], []),  # with a length that the file does not know
        (f"{VIP}/24", ["198.18.0.11/24", f"{VIP}/24"], [f"{VIP}/24"]),
        (f"{VIP}/24", [f"{VIP}/24"], []),  # all that the interface has
        (f"{VIP}/24", [f"{VIP}/24", "fd00::1/64"], []),
        (VIP, ["198.18.0.11/24", "198.18.0.101/32"], []),
    ],
)
def test_a_machines_own_address_is_never_stale(
    vip: str, addresses: list[str], stale: list[str]
) -> None:
    facts = replace(
        host(1), addresses=tuple(Address("eth0", ip_interface(text)) for text in addresses)
    )
    found = stale_vips(cluster(vips=(vip,)), facts)
    assert [str(address.ip) for address in found] == stale


def test_docker_is_started_and_can_be_stopped() -> None:
    found = sure(learnt(1, docker=None), "start-docker")
    assert "service docker start" in found.commands[0]
    assert "service docker stop" in found.back[0]


def test_an_image_is_pulled_by_docker_itself() -> None:
    found = sure(learnt(1, image_present=False), "pull-image", image="registry.example/k:1")
    assert found.commands == ("docker pull registry.example/k:1",)
    assert found.back == ("docker image rm registry.example/k:1",)
    assert found.acts == ()


REFUSED = VipError("sudo on n1 refuses the password", "1 incorrect password attempt")


@pytest.mark.parametrize(
    ("account", "seen", "barred"),
    [
        ({"root": False, "user": "alice"}, {}, "alice is neither root nor may use sudo"),
        ({"root": False, "sudo": True}, {}, ""),
        ({"root": False, "sudo_asks": True}, {"elevated": True}, ""),
        ({"root": False, "sudo_asks": True}, {}, "sudo asks for a password"),
        ({"root": False, "sudo_asks": True}, {"elevation_problem": REFUSED}, str(REFUSED)),
        ({"root": True}, {}, ""),
    ],
)
def test_who_cannot_become_root_is_told(
    account: dict[str, Any], seen: dict[str, Any], barred: str
) -> None:
    one = learnt(1, facts=host(1, ip_vs="loadable", **account), **seen)
    assert sure(one, "load-ip_vs").barred == barred
    assert sure(one, "pull-image").barred == ""


def test_remedies_come_node_by_node_and_what_others_need_first() -> None:
    seen = (learnt(1), learnt(2, facts=host(2, f"{VIP}/32", ip_vs="loadable")))
    findings = (
        (Finding("docker", "fail", "stopped", fix="start-docker"),),
        (
            Finding("image", "pass", "not here yet", fix="pull-image"),
            Finding("vip-free", "warn", "stale", fix="delete-vip"),
            Finding("ip_vs", "warn", "not loaded", fix="load-ip_vs"),
            Finding("docker", "warn", "not at boot", fix="enable-docker"),
        ),
    )
    wanted = cluster(*(one.node for one in seen))
    found = remedies(Preflight(wanted, seen, findings, 0.1, 3.0))
    assert [(one.name, one.fix, one.check) for one in found] == [
        ("n1", "start-docker", "docker"),
        ("n2", "enable-docker", "docker"),
        ("n2", "load-ip_vs", "ip_vs"),
        ("n2", "delete-vip", "vip-free"),
        ("n2", "pull-image", "image"),
    ]


def test_every_fix_that_a_check_names_is_found_again() -> None:
    seen = (learnt(1, facts=host(1, ip_vs="loadable", ip_vs_persisted=False)), learnt(2))
    findings = tuple(check_node(cluster(node(1), node(2)), one, seen) for one in seen)
    found = remedies(Preflight(cluster(node(1), node(2)), seen, findings, 0.1, 3.0))
    assert [(one.index, one.fix) for one in found] == [(0, "load-ip_vs")]


NAMES = st.text(max_size=12) | st.sampled_from(["eth0", "bond0.100", "br-lan", "$(reboot)", "a b"])
ADDRESSES = st.builds(
    Address, NAMES, st.sampled_from([f"{VIP}/32", f"{VIP}/24", "198.18.0.11/24"]).map(ip_interface)
)


@given(st.sampled_from(FIXES), st.lists(ADDRESSES, max_size=4), st.booleans(), NAMES)
def test_whatever_a_node_calls_things_its_commands_are_plain(
    fix: Fix, addresses: list[Address], loaded: bool, file: str
) -> None:
    facts = host(
        1,
        addresses=tuple(addresses),
        ip_vs="loaded" if loaded else "loadable",
        ip_vs_persisted=False,
        kernel=with_lines((f"/etc/{file}", "modprobe ip_vs")),
    )
    found = remedy(learnt(1, facts=facts), fix, vips=(f"{VIP}/24",))
    for line in (*found.commands, *found.back) if found else ():
        done = subprocess.run(["sh", "-n", "-c", line], capture_output=True)
        assert done.returncode == 0, line
        assert "reboot" not in line
    for act in found.acts if found else ():
        assert all(shlex.split(word) == [word] for word in act.arguments)
