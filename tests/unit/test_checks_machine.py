"""The checks of the machine, in each of their states: disk, clock, cloud, distinct."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import cluster, docker_facts, host, learnt, machine, node
from vip_tui.preflight.checks import check_all, check_node
from vip_tui.preflight.checks.cloud import CLOUDS, which
from vip_tui.preflight.facts.machine import Disk
from vip_tui.preflight.learnt import Finding, Learnt

CLUSTER = cluster()
GB = 1024 * 1024


def found(check: str, one: Learnt, *others: Learnt) -> Finding:
    return {item.id: item for item in check_node(CLUSTER, one, (one, *others))}[check]


def across(check: str, *nodes: Learnt) -> Finding:
    return {item.id: item for item in check_all(CLUSTER, nodes)}[check]


def with_host(number: int = 1, **changed: Any) -> Learnt:
    return learnt(number, facts=host(number, **changed))


def with_machine(number: int = 1, **changed: Any) -> Learnt:
    return with_host(number, machine=machine(number, **changed))


# --- disk


def with_disk(free_kb: int, size_kb: int = 40 * GB, present: bool = True, **more: Any) -> Learnt:
    disk = Disk("/var/lib/docker", "/var", size_kb, free_kb, **more)
    root = Disk("/", "/", 20 * GB, 15 * GB, 1_000_000, 900_000)
    facts = host(1, machine=machine(1, disks=(disk, root)))
    return learnt(1, facts=facts, image_present=present)


@pytest.mark.parametrize(
    ("one", "status", "words"),
    [
        (with_disk(28 * GB), "pass", "28.0 GB free for Docker"),
        (with_disk(150 * 1024, present=False), "fail", "no room to pull the image: 150 MB free"),
        (with_disk(150 * 1024), "warn", "little room on /var: 150 MB free"),
        (with_disk(2 * 1024), "fail", "no room to start a container: 2 MB free"),
        (with_disk(900 * 1024), "warn", "little room on /var"),
        (with_disk(6 * GB, 200 * GB), "warn", "little room on /var: 6.0 GB free"),
        (with_disk(60 * GB, 2000 * GB), "pass", "60.0 GB free"),
        (with_disk(2 * GB, 10 * GB), "pass", "2.0 GB free"),
        (with_disk(28 * GB, inodes=1_000_000, inodes_free=900), "warn", "room for 900 more"),
        (with_disk(28 * GB, inodes=50_000_000, inodes_free=200_000), "pass", "28.0 GB free"),
        (with_disk(0, 0), "fail", "0 MB free"),
    ],
)
def test_the_room_for_docker(one: Learnt, status: str, words: str) -> None:
    item = found("disk", one)
    assert (item.status, words in item.summary) == (status, True), item
    assert "/var/lib/docker on /var" in item.evidence and "/ on /: 15.0 GB" in item.evidence
    assert (item.status == "pass") is (item.remedy == "")


def test_a_root_of_docker_where_nobody_looked_is_unknown() -> None:
    facts = with_disk(28 * GB).host
    moved = learnt(1, facts=facts, docker=docker_facts(1, root_dir="/srv/docker"))
    item = found("disk", moved)
    assert (item.status, "/srv/docker" in item.summary) == ("unknown", True)
    assert "df -h /srv/docker" in item.remedy
    inside = learnt(
        1, facts=facts, docker=docker_facts(1, root_dir="/var/lib/docker/231072.231072")
    )
    assert found("disk", inside).status == "pass"
    assert found("disk", learnt(1, facts=facts, docker=None)).status == "pass"


def test_a_df_that_fails_is_unknown_in_its_words() -> None:
    item = found("disk", with_machine(disks=(), disks_problem="df: Permission denied"))
    assert (item.status, item.evidence) == ("unknown", "df: Permission denied")
    assert "df -h /var/lib/docker" in item.remedy


# --- cloud


@pytest.mark.parametrize(
    ("dmi", "status", "words"),
    [
        ({"sys_vendor": "Amazon EC2", "product_name": "t3.small"}, "fail", "Amazon EC2: a VPC"),
        ({"sys_vendor": "Xen", "bios_version": "4.11.amazon"}, "fail", "Amazon EC2"),
        ({"hypervisor_uuid": "ec2a1f0e-9099-7caf-fd21-012345abcdef"}, "fail", "Amazon EC2"),
        ({"sys_vendor": "Google", "product_name": "Google Compute Engine"}, "fail", "Google"),
        (
            {
                "sys_vendor": "Microsoft Corporation",
                "chassis_asset_tag": "7783-7084-3265-9085-8269-3286-77",
            },
            *("fail", "Microsoft Azure"),
        ),
        ({"chassis_asset_tag": "OracleCloud.com", "sys_vendor": "QEMU"}, "fail", "Oracle Cloud"),
        ({"sys_vendor": "DigitalOcean", "product_name": "Droplet"}, "fail", "DigitalOcean"),
        ({"sys_vendor": "Hetzner", "product_name": "vServer"}, "fail", "Hetzner Cloud"),
        ({"product_name": "Alibaba Cloud ECS"}, "warn", "Alibaba Cloud: a VPC"),
        ({"sys_vendor": "Vultr", "product_name": "VHP"}, "warn", "Vultr"),
        ({"sys_vendor": "OpenStack Foundation"}, "warn", "OpenStack: a port"),
        ({"product_name": "OpenStack Compute"}, "warn", "OpenStack"),
        ({"chassis_asset_tag": "HUAWEICLOUD"}, "warn", "OpenStack"),
        ({"sys_vendor": "Akamai", "product_name": "Compute Instance"}, "warn", "Akamai Compute"),
        ({"product_name": "Exoscale Compute Platform"}, "warn", "Exoscale"),
    ],
)
def test_a_cloud_says_what_to_use_there_instead(
    dmi: dict[str, str], status: str, words: str
) -> None:
    item = found("cloud", with_machine(dmi=dmi))
    assert (item.status, words in item.summary) == (status, True), item
    assert item.remedy.startswith("There: ")
    assert ("allow the check" in item.remedy) is (status == "fail")
    assert all(value in item.evidence for value in dmi.values())


@pytest.mark.parametrize(
    ("dmi", "words"),
    [
        ({"sys_vendor": "QEMU", "product_name": "Standard PC (Q35 + ICH9, 2009)"}, "QEMU Standard"),
        ({"sys_vendor": "VMware, Inc.", "product_name": "VMware7,1"}, "VMware, Inc."),
        # Hyper-V of one's own: Azure's vendor without Azure's tag.
        ({"sys_vendor": "Microsoft Corporation", "product_name": "Virtual Machine"}, "Virtual"),
        ({"sys_vendor": "Dell Inc.", "product_name": "PowerEdge R640"}, "PowerEdge"),
        ({"sys_vendor": "Xen", "product_name": "HVM domU", "bios_version": "4.13"}, "HVM domU"),
        ({"sys_vendor": "Google", "product_name": "Eve", "bios_vendor": "coreboot"}, "Eve"),
        ({"board": "Raspberry Pi 4 Model B Rev 1.4"}, "Raspberry Pi"),
        ({"chassis_vendor": "QEMU"}, "no name"),
    ],
)
def test_a_machine_of_no_cloud_passes_with_its_name(dmi: dict[str, str], words: str) -> None:
    item = found("cloud", with_machine(dmi=dmi))
    assert (item.status, words in item.summary) == ("pass", True), item


def test_without_dmi_it_is_unknown_whose_machine_it_is() -> None:
    item = found("cloud", with_machine(dmi={}))
    assert (item.status, "/sys/class/dmi/id" in item.evidence) == ("unknown", True)
    assert item.remedy


def test_the_issues_clouds_are_all_known() -> None:
    wanted = ["Amazon", "Google", "Azure", "OpenStack", "Hetzner", "DigitalOcean", "Oracle"]
    wanted += ["Vultr", "Alibaba"]
    assert all(any(name in one.name for one in CLOUDS) for name in wanted)


@given(st.dictionaries(st.sampled_from(["sys_vendor", "product_name", "bios_version"]), st.text()))
def test_no_words_make_the_clouds_raise(dmi: dict[str, str]) -> None:
    which(dmi)


# --- distinct


def test_three_machines_are_distinct() -> None:
    item = across("distinct", learnt(1), learnt(2), learnt(3))
    assert (item.status, item.summary) == ("pass", "3 machines")
    assert "n1 00000000, boot 00000001" in item.evidence


SAME = machine(1)


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({}, "fail", "n1 and n2: one machine, given twice"),
        ({"boot_id": "b" * 8}, "warn", "n1 and n2 have one machine-id: copies"),
        ({"machine_id": "c" * 32}, "pass", "2 machines"),
        ({"machine_id": "", "boot_id": "b" * 8}, "pass", "2 machines"),
        ({"machine_id": "", "boot_id": SAME.boot_id}, "unknown", "cannot tell for n1 and n2"),
        ({"boot_id": ""}, "unknown", "cannot tell for n1 and n2"),
    ],
)
def test_what_two_nodes_have_in_common(changed: dict[str, str], status: str, words: str) -> None:
    alike = {"machine_id": SAME.machine_id, "boot_id": SAME.boot_id, **changed}
    item = across("distinct", learnt(1), with_machine(2, **alike))
    assert (item.status, words in item.summary) == (status, True), item
    assert item.evidence


@pytest.mark.parametrize("ids", [{"machine_id": "", "boot_id": ""}, {"boot_id": ""}])
def test_where_no_id_tells_all_addresses_alike_do(ids: dict[str, str]) -> None:
    facts = host(1, machine=machine(1, **ids))
    item = across("distinct", learnt(1, facts=facts), replace(learnt(2), host=facts, node=node(2)))
    assert (item.status, "one machine" in item.summary) == ("fail", True), item


def test_of_many_pairs_the_first_are_named() -> None:
    ids = {"machine_id": SAME.machine_id, "boot_id": SAME.boot_id}
    item = across("distinct", *(with_machine(number, **ids) for number in range(1, 6)))
    named = "n1 and n2, n1 and n3, n1 and n4, and 7 pairs more: one machine, given twice"
    assert (item.status, item.summary) == ("fail", named)


def test_containers_on_one_kernel_pass_and_are_told() -> None:
    item = across("distinct", learnt(1), with_machine(2, boot_id=SAME.boot_id))
    assert (item.status, "n1 and n2 run on one kernel" in item.evidence) == ("pass", True)


def test_a_node_that_was_not_seen_leaves_it_unknown() -> None:
    item = across("distinct", learnt(1), learnt(2), replace(learnt(3), host=None))
    assert (item.status, "cannot tell for n3" in item.summary) == ("unknown", True)


def test_one_machine_given_twice_counts_more_than_what_was_not_seen() -> None:
    twice = with_machine(2, machine_id=SAME.machine_id, boot_id=SAME.boot_id)
    item = across("distinct", learnt(1), twice, replace(learnt(3), host=None))
    assert item.status == "fail"


# --- all of them


MINE = ("ip_vs", "sysctl", "disk", "clock", "cloud")


@pytest.mark.parametrize("check", MINE)
def test_nothing_of_it_passes_on_a_node_that_was_not_seen(check: str) -> None:
    item = found(check, replace(learnt(1), host=None))
    assert item.status == "unknown"


@pytest.mark.parametrize("check", MINE)
def test_a_node_that_is_well_passes(check: str) -> None:
    assert found(check, learnt(1), learnt(2)).status == "pass"
