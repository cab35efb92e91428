"""What the nodes said to the wizard, and what apply and drills told, as seen on the lab."""

from __future__ import annotations

from dataclasses import replace

from tests.ui.recorded import CLUSTER
from tests.unit import build
from vip_tui.cluster import Cluster
from vip_tui.deploy.report import ApplyReport, StepReport
from vip_tui.drill.report import DrillReport
from vip_tui.drill.run import Progress
from vip_tui.errors import RefusedError, VipError
from vip_tui.nodes.reasons import AuthRefused, HostKeyUnknown
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.outcome import Preflight

KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIJ1rQWlFqJmN8zK3oVb0Yx5tS9uD2eHcLg7pRf4kXwTa"
FINGERPRINTS = (
    "ssh-ed25519 SHA256:4v4tXkMkKk1T3n0p5CkTq8b2Jw7m9sVfUe6yRz1LhQo",
    "ssh-ed25519 SHA256:Yp0c9dZr5W2xJm7LkB4vTn8sGf3uHq1aEo6iKj2bXtM",
    "ssh-ed25519 SHA256:m3QeR8tYu1Io5Pa7Sd9Fg2Hj4Kl6Zx0Cv8Bn1Wq3Er5",
)


def fine(cluster: Cluster = CLUSTER) -> list[Learnt]:
    """Nodes that are ready, one of them without ip_vs and two without the image."""
    nodes = [
        build.learnt(index + 1, wanted=node, image_present=index == 0)
        for index, node in enumerate(cluster.nodes)
    ]
    host = nodes[1].host
    assert host is not None
    nodes[1] = replace(nodes[1], host=replace(host, ip_vs="loadable", ip_vs_persisted=False))
    return nodes


def with_problems() -> list[Learnt]:
    """One that is ready, one with a stranger's container, one that does not let us in."""
    ready, foreign, _ = fine()
    refused = AuthRefused(
        "198.18.0.13 does not let us in",
        "Permission denied for user root on host 198.18.0.13",
        "Give the node your key: `ssh-copy-id 198.18.0.13`, or name another with --identity; "
        "check the user name.",
    )
    assert foreign.docker is not None
    docker = replace(foreign.docker, container=build.foreign())
    return [ready, replace(foreign, docker=docker), Learnt(CLUSTER.nodes[2], problem=refused)]


def deployed() -> list[Learnt]:
    """Nodes on which the cluster runs already, as it should."""
    return [
        build.learnt(number, build.container(build.spec(number)), wanted=node)
        for number, node in enumerate(CLUSTER.nodes, 1)
    ]


def with_another_password() -> list[Learnt]:
    """The same, but for what one node runs with."""
    nodes = deployed()
    docker = nodes[1].docker
    assert docker is not None and docker.container is not None
    other = {**docker.container.environment, "KEEPALIVED_PASSWORD": "Other4me"}
    container = replace(docker.container, environment=other)
    nodes[1] = replace(nodes[1], docker=replace(docker, container=container))
    return nodes


def never_seen() -> list[Learnt]:
    """Nodes whose host keys nobody has accepted."""
    return [
        Learnt(
            node,
            problem=HostKeyUnknown(node.endpoint, fingerprint, f"{node.address} ssh-ed25519 {KEY}"),
        )
        for node, fingerprint in zip(CLUSTER.nodes, FINGERPRINTS, strict=True)
    ]


def outcome(learnt: list[Learnt], cluster: Cluster = CLUSTER) -> Preflight:
    """What the checks make of it."""
    findings = tuple(check_node(cluster, one, learnt) for one in learnt)
    return Preflight(cluster, tuple(learnt), findings, 0.4, 1.3)


