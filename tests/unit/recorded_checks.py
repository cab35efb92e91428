"""What the checks found on clusters of three and nine nodes, as the checks word it."""

from __future__ import annotations

from dataclasses import replace

from tests.unit import build
from vip_tui.cluster import CHECK_IDS, Cluster
from vip_tui.preflight.checks import CLUSTER_CHECKS
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.outcome import Preflight
from vip_tui.preflight.remedies import Remedy

ACROSS = ("distinct", "subnet", "vrid-free", "latency", "versions", "vrrp-path")
assert set(CLUSTER_CHECKS) <= set(ACROSS)
OF_A_NODE = tuple(check for check in CHECK_IDS if check not in ACROSS)
FINE = {
    "reachable": "SSH answers at {address}",
    "host-key": "the host key is the one we know",
    "auth": "logged in",
    "privilege": "logged in as root",
    "docker": "Docker 20.10.24 answers",
    "container": "no container is called keepalived yet",
    "image": "osixia/keepalived:2.0.20 is on the node",
    "ip_vs": "loaded, and at every boot",
    "interface": "eth0, {address}",
    "vip-free": "nobody answers for the VIP",
    "routes": "to 2 peers through eth0",
    "sysctl": "nothing keeps a holder from answering",
    "firewall": "no rule drops VRRP",
    "disk": "41 GB free under /var/lib/docker",
    "clock": "within 3 ms of ours",
    "cloud": "no cloud that is known",
    "swarm": "manager, active",
    "distinct": "each machine has its own machine-id",
    "subnet": "198.18.0.0/24, one link",
    "vrid-free": "no advertisement of VRID 100 was heard in 3 s",
    "latency": "at most 0.4 ms, from n1 to n3",
    "versions": "Docker 20.10.24 everywhere",
    "vrrp-path": "IP protocol 112 gets from each node to each other",
}
DOCKER_DOWN = Finding(
    "docker",
    "fail",
    "Docker is not running on {name}",
    "no /var/run/docker.sock",
    "On the node: `systemctl start docker`.",
    fix="start-docker",
)
BEHIND_DOCKER = tuple(
    Finding(check, "unknown", "not looked at: Docker cannot be asked", because="docker")
    for check in ("container", "image", "swarm")
)
NOT_LOADED = Finding(
    "ip_vs",
    "warn",
    "not loaded; apply loads it",
    "modprobe -n ip_vs would load it",
    fix="load-ip_vs",
)
FIREWALL = Finding(
    "firewall",
    "fail",
    "the firewall drops IP protocol 112 from the peers",
    "nft inet filter input: policy drop\n"
    "  tcp dport 22 accept\n"
    "  ct state established,related accept\n"
    '  iifname "lo" accept',
    "Let the peers in: `nft insert rule inet filter input ip protocol 112 accept`.",
    fix="open-firewall",
)
NO_WAY_IN = Finding(
    "auth",
    "fail",
    "{name} does not let us in",
    "Permission denied for user root on host {address}",
    "Give the node your key: `ssh-copy-id {address}`, or name another with --identity; check the "
    "user name.",
)
BEHIND_AUTH = tuple(
    Finding(check, "unknown", "not looked at: there is no connection", because="auth")
    for check in OF_A_NODE[3:]
)
NOT_HEARD = Finding(
    "vrid-free",
    "unknown",
    "nobody could listen for others' advertisements",
    "neither tcpdump nor a raw socket on n1, n2, n3",
    "Install tcpdump on one of the nodes, or log in as root.",
)
THEIRS = Finding(
    "vrid-free",
    "fail",
    "198.18.0.77 advertises with our VRID 100",
    "heard on n1 and n2: VRRPv2, priority 120, every 1 s",
    "Give this cluster another VRID.",
)
NINE = replace(build.cluster(*map(build.node, range(1, 10))), name="many", vrid=100)


def findings(index: int, *other: Finding) -> tuple[Finding, ...]:
    """A node's findings: all fine, but for these."""
    words = {"name": f"n{index + 1}", "address": f"198.18.0.{11 + index}"}
    found = {
        it.id: Finding(it.id, "pass", FINE[it.id].format(**words)) for it in map(_id, OF_A_NODE)
    }
    found |= {
        one.id: replace(
            one,
            summary=one.summary.format(**words),
            evidence=one.evidence.replace("{address}", words["address"]),
            remedy=one.remedy.replace("{address}", words["address"]),
        )
        for one in other
    }
    return tuple(found[check] for check in OF_A_NODE)


def _id(check: str) -> Finding:
    return Finding(check, "pass", "")


def across(*other: Finding) -> tuple[Finding, ...]:
    """The findings of all nodes together."""
    found = {check: Finding(check, "pass", FINE[check]) for check in ACROSS}
    found |= {one.id: one for one in other}
    return tuple(found[check] for check in ACROSS)


def outcome(
    cluster: Cluster, other: dict[int, tuple[Finding, ...]], *together: Finding
) -> Preflight:
    """What preflight found: all fine, but for these by the node's number."""
    learnt: list[Learnt] = [
        build.learnt(index + 1, wanted=node) for index, node in enumerate(cluster.nodes)
    ]
    found = tuple(findings(index, *other.get(index, ())) for index in range(len(learnt)))
    return Preflight(cluster, tuple(learnt), found, 0.4, 3.1, across(*together))


def three(cluster: Cluster) -> Preflight:
    """Docker does not run on one of three, and two have something alike."""
    other = {0: (NOT_LOADED,), 1: (DOCKER_DOWN, *BEHIND_DOCKER), 2: (NOT_LOADED,)}
    return outcome(cluster, other, NOT_HEARD)


def nine() -> Preflight:
    """Of nine nodes three do not let us in, and five have a firewall in the way."""
    shut = dict.fromkeys((3, 4, 8), (NO_WAY_IN, *BEHIND_AUTH))
    walled = dict.fromkeys((0, 1, 2, 5, 6), (FIREWALL, NOT_LOADED))
    return outcome(NINE, {**shut, **walled, 2: (FIREWALL, NOT_LOADED, DOCKER_DOWN, *BEHIND_DOCKER)})


def remedy(index: int, finding: Finding) -> Remedy | None:
    """What vip-tui would do about it."""
    lines = {
        "start-docker": (("systemctl start docker",), ("systemctl stop docker.socket docker",)),
        "load-ip_vs": (("modprobe ip_vs",), ("modprobe -r ip_vs",)),
        "open-firewall": (
            ("nft insert rule inet filter input ip saddr 198.18.0.12 ip protocol 112 accept",),
            ("nft delete rule inet filter input handle 9",),
        ),
    }
    if finding.fix is None:
        return None
    commands, back = lines[finding.fix]
    warning = "Docker starts the containers too that have a restart policy."
    return Remedy(
        finding.fix,
        finding.id,
        index,
        f"n{index + 1}",
        finding.fix.replace("-", " "),
        commands,
        back,
        warning if finding.fix == "start-docker" else "",
    )
