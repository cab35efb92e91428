"""The checks of the kernel, in each of their states: ip_vs and sysctl."""

from dataclasses import replace
from ipaddress import IPv4Interface
from typing import Any

import pytest

from tests.unit.build import cluster, docker_facts, host, kernel, learnt, node
from vip_tui.cluster import Cluster
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.facts import Address, KernelFacts
from vip_tui.preflight.facts.kernel import BrokenLine
from vip_tui.preflight.learnt import Finding, Learnt

CLUSTER = cluster()
RECIPES = BrokenLine("/etc/modules", "modprobe ip_vs")
NOT_AT_BOOT = replace(kernel("eth0"), persisted_in=())


def found(check: str, one: Learnt, of: Cluster = CLUSTER) -> Finding:
    return {item.id: item for item in check_node(of, one, (one,))}[check]


def with_host(**changed: Any) -> Learnt:
    return learnt(1, facts=host(1, **changed))


# --- ip_vs


@pytest.mark.parametrize(
    ("module", "status", "words", "fix"),
    [
        ({"ip_vs": "loaded"}, "pass", "loaded, and at every boot", None),
        ({"ip_vs": "built-in", "ip_vs_persisted": False}, "pass", "built into the kernel", None),
        (
            {"ip_vs": "loaded", "ip_vs_persisted": False, "kernel": NOT_AT_BOOT},
            *("warn", "not at the next boot; apply makes it so", "persist-ip_vs"),
        ),
        ({"ip_vs": "loadable"}, "warn", "not loaded; apply loads it", "load-ip_vs"),
        (
            {"ip_vs": "loadable", "ip_vs_persisted": False, "kernel": NOT_AT_BOOT},
            *("warn", "not loaded; apply loads it, at boot too", "load-ip_vs"),
        ),
        ({"ip_vs": "unknown"}, "unknown", "cannot tell", None),
    ],
)
def test_the_module_for_swarms_mesh(
    module: dict[str, Any], status: str, words: str, fix: str | None
) -> None:
    item = found("ip_vs", with_host(**module))
    assert (item.status, item.fix) == (status, fix)
    assert words in item.summary


def test_a_kernel_without_ip_vs_fails_only_in_a_swarm() -> None:
    missing = with_host(ip_vs="missing", kernel=KernelFacts(config="# CONFIG_IP_VS is not set"))
    inside = found("ip_vs", missing)
    assert (inside.status, "does not work on this node" in inside.summary) == ("fail", True)
    assert "allow the check" in inside.remedy
    swarm = replace(docker_facts(1).swarm or pytest.fail(), state="inactive")
    for docker in (docker_facts(1, swarm=swarm), docker_facts(1, swarm=None), None):
        item = found("ip_vs", replace(missing, docker=docker))
        assert item.status == "warn"
        assert "this kernel has no ip_vs" in item.summary and "the VIP will" in item.summary
        assert "CONFIG_IP_VS is not set" in item.evidence
        assert "linux-modules-extra" in item.remedy


@pytest.mark.parametrize(
    ("seen", "evidence", "remedy"),
    [
        (KernelFacts(), "modprobe -n ip_vs fails", "Install a kernel with IPVS"),
        (KernelFacts("CONFIG_IP_VS=m"), "CONFIG_IP_VS=m", "is not installed"),
        (KernelFacts("CONFIG_IP_VS=m", "6.1.0-18"), "no /lib/modules/6.1.0-18", "reboot"),
    ],
)
def test_why_the_module_is_missing_says_what_mends_it(
    seen: KernelFacts, evidence: str, remedy: str
) -> None:
    item = found("ip_vs", with_host(ip_vs="missing", kernel=seen))
    assert evidence in item.evidence
    assert remedy in item.remedy


@pytest.mark.parametrize("loaded", ["loaded", "loadable"])
@pytest.mark.parametrize("persisted", [True, False])
def test_the_recipes_broken_line_is_shown_as_it_stands(loaded: str, persisted: bool) -> None:
    seen = replace(kernel() if persisted else NOT_AT_BOOT, broken_lines=(RECIPES,))
    item = found("ip_vs", with_host(ip_vs=loaded, ip_vs_persisted=persisted, kernel=seen))
    assert (item.status, item.fix) == ("warn", "mend-modules")
    assert "a line in /etc/modules does nothing" in item.summary
    assert "/etc/modules: modprobe ip_vs" in item.evidence
    assert "bare name ip_vs" in item.remedy
    assert ("boot" in item.summary) is not persisted
    assert ("apply loads it" in item.summary) is (loaded == "loadable")