MASTER = "master, holds 198.18.0.100, container 5a1c70ff3e21"
BACKUP = "backup, container 9be04d7712ac"
IMAGE = f"{CLUSTER.image} is on the node"
DEPLOYING = (
    StepReport("n3", "pull", "done", IMAGE),
    StepReport("n2", "load-ip_vs", "done", "ip_vs is loaded"),
    StepReport("n2", "persist-ip_vs", "done", "ip_vs is in the list that is loaded at boot"),
    StepReport("n2", "pull", "running", "3 of 7 layers, 11.2 of 30.6 MB"),
)
STARTING = (
    *DEPLOYING[:3],
    StepReport("n2", "pull", "done", IMAGE),
    StepReport(
        "n1", "create", "running", "started; waiting for it to become master, and hold the VIP"
    ),
)
_NOT_UP = VipError(
    "keepalived on n2 did not come up",
    "it is fault after 14 s",
    "Look at its log: `docker logs keepalived`.",
)
ROLLED_BACK = (
    *STARTING[:4],
    StepReport("n1", "create", "done", MASTER),
    StepReport("n3", "create", "done", BACKUP),
    StepReport("n2", "create", "failed", str(_NOT_UP)),
    StepReport("n2", "roll back", "undone", "no container, as before"),
    StepReport("n3", "roll back", "undone", "no container, as before"),
    StepReport("n1", "roll back", "undone", "no container, as before"),
)
ROLLBACK = ApplyReport(False, True, 21.7, None, list(ROLLED_BACK), _NOT_UP)
_LOCKED = RefusedError(
    "another run holds the lock on n2",
    "apply of homelab by eve@workstation",
    "Wait for it to end.",
)
LOCKED = ApplyReport(problem=_LOCKED)
DEPLOYED = ApplyReport(
    True, False, 6.3, "n1", [*STARTING[:4], StepReport("n1", "create", "done", MASTER)]
)

DRILLING = (
    Progress("gate", "looking whether the cluster can take it"),
    Progress("armed", "n1 comes back by itself, whatever happens to us"),
    Progress("fault", "n1: docker stop"),
    Progress("detected", "n1 has let go of the VIP"),
)
PASSED = DrillReport(
    "homelab",
    outcome="passed",
    source="n1",
    target="n2",
    outage_s=0.4246,
    bound_s=0.4141,
    resolution_s=0.01,
    restored=True,
    timeline=[
        (0.0, "n1: docker stop"),
        (0.023, "last answer before the gap"),
        (0.028, "n1 has let go of the VIP"),
        (0.447, "first answer after it"),
        (0.448, "n2 has the VIP"),
        (1.160, "n1: container stopped"),
        (1.279, "n1: docker start"),
        (1.327, "n1 is back as backup; one holder"),
    ],
)
FAILED = replace(
    PASSED,
    outcome="failed",
    outage_s=3.4146,
    restored=False,
    reasons=[
        "the stopped node did not come back as backup",
        "3415 ms without the VIP, over the bound and its margin: 0.66 s",
    ],
    timeline=[
        (0.0, "n1: docker stop"),
        (0.023, "last answer before the gap"),
        (0.028, "n1 has let go of the VIP"),
        (3.437, "first answer after it"),
        (3.438, "n2 has the VIP"),
        (4.160, "n1: container stopped"),
        (4.279, "n1: docker start"),
    ],
)
ABORTED = DrillReport(
    "homelab",
    outcome="aborted",
    reasons=["stopped by the operator"],
    source="n1",
    bound_s=0.4141,
    resolution_s=0.01,
    restored=True,
    back_as="master",
    timeline=[
        (0.0, "n1: docker stop"),
        (0.028, "n1 has let go of the VIP"),
        (0.279, "n1: docker start"),
        (1.327, "n1 is back as master; one holder"),
    ],
)
REFUSED = DrillReport(
    "homelab",
    outcome="refused",
    reasons=["the drill is refused: n2 is locked by apply of homelab by eve@workstation"],
)
INCONCLUSIVE = replace(
    PASSED,
    outcome="inconclusive",
    reasons=["nothing was measured"],
    outage_s=None,
    timeline=[item for item in PASSED.timeline if "answer" not in item[1]],
)
