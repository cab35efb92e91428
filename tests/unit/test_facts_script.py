"""The sections of the kernel and the machine are asked for real, of a machine that is a folder."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from vip_tui.preflight import facts
from vip_tui.preflight.facts.kernel import BrokenLine, parse_ip_vs, parse_kernel
from vip_tui.preflight.facts.machine import parse_machine
from vip_tui.preflight.facts.script import DENIED

TEXTS = {one.name: one.text for one in facts.SECTIONS}
SHELLS = [["sh", "-c"], *([["busybox", "sh", "-c"]] if shutil.which("busybox") else [])]
shells = pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
ID = "a8f3915eeb0060779aafb7d6af4abcb5892d826fbe3dc75264e9ee5b3146bae2"
BOOT = "0c1d8a52-7c6b-4a90-b8de-8cbb3f6f2e11"
UUID = "4c4c4544-0051-3310-8058-b7c04f4e3332"


def ask(name: str, root: Path, shell: list[str], prologue: str = "s=") -> str:
    """What a section says where ``root`` is the machine's root folder, and our tools are its."""
    moved = re.sub(
        r"(?<![\w$}])/(proc|sys|etc|lib|boot|run|usr(?:/local)?/lib|var/lib|var/snap)(?=[/ )\"])",
        lambda found: f"{root}/{found[1]}",
        TEXTS[name],
    )
    argv = [*shell, f"{prologue}\n{moved}"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def put(root: Path, path: str, content: str | bytes = "") -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content if isinstance(content, bytes) else content.encode())


TOOLLESS = "modprobe() { return 127; }; modinfo() { return 127; }; command() { return 1; }"
ABLE = "modprobe() { return 0; }"
UNABLE = "modprobe() { echo not found >&2; return 1; }; modinfo() { return 1; }"


@shells
@pytest.mark.parametrize(
    ("files", "tools", "meaning", "config"),
    [
        ({"sys/module/ip_vs/initstate": "live\n"}, UNABLE, "loaded", ""),
        ({"proc/modules": "ip_vs_rr 1 0\nip_vs 2 0 - Live 0x0\n"}, UNABLE, "loaded", ""),
        # Built in: sysfs has its parameters, but nothing of a module that was loaded.
        ({"sys/module/ip_vs/parameters/conn_tab_bits": "12\n"}, ABLE, "built-in", ""),
        (
            {"lib/modules/6.1.0/modules.builtin": "kernel/net/netfilter/ipvs/ip_vs.ko\n"},
            *(ABLE, "built-in", ""),
        ),
        (
            {"proc/config.gz": gzip.compress(b"CONFIG_IP_VS_RR=m\nCONFIG_IP_VS=y\n")},
            *(UNABLE, "built-in", "CONFIG_IP_VS=y"),
        ),
        (
            {"boot/config-6.1.0": "CONFIG_IP_VS=m\nCONFIG_IP_VS_IPV6=y\n"},
            *(UNABLE, "missing", "CONFIG_IP_VS=m"),
        ),
        ({"lib/modules/6.1.0/config": "CONFIG_IP_VS=m\n"}, TOOLLESS, "unknown", "CONFIG_IP_VS=m"),
        (
            {"boot/config-6.1.0": "# CONFIG_IP_VS is not set\n"},
            *(TOOLLESS, "missing", "# CONFIG_IP_VS is not set"),
        ),
        ({"proc/config.gz": b"no gzip"}, UNABLE, "missing", ""),
        ({"boot/config-6.1.0": "CONFIG_IP_VS=m\n"}, ABLE, "loadable", ""),
        ({}, TOOLLESS, "unknown", ""),
    ],
)
def test_whether_the_kernel_has_ip_vs(
    files: dict[str, str | bytes],
    tools: str,
    meaning: str,
    config: str,
    shell: list[str],
    tmp_path: Path,
) -> None:
    put(tmp_path, "proc/sys/kernel/osrelease", "6.1.0\n")
    for path, content in files.items():
        put(tmp_path, path, content)
    said = ask("ip_vs", tmp_path, shell, tools)
    assert parse_ip_vs(said) == meaning, said
    kernel = parse_kernel({"ip_vs": said})
    assert kernel.config == config
    looked = meaning in ("missing", "unknown") or bool(config)
    has_folder = any(path.startswith("lib/modules") for path in files)
    assert kernel.without_folder == ("6.1.0" if looked and not has_folder else "")


@shells
def test_the_lists_of_boot_time_are_found_wherever_they_are(
    shell: list[str], tmp_path: Path
) -> None:
    put(tmp_path, "etc/modules", "# /etc/modules: names of modules\nloop\nmodprobe ip_vs\n")
    for number, folder in enumerate(("etc", "run", "usr/lib", "usr/local/lib")):
        put(tmp_path, f"{folder}/modules-load.d/{number}.conf", "nf_conntrack\nip_vs\n")
    said = ask("ip_vs_persisted", tmp_path, shell).replace(str(tmp_path), "")
    kernel = parse_kernel({"ip_vs_persisted": said})
    assert {file.split("/")[-1] for file in kernel.persisted_in} == {f"{n}.conf" for n in range(4)}
    assert kernel.broken_lines == (BrokenLine("/etc/modules", "modprobe ip_vs"),)


