"""What the machine is, and where it stands: disk, clock, cloud. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster
from vip_tui.preflight.checks.cloud import cloud
from vip_tui.preflight.checks.unseen import unseen
from vip_tui.preflight.facts.machine import Disk
from vip_tui.preflight.learnt import Finding, Learnt

MB, GB = 1024, 1024 * 1024  # in the kilobytes of df -k
NEEDS_KB = 200 * MB  # the image, packed and unpacked
STARTS_KB = 10 * MB  # for a container whose image is there
LITTLE_KB = 1 * GB
LITTLE_SHARE = 0.05
AMPLE_KB = 10 * GB  # is never little, whatever the share
AMPLE_INODES = 100_000
SKEW_S = 1.0


def disk(_cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    if one.host is None:
        return unseen("disk", one)
    machine = one.host.machine
    root = one.docker.root_dir if one.docker else ""
    docker = _dockers(machine.disks, root)
    if docker is None:
        where = root or "/var/lib/docker"
        remedy = f"`df -h {where}` on {one.name} tells."
        if machine.disks:
            summary = f"Docker keeps its data in {where}, where nobody looked"
            return Finding("disk", "unknown", summary, _rooms(machine.disks), remedy)
        summary = "the room on it could not be told"
        return Finding(
            "disk", "unknown", summary, machine.disks_problem or "df says nothing", remedy
        )
    evidence = _rooms(machine.disks)
    present = one.docker is not None and one.docker.image_present
    if docker.free_kb < (STARTS_KB if present else NEEDS_KB):
        what = "start a container" if present else "pull the image"
        summary = f"no room to {what}: {_size(docker.free_kb)} free for Docker"
        remedy = (
            f"Make room on {docker.mounted_on}; `docker system df` tells what Docker has there."
        )
        return Finding("disk", "fail", summary, evidence, remedy)
    if low := next((item for item in machine.disks if _little(item)), None):
        summary = f"little room on {low.mounted_on}: {_size(low.free_kb)} free"
        return Finding("disk", "warn", summary, evidence, f"Make room on {low.mounted_on}.")
    if low := next((item for item in machine.disks if _few_inodes(item)), None):
        summary = f"few inodes on {low.mounted_on}: room for {low.inodes_free} more files"
        return Finding("disk", "warn", summary, evidence, "Delete what holds many small files.")
    return Finding("disk", "pass", f"{_size(docker.free_kb)} free for Docker", evidence)


def _dockers(disks: Sequence[Disk], root: str) -> Disk | None:
    """The disk of Docker's root, which may be a folder in the one that was looked at."""
    if not root:
        return disks[0] if disks else None
    above = [item for item in disks if f"{root}/".startswith(f"{item.path}/")]
    return max(above, key=lambda item: len(item.path), default=None)


def _little(item: Disk) -> bool:
    share = item.free_kb / item.size_kb if item.size_kb else 0.0
    return item.free_kb < LITTLE_KB or (share < LITTLE_SHARE and item.free_kb < AMPLE_KB)


def _few_inodes(item: Disk) -> bool:
    if item.inodes is None or item.inodes_free is None:
        return False
    return item.inodes_free < min(item.inodes * LITTLE_SHARE, AMPLE_INODES)


def _rooms(disks: Sequence[Disk]) -> str:
    """Each file system once, with the first path of ours that is on it."""
    once = {item.mounted_on: item for item in reversed(disks)}
    return "; ".join(
        f"{item.path} on {item.mounted_on}: {_size(item.free_kb)} of {_size(item.size_kb)} free"
        for item in reversed(once.values())
    )


def _size(kb: int) -> str:
    return f"{kb / GB:.1f} GB" if kb >= GB else f"{kb / MB:.0f} MB"


def clock(_cluster: Cluster, one: Learnt, others: Sequence[Learnt]) -> Finding:
    """Warns where a clock is off by more than SKEW_S beyond what the round trip leaves open."""
    if one.host is None:
        return unseen("clock", one)
    own = one.clock
    if own is None:
        evidence = "date(1) on the node told no time, or the clock here was set meanwhile"
        remedy = f"`date -u` on {one.name} would tell; or look again."
        return Finding("clock", "unknown", "could not be compared with ours", evidence, remedy)
    evidence = f"{own.offset_s:+.3f} s, give or take {own.uncertainty_s:.3f} s"
    if one.host.machine.clock_resolution_s >= 1:
        evidence += "; date(1) there tells whole seconds"
    clocks = [(other.name, other.clock) for other in others if other.clock and other is not one]
    remedy = "Let the nodes follow NTP: chrony, or `timedatectl set-ntp true`."
    if own.surely_off_s > SKEW_S:
        direction = "ahead of" if own.offset_s > 0 else "behind"
        summary = f"{_span(own.offset_s)} {direction} this machine's clock"
        if clocks and all(own.apart_s(other) <= SKEW_S for _, other in clocks):
            summary += ", and so are all nodes"
            remedy = "The nodes agree with each other: set the clock of this machine, with NTP."
        return Finding("clock", "warn", summary, evidence, remedy)
    for name, other in clocks:
        if other.surely_off_s <= SKEW_S < own.apart_s(other):  # else it is told of the other one
            summary = f"{_span(own.offset_s - other.offset_s)} apart from {name}'s"
            return Finding("clock", "warn", summary, evidence, remedy)
    return Finding("clock", "pass", "goes with ours", evidence)


def _span(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if abs(seconds) >= 2 * length:
            return f"{abs(seconds) / length:.1f} {unit}"
    return f"{abs(seconds):.1f} s"


CHECKS = {"disk": disk, "clock": clock, "cloud": cloud}
