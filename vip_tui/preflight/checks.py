"""The checks: what was learnt of the nodes becomes findings. Pure.

What could not be looked at is ``unknown``, never passed over.
"""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster
from vip_tui.keepalived.spec import CLUSTER_LABEL, ownership
from vip_tui.nodes.reasons import AuthRefused, HostKeyChanged, HostKeyUnknown
from vip_tui.preflight.facts import HostFacts
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.resolve import choose_address, choose_interface

SLOW_S = 2.0  # a healthy node logs in and answers in a small part of this
ACCESS_CHECKS = ("reachable", "host-key", "auth")
NODE_CHECKS = (
    *ACCESS_CHECKS,
    *("privilege", "docker", "container", "ip_vs", "interface", "vip-free"),
)


def check_node(cluster: Cluster, one: Learnt, others: Sequence[Learnt]) -> tuple[Finding, ...]:
    """All findings of one node, in the order of the catalogue."""
    access = _access(one)
    if one.problem is not None:
        rest = NODE_CHECKS[len(access) :]
        unseen = "not looked at: there is no connection"
        return (*access, *(Finding(name, "unknown", unseen) for name in rest))
    return (
        *access,
        _privilege(one),
        _docker(one),
        _container(cluster, one),
        _ip_vs(one),
        _interface(cluster, one),
        _vip_free(cluster, one, others),
    )


def _access(one: Learnt) -> tuple[Finding, ...]:
    """The three steps of getting in; the first that failed ends them."""
    problem = one.problem
    passed = (
        _reachable(one),
        Finding("host-key", "pass", "the host key is the one we know"),
        Finding("auth", "pass", "logged in"),
    )
    if problem is None:
        return passed
    if isinstance(problem, AuthRefused):
        step = 2
    elif isinstance(problem, HostKeyUnknown | HostKeyChanged):
        step = 1
    else:
        step = 0
    failed = Finding(ACCESS_CHECKS[step], "fail", problem.title, problem.detail, problem.hint)
    return (*passed[:step], failed)


def _reachable(one: Learnt) -> Finding:
    if one.took_s is None or one.took_s < SLOW_S:
        return Finding("reachable", "pass", f"SSH answers at {one.node.endpoint}")
    return Finding(
        "reachable",
        "warn",
        f"SSH answers at {one.node.endpoint}, but slowly",
        f"{one.took_s:.1f} s to log in and run one command",
        "Look at the node's load, its DNS (sshd_config(5), UseDNS) and the way there.",
    )


def _unseen(name: str, one: Learnt) -> Finding:
    problem = one.host_problem or one.docker_problem
    evidence = str(problem) if problem else ""
    remedy = problem.hint if problem else ""
    return Finding(name, "unknown", "could not be looked at", evidence, remedy)


def _privilege(one: Learnt) -> Finding:
    host = one.host
    if host is None:
        problem = one.host_problem
        if problem is not None:  # what cannot be looked at shall not be gone on with
            return Finding("privilege", "fail", problem.title, problem.detail, problem.hint)
        return _unseen("privilege", one)
    if host.root:
        return Finding("privilege", "pass", "logged in as root")
    if host.sudo:
        return Finding("privilege", "pass", f"{host.user} may use sudo without a password")
    return Finding(
        "privilege",
        "fail",
        f"{host.user or 'this user'} is neither root nor may use sudo without a password",
        "id -u is not 0; sudo -n true fails",
        "Log in as root, or allow sudo without a password: visudo, `USER ALL=(ALL) NOPASSWD: ALL`.",
    )


def _docker(one: Learnt) -> Finding:
    if one.docker is not None:
        return Finding("docker", "pass", f"Docker {one.docker.version} answers")
    problem = one.docker_problem
    if problem is None:
        return _unseen("docker", one)
    return Finding("docker", "fail", problem.title, problem.detail, problem.hint)


def _container(cluster: Cluster, one: Learnt) -> Finding:
    if one.docker is None:
        return _unseen("container", one)
    container = one.docker.container
    if container is None:
        return Finding("container", "pass", "no container is called keepalived yet")
    whose = ownership(container, cluster.name, tuple(str(vip) for vip in cluster.vip))
    evidence = f"{container.image}, {container.status}, id {container.id[:12]}"
    if whose == "ours":
        return Finding("container", "pass", "the container is this cluster's", evidence)
    if whose == "adoptable":
        summary = "a container made by hand serves this VIP; apply would replace it"
        return Finding("container", "warn", summary, evidence, "Review the plan before apply.")
    owner = container.labels.get(CLUSTER_LABEL)
    summary = (
        f"the container belongs to the cluster {owner!r}; a node belongs to one cluster"
        if owner
        else "a foreign container is called keepalived"
    )
    remedy = "If nothing needs it: `docker rm -f keepalived` on the node."
    return Finding("container", "fail", summary, evidence, remedy)


