"""What a simulated host says of the machine itself: kernel, identity, clock, disks, processes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from vip_tui.demo.clock import now_ns
from vip_tui.demo.host import Host
from vip_tui.demo.keepalived import Keepalived

KERNEL = "6.1.0-18-amd64"
BOOT_ID = "fee7-4fff-8bba-519a30105b57"
DISK_KB, USED_KB = 41_022_688, 9_575_860
INODES, INODES_FREE = 2_621_440, 2_480_117
RESERVED_KB = 2_115_820  # what ext4 keeps for root
SETTINGS = ("arp_ignore", "arp_announce", "rp_filter")
QEMU: Mapping[str, str] = {
    "sys_vendor": "QEMU",
    "product_name": "Standard PC (Q35 + ICH9, 2009)",
    "product_version": "pc-q35-8.1",
    "bios_vendor": "SeaBIOS",
    "chassis_vendor": "QEMU",
}
AMAZON: Mapping[str, str] = {
    "sys_vendor": "Amazon EC2",
    "product_name": "t3.small",
    "bios_vendor": "Amazon EC2",
    "bios_version": "1.0",
    "board_vendor": "Amazon EC2",
    "chassis_vendor": "Amazon EC2",
    "chassis_asset_tag": "Amazon EC2",
}


def _ip_vs(host: Host) -> str:
    if host.ip_vs == "loaded":
        return "loaded"
    return "loadable" if host.ip_vs == "loadable" else "modprobe\n# CONFIG_IP_VS is not set"


def _ip_vs_persisted(host: Host) -> str:
    """``modules.conf`` is Debian's link to ``/etc/modules``."""
    lines = ["systemd"]
    if host.etc_modules:
        files = ("/etc/modules", "/etc/modules-load.d/modules.conf")
        lines += [f"{file}:{host.etc_modules}" for file in files]
    if host.ip_vs_persisted:
        lines.append("/etc/modules-load.d/ip_vs.conf:ip_vs")
    return "\n".join(lines)


def _sysctl(host: Host) -> str:
    names = ("all", "default", *(interface.name for interface in host.interfaces))
    lines = [f"conf/{name}/{setting}:0" for setting in SETTINGS for name in names]
    return "\n".join(["ip_nonlocal_bind:0", *lines])


def _clock(host: Host) -> str:
    seconds, rest = divmod(now_ns() + round(host.faults.clock_ahead_s * 10**9), 10**9)
    return f"{seconds}.{rest:09d}"


def _identity(host: Host) -> str:
    machine_id = hashlib.sha256(host.name.encode()).hexdigest()[:32]
    return "\n".join(
        [
            f"/etc/machine-id:{machine_id}",
            f"/proc/sys/kernel/random/boot_id:{machine_id[:8]}-{BOOT_ID}",
            'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
            f"kernel {KERNEL} x86_64",
        ]
    )


def _dmi(host: Host) -> str:
    words = AMAZON if host.faults.in_cloud else QEMU
    return "\n".join(f"{name}:{value}" for name, value in words.items())


def _disks(host: Host) -> str:
    free = host.faults.free_kb
    used = USED_KB if free is None else DISK_KB - free - RESERVED_KB
    free = DISK_KB - used - RESERVED_KB
    paths = ("/var/lib/docker", "/")
    room = f"/dev/sda1 {DISK_KB} {used} {free} {100 * used // (used + free)}% /"
    inodes = f"/dev/sda1 {INODES} {INODES - INODES_FREE} {INODES_FREE} 6% /"
    lines = [f"at {path}" for path in paths]
    lines += ["Filesystem 1024-blocks Used Available Capacity Mounted on", *[room for _ in paths]]
    lines += ["inodes", "Filesystem Inodes IUsed IFree IUse% Mounted on", *[inodes for _ in paths]]
    return "\n".join(lines)


def _keepalived(host: Host) -> str:
    lines = []
    for one in host.docker.containers:
        if isinstance(one.process, Keepalived):
            lines.append(f"process {one.pid}")
            lines.append(f"cgroup 0::/system.slice/docker-{one.id}.scope")
            lines.append(f"NSpid:\t{one.pid}\t1")
    return "\n".join([*lines, "looked"])


SECTIONS: dict[str, Callable[[Host], str]] = {
    "ip_vs": _ip_vs,
    "ip_vs_persisted": _ip_vs_persisted,
    "sysctl": _sysctl,
    "clock": _clock,
    "identity": _identity,
    "machine_uuid": lambda _host: "",
    "dmi": _dmi,
    "disks": _disks,
    "keepalived": _keepalived,
}
