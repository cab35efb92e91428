"""The Swarm that the simulated hosts are in, as the Engine API (version 1.41) tells of it."""

from __future__ import annotations

import hashlib
from typing import Any

from vip_tui.demo.clock import now_ns, stamp
from vip_tui.demo.host import Host

MANAGERS = 3  # the first hosts; with fewer than that many hosts only the first
MADE = "2023-05-02T09:12:44.180231Z"
SSH_LABEL = "vip-tui.ssh"  # where SSH reaches a node, as its Swarm address is a simulated one
NOT_A_MANAGER = (
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. "
    "Please run this command on a manager node or promote the current node to a manager."
)


def node_id(host: Host) -> str:
    """A host's id in the Swarm: 25 letters and digits."""
    number = int(hashlib.sha256(host.name.encode()).hexdigest(), 16)
    return "".join(
        "0123456789abcdefghijklmnopqrstuvwxyz"[number // 36**at % 36] for at in range(25)
    )


def managers(host: Host) -> list[Host]:
    """The hosts that manage the Swarm."""
    hosts = host.wire.hosts
    return hosts[:MANAGERS] if len(hosts) >= MANAGERS else hosts[:1]


def part(host: Host) -> dict[str, Any]:
    """``Swarm`` of ``GET /info``."""
    their = managers(host)
    found: dict[str, Any] = {
        "NodeID": node_id(host),
        "NodeAddr": host.address,
        "LocalNodeState": "active",
        "ControlAvailable": host in their,
        "Error": "",
        "RemoteManagers": [
            {"NodeID": node_id(one), "Addr": f"{one.address}:2377"} for one in their
        ],
    }
    if host in their:
        cluster = {"ID": "x1n0l6u2d8q4v7s3k9t5w0y1z", "CreatedAt": MADE, "DataPathPort": 4789}
        found |= {"Nodes": len(host.wire.hosts), "Managers": len(their), "Cluster": cluster}
    return found


def nodes(host: Host) -> list[dict[str, Any]]:
    """``GET /nodes``, as a manager answers it."""
    return [_node(one, one in managers(host), one is managers(host)[0]) for one in host.wire.hosts]


def _node(host: Host, manager: bool, leader: bool) -> dict[str, Any]:
    up = host.faults.docker == "up"
    found: dict[str, Any] = {
        "ID": node_id(host),
        "Version": {"Index": 9},
        "CreatedAt": MADE,
        "UpdatedAt": stamp(now_ns()),
        "Spec": {
            "Labels": {SSH_LABEL: host.ssh} if host.ssh else {},
            "Role": "manager" if manager else "worker",
            "Availability": host.availability,
        },
        "Description": {
            "Hostname": host.hostname,
            "Platform": {"Architecture": "x86_64", "OS": "linux"},
            "Resources": {"NanoCPUs": 2_000_000_000, "MemoryBytes": 4_110_499_840},
            "Engine": {"EngineVersion": "20.10.24", "Plugins": []},
        },
        "Status": {"State": "ready" if up else "down", "Addr": host.address},
    }
    if manager:
        status = {"Reachability": "reachable" if up else "unreachable"}
        found["ManagerStatus"] = {"Leader": leader} if leader else {}
        found["ManagerStatus"] |= {**status, "Addr": f"{host.address}:2377"}
    return found


def info(host: Host, version: str, containers: list[str], images: int) -> dict[str, Any]:
    """``GET /info``: ``containers`` are their states."""
    return {
        "ID": "VJZ7:Y7U6:LRGN:PPE2:PH3O:NTS4:2QL6:KPYZ:7VVO:RKK5:ZSMT:ISOI",
        "Containers": len(containers),
        "ContainersRunning": containers.count("running"),
        "ContainersPaused": containers.count("paused"),
        "ContainersStopped": len([one for one in containers if one not in ("running", "paused")]),
        "Images": images,
        "Driver": "overlay2",
        "SystemTime": stamp(now_ns()),
        "LoggingDriver": "json-file",
        "CgroupDriver": "systemd",
        "CgroupVersion": "2",
        "KernelVersion": "6.1.0-18-amd64",
        "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
        "OSType": "linux",
        "Architecture": "x86_64",
        "RegistryConfig": {"Mirrors": None},
        "NCPU": 2,
        "MemTotal": 4_110_499_840,
        "DockerRootDir": "/var/lib/docker",
        "Name": host.hostname,
        "Labels": [],
        "ServerVersion": version,
        "DefaultRuntime": "runc",
        "Swarm": part(host),
        "LiveRestoreEnabled": False,
        "SecurityOptions": ["name=apparmor", "name=seccomp,profile=default", "name=cgroupns"],
        "Warnings": None,
    }
