"""The kernel: ip_vs and its settings. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster
from vip_tui.preflight.checks.unseen import unseen
from vip_tui.preflight.learnt import Finding, Learnt


def ip_vs(_cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    host = one.host
    if host is None:
        return unseen("ip_vs", one)
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


CHECKS = {"ip_vs": ip_vs}
