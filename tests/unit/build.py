"""What the tests are about, made short: a cluster of three nodes, and what is seen of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from vip_tui.cluster import Cluster, Node, Secret, parse_vip
from vip_tui.keepalived.recipe import Member, Router, container_spec
from vip_tui.keepalived.spec import CLUSTER_LABEL, ContainerSpec, ContainerState
from vip_tui.nodes.reasons import CommandFailed
from vip_tui.preflight.clock import Clock
from vip_tui.preflight.docker_facts import DockerFacts, Image, Swarm
from vip_tui.preflight.facts import Address, HostFacts, KernelFacts, MachineFacts, NetworkFacts
from vip_tui.preflight.facts.links import Link
from vip_tui.preflight.facts.machine import Disk
from vip_tui.preflight.heard import Answer, Distance, Heard, Neighbour, Route
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
        links=frozenset({"lo", interface}),
        ip_vs="loaded",
        ip_vs_persisted=True,
        devices=(Link("lo", "00:00:00:00:00:00"), Link(interface, mac(number))),
        kernel=kernel("lo", interface),
        machine=machine(number),
        network=NetworkFacts(unseen=""),
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def mac(number: int) -> str:
    """The MAC address of n1, n2, …"""
    return f"02:00:c6:12:00:{10 + number:02x}"


def kernel(*interfaces: str, **settings: int) -> KernelFacts:
    """A kernel as it comes, but for the settings of all interfaces that are given."""
    names = ("arp_ignore", "arp_announce", "rp_filter")
    values = {(interface, name): 0 for interface in ("all", *interfaces) for name in names}
    values |= {("all", name): value for name, value in settings.items()}
    return KernelFacts(
        persisted_in=("/etc/modules-load.d/ip_vs.conf",),
        settings={**values, ("", "ip_nonlocal_bind"): 0},
    )


def machine(number: int, **more: object) -> MachineFacts:
    """A virtual machine of ours, with room on its disk."""
    plain = MachineFacts(
        clock_s=1_795_404_807.4,
        clock_resolution_s=1e-9,
        machine_id=f"{number:032x}",
        boot_id=f"{number:08x}-fee7-4fff-8bba-519a30105b57",
        system="Debian GNU/Linux 12 (bookworm)",
        kernel="6.1.0-18-amd64",
        architecture="x86_64",
        dmi={"sys_vendor": "QEMU", "product_name": "Standard PC (i440FX + PIIX, 1996)"},
        disks=tuple(
            Disk(path, "/", 41_022_688, 29_331_008, 2_621_440, 2_480_117)
            for path in ("/var/lib/docker", "/")
        ),
        keepalived_outside=(),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


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


IMAGE_ID = "sha256:c2466cb2f926de641712c5f2ec9457b20acf92645908cde4d8e549048f194846"
DIGEST = "sha256:3fb3732741d4e29e6fdeaa4cff68bc557de6a72b5efa2add42da55ece2e78ec8"


def docker_facts(number: int, image_present: bool = True, **more: object) -> DockerFacts:
    """What a Docker Engine says that is well: a manager in a Swarm."""
    plain = DockerFacts(
        version="20.10.24",
        image=Image(IMAGE_ID, (DIGEST,), "amd64", "linux") if image_present else None,
        container=None,
        swarm=Swarm(
            "active", True, f"node{number}", f"198.18.0.{10 + number}", availability="active"
        ),
        architecture="amd64",
        log_driver="json-file",
        root_dir="/var/lib/docker",
        took_s=0.1,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def heard(number: int, *answers: str, count: int = 3, **more: object) -> Heard:
    """What n1, n2, … hears among ``count`` nodes that are well.

    ``answers`` are of other machines: ``198.18.0.100 is at MAC``, ``198.18.0.100 answers ping``.
    """
    own = ipaddress.ip_address(f"198.18.0.{10 + number}")
    others = [n for n in range(1, count + 1) if n != number]
    peers = [ipaddress.ip_address(f"198.18.0.{10 + n}") for n in others]
    vip = ipaddress.ip_address(VIP)
    found = Answer(
        vip,
        tuple(answer.split()[-1] for answer in answers if " is at " in answer),
        any(answer.endswith("answers ping") for answer in answers),
    )
    plain = Heard(
        interface="eth0",
        own=own,
        routes=tuple(Route(ip, f"{ip} dev eth0 src {own} uid 0", "eth0", own) for ip in peers),
        distances=tuple(Distance(ip, (0.31, 0.12, 0.11, 0.14), 4) for ip in peers),
        answers=(found,),
        neighbours=tuple(
            Neighbour(ip, mac(n), "REACHABLE") for n, ip in zip(others, peers, strict=True)
        ),
        adverts=(),
        arrived=frozenset(peers),
        through=frozenset(peers),
        sent=frozenset(peers),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


SILENT = Heard(problem=CommandFailed("listen failed on n1", "it ended with 1"))


def learnt(
    number: int,
    container: ContainerState | None = None,
    facts: HostFacts | None = None,
    wanted: Node | None = None,
    image_present: bool = True,
    answers: tuple[str, ...] | None = (),
    **more: object,
) -> Learnt:
    """All that preflight learns of a node that is well; of ``answers``, None is none asked for."""
    plain = Learnt(
        wanted or node(number),
        host=facts or host(number),
        docker=docker_facts(number, image_present, container=container),
        heard=SILENT if answers is None else heard(number, *answers),
        clock=Clock(0.012, 0.04),
    )
    return replace(plain, **more)  # type: ignore[arg-type]
