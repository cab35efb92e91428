"""What nodes of four distributions say of themselves becomes facts."""

import os
import shutil
import socket
import subprocess
from ipaddress import ip_address, ip_interface
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import captured
from vip_tui.nodes.text import parse_hostname
from vip_tui.preflight import facts
from vip_tui.preflight.facts import MARK, Address, HostFacts

SYSTEMS = ("debian-12", "ubuntu-24.04", "alpine-3.20", "rhel-9")
SNIPPETS = {one.name: one.text for one in facts.SECTIONS}
HOSTS = {name: facts.parse(captured(f"{name}.txt")) for name in SYSTEMS}


@pytest.mark.parametrize(
    ("system", "hostname", "user", "root", "sudo"),
    [
        ("debian-12", "n1", "root", True, False),
        ("ubuntu-24.04", "manager2", "alice", False, True),
        ("alpine-3.20", "alpine3", "root", True, False),
        ("rhel-9", "node4.example.com", "deploy", False, False),
    ],
)
def test_name_and_account(system: str, hostname: str, user: str, root: bool, sudo: bool) -> None:
    host = HOSTS[system]
    assert (host.hostname, host.user, host.root, host.sudo) == (hostname, user, root, sudo)


@pytest.mark.parametrize(
    ("system", "interface", "addresses"),
    [
        (
            "debian-12",
            "eth0",
            [
                *("198.18.0.11/24", "198.18.0.100/32", "fd00:18::11/64"),
                "fe80::98d6:9cff:fe2e:fab2/64",
            ],
        ),
        ("ubuntu-24.04", "ens18", ["198.18.0.12/24", "fe80::be24:11ff:fe5d:7c01/64"]),
        ("ubuntu-24.04", "bond0.100", ["203.0.113.12/28"]),
        (
            "alpine-3.20",
            "eth0",
            ["198.18.0.13/24", "fd00:18::13/64", "fe80::98d6:9cff:fe2e:fab2/64"],
        ),
        (
            "rhel-9",
            "ens192",
            ["198.18.0.14/24", "198.18.0.15/24", "fe80::250:56ff:fe8a:31d2/64"],
        ),
        ("rhel-9", "wg0", ["10.8.0.4/32"]),
        ("rhel-9", "eth0", []),
    ],
)
def test_the_addresses_of_an_interface(system: str, interface: str, addresses: list[str]) -> None:
    assert [str(address.ip) for address in HOSTS[system].on(interface)] == addresses


@pytest.mark.parametrize(
    ("system", "up"),
    [
        ("debian-12", {"lo", "eth0"}),
        ("ubuntu-24.04", {"lo", "ens18", "docker_gwbridge", "vethe1f2a3b"}),
        ("alpine-3.20", {"lo", "eth0"}),
        ("rhel-9", {"lo", "ens192", "wg0"}),
    ],
)
def test_an_interface_is_up_with_a_carrier_only(system: str, up: set[str]) -> None:
    assert HOSTS[system].up == up


@pytest.mark.parametrize(
    ("system", "ip_vs", "persisted"),
    [
        ("debian-12", "loaded", True),
        ("ubuntu-24.04", "loadable", False),
        ("alpine-3.20", "loaded", True),
        # systemd itself reads no /etc/modules, where this one has it.
        ("rhel-9", "loaded", False),
    ],
)
def test_the_module_for_swarms_mesh(system: str, ip_vs: str, persisted: bool) -> None:
    assert (HOSTS[system].ip_vs, HOSTS[system].ip_vs_persisted) == (ip_vs, persisted)


def test_a_node_holds_what_its_kernel_has() -> None:
    host = HOSTS["debian-12"]
    held = [
        host.holds(ip_address(text)) for text in ("198.18.0.100", "198.18.0.101", "fd00:18::11")
    ]
    assert held == [True, False, True]


@pytest.mark.parametrize("output", ["", "sh: not found\n", f"{MARK}hostname\n{MARK}account\n"])
def test_what_is_not_said_is_not_known(output: str) -> None:
    nothing = HostFacts("", "", False, False, (), frozenset(), "unknown", False)
    assert facts.parse(output) == nothing


def test_each_fact_is_found_by_its_mark_whatever_the_order() -> None:
    parts = captured("ubuntu-24.04.txt").split(MARK)
    turned = MARK + MARK.join(reversed(parts[1:]))
    assert facts.parse(turned) == HOSTS["ubuntu-24.04"]


