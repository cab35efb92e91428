"""All facts of one node: the script that asks for them, and what its output means. Pure."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from vip_tui.nodes.text import parse_hostname
from vip_tui.preflight.facts import docker, kernel, links, machine, network
from vip_tui.preflight.facts.docker import DockerService, parse_docker_service
from vip_tui.preflight.facts.kernel import IpVs, KernelFacts, parse_ip_vs, parse_kernel
from vip_tui.preflight.facts.links import (
    Address,
    Link,
    no_addresses,
    parse_addresses,
    parse_devices,
    parse_link_names,
    parse_links,
)
from vip_tui.preflight.facts.machine import MachineFacts, parse_machine
from vip_tui.preflight.facts.network import NetworkFacts, parse_network
from vip_tui.preflight.facts.script import Section, gather, sections

_ACCOUNT = (
    Section("hostname", "cat /proc/sys/kernel/hostname"),
    Section("account", 'echo "$u"; id -un; [ -z "$sudo" ] || echo "$sudo"'),
)
_BASE = (*_ACCOUNT, *links.SECTIONS, *kernel.SECTIONS)
SECTIONS = (*_BASE, *machine.SECTIONS, *docker.SECTIONS, *network.SECTIONS)
GATHER = gather(SECTIONS)
# What a step reads again to see what it has done.
REREAD = gather(_BASE)
# For nodes whose sudo asks for a password: what only root could read, read again with it.
GATHER_AS_ROOT = gather((one for one in SECTIONS if one.root), needs="root")


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What one node's script said."""

    hostname: str
    user: str
    root: bool
    sudo: bool  # without a password
    addresses: tuple[Address, ...]
    up: frozenset[str]  # interfaces that are up and have a carrier
    ip_vs: IpVs
    ip_vs_persisted: bool
    sudo_asks: bool = False  # sudo(8) is there, and asks for a password
    links: frozenset[str] = frozenset()  # all interfaces
    devices: tuple[Link, ...] = ()  # the same, with what else is known of them
    no_addresses: str = ""  # why none is known
    kernel: KernelFacts = field(default_factory=KernelFacts)
    machine: MachineFacts = field(default_factory=MachineFacts)
    network: NetworkFacts = field(default_factory=NetworkFacts)
    docker: DockerService = field(default_factory=DockerService)

    def on(self, interface: str) -> tuple[Address, ...]:
        """The addresses of one interface."""
        return tuple(address for address in self.addresses if address.interface == interface)

    def holds(self, ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        """Whether the kernel has this address."""
        return any(address.ip.ip == ip for address in self.addresses)


def parse(*outputs: str) -> HostFacts:
    """The script's output as facts; what a later output says again counts."""
    parts: dict[str, str] = {}
    for output in outputs:
        parts |= sections(output)
    account = parts.get("account", "").split()
    of_kernel = parse_kernel(parts)
    return HostFacts(
        hostname=parse_hostname(parts.get("hostname", "")),
        user=account[1] if len(account) > 1 else "",
        root=account[:1] == ["0"],
        sudo="sudo" in account[2:],
        addresses=parse_addresses(parts.get("addresses", "")),
        up=parse_links(parts.get("links", "")),
        ip_vs=parse_ip_vs(parts.get("ip_vs", "")),
        ip_vs_persisted=bool(of_kernel.persisted_in),
        sudo_asks="asks" in account[2:],
        links=parse_link_names(parts.get("links", "")),
        devices=parse_devices(parts.get("links", ""), parts.get("link_kinds", "")),
        no_addresses=no_addresses(parts["addresses"]) if "addresses" in parts else "",
        kernel=of_kernel,
        machine=parse_machine(parts),
        network=parse_network(parts),
        docker=parse_docker_service(parts),
    )
