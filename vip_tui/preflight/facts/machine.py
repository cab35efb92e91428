"""The machine itself: identity, system, clock, disks, what it is a machine of. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from vip_tui.nodes.text import clean_line
from vip_tui.preflight.facts.script import Section

_DMI_FIELDS = (
    *("sys_vendor", "product_name", "product_version", "bios_vendor", "bios_version"),
    *("board_vendor", "chassis_vendor", "chassis_asset_tag"),
)
# One grep(1) reads many small files, each line with its file before it.
SECTIONS: tuple[Section, ...] = (
    Section("clock", "date +%s.%N"),
    Section(
        "identity",
        """
grep -Hs . /etc/machine-id /var/lib/dbus/machine-id /proc/sys/kernel/random/boot_id
grep -hs '^PRETTY_NAME=' /etc/os-release /usr/lib/os-release
echo "kernel $(uname -rm)"
""",
    ),
    # Only where there is no machine-id, as on Alpine: this one is root's to read.
    Section(
        "machine_uuid",
        """
[ -s /etc/machine-id ] || [ -s /var/lib/dbus/machine-id ] ||
  [ ! -e /sys/class/dmi/id/product_uuid ] || $s cat /sys/class/dmi/id/product_uuid
true
""",
        root=True,
    ),
    # A board without DMI says what it is in its device tree, in a file without a newline.
    Section(
        "dmi",
        f"""
(cd /sys/class/dmi/id 2>/dev/null && exec grep -Hs . {" ".join(_DMI_FIELDS)})
l=; {{ read -r l </sys/hypervisor/uuid; }} 2>/dev/null
[ -z "$l" ] || echo "hypervisor_uuid:$l"
l=; {{ read -r l </proc/device-tree/model; }} 2>/dev/null
[ -z "$l" ] || echo "board:$l"
""",
    ),
    # Docker's root, which its settings may move, or the nearest folder above it that is there; and
    # where containerd or a snap keeps the images instead.
    Section(
        "disks",
        r"""
f=/etc/docker/daemon.json d=
[ ! -r $f ] || d=$(sed -n 's/.*"\(data-root\|graph\)" *: *"\(\/[^"]*\)".*/\2/p' $f)
d=${d:-/var/lib/docker}
while [ ! -e "$d" ]; do d=${d%/*}; d=${d:-/}; done
d=$(readlink -f "$d")
set -- "$d" /
for p in /var/lib/containerd /var/snap/docker/common/var-lib-docker; do
  [ -e "$p" ] && set -- "$@" "$p"
done
for p; do echo "at $p"; done
timeout 3 df -Pk "$@" 2>&1
echo inodes
timeout 3 df -Pi "$@" 2>&1
true
""",
    ),
    # Who is called keepalived, with its control groups and its ids in nested PID namespaces.
    Section(
        "keepalived",
        r"""
for f in $(grep -lsx keepalived /proc/[0-9]*/comm); do
  f=${f%/comm}
  echo "process ${f#/proc/}"
  { while read -r l; do echo "cgroup $l"; done <"$f/cgroup"
    while read -r l; do case $l in NSpid*) echo "$l";; esac; done <"$f/status"; } 2>/dev/null