# --- sysctl


def with_settings(*more: str, **settings: int) -> Learnt:
    return learnt(1, facts=host(1, *more, kernel=kernel("eth0", "eth1", **settings)))


@pytest.mark.parametrize("ignore", [0, 1, 3, 4])
def test_settings_that_let_the_holder_answer_pass_with_their_values(ignore: int) -> None:
    item = found("sysctl", with_settings(arp_ignore=ignore, arp_announce=2, rp_filter=1))
    assert (item.status, item.summary) == ("pass", "eth0 answers for the VIP")
    assert f"arp_ignore {ignore}, arp_announce 2, rp_filter 1" in item.evidence
    assert "ip_nonlocal_bind 0 (a service that binds to the VIP itself needs 1)" in item.evidence


def test_an_interface_that_answers_nobody_fails_and_names_the_key() -> None:
    item = found("sysctl", with_settings(arp_ignore=8))
    assert item.status == "fail"
    assert "nobody gets an answer for 198.18.0.100 on eth0: arp_ignore is 8" in item.summary
    assert "sysctl -w net.ipv4.conf.all.arp_ignore=1`" in item.remedy


def test_the_interfaces_own_setting_counts_where_it_is_higher() -> None:
    seen = kernel("eth0.100")
    settings = {**seen.settings, ("eth0.100", "arp_ignore"): 8}
    facts = host(1, interface="eth0.100", kernel=replace(seen, settings=settings))
    item = found("sysctl", learnt(1, facts=facts))
    assert item.status == "fail"
    assert "net.ipv4.conf.eth0/100.arp_ignore=1" in item.remedy
    assert "conf.all" not in item.remedy


def test_arp_ignore_2_answers_for_a_vip_in_the_interfaces_subnet_only() -> None:
    # Seen with arping: a /32 beside 198.18.0.11/24 is answered for, one of another subnet is not.
    item = found("sysctl", with_settings(arp_ignore=2))
    assert (item.status, "if the asker is in its subnet" in item.summary) == ("pass", True)
    elsewhere = learnt(1, facts=with_settings(arp_ignore=2).host, wanted=node(1, interface="eth0"))
    of = cluster(vips=("203.0.113.5",))
    assert found("sysctl", elsewhere, of=of).status == "fail"
    of = cluster(vips=("203.0.113.5/24",))
    assert found("sysctl", elsewhere, of=of).status == "pass"


@pytest.mark.parametrize(("strict", "status"), [(0, "pass"), (1, "warn"), (2, "pass")])
def test_a_strict_filter_matters_where_two_interfaces_share_a_subnet(
    strict: int, status: str
) -> None:
    one = with_settings(rp_filter=strict)
    assert one.host is not None
    twin = Address("eth1", IPv4Interface("198.18.0.200/24"))
    both = replace(
        one.host, addresses=(*one.host.addresses, twin), up=frozenset({"lo", "eth0", "eth1"})
    )
    item = found("sysctl", learnt(1, facts=both, wanted=node(1, interface="eth0")))
    assert item.status == status
    assert ("eth0 and eth1 share a subnet" in item.summary) is (status == "warn")
    down = replace(both, up=frozenset({"lo", "eth0"}))
    assert found("sysctl", learnt(1, facts=down, wanted=node(1, interface="eth0"))).status == "pass"


def test_what_cannot_be_said_of_the_settings_is_unknown_and_why() -> None:
    unread = found("sysctl", with_host(kernel=KernelFacts()))
    assert (unread.status, unread.because) == ("unknown", "")
    assert "/proc/sys/net/ipv4/conf" in unread.evidence and "sysctl -a" in unread.remedy
    nowhere = found("sysctl", with_host(addresses=()))
    assert (nowhere.status, nowhere.because) == ("unknown", "interface")
