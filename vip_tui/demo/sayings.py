"""What keepalived and its image's scripts say, in the words of the real ones. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.demo.vrrp import Settings

VERSION = "Keepalived v2.0.20 (01/22,2020)"
# What the image's notify script says of each state.
STATES = {
    "master": "I'm the MASTER! Whup whup.",
    "backup": "Ok, i'm just a backup, great.",
    "fault": "Fault, what ?",
}


def opening(ours: Settings, complaints: Sequence[str]) -> list[str]:
    """The lines from keepalived's start to its first state, as ``--dump-conf`` has them."""
    return [
        f"Starting {VERSION}",
        "Opening file '/usr/local/etc/keepalived/keepalived.conf'.",
        *complaints,
        "Starting VRRP child process, pid=40",
        "Registering Kernel netlink reflector",
        f"Assigned address {ours.source} for interface {ours.interface}",
        "Registering gratuitous ARP shared channel",
        "(VI_1) removing VIPs.",
        "------< VRRP Topology >------",
        " VRRP Instance = VI_1",
        "   VRRP Version = 2",
        f"   Interface = {ours.interface}",
        f"   Using src_ip = {ours.source}",
        f"   Virtual Router ID = {ours.vrid}",
        f"   Priority = {ours.priority}",
        "   Advert interval = 1 sec",
        "   Preempt = disabled",
        "   Authentication type = SIMPLE_PASSWORD",
        f"   Password = {ours.password}",
        f"   Virtual IP ({len(ours.vips)}):",
        *(f"     {vip} dev {ours.interface} scope global" for vip in ours.vips),
        "   Unicast Peer :",
        *(f"     {peer}" for peer in ours.peers),
    ]
