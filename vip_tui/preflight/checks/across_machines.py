"""Whether the nodes are as many machines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from vip_tui.cluster import Cluster
from vip_tui.preflight.checks.kinds import ClusterCheck
from vip_tui.preflight.facts import HostFacts
from vip_tui.preflight.learnt import Finding, Learnt

SHOWN = 3  # pairs of nodes that are named
TAKE_ONE_OUT = "Take one of the two out of the cluster: a machine cannot take over from itself."
NEW_ID = (
    "On the copy: `rm /etc/machine-id /var/lib/dbus/machine-id`, `systemd-machine-id-setup`, and a"
    " reboot; DHCP and journals go by that id too."
)


def distinct(_cluster: Cluster, learnt: Sequence[Learnt]) -> Finding:
    """A boot-id (random(4)) is a kernel's, a machine-id (machine-id(5)) an installation's.

    Both alike: one machine. The machine-id alone: a copied installation. The boot-id alone: two
    containers on one kernel, as LXC has them. Where neither tells, all addresses alike do.
    """
    seen = [(one.name, one.host) for one in learnt if one.host is not None]
    pairs = [((a, b), _compare(left, right)) for (a, left), (b, right) in combinations(seen, 2)]
    evidence = "; ".join(f"{name} {_short(host)}" for name, host in seen)
    if same := [names for names, verdict in pairs if verdict == "same"]:
        summary = f"{_listed(same)}: one machine, given twice"
        return Finding("distinct", "fail", summary, evidence, TAKE_ONE_OUT)
    blind = [one.name for one in learnt if one.host is None]
    doubtful = [names for names, verdict in pairs if verdict == "unknown"]
    if copied := [names for names, verdict in pairs if verdict == "copy"]:
        summary = f"{_listed(copied)} have one machine-id: copies of one installation?"
        return Finding("distinct", "warn", summary, evidence, NEW_ID)
    if blind or doubtful:
        unseen = ", ".join(blind) or _listed(doubtful)
        remedy = "Once a node can be asked, look again." if blind else "Give it a machine-id."
        summary = f"cannot tell for {unseen}"
        return Finding("distinct", "unknown", summary, evidence, remedy)
    summary = f"{len(seen)} machines"
    if shared := [names for names, verdict in pairs if verdict == "one kernel"]:
        evidence += f"; {_listed(shared)} run on one kernel: they are lost together"
    return Finding("distinct", "pass", summary, evidence)


def _compare(left: HostFacts, right: HostFacts) -> str:
    a, b = left.machine, right.machine
    if a.machine_id and b.machine_id:
        alike = a.machine_id == b.machine_id
        if not alike:
            return "one kernel" if a.boot_id and a.boot_id == b.boot_id else "two"
        if a.boot_id and b.boot_id:
            return "same" if a.boot_id == b.boot_id else "copy"
        return "same" if left.addresses == right.addresses else "unknown"
    if a.boot_id and b.boot_id and a.boot_id != b.boot_id:
        return "two"
    return "same" if left.addresses and left.addresses == right.addresses else "unknown"


def _short(host: HostFacts) -> str:
    machine = host.machine
    return f"{machine.machine_id[:8] or 'no machine-id'}, boot {machine.boot_id[:8] or 'unknown'}"


def _listed(pairs: Sequence[tuple[str, str]]) -> str:
    """``n1 and n2, n1 and n3``, and how many more."""
    more = f", and {len(pairs) - SHOWN} pairs more" if len(pairs) > SHOWN else ""
    return ", ".join(f"{a} and {b}" for a, b in pairs[:SHOWN]) + more


CHECKS: dict[str, ClusterCheck] = {"distinct": distinct}
