"""What a node's Docker Engine said: its answers in JSON, cleaned already, as facts. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vip_tui.keepalived.spec import CONTAINER_NAME, ContainerState

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
    options = [_text(item) for item in _list(info.get("SecurityOptions"))]
    return DockerFacts(
        version=_text(info.get("ServerVersion"))[:40],
        image=None,
        container=None,
        swarm=read_swarm(_table(info.get("Swarm"))),
        architecture=_GO_WORDS.get(_text(info.get("Architecture")), ""),
        log_driver=_text(info.get("LoggingDriver")),
        rootless=any("name=rootless" in option.split(",") for option in options),
        live_restore=info.get("LiveRestoreEnabled") is True,
        root_dir=_text(info.get("DockerRootDir")),
        clock=_text(info.get("SystemTime")),
    )


def read_swarm(swarm: Mapping[str, Any]) -> Swarm:
    """The part of ``GET /info`` that tells of the Swarm."""
    managers = (_table(item) for item in _list(swarm.get("RemoteManagers")))
    return Swarm(
        state=_text(swarm.get("LocalNodeState")) or "inactive",
        manager=swarm.get("ControlAvailable") is True,
        node_id=_text(swarm.get("NodeID")),
        address=_text(swarm.get("NodeAddr")),
        managers=tuple(
            Manager(_text(item.get("NodeID")), _bare(_text(item.get("Addr")))) for item in managers
        ),
        error=_text(swarm.get("Error")),
    )


def read_image(image: Mapping[str, Any]) -> Image:
    """``GET /images/{name}/json``."""
    named = (_text(item) for item in _list(image.get("RepoDigests")))
    return Image(
        id=_text(image.get("Id")),
        digests=tuple(digest for _, _, digest in (item.rpartition("@") for item in named)),
        architecture=_text(image.get("Architecture")),
        os=_text(image.get("Os")),
    )


def read_registry(distribution: Mapping[str, Any]) -> InRegistry:
    """``GET /distribution/{name}/json``."""
    platforms = (_table(item) for item in _list(distribution.get("Platforms")))
    return InRegistry(
        digest=_text(_table(distribution.get("Descriptor")).get("digest")),
        platforms=tuple(
            dict.fromkeys(
                f"{_text(item.get('os'))}/{_text(item.get('architecture'))}"
                for item in platforms
                if item.get("architecture") != "unknown"  # attestations, no image
            )
        ),
    )


def read_swarm_nodes(nodes: Sequence[Any]) -> tuple[SwarmNode, ...]:
    """``GET /nodes``."""
    return tuple(_swarm_node(_table(item)) for item in nodes)


def _swarm_node(node: Mapping[str, Any]) -> SwarmNode:
    spec, status = _table(node.get("Spec")), _table(node.get("Status"))
    manager = _table(node.get("ManagerStatus"))
    address = _text(status.get("Addr"))
    if address in ("", "0.0.0.0", "::"):  # noqa: S104 - how a manager calls itself, at times
        address = _bare(_text(manager.get("Addr")))
    return SwarmNode(
        node_id=_text(node.get("ID")),
        hostname=_text(_table(node.get("Description")).get("Hostname")),
        address=address,
        role=_text(spec.get("Role")),
        availability=_text(spec.get("Availability")),
        state=_text(status.get("State")),
        leader=manager.get("Leader") is True,
        labels=tuple((str(key), _text(value)) for key, value in _table(spec.get("Labels")).items()),
    )


def read_listed(containers: Sequence[Any]) -> tuple[Listed, ...]:
    """``GET /containers/json?all=1``; a container that is linked has several names."""
    found = []
    for item in map(_table, containers):
        names = [_text(name).removeprefix("/") for name in _list(item.get("Names"))]
        name = next((name for name in names if "/" not in name), "")
        image, status = _text(item.get("Image")), _text(item.get("State"))
        found.append(Listed(_text(item.get("Id")), name, image, status, _text(item.get("Command"))))
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


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []
