"""The kernel: ip_vs and its settings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from vip_tui.cluster import Cluster, Vip
from vip_tui.preflight.checks.unseen import unseen
from vip_tui.preflight.facts import HostFacts
from vip_tui.preflight.facts.kernel import NONLOCAL_BIND
from vip_tui.preflight.learnt import Finding, Fix, Learnt
from vip_tui.preflight.resolve import choose_interface

NO_MESH = "Where no service is published through the mesh, allow the check."
INSTALL = "Install a kernel with IPVS, for Debian or Ubuntu the package linux-modules-extra."
SILENT, SAME_SUBNET = 8, 2  # arp_ignore: answer nobody, or only who is in the address's subnet
STRICT = 1  # rp_filter


def ip_vs(_cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    host = one.host
    if host is None:
        return unseen("ip_vs", one)
    if host.ip_vs == "built-in":
        evidence = host.kernel.config or "/sys/module has it, and no module was loaded for it"
        return Finding("ip_vs", "pass", "built into the kernel", evidence)
    if host.ip_vs == "missing":
        return _missing(one, host)
    if host.ip_vs == "unknown":
        configured = host.kernel.config or "no kernel configuration at hand"
        evidence = f"not in /proc/modules, and no modprobe that can be asked; {configured}"
        remedy = f"`modinfo ip_vs` on {one.name} would tell, with the package kmod there."
        summary = "cannot tell whether it can be loaded"
        return Finding("ip_vs", "unknown", summary, evidence, remedy)
    return _module(host)


def _module(host: HostFacts) -> Finding:
    """It is loaded, or can be: and at the next boot?"""
    loaded, persisted = host.ip_vs == "loaded", host.ip_vs_persisted
    broken = host.kernel.broken_lines
    files = ", ".join(host.kernel.persisted_in)
    if loaded and persisted and not broken:
        return Finding("ip_vs", "pass", "loaded, and at every boot", files)
    summary = "loaded" if loaded else "not loaded; apply loads it"
    if not persisted:
        summary += ", but not at the next boot; apply makes it so" if loaded else ", at boot too"
    if broken:
        summary += f"; a line in {broken[0].file} does nothing"
    evidence = [f"{one.file}: {one.line}" for one in broken]
    evidence += [] if loaded else ["modprobe -n ip_vs would load it"]
    evidence += [files] if persisted else ["in no list of modules that is read at boot"]
    remedy = ""
    if broken:
        remedy = f"In {broken[0].file}, put the bare name ip_vs: it takes names, not commands."
    # vip-tui mends all of it at once, whatever it is called by.
    fix: Fix = "mend-modules" if broken else "persist-ip_vs" if loaded else "load-ip_vs"
    return Finding("ip_vs", "warn", summary, "; ".join(evidence), remedy, fix)


def _missing(one: Learnt, host: HostFacts) -> Finding:
    kernel = host.kernel
    if kernel.config.startswith("#"):
        seen = [kernel.config.removeprefix("# ")]
    else:
        seen = [*([kernel.config] if kernel.config else []), "modprobe -n ip_vs fails"]
    remedy = INSTALL
    if kernel.without_folder:
        seen.append(f"there is no /lib/modules/{kernel.without_folder}")
    if kernel.config == "CONFIG_IP_VS=m":
        remedy = "This kernel's module is not installed: on Ubuntu it is in linux-modules-extra."
        if kernel.without_folder:
            remedy = "The running kernel's modules are gone, as after an upgrade: reboot."
    evidence = ", ".join(seen)
    if one.docker is not None and one.docker.swarm is not None and one.docker.swarm.active:
        summary = "this kernel has no ip_vs: Swarm's routing mesh does not work on this node"
        return Finding("ip_vs", "fail", summary, evidence, f"{remedy} {NO_MESH}")
    summary = "this kernel has no ip_vs: Swarm's routing mesh will not work; the VIP will"
    return Finding("ip_vs", "warn", summary, evidence, remedy)


def sysctl(cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    """Whether the holder answers for the VIP, and hears its peers, as the kernel is set.

    The kernel's ip-sysctl.rst, and tried: arp_ignore 2 answers for an address in a subnet of its
    interface, also as a /32; 3 answers for all but the addresses of the host itself; arp_announce
    chooses what requests are sent from, which neither answers nor gratuitous ARP depend on.
    """
    host = one.host
    if host is None:
        return unseen("sysctl", one)
    vips = tuple(vip for vip in cluster.vip if vip.address.version == 4)
    if not vips:
        return Finding("sysctl", "pass", "none of these settings concerns an IPv6 VIP")
    interface = choose_interface(cluster.vip, one.node, host)
    if interface is None:
        summary = "not looked at: no interface is the VIP's"
        return Finding("sysctl", "unknown", summary, because="interface")
    ignore = host.kernel.effective(interface, "arp_ignore")
    if ignore is None:
        evidence = f"no settings of {interface} in /proc/sys/net/ipv4/conf"
        remedy = f"`sysctl -a` on {one.name} would tell."
        return Finding("sysctl", "unknown", "could not be looked at", evidence, remedy)
    evidence = _evidence(host, interface)
    silent = [vip for vip in vips if not _answers(ignore, vip, host, interface)]
    if silent:
        named = ", ".join(str(vip.address) for vip in silent)
        summary = f"nobody gets an answer for {named} on {interface}: arp_ignore is {ignore}"
        return Finding("sysctl", "fail", summary, evidence, _answer_again(host, interface, ignore))
    twin = _twin(host, interface)
    if twin is not None:
        summary = f"{interface} and {twin} share a subnet, where a strict rp_filter drops packets"
        remedy = "Set net.ipv4.conf.all.rp_filter=2, or give each interface its own subnet."
        return Finding("sysctl", "warn", summary, evidence, remedy)
    summary = f"{interface} answers for the VIP"
    if ignore == SAME_SUBNET:
        summary += ", if the asker is in its subnet"
    return Finding("sysctl", "pass", summary, evidence)


def _evidence(host: HostFacts, interface: str) -> str:
    names = ("arp_ignore", "arp_announce", "rp_filter")
    values = [(name, host.kernel.effective(interface, name)) for name in names]
    seen = [f"{name} {value}" for name, value in values if value is not None]
    bind = host.kernel.settings.get(NONLOCAL_BIND)
    if bind is not None:
        need = "" if bind else " (a service that binds to the VIP itself needs 1)"
        seen.append(f"ip_nonlocal_bind {bind}{need}")
    return ", ".join(seen)


def _answers(ignore: int, vip: Vip, host: HostFacts, interface: str) -> bool:
    """Whether ARP is answered for a VIP on its interface."""
    if ignore == SAME_SUBNET:
        networks = [*_networks(host, interface), *([vip.network] if vip.network else [])]
        return any(vip.address in network and network.num_addresses > 1 for network in networks)
    return ignore != SILENT


def _answer_again(host: HostFacts, interface: str, ignore: int) -> str:
    at = [name for name in ("all", interface) if host.kernel.settings[name, "arp_ignore"] == ignore]
    keys = [f"net.ipv4.conf.{name.replace('.', '/')}.arp_ignore=1" for name in at]
    return f"On the node: `sysctl -w {' '.join(keys)}`, and the same in /etc/sysctl.d."


def _twin(host: HostFacts, interface: str) -> str | None:
    """Another interface that is up in the same subnet, where either of the two is strict."""
    own = _networks(host, interface)
    for other in sorted(host.up - {interface, "lo"}):
        shared = any(a.overlaps(b) for a in own for b in _networks(host, other))
        strict = [host.kernel.effective(name, "rp_filter") for name in (interface, other)]
        if shared and STRICT in strict:
            return other
    return None


def _networks(host: HostFacts, interface: str) -> list[IPv4Network | IPv6Network]:
    """The IPv4 subnets of an interface."""
    found = [address.ip.network for address in host.on(interface) if address.ip.version == 4]
    return [network for network in found if network.num_addresses > 1]


CHECKS = {"ip_vs": ip_vs, "sysctl": sysctl}
