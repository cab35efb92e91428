"""What happened on the simulated hosts before we came: containers that have run for days."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from vip_tui.cluster import Cluster, IPAddress, Secret
from vip_tui.demo.clock import now_ns
from vip_tui.demo.container import Container
from vip_tui.demo.host import Host
from vip_tui.demo.keepalived import Keepalived
from vip_tui.keepalived.log import VrrpState
from vip_tui.keepalived.priorities import default_priorities
from vip_tui.keepalived.recipe import Member, Router, container_spec
from vip_tui.keepalived.spec import CONTAINER_NAME, ContainerSpec

VRID = 100
PASSWORD = "demopass"  # noqa: S105 - it guards nothing
INTERFACE = "eth0"
DAY_NS = 86_400 * 10**9
UP_NS = 3 * DAY_NS + 7 * 10**12  # for how long the deployed containers have run
KILLED_NS = 40 * 10**9
FOREIGN_IMAGE = "registry.example/lb/director:1.3"  # anything but keepalived


def decided(cluster: Cluster) -> Cluster:
    """The cluster with what ``apply`` would have decided."""
    priorities = default_priorities(len(cluster.nodes))
    nodes = tuple(
        replace(node, priority=priority)
        for node, priority in zip(cluster.nodes, priorities, strict=True)
    )
    return replace(cluster, vrid=VRID, password=Secret(PASSWORD), nodes=nodes)


def deploy_earlier(cluster: Cluster, hosts: Sequence[Host], killed: Collection[int]) -> None:
    """Let every host run its part of a decided cluster, elected long ago.

    Where the master was killed, its VIP is still there, and the next one has been master since.
    """
    router = Router(
        cluster.name, cluster.vip, VRID, cluster.password or Secret(PASSWORD), cluster.image
    )
    # A container that was deployed had its interface in the VIP's subnet, whatever came later.
    members = [
        Member(vip_address, INTERFACE, node.priority or 1)
        for node, vip_address in zip(cluster.nodes, _addresses(hosts), strict=True)
    ]
    peers = tuple(member.vrrp_address for member in members)
    now = now_ns()
    for index, (host, member) in enumerate(zip(hosts, members, strict=True)):
        began = now - UP_NS + index * 4 * 10**9
        host.ip_vs, host.ip_vs_persisted = (
            ("missing", False) if host.ip_vs == "missing" else ("loaded", True)
        )
        one = _made(host, container_spec(router, member, peers), began)
        state: VrrpState = "master" if index == 0 else "backup"
        process = _running(host, one, began, state)
        if index in killed:
            _kill(one, process, now - KILLED_NS)
            process.set_vips()
        elif killed and index == min(set(range(len(hosts))) - set(killed)):
            process.take_over(now - KILLED_NS)
            process.router.resume("master")
        else:
            process.router.resume(state)


def leave_foreign(host: Host) -> None:
    """Somebody else's container has the name that we need."""
    now = now_ns()
    host.docker.images.add(FOREIGN_IMAGE)
    host.docker.close()
    config = {"Image": FOREIGN_IMAGE, "Env": ["VIP=203.0.113.9"], "Labels": {"owner": "network"}}
    one = host.docker.put(CONTAINER_NAME, config)
    one.created_ns = one.started_ns = now - 90 * DAY_NS
    host.docker.animate(one)


def configuration(spec: ContainerSpec) -> dict[str, Any]:
    """The body of ``POST /containers/create`` that makes this container."""
    return {
        "Image": spec.image,
        "Env": [f"{key}={value}" for key, value in spec.environment],
        "Labels": dict(spec.labels),
        "HostConfig": {
            "NetworkMode": spec.network,
            "CapAdd": list(spec.capabilities),
            "RestartPolicy": {"Name": spec.restart},
        },
    }


def _addresses(hosts: Sequence[Host]) -> list[IPAddress]:
    return [ipaddress.ip_address(host.address) for host in hosts]


def _made(host: Host, spec: ContainerSpec, began_ns: int) -> Container:
    host.docker.images.add(spec.image)
    one = host.docker.put(CONTAINER_NAME, configuration(spec))
    one.created_ns = began_ns - 10**9
    return one


def _running(host: Host, one: Container, began_ns: int, state: VrrpState) -> Keepalived:
    one.started_ns = began_ns
    host.docker.animate(one)
    process = one.process
    assert isinstance(process, Keepalived)
    process.recall(state, began_ns)
    for noise in host.faults.noise:
        one.log.write(2, noise, began_ns + 10**9)
    return process


def _kill(one: Container, process: Keepalived, at_ns: int) -> None:
    """``docker kill``, a while ago."""
    process.kill()
    one.process = None
    one.status, one.exit_code, one.finished_ns, one.ended_by_hand = "exited", 137, at_ns, True
    one.ended.set()
