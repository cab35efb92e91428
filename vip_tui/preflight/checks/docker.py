"""Docker on a node: the engine, the image, our container. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster
from vip_tui.keepalived.spec import CLUSTER_LABEL, ownership
from vip_tui.preflight.checks.unseen import unseen
from vip_tui.preflight.learnt import Finding, Learnt


def docker(_cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    if one.docker is not None:
        return Finding("docker", "pass", f"Docker {one.docker.version} answers")
    problem = one.docker_problem
    if problem is None:
        return unseen("docker", one)
    return Finding("docker", "fail", problem.title, problem.detail, problem.hint)


def container(cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    if one.docker is None:
        return unseen("container", one)
    found = one.docker.container
    if found is None:
        return Finding("container", "pass", "no container is called keepalived yet")
    whose = ownership(found, cluster.name, tuple(str(vip) for vip in cluster.vip))
    evidence = f"{found.image}, {found.status}, id {found.id[:12]}"
    if whose == "ours":
        return Finding("container", "pass", "the container is this cluster's", evidence)
    if whose == "adoptable":
        summary = "a container made by hand serves this VIP; apply would replace it"
        return Finding("container", "warn", summary, evidence, "Review the plan before apply.")
    owner = found.labels.get(CLUSTER_LABEL)
    summary = (
        f"the container belongs to the cluster {owner!r}; a node belongs to one cluster"
        if owner
        else "a foreign container is called keepalived"
    )
    remedy = "If nothing needs it: `docker rm -f keepalived` on the node."
    return Finding("container", "fail", summary, evidence, remedy)


CHECKS = {"docker": docker, "container": container}
