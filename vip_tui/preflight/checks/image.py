"""The image of a node, or what its registry has of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster
from vip_tui.preflight.checks.unseen import unseen_docker
from vip_tui.preflight.docker_facts import DockerFacts, Image, InRegistry, runs_on
from vip_tui.preflight.learnt import Finding, Learnt

OTHER = "Name an image for it in the cluster file, or leave the node out."


def image(cluster: Cluster, one: Learnt, _others: Sequence[Learnt]) -> Finding:
    said = one.docker
    if said is None:
        return unseen_docker("image", one)
    if said.image is not None:
        return _present(said, said.image)
    if said.registry is None or not said.registry.answered:
        why = said.registry.problem if said.registry else "not asked"
        return Finding(
            "image",
            "unknown",
            "not on the node, and its registry does not say whether it can be pulled",
            why,
            f"On the node: `docker pull {cluster.image}`.",
            "pull-image",
        )
    return _absent(cluster.image, said, said.registry)


def _present(said: DockerFacts, found: Image) -> Finding:
    kind = f"{found.os or 'linux'}/{found.architecture or 'unknown'}"
    evidence = f"{kind}, {found.digests[0] if found.digests else found.id}"
    if not said.architecture or not found.architecture:
        summary = "on the node; whether it is for this architecture is not known"
        remedy = "On the node: compare `uname -m` with `docker image inspect`."
        return Finding("image", "unknown", summary, evidence, remedy)
    if found.os not in ("", "linux") or not runs_on(found.architecture, said.architecture):
        summary = f"the image on the node is for {kind}, and the node is linux/{said.architecture}"
        return Finding("image", "fail", summary, evidence, OTHER)
    return Finding("image", "pass", "on the node", evidence)


def _absent(name: str, said: DockerFacts, registry: InRegistry) -> Finding:
    if registry.problem:
        remedy = "Check the image's name, and that the node reaches the registry, with a login."
        return Finding("image", "fail", f"{name} cannot be pulled", registry.problem, remedy)
    kinds = [item.rpartition("/") for item in registry.platforms]
    fits = [kind for system, _, kind in kinds if system == "linux"]
    evidence = f"{registry.digest} for {', '.join(registry.platforms) or 'unknown platforms'}"
    if fits and said.architecture and not any(runs_on(kind, said.architecture) for kind in fits):
        summary = f"its registry has it for no linux/{said.architecture}"
        return Finding("image", "fail", summary, evidence, OTHER)
    return Finding(
        "image", "pass", "not on the node yet; apply pulls it", evidence, fix="pull-image"
    )


CHECKS = {"image": image}
