"""Docker on a node: the Engine, and its container called keepalived. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from vip_tui.cluster import Cluster
from vip_tui.keepalived.spec import (
    ASIDE_NAME,
    CLUSTER_LABEL,
    CONTAINER_NAME,
    ContainerState,
    ownership,
    read_list,
)
from vip_tui.nodes.reasons import DockerStopped
from vip_tui.preflight.checks.unseen import unseen, unseen_docker
from vip_tui.preflight.docker_facts import DockerFacts
from vip_tui.preflight.learnt import Finding, Fix, Learnt

SLOW_S = 2.0  # a healthy Engine answers in a small part of this
OLDEST = (19, 3)
CACHES_LOGS = (20, 10)  # since then it can read back what it sends away (dual logging)
READ_BACK = ("json-file", "local", "journald")
LOOPS = 3  # restarts that are no accident any more
SETTLED_S = 120.0  # Docker waits for a minute at most between two restarts


class Worry(NamedTuple):
    """What may be fine, and may not."""

    summary: str
    evidence: str
    remedy: str
    fix: Fix | None = None


def docker(_cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    said, problem = one.docker, one.docker_problem
    if said is None:
        if problem is None:
            return unseen("docker", one)
        fix: Fix | None = "start-docker" if isinstance(problem, DockerStopped) else None
        return Finding("docker", "fail", problem.title, problem.detail, problem.hint, fix)
    if said.rootless:
        return Finding(
            "docker",
            "fail",
            f"Docker {said.version} is rootless: its host network is not the machine's",
            "docker info: SecurityOptions has name=rootless",
            "Run keepalived in a Docker that belongs to root, or on other nodes.",
        )
    worries = tuple(_worries(one, said))
    if not worries:
        return Finding("docker", "pass", f"Docker {said.version} answers", _evidence(one, said))
    return Finding(
        "docker",
        "warn",
        f"Docker {said.version} answers, but {'; '.join(item.summary for item in worries)}",
        "; ".join(item.evidence for item in worries),
        " ".join(item.remedy for item in worries),
        next((item.fix for item in worries if item.fix), None),
    )


def _worries(one: Learnt, said: DockerFacts) -> Iterator[Worry]:
    version = version_of(said.version)
    if version is not None and version < OLDEST:
        remedy = "Update Docker: https://docs.docker.com/engine/install/"
        yield Worry("is older than any that this is tried with", "19.03 is the oldest", remedy)
    if one.host is not None and one.host.docker.at_boot is False:
        evidence = f"{one.host.docker.told_by} is there, and no link that starts it"
        remedy = "On the node: `systemctl enable docker`."
        yield Worry("it does not start at the next boot", evidence, remedy, "enable-docker")
    if said.took_s is not None and said.took_s > SLOW_S:
        remedy = "Look at the node's load and disks; Docker restarts a container as slowly."
        yield Worry("it is slow", f"{said.took_s:.1f} s for four questions", remedy)
    driver = said.container.log_driver if said.container else said.log_driver
    cached = version is not None and version >= CACHES_LOGS
    if driver and driver != "none" and (driver in READ_BACK or cached):
        return
    if driver:
        remedy = "Give Docker the log driver json-file, local or journald (daemon.json)."
        summary = "keepalived's log cannot be read back: its VRRP state stays unknown"
        yield Worry(summary, f"log driver {driver}", remedy)


def version_of(text: str) -> tuple[int, int] | None:
    """The first two numbers of a version, such as 20.10.24+dfsg1."""
    match = re.match(r"(\d{1,9})\.(\d{1,9})", text, re.ASCII)
    return (int(match[1]), int(match[2])) if match else None


def _evidence(one: Learnt, said: DockerFacts) -> str:
    parts = [f"log driver {said.log_driver or 'unknown'}"]
    if said.took_s is not None:
        parts.append(f"answered in {said.took_s:.2f} s")
    service = one.host.docker if one.host else None
    if service is None or service.at_boot is None:
        parts.append("whether it starts at boot could not be told")
    else:
        parts.append("starts at boot")
    if said.live_restore:
        parts.append("containers outlive its restarts (live-restore)")
    return "; ".join(parts)


def container(cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    outside = one.host.machine.keepalived_outside if one.host else None
    if outside:
        return Finding(
            "container",
            "fail",
            "a keepalived runs outside Docker: two of them on one node fight for the VIP",
            f"process {'; '.join(outside)}",
            "If nothing else needs it, on the node: `systemctl disable --now keepalived`.",
        )
    if one.docker is None:
        return unseen_docker("container", one)
    found = _of_docker(cluster, one.docker)
    if found.status == "pass" and outside is None:
        return Finding(
            "container",
            "unknown",
            f"{found.summary}; whether a keepalived runs outside Docker is not known",
            str(one.host_problem or found.evidence),
            one.host_problem.hint if one.host_problem else "On the node: `pgrep -a keepalived`.",
        )
    return found


def _of_docker(cluster: Cluster, said: DockerFacts) -> Finding:
    """What Docker has under our name, or serving our VIP under another."""
    found = said.container
    vips = tuple(str(vip) for vip in cluster.vip)
    whose = "ours" if found is None else ownership(found, cluster.name, vips)
    if found is not None and whose == "foreign":
        return _foreign(found)
    rival = next(
        (one for one in said.others if ownership(one.state, cluster.name, vips) == "adoptable"),
        None,
    )
    if rival is not None:
        return Finding(
            "container",
            "fail",
            f"another container, {rival.name}, serves this VIP",
            _seen(rival.state),
            f"Take it away first: `docker rm -f {rival.name}`, or in its compose file.",
        )
    if found is not None and whose == "adoptable":
        summary = "a container made by hand serves this VIP; apply would replace it"
        return Finding("container", "warn", summary, _seen(found), "Review the plan before apply.")
    if found is not None and (worry := _unwell(found, said.clock)):
        return Finding("container", "warn", worry.summary, worry.evidence, worry.remedy)
    if said.aside is not None:
        summary = f"an interrupted apply left {ASIDE_NAME} behind"
        evidence = f"{said.aside.image}, {said.aside.status}, id {said.aside.id[:12]}"
        remedy = f"If {CONTAINER_NAME} is well, on the node: `docker rm -f {ASIDE_NAME}`."
        return Finding("container", "warn", summary, evidence, remedy)
    if said.others:
        names = ", ".join(other.name for other in said.others)
        held = "; ".join(f"{other.name}: {_vips(other.state)}" for other in said.others)
        remedy = "Give each a VRID of its own."
        return Finding("container", "warn", f"keepalived runs in {names} too", held, remedy)
    if found is None:
        return Finding("container", "pass", f"no container is called {CONTAINER_NAME} yet")
    return Finding("container", "pass", "the container is this cluster's", _seen(found))


def _foreign(found: ContainerState) -> Finding:
    owner = found.labels.get(CLUSTER_LABEL)
    summary = (
        f"the container belongs to the cluster {owner!r}; a node belongs to one cluster"
        if owner
        else f"a foreign container is called {CONTAINER_NAME}"
    )
    remedy = f"If nothing needs it: `docker rm -f {CONTAINER_NAME}` on the node."
    return Finding("container", "fail", summary, _seen(found), remedy)


def _unwell(found: ContainerState, clock: str) -> Worry | None:
    """Why our container is not at work, or not for long."""
    up_s = _seconds(found.started_at, clock)
    young = up_s is not None and up_s < SETTLED_S
    if found.status == "restarting" or (found.restarts >= LOOPS and young):
        evidence = f"{found.status}, exit code {found.exit_code}, {found.restarts} restarts"
        remedy = f"On the node: `docker logs --tail 50 {CONTAINER_NAME}`."
        return Worry("the container ends again and again, and is restarted", evidence, remedy)
    if found.status == "running":
        return None
    verb = "unpause" if found.status == "paused" else "start"
    summary = f"the container is this cluster's, but it is {found.status}; apply starts it"
    return Worry(summary, _seen(found), f"Apply, or on the node: `docker {verb} {CONTAINER_NAME}`.")


def _seen(found: ContainerState) -> str:
    return f"{found.image}, {found.status}, id {found.id[:12]}"


def _vips(found: ContainerState) -> str:
    vips = read_list(found.environment.get("KEEPALIVED_VIRTUAL_IPS", ""))
    return f"VIP {', '.join(vips)}" if vips else "VIP not known"


def _seconds(since: str, until: str) -> float | None:
    """From one of Docker's times (RFC 3339) to another, None where one is none."""
    try:
        return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()
    except (ValueError, TypeError):
        return None


CHECKS = {"docker": docker, "container": container}
