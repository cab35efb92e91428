"""What the Docker Engines of all nodes tell together. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from vip_tui.cluster import Cluster
from vip_tui.preflight.checks.docker import version_of
from vip_tui.preflight.docker_facts import DockerFacts
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.resolve import node_names


def versions(cluster: Cluster, learnt: Sequence[Learnt]) -> Finding:
    pairs = [(name, one.docker) for name, one in zip(node_names(learnt), learnt, strict=True)]
    seen = [(name, docker) for name, docker in pairs if docker is not None]
    unseen = [name for name, docker in pairs if docker is None]
    images = "; ".join(f"{name} {image_of(docker) or 'unknown'}" for name, docker in seen)
    alike = [_alike(one, other) for (_, one), (_, other) in combinations(seen, 2)]
    if False in alike:
        remedy = "On each node: `docker pull`, then apply; or name the image by its digest."
        summary = f"the nodes do not have the same {cluster.image}"
        return Finding("versions", "warn", summary, images, remedy)
    engines = ", ".join(f"{name} {docker.version}" for name, docker in seen)
    majors = {version[0] for _, docker in seen if (version := version_of(docker.version))}
    if len(majors) > 1:
        remedy = "Bring them to one version when there is time: it concerns Swarm more than a VIP."
        return Finding("versions", "warn", "the nodes run different Dockers", engines, remedy)
    if unseen:
        summary = f"not known of {', '.join(unseen)}"
        remedy = "Mend what keeps Docker there from being asked, and check again."
        return Finding("versions", "unknown", summary, engines, remedy)
    if None in alike:
        summary = "whether the image is the same everywhere is not known"
        remedy = "See the check `image` of each node; or pull it everywhere."
        return Finding("versions", "unknown", summary, images, remedy)
    evidence = f"Docker: {engines}; image: {images}"
    return Finding("versions", "pass", "the same image everywhere", evidence)


def image_of(docker: DockerFacts) -> str:
    """What tells a node's image from another one: a digest, else its id; empty where unknown."""
    if docker.image is not None:
        return short(docker.image.digests[0] if docker.image.digests else docker.image.id)
    return short(docker.registry.digest) if docker.registry else ""


def short(digest: str) -> str:
    """As much of a digest as Docker itself shows."""
    kind, colon, digits = digest.rpartition(":")
    return f"{kind}{colon}{digits[:12]}"


def _alike(one: DockerFacts, other: DockerFacts) -> bool | None:
    """Whether two nodes have, or would pull, the same image; None where that cannot be told.

    An image that was loaded from a file has no digest: then only its id can be compared, which is
    another one for each architecture.
    """
    mine, theirs = _digests(one), _digests(other)
    if one.image is not None and other.image is not None:
        if one.image.id == other.image.id:
            return True
        if one.image.architecture == other.image.architecture and not (mine and theirs):
            return False
    return bool(mine & theirs) if mine and theirs else None


def _digests(docker: DockerFacts) -> set[str]:
    if docker.image is not None:
        return set(docker.image.digests)
    return {docker.registry.digest} - {""} if docker.registry else set()


CHECKS = {"versions": versions}
