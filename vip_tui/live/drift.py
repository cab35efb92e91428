"""Whether the containers are what the cluster file asks for, and agree with each other. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.cluster import Cluster, Node
from vip_tui.keepalived.recipe import IMAGE_DEFAULTS
from vip_tui.keepalived.spec import HIDDEN, SECRET_ENVIRONMENT, ownership, read_list
from vip_tui.live.model import NodeView, Reason

_SHARED = ("KEEPALIVED_VIRTUAL_IPS", "KEEPALIVED_ROUTER_ID", "KEEPALIVED_PASSWORD")


def drift(cluster: Cluster, nodes: Sequence[NodeView]) -> list[Reason]:
    """A reason for each field in which a container is not what it should be."""
    found = []
    for wanted, node in zip(cluster.nodes, nodes, strict=True):
        if node.container is None or not node.container_known:
            continue
        if _foreign(cluster, node):
            text = "a foreign container is called keepalived"
            found.append((node.name, text, f"{node.container.image}, {node.container.status}"))
            continue
        environment = {**IMAGE_DEFAULTS, **node.container.environment}
        for key, value in _wanted(cluster, wanted).items():
            if _plain(environment.get(key, "")) != _plain(value):
                shown = _shown(key, environment.get(key, ""), value)
                found.append((node.name, f"{key} differs from the cluster file", shown))
        if node.container.image != cluster.image:
            shown = f"{node.container.image} runs, {cluster.image} is wanted"
            found.append((node.name, "the image differs from the cluster file", shown))
    found += _disagreements([node for node in nodes if not _foreign(cluster, node)])
    remedy = "`vip-tui plan` shows what `apply` would change."
    return [Reason("drift", f"{name}: {text}", evidence, remedy) for name, text, evidence in found]


def _foreign(cluster: Cluster, node: NodeView) -> bool:
    """Whether the node runs somebody else's container under keepalived's name."""
    vips = tuple(str(vip) for vip in cluster.vip)
    container = node.container
    return container is not None and ownership(container, cluster.name, vips) == "foreign"


def _wanted(cluster: Cluster, node: Node) -> dict[str, str]:
    """What the file says outright; what it leaves open cannot drift from it."""
    wanted = {"KEEPALIVED_VIRTUAL_IPS": repr([str(vip) for vip in cluster.vip])}
    if cluster.vrid is not None:
        wanted["KEEPALIVED_ROUTER_ID"] = str(cluster.vrid)
    if cluster.password is not None:
        wanted["KEEPALIVED_PASSWORD"] = cluster.password.reveal()
    if node.priority is not None:
        wanted["KEEPALIVED_PRIORITY"] = str(node.priority)
    if node.interface is not None:
        wanted["KEEPALIVED_INTERFACE"] = node.interface
    return wanted


def _plain(value: str) -> tuple[str, ...]:
    """A value with lists spelt in either way made comparable."""
    if value.startswith("["):
        value = f"#PYTHON2BASH:{value}"
    return read_list(value)


def _shown(key: str, old: str, new: str) -> str:
    if key in SECRET_ENVIRONMENT:
        old, new = HIDDEN, HIDDEN
    return f"{' '.join(_plain(old)) or 'nothing'} runs, {' '.join(_plain(new))} is wanted"


def _disagreements(nodes: Sequence[NodeView]) -> list[tuple[str, str, str]]:
    present = [node for node in nodes if node.container is not None and node.container_known]
    found = []
    for key in _SHARED:
        values = {
            node.name: _plain({**IMAGE_DEFAULTS, **node.container.environment}[key])
            for node in present
            if node.container is not None
        }
        if len(set(values.values())) > 1:
            hidden = key in SECRET_ENVIRONMENT
            shown = "; ".join(
                f"{name} {HIDDEN if hidden else ' '.join(value) or 'nothing'}"
                for name, value in values.items()
            )
            found.append(("cluster", f"the nodes disagree on {key}", shown))
    return found
