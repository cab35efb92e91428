"""The recipe profile: the well-known ``docker run osixia/keepalived`` of each node. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from vip_tui.cluster import IPAddress, Secret, Vip
from vip_tui.keepalived.spec import (
    CLUSTER_LABEL,
    CONTAINER_NAME,
    HIDDEN,
    SECRET_ENVIRONMENT,
    ContainerSpec,
    write_list,
)

# The image's own values for what is left out (osixia/docker-keepalived 2.0.20, environment/).
IMAGE_DEFAULTS = {
    "KEEPALIVED_COMMAND_LINE_ARGUMENTS": "--log-detail --dump-conf",
    "KEEPALIVED_INTERFACE": "eth0",
    "KEEPALIVED_NOTIFY": "/container/service/keepalived/assets/notify.sh",
    "KEEPALIVED_PASSWORD": "d0cker",
    "KEEPALIVED_PRIORITY": "150",
    "KEEPALIVED_ROUTER_ID": "51",
    "KEEPALIVED_STATE": "BACKUP",
    "KEEPALIVED_UNICAST_PEERS": write_list(("192.168.1.10", "192.168.1.11")),
    "KEEPALIVED_VIRTUAL_IPS": write_list(("192.168.1.231", "192.168.1.232")),
}
ADVERT_INTERVAL_S = 1.0  # the image's template leaves advert_int out; keepalived.conf(5)


@dataclass(frozen=True, slots=True)
class Member:
    """One node's part in the virtual router, everything resolved."""

    vrrp_address: IPAddress
    interface: str
    priority: int


@dataclass(frozen=True, slots=True)
class Router:
    """The virtual router that all members share."""

    cluster: str
    vips: tuple[Vip, ...]
    vrid: int
    password: Secret
    image: str


def container_spec(router: Router, member: Member, peers: tuple[IPAddress, ...]) -> ContainerSpec:
    """The recipe's container for one member; its own address is left out of ``peers``."""
    others = tuple(str(peer) for peer in peers if peer != member.vrrp_address)
    vips = tuple(str(vip) for vip in router.vips)
    return ContainerSpec(
        image=router.image,
        environment=(
            ("KEEPALIVED_UNICAST_PEERS", write_list(others)),
            ("KEEPALIVED_VIRTUAL_IPS", vips[0] if len(vips) == 1 else write_list(vips)),
            ("KEEPALIVED_PRIORITY", str(member.priority)),
            ("KEEPALIVED_INTERFACE", member.interface),
            ("KEEPALIVED_ROUTER_ID", str(router.vrid)),
            ("KEEPALIVED_PASSWORD", router.password.reveal()),
        ),
        labels=((CLUSTER_LABEL, router.cluster),),
    )


def run_command(spec: ContainerSpec) -> str:
    """The ``docker run`` line that makes this container, as the recipe has it; secrets hidden."""
    return shlex.join(["docker", "run", "-d", *run_options(CONTAINER_NAME, spec)])


def run_options(name: str, spec: ContainerSpec) -> list[str]:
    """What follows ``docker run -d`` or ``docker create`` for this container; secrets hidden."""
    words = ["--name", name, f"--restart={spec.restart}"]
    words += [f"--cap-add={capability}" for capability in spec.capabilities]
    words += [f"--net={spec.network}"]
    for key, value in spec.labels:
        words += ["--label", f"{key}={value}"]
    for key, value in spec.environment:
        words += ["-e", f"{key}={HIDDEN if key in SECRET_ENVIRONMENT else value}"]
    return [*words, spec.image]
