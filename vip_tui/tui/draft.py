"""What is typed in the wizard, and what is wrong with it. Pure: the screens only show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from vip_tui.cluster import (
    Cluster,
    Node,
    Secret,
    Vip,
    check_cluster,
    check_nodes,
    check_vip,
    parse_name,
    parse_node,
    parse_priority,
    parse_vip,
    parse_vrid,
    split_nodes,
)
from vip_tui.cluster.parse import parse_password, parse_user
from vip_tui.errors import InputError

Field = Literal["nodes", "user", "vip", "name", "vrid", "password", "priorities"]
DEFAULT_NAME = "homelab"


@dataclass(frozen=True, slots=True)
class Draft:
    """The texts of the wizard's fields; ``base`` keeps what the fields do not show."""

    nodes: str = ""
    user: str = ""
    vip: str = ""
    name: str = DEFAULT_NAME
    vrid: str = ""
    password: str = field(default="", repr=False)
    priorities: str = ""
    base: Cluster | None = None
    allow: tuple[str, ...] = ()  # checks that may fail
    suggested: tuple[str, ...] = ()  # free addresses, one of which may be the VIP


def from_cluster(cluster: Cluster) -> Draft:
    """The fields filled with a cluster's values."""
    users = {node.user for node in cluster.nodes}
    shared = users.pop() if len(users) == 1 else None
    explicit = [node.priority for node in cluster.nodes]
    return Draft(
        nodes=" ".join(_node_text(node, shared) for node in cluster.nodes),
        user=shared or "",
        vip=" ".join(str(vip) for vip in cluster.vip),
        name=cluster.name,
        vrid=str(cluster.vrid or ""),
        password=cluster.password.reveal() if cluster.password else "",
        priorities=" ".join(str(priority) for priority in explicit) if all(explicit) else "",
        base=cluster,
        allow=cluster.allow,
    )


def imported(draft: Draft, cluster: Cluster, suggested: tuple[str, ...]) -> Draft:
    """The fields filled with what a Swarm manager told; nothing that was typed besides is lost."""
    told = from_cluster(cluster)
    kept = draft.base or replace(cluster, name="")  # it is not the name of a saved one
    return replace(
        draft,
        nodes=told.nodes,
        user=told.user or draft.user,
        vip=draft.vip if draft.vip.strip() else " ".join(suggested[:1]),
        vrid=draft.vrid if draft.vrid.strip() else told.vrid,
        priorities=told.priorities,
        base=replace(kept, nodes=cluster.nodes),
        allow=(),
        suggested=suggested,
    )


def with_text(draft: Draft, field: Field, text: str) -> Draft:
    """The draft with another text in one of its fields."""
    changes: dict[str, Any] = {field: text}
    if field in ("nodes", "vip") and text.split() != getattr(draft, field).split():
        changes["allow"] = ()  # what was accepted was accepted of other machines, or another VIP
    return replace(draft, **changes)


def _node_text(node: Node, shared_user: str | None) -> str:
    user = f"{node.user}@" if node.user and node.user != shared_user else ""
    address = f"[{node.address}]" if ":" in node.address and node.port else node.address
    return f"{user}{address}{f':{node.port}' if node.port else ''}"


def first_node(draft: Draft) -> str:
    """The first of the typed nodes as it was typed; empty where there is none."""
    return next(iter(split_nodes(draft.nodes)), "")


def typed_nodes(draft: Draft) -> tuple[Node, ...]:
    """The nodes field, with what the prefilled cluster knew of each; raises InputError."""
    known = {(node.address, node.port): node for node in draft.base.nodes} if draft.base else {}
    user = parse_user(draft.user.strip()) if draft.user.strip() else None
    nodes = []
    for word in split_nodes(draft.nodes):
        typed = parse_node(word)
        kept = known.get((typed.address, typed.port), typed)
        nodes.append(replace(kept, user=typed.user or user, priority=None))
    return tuple(nodes)


def _nodes(draft: Draft) -> None:
    if not draft.nodes.strip():
        raise InputError("no nodes yet", "", "Type or paste at least two addresses.")
    for word in split_nodes(draft.nodes):
        parse_node(word)
    check_nodes(typed_nodes(replace(draft, user="")))


def _user(draft: Draft) -> None:
    if draft.user.strip():
        parse_user(draft.user.strip())


def _vips(draft: Draft) -> tuple[Vip, ...]:
    vips = tuple(parse_vip(word) for word in split_nodes(draft.vip))
    if not vips:
        raise InputError("no VIP yet", "", "Give a free address of the nodes' subnet.")
    return vips


def _vip(draft: Draft) -> None:
    vips = _vips(draft)
    if len({vip.address for vip in vips}) < len(vips):
        raise InputError("VIP given twice")
    nodes: tuple[Node, ...] = ()
    if problem(draft, "nodes") is None and problem(draft, "user") is None:
        nodes = typed_nodes(draft)
    for vip in vips:
        if vip.address.version == 6:
            raise InputError("the recipe's image cannot hold an IPv6 VIP", "", "Give an IPv4 one.")
        check_vip(vip, nodes)


def _name(draft: Draft) -> None:
    if not draft.name.strip():
        raise InputError("no name yet", "", "The cluster is saved under it.")
    parse_name(draft.name.strip())


def _vrid(draft: Draft) -> None:
    if draft.vrid.strip():
        parse_vrid(draft.vrid.strip())


def _password(draft: Draft) -> None:
    if draft.password:
        parse_password(draft.password)


def _priorities(draft: Draft) -> tuple[int, ...]:
    return tuple(parse_priority(word) for word in split_nodes(draft.priorities))


def _priority(draft: Draft) -> None:
    values = _priorities(draft)
    count = len(split_nodes(draft.nodes))
    if values and len(values) != count:
        detail = f"{len(values)} for {count} nodes"
        raise InputError("one priority per node", detail, "Give one each, in order, or none.")
    if len(set(values)) < len(values):
        hint = "Give each node its own: the highest is the master."
        raise InputError("priority given twice", "", hint)


_RULES: dict[Field, Callable[[Draft], object]] = {
    "nodes": _nodes,
    "user": _user,
    "vip": _vip,
    "name": _name,
    "vrid": _vrid,
    "password": _password,
    "priorities": _priority,
}


def problem(draft: Draft, field: Field) -> InputError | None:
    """What is wrong with a field now, or None."""
    try:
        _RULES[field](draft)
    except InputError as error:
        return error
    return None


def to_cluster(draft: Draft) -> Cluster:
    """The cluster that was typed; raises InputError for the first thing that is wrong."""
    for rule in _RULES.values():
        rule(draft)
    nodes = typed_nodes(draft)
    if values := _priorities(draft):
        nodes = tuple(
            replace(node, priority=value) for node, value in zip(nodes, values, strict=True)
        )
    base = draft.base or Cluster(name=DEFAULT_NAME, vip=(), nodes=())
    cluster = replace(
        base,
        name=draft.name.strip(),
        vip=_vips(draft),
        nodes=nodes,
        vrid=parse_vrid(draft.vrid.strip()) if draft.vrid.strip() else None,
        password=Secret(draft.password) if draft.password else None,
        allow=draft.allow,
    )
    check_cluster(cluster)
    return cluster
