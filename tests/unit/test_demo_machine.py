"""What the simulated hosts say of themselves as machines, in words that the program reads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.build import cluster, docker_facts, learnt
from tests.unit.demo_clock import VIP, Segment
from vip_tui.demo import facts_machine, misfortunes
from vip_tui.demo.facts import gather
from vip_tui.demo.host import Host
from vip_tui.preflight import facts
from vip_tui.preflight.checks import check_all, check_node
from vip_tui.preflight.clock import clock_offset
from vip_tui.preflight.facts import HostFacts
from vip_tui.preflight.learnt import Finding, Learnt

NAMES = ("hostname", "account", "addresses", "links", *facts_machine.SECTIONS)


def said(host: Host) -> HostFacts:
    return facts.parse(gather(host, NAMES))


def seen(host: Host, number: int, image_present: bool = True) -> Learnt:
    sent = time.time()
    found = said(host)
    clock = clock_offset(sent, time.time(), found.machine)
    docker = docker_facts(number, image_present)
    return replace(learnt(number, facts=found), docker=docker, clock=clock)


def struck(*names: str) -> list[Host]:
    segment = Segment()
    misfortunes.strike(names, misfortunes.Scene(segment.hosts, segment.wire, VIP))
    return segment.hosts


def found(hosts: list[Host], image_present: bool = True) -> dict[str, Finding]:
    """The second node's findings."""
    one, two, three = (seen(host, n, image_present) for n, host in enumerate(hosts, start=1))
    return {item.id: item for item in check_node(cluster(), two, (one, two, three))}


def test_a_simulated_host_is_well() -> None:
    hosts = struck()
    assert {found(hosts)[check].status for check in ("sysctl", "disk", "clock", "cloud")} == {
        "pass"
    }
    assert found(hosts)["ip_vs"].status == "warn"  # loadable, and apply loads it
    learnt_of_all = [seen(host, number) for number, host in enumerate(hosts, start=1)]
    across = {item.id: item for item in check_all(cluster(), learnt_of_all)}
    assert (across["distinct"].status, across["distinct"].summary) == ("pass", "3 machines")


@pytest.mark.parametrize(
    ("change", "ip_vs", "persisted"),
    [
        (lambda host: None, "loadable", False),
        (lambda host: setattr(host, "ip_vs", "loaded"), "loaded", False),
        (lambda host: setattr(host, "ip_vs", "missing"), "missing", False),
        (lambda host: setattr(host, "ip_vs_persisted", True), "loadable", True),
        (lambda host: setattr(host, "etc_modules", "ip_vs"), "loadable", True),
    ],
)
def test_its_kernel(change: Callable[[Host], None], ip_vs: str, persisted: bool) -> None:
    host = Segment().hosts[0]
    change(host)
    facts = said(host)
    assert (facts.ip_vs, facts.ip_vs_persisted) == (ip_vs, persisted)
    assert facts.kernel.broken_lines == ()


def test_its_keepalived_is_in_a_container() -> None:
    segment = Segment()
    assert said(segment.hosts[0]).machine.keepalived_outside == ()
    segment.run_all(200, 150, 100)
    text = gather(segment.hosts[0], ("keepalived",))
    assert f"process {segment.hosts[0].docker.containers[0].pid}" in text
    assert facts.parse(text).machine.keepalived_outside == ()


@pytest.mark.parametrize(
    ("misfortune", "check", "status", "words"),
    [
        ("broken-modules-line", "ip_vs", "warn", "/etc/modules: modprobe ip_vs"),
        ("cloud", "cloud", "fail", "Amazon EC2"),
        ("clock-skew", "clock", "warn", "95.0 s ahead of"),
        ("disk-full", "disk", "fail", "no room to pull the image: 120 MB free"),
    ],
)
def test_a_misfortune_is_found(misfortune: str, check: str, status: str, words: str) -> None:
    item = found(struck(misfortune), image_present=False)[check]
    assert (item.status, words in f"{item.summary} {item.evidence}") == (status, True), item