done
[ ! -r /proc/1/comm ] || echo looked
""",
    ),
)

_BOOT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CONTAINERS = re.compile(r"[0-9a-f]{64}")  # Docker, containerd, Podman and CRI-O: by its whole id
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_SHARE = re.compile(r"\d{1,3}%|-", re.ASCII)


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system that a path is on, as df(1) tells of it; ``inodes`` is None where not."""

    path: str
    mounted_on: str
    size_kb: int
    free_kb: int
    inodes: int | None = None
    inodes_free: int | None = None


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What the script said of the machine; ``clock_s`` is in seconds since 1970.

    ``disks`` begins with the one of Docker's root. ``keepalived_outside`` are the processes of that
    name which are in no container, None where that could not be told.
    """

    clock_s: float | None = None
    clock_resolution_s: float = 1.0
    machine_id: str = ""
    boot_id: str = ""
    system: str = ""
    kernel: str = ""
    architecture: str = ""
    dmi: Mapping[str, str] = field(default_factory=dict)
    disks: tuple[Disk, ...] = ()
    disks_problem: str = ""  # what df(1) said instead
    keepalived_outside: tuple[str, ...] | None = None


def parse_machine(parts: Mapping[str, str]) -> MachineFacts:
    """The sections of this module as facts."""
    clock_s, resolution_s = _clock(parts.get("clock", ""))
    identity = parts.get("identity", "")
    system = re.search(r'^PRETTY_NAME="?(.*?)"?$', identity, re.MULTILINE)
    kernel = re.search(r"^kernel (\S+) (\S+)$", identity, re.MULTILINE)
    boot_id = re.search(r"/boot_id:(.*)$", identity, re.MULTILINE)
    disks, problem = _disks(parts.get("disks", ""))
    return MachineFacts(
        clock_s=clock_s,
        clock_resolution_s=resolution_s,
        machine_id=_machine_id(identity, parts.get("machine_uuid", "")),
        boot_id=boot_id[1] if boot_id and _BOOT_ID.fullmatch(boot_id[1]) else "",
        system=clean_line(system[1], 80) if system else "",
        kernel=clean_line(kernel[1], 80) if kernel else "",
        architecture=clean_line(kernel[2], 20) if kernel else "",
        dmi=_dmi(parts.get("dmi", "")),
        disks=disks,
        disks_problem=problem,
        keepalived_outside=_keepalived(parts.get("keepalived", "")),
    )


def _clock(text: str) -> tuple[float | None, float]:
    """Busybox knows no %N, and prints it as it stands."""
    match = re.match(r"(\d{9,11})(?:\.(\d{9}))?(?!\d)", text, re.ASCII)
    if match is None:
        return None, 1.0
    if match[2] is None:
        return float(match[1]), 1.0
    return float(f"{match[1]}.{match[2]}"), 1e-9


def _machine_id(identity: str, uuid: str) -> str:
    """machine-id(5), else the firmware's own id of the machine; empty where there is neither."""
    found = re.search(r"^/\S+/machine-id:([0-9a-f]{32})$", identity, re.MULTILINE)
    if found:
        return found[1]
    uuid = uuid.strip().lower()
    # A board whose maker left the id out says so in noughts or f's, as every other one does.
    return uuid if _BOOT_ID.fullmatch(uuid) and len(set(uuid)) > 3 else ""


def _dmi(text: str) -> dict[str, str]:
    lines = (line.partition(":") for line in text.splitlines())
    known = (*_DMI_FIELDS, "hypervisor_uuid", "board")
    found = {name: clean_line(value, 80) for name, _, value in lines if name in known}
    return {name: value for name, value in found.items() if value}


def _disks(text: str) -> tuple[tuple[Disk, ...], str]:
    room, _, inodes = text.partition("\ninodes\n")
    paths = re.findall(r"^at (/.*)$", room, re.MULTILINE)
    rooms, counts = _df(room), _df(inodes)
    if not paths or len(rooms) != len(paths):
        said = [line for line in room.splitlines() if not line.startswith(("at ", "Filesystem"))]
        return (), clean_line(" ".join(said))
    if len(counts) != len(paths):
        counts = [(0, 0, "")] * len(paths)  # of a busybox without -i
    return (
        tuple(
            Disk(
                path=clean_line(path),
                mounted_on=clean_line(mounted_on),
                size_kb=size,
                free_kb=free,
                inodes=total or None,  # a file system that makes them as it goes says 0
                inodes_free=left if total else None,
            )
            for path, (size, free, mounted_on), (total, left, _) in zip(
                paths, rooms, counts, strict=True
            )
        ),
        "",
    )


def _df(text: str) -> list[tuple[int, int, str]]:
    """``df -P``: the whole, what is free, and where it is mounted, for each path in its order."""
    found = []
    for line in text.splitlines():
        words = line.split(maxsplit=40)
        for at in range(1, len(words) - 4):  # the name of a file system may have spaces
            numbers, share = words[at : at + 3], words[at + 3]
            if all(_NUMBER.fullmatch(word) for word in numbers) and _SHARE.fullmatch(share):
                mounted_on = " ".join(words[at + 4 :])
                found.append((int(numbers[0]), int(numbers[2]), mounted_on))
                break
    return found


def _keepalived(text: str) -> tuple[str, ...] | None:
    """Where the processes called keepalived run that are in no container.

    A container has a PID namespace of its own, which NSpid in proc_pid_status(5) shows to
    everybody, or at least, with ``--pid=host``, its id in the name of its control group.
    """
    if "looked" not in text.splitlines():
        return None
    outside: dict[str, list[str]] = {}
    for part in re.split(r"^process ", text, flags=re.MULTILINE)[1:]:
        number, *lines = part.splitlines()
        groups = [line.split(":", 2)[2] for line in lines if line.count(":") >= 2]
        nested = [line.split()[1:] for line in lines if line.startswith("NSpid:")]
        place = max((group for group in groups if group != "/"), default="", key=len)
        if any(_CONTAINERS.search(group) for group in groups) or any(len(x) > 1 for x in nested):
            continue
        if not nested and not place:
            return None
        outside.setdefault(place, []).append(number)
    return tuple(
        clean_line(f"{', '.join(numbers)} in {place}" if place else ", ".join(numbers))
        for place, numbers in outside.items()
    )