@shells
def test_the_settings_are_read_in_one_go(shell: list[str], tmp_path: Path) -> None:
    put(tmp_path, "proc/sys/net/ipv4/ip_nonlocal_bind", "1\n")
    for interface, value in (("all", 0), ("eth0.100", 2)):
        for name in ("arp_ignore", "arp_announce", "rp_filter"):
            put(tmp_path, f"proc/sys/net/ipv4/conf/{interface}/{name}", f"{value}\n")
    kernel = parse_kernel({"sysctl": ask("sysctl", tmp_path, shell)})
    assert kernel.settings["", "ip_nonlocal_bind"] == 1
    assert kernel.effective("eth0.100", "arp_announce") == 2
    assert parse_kernel({"sysctl": ask("sysctl", tmp_path / "none", shell)}).settings == {}


@shells
def test_identity_and_vendor_are_read_from_their_files(shell: list[str], tmp_path: Path) -> None:
    put(tmp_path, "var/lib/dbus/machine-id", f"{'3' * 32}\n")
    put(tmp_path, "proc/sys/kernel/random/boot_id", f"{BOOT}\n")
    put(tmp_path, "etc/os-release", 'NAME=x\nPRETTY_NAME="Some Linux 1"\n')
    put(tmp_path, "sys/class/dmi/id/sys_vendor", "Amazon EC2\n")
    put(tmp_path, "sys/class/dmi/id/product_name", "\n")
    put(tmp_path, "sys/hypervisor/uuid", "ec2a1f0e\n")
    put(tmp_path, "proc/device-tree/model", b"Raspberry Pi 4\x00")
    parts = {name: ask(name, tmp_path, shell) for name in ("identity", "dmi", "machine_uuid")}
    machine = parse_machine(parts)
    assert (machine.machine_id, machine.boot_id) == ("3" * 32, BOOT)
    assert machine.system == "Some Linux 1"
    assert machine.architecture and machine.kernel
    assert machine.dmi == {
        "sys_vendor": "Amazon EC2",
        "hypervisor_uuid": "ec2a1f0e",
        "board": "Raspberry Pi 4",
    }
    assert parts["machine_uuid"] == ""


@shells
def test_the_firmwares_id_is_asked_for_only_where_there_is_no_other(
    shell: list[str], tmp_path: Path
) -> None:
    put(tmp_path, "sys/class/dmi/id/product_uuid", f"{UUID}\n")
    assert ask("machine_uuid", tmp_path, shell) == f"{UUID}\n"
    denied = ask("machine_uuid", tmp_path, shell, f"s='echo {DENIED} to run'")
    assert denied.startswith(DENIED)
    put(tmp_path, "etc/machine-id", "")
    assert ask("machine_uuid", tmp_path, shell) == f"{UUID}\n"
    put(tmp_path, "etc/machine-id", f"{'1' * 32}\n")
    assert ask("machine_uuid", tmp_path, shell) == ""


@shells
@pytest.mark.parametrize("key", ["data-root", "graph"])
def test_dockers_root_is_where_its_settings_say(key: str, shell: list[str], tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "srv").symlink_to(tmp_path / "real")
    put(tmp_path, "etc/docker/daemon.json", f'{{\n  "{key}" : "{tmp_path}/srv", "x": [1]\n}}\n')
    first, *others = parse_machine({"disks": ask("disks", tmp_path, shell)}).disks
    assert first.path == str(tmp_path / "real")
    assert [other.path for other in others] == ["/"]
    assert 0 < first.free_kb <= first.size_kb


@shells
def test_without_docker_it_is_the_folder_that_is_nearest(shell: list[str], tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (first, _) = parse_machine({"disks": ask("disks", tmp_path, shell)}).disks
    assert first.path == str(tmp_path / "var")


@shells
def test_processes_are_told_by_name_and_place(shell: list[str], tmp_path: Path) -> None:
    for number, name, group, ids in (
        (1, "init", "/", "1"),
        (20, "keepalived", f"/docker/{ID}", "20\t31"),
        (30, "keepalived", "/system.slice/keepalived.service", "30"),
        (31, "keepalived", "/system.slice/keepalived.service", "31"),
        (40, "keepalived-expo", "/system.slice/exporter.service", "40"),
    ):
        put(tmp_path, f"proc/{number}/comm", f"{name}\n")
        put(tmp_path, f"proc/{number}/cgroup", f"0::{group}\n")
        put(tmp_path, f"proc/{number}/status", f"Name:\t{name}\nNSpid:\t{ids}\nThreads:\t1\n")
    said = ask("keepalived", tmp_path, shell).replace(str(tmp_path), "")
    outside = parse_machine({"keepalived": said}).keepalived_outside
    assert outside == ("30, 31 in /system.slice/keepalived.service",)
    nothing = ask("keepalived", tmp_path / "none", shell)
    assert parse_machine({"keepalived": nothing}).keepalived_outside is None
