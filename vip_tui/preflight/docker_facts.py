"""What a node's Docker Engine said: its answers in JSON, cleaned already, as facts. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vip_tui.keepalived.spec import CONTAINER_NAME, ContainerState
from vip_tui.keepalived.told import items, table, text

# What uname(2) calls a machine, in the words of images (Go's GOARCH).
_GO_WORDS = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv6l": "arm",
    "armv7l": "arm",
    "armhf": "arm",
    "i386": "386",
    "i686": "386",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
}
# What else a processor runs besides its own.
_RUNS_TOO = {"amd64": ("386",), "arm64": ("arm",)}
_COMMAND = re.compile(r"(?:^|[/\s'\"])keepalived(?:$|[\s'\"])")


@dataclass(frozen=True, slots=True)
class Image:
    """An image on a node: its own id, and the digests that registries know it by."""

    id: str
    digests: tuple[str, ...] = ()
    architecture: str = ""
    os: str = ""


@dataclass(frozen=True, slots=True)
class InRegistry:
    """An image as its registry has it; ``problem`` is why the registry does not give it."""

    digest: str = ""
    platforms: tuple[str, ...] = ()  # os/architecture
    problem: str = ""
    answered: bool = True  # whether the registry said anything in time


@dataclass(frozen=True, slots=True)
class Manager:
    """A manager of a Swarm, as every node of it knows it."""

    node_id: str
    address: str


@dataclass(frozen=True, slots=True)
class Swarm:
    """A node's part in a Swarm, by its own word; the last two only a manager knows."""

    state: str  # inactive pending active error locked
    manager: bool = False
    node_id: str = ""
    address: str = ""
    managers: tuple[Manager, ...] = ()
    error: str = ""
    availability: str | None = None  # active pause drain
    seen_as: str | None = None  # ready down disconnected unknown

    @property
    def active(self) -> bool:
        """Whether the node takes part, so that the routing mesh concerns it."""
        return self.state == "active"


@dataclass(frozen=True, slots=True)
class SwarmNode:
    """A node as a manager lists it (``docker node ls``)."""

    node_id: str
    hostname: str
    address: str
    role: str  # manager worker
    availability: str  # active pause drain
    state: str  # ready down disconnected unknown
    leader: bool = False
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A container as ``docker ps --all`` lists it."""

    id: str
    name: str
    image: str
    status: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Another:
    """A container that seems to run keepalived under a name of its own."""

    name: str
    state: ContainerState


@dataclass(frozen=True, slots=True)
class DockerFacts:
    """What a node's Docker Engine said; ``took_s`` is the whole time that it needed (seconds)."""

    version: str
    image: Image | None
    container: ContainerState | None  # the one called keepalived
    aside: Listed | None = None  # what an interrupted apply left behind
    others: tuple[Another, ...] = ()
    registry: InRegistry | None = None  # asked only where the image is not on the node
    swarm: Swarm | None = None
    architecture: str = ""  # as images have it; empty where it is none that we know
    log_driver: str = ""  # of containers that do not ask for another
    rootless: bool = False
    live_restore: bool = False
    root_dir: str = ""
    clock: str = ""  # the node's own, as it answered
    took_s: float | None = None

    @property
    def image_present(self) -> bool:
        """Whether the image is on the node."""
        return self.image is not None


def read_info(info: Mapping[str, Any]) -> DockerFacts:
    """``GET /info``: the Engine itself; image and containers are asked for apart."""
    options = [text(item) for item in items(info.get("SecurityOptions"))]
    return DockerFacts(
        version=text(info.get("ServerVersion"))[:40],
        image=None,
        container=None,
        swarm=read_swarm(table(info.get("Swarm"))),
        architecture=_architecture(text(info.get("Architecture"))),
        log_driver=text(info.get("LoggingDriver")),
        rootless=any("name=rootless" in option.split(",") for option in options),
        live_restore=info.get("LiveRestoreEnabled") is True,
        root_dir=text(info.get("DockerRootDir")),
        clock=text(info.get("SystemTime")),
    )


