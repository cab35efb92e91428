"""Whose machine it is, from its DMI data, and whether a VIP can work there. Pure.

Which words tell is known from cloud-init's ``tools/ds-identify`` and ``cloudinit/sources``, for
Amazon also from its "Identify EC2 instances". Only a cloud of which it is sure that an address
answers nobody unless the cloud itself moved it there makes the check fail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from vip_tui.cluster import Cluster
from vip_tui.preflight.checks.unseen import unseen
from vip_tui.preflight.learnt import Finding, Learnt

OVERLAY = "In a network of your own on top of it, allow the check."


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud: how it is known, what it does with a VIP, and what does the work there.

    ``words`` are fields of the DMI data and what they match in whole; one of them is enough.
    """

    name: str
    words: tuple[tuple[str, str], ...]
    status: Literal["fail", "warn"]
    why: str
    instead: str


# Sources of why and instead, in this order: aws-vpc-move-ip(7) of resource-agents; Google's
# "Patterns for using floating IP addresses in Compute Engine"; Azure's "Load Balancer Floating IP";
# Oracle's "Assigning secondary private IPs"; DigitalOcean's "Reserved IPs" and "VPC limits";
# Hetzner's "Cloud Networks FAQ" ("layer 3": only addresses allocated by the backend); Alibaba's
# "HaVip"; Vultr's "High availability with floating IP and BGP"; Neutron's allowed address pairs.
CLOUDS = (
    Cloud(
        "Amazon EC2",
        (
            ("sys_vendor", r"Amazon EC2"),
            ("bios_vendor", r"Amazon EC2"),
            ("bios_version", r".*amazon"),  # of the time of Xen
            ("hypervisor_uuid", r"ec2.*"),
        ),
        "fail",
        "a VPC delivers only addresses that are assigned to the instance's interface",
        "a Network Load Balancer, or a secondary private or Elastic IP that a notify script moves.",
    ),
    Cloud(
        "Google Compute Engine",
        (("product_name", r"Google Compute Engine"),),
        "fail",
        "its network ignores gratuitous ARP, and delivers only addresses that it knows",
        "an internal passthrough Network Load Balancer, or alias IPs that a notify script moves.",
    ),
    Cloud(
        "Microsoft Azure",
        # Hyper-V elsewhere has the same vendor, but not this tag.
        (("chassis_asset_tag", r"7783-7084-3265-9085-8269-3286-77"),),
        "fail",
        "its network carries no gratuitous ARP, and delivers only addresses of its own",
        "an internal or public Load Balancer with floating IP.",
    ),
    Cloud(
        "Oracle Cloud",
        (("chassis_asset_tag", r"OracleCloud\.com"),),
        "fail",
        "an address is bound to one VNIC until the API moves it",
        "a secondary private IP that a notify script moves, or its Load Balancer.",
    ),
    Cloud(
        "DigitalOcean",
        (("sys_vendor", r"DigitalOcean"),),
        "fail",
        "its networks carry no broadcast, and deliver only addresses that were given out",
        "a Reserved IP that a notify script moves, or its Load Balancer.",
    ),
    Cloud(
        "Hetzner Cloud",
        (("sys_vendor", r"Hetzner"),),
        "fail",
        "its networks are layer 3, and deliver only addresses that were given out",
        "a Floating IP, or an alias IP in a Network, that a notify script moves.",
    ),
    Cloud(
        "Alibaba Cloud",
        (("product_name", r"Alibaba Cloud ECS"), ("sys_vendor", r"Alibaba Cloud")),
        "warn",
        "a VPC takes no gratuitous ARP but for an HaVip",
        "an HaVip as the VIP, associated with all nodes: keepalived then works as it is.",
    ),
    Cloud(
        "Vultr",
        (("sys_vendor", r"Vultr"),),
        "warn",
        "public addresses move by BGP, not by ARP; in a private network a VIP may work",
        "a Reserved IP announced by BGP, for a public address.",
    ),
    Cloud(
        "OpenStack",
        (
            ("product_name", r"OpenStack (Nova|Compute)"),
            ("sys_vendor", r"OpenStack Foundation"),
            ("chassis_asset_tag", r"OpenStack (Nova|Compute)|OpenTelekomCloud|SAP CCloud VM"),
            ("chassis_asset_tag", r"HUAWEICLOUD|Samsung Cloud Platform"),
        ),
        "warn",
        "a port lets out only its own address, unless its allowed address pairs name the VIP",
        "`openstack port set --allowed-address ip-address=VIP PORT`, on each node's port.",
    ),
    Cloud(
        "a cloud",  # others that cloud-init knows, of whose networks less is known here
        (
            ("sys_vendor", r"Akamai|Linode|Scaleway|UpCloud"),
            ("product_name", r"(CloudStack|Exoscale).*"),
        ),
        "warn",
        "most clouds deliver only addresses that they gave out",
        "what its documentation calls a floating, shared or failover IP.",
    ),
)


def cloud(_cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    if one.host is None:
        return unseen("cloud", one)
    dmi = one.host.machine.dmi
    if not dmi:
        return Finding(
            "cloud",
            "unknown",
            "cannot tell whether this is a cloud's machine",
            "there is no DMI data in /sys/class/dmi/id, and no device tree",
            f"Ask whoever runs {one.name} which addresses its network delivers.",
        )
    evidence = ", ".join(f"{name}: {value}" for name, value in dmi.items())
    found = which(dmi)
    if found is None:
        return Finding("cloud", "pass", f"no cloud that we know: {_machine(dmi)}", evidence)
    summary = f"{_named(found, dmi)}: {found.why}"
    remedy = f"There: {found.instead} {OVERLAY if found.status == 'fail' else ''}".strip()
    return Finding("cloud", found.status, summary, evidence, remedy)


def which(dmi: Mapping[str, str]) -> Cloud | None:
    """The cloud that these words are of."""
    for one in CLOUDS:
        if any(re.fullmatch(words, dmi.get(field, "")) for field, words in one.words):
            return one
    return None


def _named(found: Cloud, dmi: Mapping[str, str]) -> str:
    return found.name if found.name != "a cloud" else _machine(dmi)


def _machine(dmi: Mapping[str, str]) -> str:
    words = [dmi.get("sys_vendor", ""), dmi.get("product_name", "")]
    return " ".join(word for word in words if word) or dmi.get("board", "") or "no name"