def test_a_user_called_sudo_may_not_use_it_for_that() -> None:
    assert not facts.parse(f"{MARK}account\n1000\nsudo\n").sudo


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        *(("loaded", "loaded"), ("loaded\nmodprobe\nloadable", "loaded")),
        *(("modprobe\nloadable", "loadable"), ("modprobe", "missing"), ("", "unknown")),
        *(("built-in", "built-in"), ("CONFIG_IP_VS=y\nloadable", "built-in")),
        *(("CONFIG_IP_VS=m\nloadable", "loadable"), ("CONFIG_IP_VS=m", "unknown")),
        *(("# CONFIG_IP_VS is not set", "missing"), ("CONFIG_IP_VS=m\nmodprobe", "missing")),
    ],
)
def test_what_the_module_snippet_says(words: str, meaning: str) -> None:
    assert facts.parse_ip_vs(words) == meaning


@pytest.mark.parametrize(
    "line",
    [
        *("", "2: eth0    inet 198.18.0.999/24 scope global", "2: eth0    inet 198.18.0.11/99"),
        *("eth0    inet 198.18.0.11/24", "2: eth0: <UP,LOWER_UP> mtu 1500", "2: eth0    inet"),
    ],
)
def test_a_line_that_is_no_address_is_left_out(line: str) -> None:
    assert facts.parse_addresses(line) == ()


def test_the_part_behind_the_at_sign_is_no_name_of_an_interface() -> None:
    (address,) = facts.parse_addresses("7: eth0@if4    inet 198.18.0.11/24 scope global")
    assert address == Address("eth0", ip_interface("198.18.0.11/24"))
    assert facts.parse_links("7: eth0@if4: <BROADCAST,UP,LOWER_UP> mtu 1500") == {"eth0"}


@given(st.text())
def test_no_output_makes_the_parser_raise(output: str) -> None:
    assert isinstance(facts.parse(output), HostFacts)


@given(st.sampled_from(sorted(SNIPPETS)), st.text())
def test_no_body_of_a_fact_makes_the_parser_raise(name: str, body: str) -> None:
    assert isinstance(facts.parse(f"{MARK}{name}\n{body}"), HostFacts)


SHELLS = [["sh", "-c"], *([["busybox", "sh", "-c"]] if shutil.which("busybox") else [])]


@pytest.mark.skipif(shutil.which("ip") is None, reason="ip(8) is missing")
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_the_script_runs_for_real_and_tells_of_this_machine(shell: list[str]) -> None:
    done = subprocess.run([*shell, facts.GATHER.line()], capture_output=True, text=True, check=True)
    host = facts.parse(done.stdout)
    assert set(facts.sections(done.stdout)) == set(SNIPPETS)
    assert host.hostname == parse_hostname(socket.gethostname())
    assert host.root == (os.geteuid() == 0)
    assert host.holds(ip_address("127.0.0.1"))


def ip_vs_with(folder: Path, modprobe: str, modinfo: str) -> str:
    """What the snippet says on a machine without the module whose kmod tools are these scripts."""
    for name, script in (("modprobe", modprobe), ("modinfo", modinfo)):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    snippet = SNIPPETS["ip_vs"].replace("/proc/", "/none/").replace("/sys/", "/none/")
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    argv = ["sh", "-c", snippet]
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, check=True)
    return facts.parse_ip_vs(done.stdout)


@pytest.mark.parametrize(("status", "meaning"), [(0, "loadable"), (1, "missing")])
def test_what_modprobe_prints_is_not_taken_for_an_answer(
    status: int, meaning: str, tmp_path: Path
) -> None:
    # An "install" line of modprobe.d(5) may print anything.
    tool = f"echo loaded by hand\nexit {status}"
    assert ip_vs_with(tmp_path, tool, tool) == meaning


def test_a_modprobe_that_cannot_only_try_does_not_make_the_module_missing(tmp_path: Path) -> None:
    # Alpine's is busybox's, which has no -n: that it fails says nothing of the kernel.
    busybox = "echo \"modprobe: invalid option -- 'n'\" >&2\nexit 1"
    assert ip_vs_with(tmp_path, busybox, "echo filename: ip_vs.ko") != "missing"