def _ip_vs(one: Learnt) -> Finding:
    host = one.host
    if host is None:
        return _unseen("ip_vs", one)
    if host.ip_vs == "loaded":
        if host.ip_vs_persisted:
            return Finding("ip_vs", "pass", "loaded, and at every boot")
        summary = "loaded, but not at the next boot; apply makes it so"
        return Finding("ip_vs", "warn", summary, "not in /etc/modules or /etc/modules-load.d")
    if host.ip_vs == "loadable":
        summary = "not loaded; apply loads it"
        return Finding("ip_vs", "warn", summary, "modprobe -n ip_vs would load it")
    if host.ip_vs == "missing":
        summary = "this kernel has no ip_vs: Swarm's routing mesh will not work; the VIP will"
        remedy = "Install a kernel with IPVS, for Debian or Ubuntu the package linux-modules-extra."
        return Finding("ip_vs", "warn", summary, "modprobe -n ip_vs fails", remedy)
    evidence = "not in /proc/modules, and there is no modprobe"
    return Finding("ip_vs", "unknown", "cannot tell whether it can be loaded", evidence)


def _interface(cluster: Cluster, one: Learnt) -> Finding:
    host = one.host
    if host is None:
        return _unseen("interface", one)
    chosen = choose_interface(cluster.vip, one.node, host)
    if chosen is None:
        subnets = ", ".join(
            f"{address.interface} {address.ip}"
            for address in host.addresses
            if address.ip.version == 4 and address.interface != "lo"
        )
        vips = ", ".join(str(vip) for vip in cluster.vip)
        return Finding(
            "interface",
            "fail",
            f"no interface is in the subnet of {vips}",
            subnets or "no addresses",
            "Give a VIP of the nodes' subnet, or name the interface in the cluster file.",
        )
    if not host.on(chosen) and chosen not in host.up:
        there = " ".join(sorted({address.interface for address in host.addresses}))
        remedy = "Name one that is there in the cluster file."
        return Finding("interface", "fail", f"there is no interface {chosen}", there, remedy)
    if chosen not in host.up:
        remedy = f"On the node: `ip link set {chosen} up`; check the cable."
        return Finding("interface", "fail", f"{chosen} is down", "no carrier", remedy)
    own = choose_address(cluster.vip, one.node, host)
    if own is None:
        summary = f"{chosen} has no IPv4 address of its own"
        return Finding("interface", "fail", summary, "", "Give it an address, or name another.")
    return Finding("interface", "pass", f"{chosen}, {own}", _addresses(host, chosen))


def _addresses(host: HostFacts, interface: str) -> str:
    return " ".join(str(address.ip) for address in host.on(interface))


def _vip_free(cluster: Cluster, one: Learnt, others: Sequence[Learnt]) -> Finding:
    if one.host is None:
        return _unseen("vip-free", one)
    for vip in cluster.vip:
        if one.host.holds(vip.address):
            return _held(cluster, one, str(vip.address))
    holders = [
        other
        for other in others
        if other.host is not None and any(other.host.holds(vip.address) for vip in cluster.vip)
    ]
    if holders:
        names = ", ".join(other.name for other in holders)
        return Finding("vip-free", "pass", f"held by {names} of this cluster")
    if one.answers is None:
        evidence = "the node could not ask the wire"
        return Finding("vip-free", "unknown", "could not be looked at", evidence)
    if one.answers:
        remedy = "Find that machine and take the address off it, or give another VIP."
        return Finding(
            "vip-free", "fail", "the VIP is in use on the wire", "; ".join(one.answers), remedy
        )
    return Finding("vip-free", "pass", "nobody answers for the VIP")


def _held(cluster: Cluster, one: Learnt, vip: str) -> Finding:
    container = one.docker.container if one.docker else None
    vips = tuple(str(item) for item in cluster.vip)
    if container is not None and ownership(container, cluster.name, vips) != "foreign":
        if container.running:
            return Finding("vip-free", "pass", "held by this node's keepalived")
        summary = f"{vip} is on the interface, but this node's keepalived does not run"
        remedy = "Take it off: `ip addr del`, or start the container."
        return Finding("vip-free", "warn", summary, f"container {container.status}", remedy)
    if one.docker is None:
        return Finding("vip-free", "unknown", f"{vip} is on this node; by whom, is not known")
    return Finding(
        "vip-free",
        "fail",
        f"{vip} is this node's own address",
        "on its interface, and no keepalived of this cluster put it there",
        "Give a VIP that no machine has, or take a stale one off with `ip addr del`.",
    )


def blocking(findings: Sequence[Finding], allowed: Sequence[str]) -> tuple[Finding, ...]:
    """The findings that stop apply: those that fail and were not allowed."""
    return tuple(
        finding for finding in findings if finding.status == "fail" and finding.id not in allowed
    )