def _architecture(word: str) -> str:
    """In the words of images: Docker says the kernel's here, Podman Go's."""
    return word if word in _GO_WORDS.values() else _GO_WORDS.get(word, "")


def read_swarm(swarm: Mapping[str, Any]) -> Swarm:
    """The part of ``GET /info`` that tells of the Swarm."""
    managers = (table(item) for item in items(swarm.get("RemoteManagers")))
    return Swarm(
        state=text(swarm.get("LocalNodeState")) or "inactive",
        manager=swarm.get("ControlAvailable") is True,
        node_id=text(swarm.get("NodeID")),
        address=text(swarm.get("NodeAddr")),
        managers=tuple(
            Manager(text(item.get("NodeID")), _bare(text(item.get("Addr")))) for item in managers
        ),
        error=text(swarm.get("Error")),
    )


def read_image(image: Mapping[str, Any]) -> Image:
    """``GET /images/{name}/json``."""
    named = (text(item) for item in items(image.get("RepoDigests")))
    return Image(
        id=text(image.get("Id")),
        digests=tuple(digest for _, _, digest in (item.rpartition("@") for item in named)),
        architecture=text(image.get("Architecture")),
        os=text(image.get("Os")),
    )


def read_registry(distribution: Mapping[str, Any]) -> InRegistry:
    """``GET /distribution/{name}/json``."""
    platforms = (table(item) for item in items(distribution.get("Platforms")))
    return InRegistry(
        digest=text(table(distribution.get("Descriptor")).get("digest")),
        platforms=tuple(
            dict.fromkeys(
                f"{text(item.get('os'))}/{text(item.get('architecture'))}"
                for item in platforms
                if item.get("architecture") != "unknown"  # attestations, no image
            )
        ),
    )


def read_swarm_nodes(nodes: Sequence[Any]) -> tuple[SwarmNode, ...]:
    """``GET /nodes``."""
    return tuple(_swarm_node(table(item)) for item in nodes)


def _swarm_node(node: Mapping[str, Any]) -> SwarmNode:
    spec, status = table(node.get("Spec")), table(node.get("Status"))
    manager = table(node.get("ManagerStatus"))
    address = text(status.get("Addr"))
    if address in ("", "0.0.0.0", "::"):  # noqa: S104 - how a manager calls itself, at times
        address = _bare(text(manager.get("Addr")))
    return SwarmNode(
        node_id=text(node.get("ID")),
        hostname=text(table(node.get("Description")).get("Hostname")),
        address=address,
        role=text(spec.get("Role")),
        availability=text(spec.get("Availability")),
        state=text(status.get("State")),
        leader=manager.get("Leader") is True,
        labels=tuple((str(key), text(value)) for key, value in table(spec.get("Labels")).items()),
    )


def read_listed(containers: Sequence[Any]) -> tuple[Listed, ...]:
    """``GET /containers/json?all=1``; a container that is linked has several names."""
    found = []
    for item in map(table, containers):
        names = [text(name).removeprefix("/") for name in items(item.get("Names"))]
        name = next((name for name in names if "/" not in name), "")
        image, status = text(item.get("Image")), text(item.get("State"))
        found.append(Listed(text(item.get("Id")), name, image, status, text(item.get("Command"))))
    return tuple(found)


def runs_keepalived(container: Listed) -> bool:
    """Whether a container seems to run keepalived, and not merely something that looks at it."""
    path = container.image.partition("@")[0].rpartition("/")[2]
    return path.partition(":")[0] == CONTAINER_NAME or bool(_COMMAND.search(container.command))


def runs_on(architecture: str, machine: str) -> bool:
    """Whether an image's architecture runs on a machine's; both in the words of images."""
    return architecture == machine or architecture in _RUNS_TOO.get(machine, ())


def _bare(address: str) -> str:
    """An address without its port, and without the brackets of IPv6."""
    host, colon, port = address.rpartition(":")
    return host.strip("[]") if colon and port.isdecimal() else address.strip("[]")
