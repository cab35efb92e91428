"""What nodes of four distributions say of their kernel and machine becomes facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import captured
from vip_tui.preflight import facts
from vip_tui.preflight.facts import HostFacts, MachineFacts
from vip_tui.preflight.facts.kernel import BrokenLine, parse_kernel
from vip_tui.preflight.facts.machine import Disk, parse_machine
from vip_tui.preflight.facts.script import DENIED

SYSTEMS = ("debian-12", "ubuntu-24.04", "alpine-3.20", "rhel-9")
HOSTS = {name: facts.parse(captured(f"{name}.txt")) for name in SYSTEMS}
TEXTS = {one.name: one.text for one in facts.SECTIONS}
ID = "a8f3915eeb0060779aafb7d6af4abcb5892d826fbe3dc75264e9ee5b3146bae2"


# --- as four distributions say it


@pytest.mark.parametrize(
    ("system", "files", "broken"),
    [
        ("debian-12", ("/etc/modules-load.d/ip_vs.conf",), ()),
        ("ubuntu-24.04", (), (BrokenLine("/etc/modules", "modprobe ip_vs"),)),
        ("alpine-3.20", ("/etc/modules",), ()),
        ("rhel-9", (), ()),
    ],
)
def test_the_lists_of_boot_time(
    system: str, files: tuple[str, ...], broken: tuple[BrokenLine, ...]
) -> None:
    kernel = HOSTS[system].kernel
    assert (kernel.persisted_in, kernel.broken_lines) == (files, broken)


@pytest.mark.parametrize(
    ("system", "interface", "rp_filter", "bind"),
    [
        ("debian-12", "eth0", 0, 0),
        ("ubuntu-24.04", "bond0.100", 2, 0),
        ("alpine-3.20", "eth0", 1, 0),
        ("rhel-9", "ens192", 1, 1),
    ],
)
def test_the_settings_that_count(system: str, interface: str, rp_filter: int, bind: int) -> None:
    kernel = HOSTS[system].kernel
    assert kernel.effective(interface, "rp_filter") == rp_filter
    assert kernel.effective(interface, "arp_ignore") == 0
    assert kernel.settings["", "ip_nonlocal_bind"] == bind
    assert kernel.effective("nowhere", "rp_filter") is None


@pytest.mark.parametrize(
    ("system", "pretty", "kernel", "architecture", "machine_id"),
    [
        (
            *("debian-12", "Debian GNU/Linux 12 (bookworm)", "6.1.0-18-amd64", "x86_64"),
            "3d1219c7c4c5404aaa1f6d2a48adfda4",
        ),
        (
            *("ubuntu-24.04", "Ubuntu 24.04.1 LTS", "6.8.0-41-generic", "x86_64"),
            "0b5c7f6e8f0f4c1c9a4b2f6de2d41a77",
        ),
        ("alpine-3.20", "Alpine Linux v3.20", "6.6.47-0-rpi", "aarch64", ""),
        (
            *("rhel-9", "Red Hat Enterprise Linux 9.4 (Plow)"),
            *("5.14.0-427.13.1.el9_4.x86_64", "x86_64", "9f2d4f0a6a7f4e2f8b7a4c1ed5c1b0aa"),
        ),
    ],
)
def test_which_machine_it_is(
    system: str, pretty: str, kernel: str, architecture: str, machine_id: str
) -> None:
    machine = HOSTS[system].machine
    assert (machine.system, machine.kernel, machine.architecture) == (pretty, kernel, architecture)
    assert machine.machine_id == machine_id
    assert len(machine.boot_id) == 36


@pytest.mark.parametrize(
    ("system", "resolution"),
    [("debian-12", 1e-9), ("ubuntu-24.04", 1e-9), ("alpine-3.20", 1.0), ("rhel-9", 1e-9)],
)
def test_the_clock_and_how_fine_it_is_told(system: str, resolution: float) -> None:
    machine = HOSTS[system].machine
    assert machine.clock_s is not None
    assert int(machine.clock_s) == 1_795_404_807
    assert machine.clock_resolution_s == resolution


@pytest.mark.parametrize(
    ("system", "field", "value"),
    [
        ("debian-12", "sys_vendor", "QEMU"),
        ("ubuntu-24.04", "bios_vendor", "Proxmox distribution of EDK II"),
        ("alpine-3.20", "board", "Raspberry Pi 4 Model B Rev 1.4"),
        ("rhel-9", "chassis_asset_tag", "No Asset Tag"),
    ],
)
def test_whose_machine_it_is(system: str, field: str, value: str) -> None:
    assert HOSTS[system].machine.dmi[field] == value


@pytest.mark.parametrize(
    ("system", "disk"),
    [
        ("debian-12", Disk("/var/lib/docker", "/", 41022688, 29331008, 2621440, 2480117)),
        (
            "ubuntu-24.04",
            Disk("/srv/docker data", "/srv/docker data", 102687672, 94314996, 6553600, 6531723),
        ),
        ("alpine-3.20", Disk("/var/lib/docker", "/", 30447452, 26663600, 1933312, 1889602)),
        ("rhel-9", Disk("/var/lib/docker", "/", 52403200, 44280836, 26214400, 26096183)),
    ],
)
def test_the_room_where_docker_is(system: str, disk: Disk) -> None:
    first, *others = HOSTS[system].machine.disks
    assert first == disk
    assert [other.path for other in others] == ["/", "/var/lib/containerd"]


@pytest.mark.parametrize(
    ("system", "outside"),
    [
        ("debian-12", ()),  # the two that run there are in a container
        ("ubuntu-24.04", ()),
        ("alpine-3.20", ("2410 in /openrc.keepalived",)),
        ("rhel-9", ("1312, 1313 in /system.slice/keepalived.service",)),
    ],
)
def test_keepalived_outside_of_containers(system: str, outside: tuple[str, ...]) -> None:
    assert HOSTS[system].machine.keepalived_outside == outside


# --- what is said otherwise


def kernel_of(lists: str) -> tuple[tuple[str, ...], list[str]]:
    kernel = parse_kernel({"ip_vs_persisted": lists})
    return kernel.persisted_in, [one.line for one in kernel.broken_lines]


@pytest.mark.parametrize(
    ("lists", "files", "broken"),
    [
        ("/etc/modules:ip_vs\n", ("/etc/modules",), []),
        ("/etc/modules:ip_vs conn_tab_bits=15\n", ("/etc/modules",), []),
        ("/etc/modules-load.d/a.conf:  ip-vs \n", ("/etc/modules-load.d/a.conf",), []),
        ("/etc/modules-load.d/a.conf:ip_vs_rr\n", ("/etc/modules-load.d/a.conf",), []),
        ("/etc/modules-load.d/a.conf:ip_vs conn_tab_bits=15\n", (), []),
        ("/etc/modules:# ip_vs\n/etc/modules-load.d/a.conf:;ip_vs\n", (), []),
        ("/etc/modules:modprobe   ip_vs\n", (), ["modprobe   ip_vs"]),
        ("/etc/modules:/sbin/modprobe -q ip_vs\n", (), ["/sbin/modprobe -q ip_vs"]),
        ("/etc/modules-load.d/a.conf:modprobe ip_vs\n", (), ["modprobe ip_vs"]),
        ("/etc/modules:#modprobe ip_vs\n", (), []),
        ("/etc/modules:modprobe ip_vsx\n", (), []),
        ("systemd\n/etc/modules:ip_vs\n", (), []),
        (
            "systemd\n/etc/modules:ip_vs\n/etc/modules-load.d/modules.conf:ip_vs\n",
            *(("/etc/modules-load.d/modules.conf",), []),
        ),
        ("grep: /etc/modules: Permission denied\n", (), []),
    ],
)
def test_a_list_of_modules_takes_bare_names(
    lists: str, files: tuple[str, ...], broken: list[str]
) -> None:
    assert kernel_of(lists) == (files, broken)


@pytest.mark.parametrize(
    ("told", "clock"),
    [
        ("1795404807.425740273", (1_795_404_807.425740273, 1e-9)),
        ("1795404807.%N", (1_795_404_807.0, 1.0)),  # busybox with glibc [seen]
        ("1795404807.", (1_795_404_807.0, 1.0)),
        ("1795404807", (1_795_404_807.0, 1.0)),
        ("sh: date: not found", (None, 1.0)),
        ("9" * 40, (None, 1.0)),
        ("", (None, 1.0)),
    ],
)
def test_a_clock_is_read_as_fine_as_it_is_told(
    told: str, clock: tuple[float | None, float]
) -> None:
    machine = parse_machine({"clock": f"{told}\n"})
    assert (machine.clock_s, machine.clock_resolution_s) == clock


UUID = "4c4c4544-0051-3310-8058-b7c04f4e3332"


@pytest.mark.parametrize(
    ("identity", "uuid", "machine_id"),
    [
        (f"/etc/machine-id:{'1' * 32}\n", "", "1" * 32),
        (f"/var/lib/dbus/machine-id:{'2' * 32}\n", "", "2" * 32),
        ("/etc/machine-id:uninitialized\n", "", ""),
        ("", f"{UUID.upper()}\n", UUID),
        ("", "00000000-0000-0000-0000-000000000000\n", ""),
        ("", "03000200-0400-0500-0006-000700080009\n", "03000200-0400-0500-0006-000700080009"),
        ("", f"{DENIED} to run cat /sys/class/dmi/id/product_uuid\n", ""),
    ],
)
def test_the_machines_own_id_or_its_firmwares(identity: str, uuid: str, machine_id: str) -> None:
    parts = {"identity": identity, "machine_uuid": uuid}
    assert parse_machine(parts).machine_id == machine_id


HEAD = "Filesystem 1024-blocks Used Available Capacity Mounted on\n"


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("at /var/lib/docker\nat /\nsh: timeout: not found\ninodes\n", "sh: timeout: not found"),
        (f"at /x\nat /\n{HEAD}/dev/a 10 5 5 50% /\ninodes\n", "/dev/a 10 5 5 50% /"),
        ("at /x\ninodes\n", ""),
        ("", ""),
    ],
)
def test_a_df_that_fails_leaves_its_words(said: str, problem: str) -> None:
    machine = parse_machine({"disks": said})
    assert (machine.disks, machine.disks_problem) == ((), problem)


@pytest.mark.parametrize(
    "inodes", ["", "df: invalid option -- 'i'\n", f"{HEAD}/dev/a 0 0 0 - /\n", HEAD]
)
def test_a_disk_without_inodes_is_a_disk_all_the_same(inodes: str) -> None:
    said = f"at /\n{HEAD}//nas/my share 100 60 40 60% /mnt/a b\ninodes\n{inodes}"
    (disk,) = parse_machine({"disks": said}).disks
    assert disk == Disk("/", "/mnt/a b", 100, 40, None, None)


def process(number: int, group: str, nested: str = "") -> str:
    return f"process {number}\n{group}NSpid:\t{number}{nested}\n"


@pytest.mark.parametrize(
    ("said", "outside"),
    [
        ("looked\n", ()),
        ("", None),  # /proc is hidden from this user (hidepid)
        (process(7, f"cgroup 0::/system.slice/docker-{ID}.scope\n", "\t31") + "looked\n", ()),
        (process(7, f"cgroup 4:memory:/docker/{ID}\ncgroup 0::/\n") + "looked\n", ()),
        (process(7, f"cgroup 0::/machine.slice/libpod-{ID}.scope\n") + "looked\n", ()),
        (process(7, "cgroup 0::/lxc/web\n", "\t1") + "looked\n", ()),
        (process(7, "cgroup 0::/\n", "\t1") + "looked\n", ()),
        (process(7, "cgroup 0::/\n") + "looked\n", ("7",)),
        ("process 7\ncgroup 0::/\nlooked\n", None),  # a kernel before 4.1 has no NSpid
        ("process 7\nlooked\n", None),
        (
            "process 7\ncgroup 0::/system.slice/k.service\nlooked\n",
            ("7 in /system.slice/k.service",),
        ),
        (
            process(7, "cgroup 2:cpu:/\ncgroup 1:name=systemd:/system.slice/k.service\n")
            + process(9, f"cgroup 0::/docker/{ID}\n")
            + "looked\n",
            ("7 in /system.slice/k.service",),
        ),
    ],
)
def test_a_process_is_in_a_container_or_outside_or_it_is_unknown(
    said: str, outside: tuple[str, ...] | None
) -> None:
    assert parse_machine({"keepalived": said}).keepalived_outside == outside


@given(st.dictionaries(st.sampled_from(sorted(TEXTS)), st.text()))
def test_no_bodies_make_the_parsers_raise(parts: dict[str, str]) -> None:
    assert isinstance(parse_machine(parts), MachineFacts)
    parse_kernel(parts)


WORDS = st.sampled_from(
    [
        *("process 7", "cgroup 0::/", "NSpid:", "NSpid:\t1 2", "looked", "systemd", ":"),
        *("at /", "inodes", "a 1 2 3 4% /", "a 1 2 3 - /", "sys_vendor:", "board:"),
        *("/etc/modules:modprobe ip_vs", "/etc/modules:", "conf/eth0/rp_filter:1"),
        *("PRETTY_NAME=", "kernel a b", "/etc/machine-id:x", "/proc/sys/kernel/random/boot_id:"),
    ]
)


@given(st.sampled_from(sorted(TEXTS)), st.lists(WORDS).map("\n".join))
def test_no_lines_in_any_order_make_the_parsers_raise(name: str, body: str) -> None:
    assert isinstance(facts.parse(f"{facts.MARK}{name}\n{body}\n"), HostFacts)
