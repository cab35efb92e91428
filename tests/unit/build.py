"""What the tests are about, made short: a cluster of three nodes, and what is seen of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from vip_tui.cluster import Cluster, Node, Secret, parse_vip
from vip_tui.keepalived.recipe import Member, Router, container_spec
from vip_tui.keepalived.spec import CLUSTER_LABEL, ContainerSpec, ContainerState
from vip_tui.preflight.docker_facts import DockerFacts
from vip_tui.preflight.facts import Address, HostFacts
from vip_tui.preflight.learnt import Learnt

VIP = "198.18.0.100"
PASSWORD = "Zq7vip2x"
STARTED_AT = "2026-11-22T21:32:36.866517914Z"
CAPTURED = Path(__file__).parent / "captured"


def captured(name: str) -> str:
    """Text as a real node or container wrote it."""
    return (CAPTURED / name).read_text(encoding="utf-8")


def node(number: int, **more: object) -> Node:
    """The node n1, n2, … at 198.18.0.11, 198.18.0.12, …"""
    plain = Node(address=f"198.18.0.{10 + number}", name=f"n{number}")
    return replace(plain, **more)  # type: ignore[arg-type]


def cluster(*nodes: Node, vips: tuple[str, ...] = (VIP,), **more: object) -> Cluster:
    """The cluster ``homelab``, by default of n1, n2 and n3."""
    chosen = nodes or (node(1), node(2), node(3))
    plain = Cluster("homelab", tuple(parse_vip(vip) for vip in vips), chosen)
    return replace(plain, **more)  # type: ignore[arg-type]


def host(number: int, *more: str, interface: str = "eth0", **other: object) -> HostFacts:
    """A node as it should be; ``more`` are further addresses on its interface, with prefix."""
    texts = (f"198.18.0.{10 + number}/24", *more)
    plain = HostFacts(
        hostname=f"n{number}",
        user="root",
        root=True,
        sudo=False,
        addresses=(
            Address("lo", ipaddress.IPv4Interface("127.0.0.1/8")),
            *(Address(interface, ipaddress.ip_interface(text)) for text in texts),
        ),
        up=frozenset({"lo", interface}),
        ip_vs="loaded",
        ip_vs_persisted=True,
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def spec(
    number: int = 1, count: int = 3, priority: int | None = None, **more: object
) -> ContainerSpec:
    """The recipe's container of one of ``count`` nodes."""
    peers = tuple(ipaddress.ip_address(f"198.18.0.{10 + n}") for n in range(1, count + 1))
    router = Router("homelab", (parse_vip(VIP),), 51, Secret(PASSWORD), "osixia/keepalived:2.0.20")
    chosen = priority if priority is not None else 200 - 50 * (number - 1)
    member = Member(peers[number - 1], "eth0", chosen)
    return container_spec(replace(router, **more), member, peers)  # type: ignore[arg-type]


def container(made_from: ContainerSpec, **more: object) -> ContainerState:
    """The container as Docker reports it once ``made_from`` was run."""
    plain = ContainerState(
        id="a8f3915eeb0060779aafb7d6af4abcb5892d826fbe3dc75264e9ee5b3146bae2",
        image=made_from.image,
        environment=dict(made_from.environment),
        labels=dict(made_from.labels),
        capabilities=frozenset(made_from.capabilities),
        network=made_from.network,
        restart=made_from.restart,
        status="running",
        started_at=STARTED_AT,
        log_driver="json-file",
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def by_hand(environment: Mapping[str, str], **more: object) -> ContainerState:
    """A container that somebody ran by hand with this environment: without our label."""
    return replace(container(spec(), **more), environment=dict(environment), labels={})


def foreign(**more: object) -> ContainerState:
    """A container of another cluster."""
    return container(spec(), labels={CLUSTER_LABEL: "other"}, **more)


def learnt(
    number: int,
    container: ContainerState | None = None,
    facts: HostFacts | None = None,
    wanted: Node | None = None,
    image_present: bool = True,
    **more: object,
) -> Learnt:
    """All that preflight learns of a node that is well."""
    plain = Learnt(
        wanted or node(number),
        host=facts or host(number),
        docker=DockerFacts("20.10.24", image_present, container),
        answers=(),
    )
    return replace(plain, **more)  # type: ignore[arg-type]
