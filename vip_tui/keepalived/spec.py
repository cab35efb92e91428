"""The container that should run on a node, the one that does, and how they differ. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from vip_tui.keepalived.told import items, number, table, text

CONTAINER_NAME = "keepalived"
ASIDE_NAME = f"{CONTAINER_NAME}-former"  # the one before it, until the new one has proven itself
CLUSTER_LABEL = "vip-tui.cluster"
SECRET_ENVIRONMENT = frozenset({"KEEPALIVED_PASSWORD"})
HIDDEN = "********"

_ITEM = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"")
_LIST = re.compile(rf"\[\s*(?:(?:{_ITEM.pattern})\s*(?:,\s*|(?=\])))*\]")

Ownership = Literal["ours", "adoptable", "foreign"]


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """What ``docker run`` is asked for; plan, diff, apply and drift work on this alone."""

    image: str
    environment: tuple[tuple[str, str], ...] = field(repr=False)
    labels: tuple[tuple[str, str], ...]
    capabilities: tuple[str, ...] = ("NET_ADMIN", "NET_BROADCAST", "NET_RAW")
    network: str = "host"
    restart: str = "always"


@dataclass(frozen=True, slots=True)
class ContainerState:
    """The container as Docker reports it (``docker inspect``)."""

    id: str
    image: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)
    capabilities: frozenset[str] = frozenset()
    network: str = ""
    restart: str = ""
    status: str = "unknown"  # created running paused restarting removing exited dead
    exit_code: int = 0
    started_at: str = ""
    log_driver: str = ""
    restarts: int = 0  # by its restart policy, since somebody started it

    @property
    def running(self) -> bool:
        """Whether keepalived can be at work: up, and not paused."""
        return self.status == "running"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which the container that runs is not the one that is wanted."""

    field: str
    old: str
    new: str

    def __str__(self) -> str:
        if self.field in SECRET_ENVIRONMENT:
            return f"{self.field} changes"
        return f"{self.field}: {self.old or 'nothing'} → {self.new or 'nothing'}"


def read_container(attributes: Mapping[str, Any]) -> ContainerState:
    """A container from the Engine API's ``GET /containers/{id}/json``."""
    config = table(attributes.get("Config"))
    host = table(attributes.get("HostConfig"))
    state = table(attributes.get("State"))
    pairs = (text(item).partition("=") for item in items(config.get("Env")))
    labels = table(config.get("Labels")).items()
    capabilities = (text(name).removeprefix("CAP_") for name in items(host.get("CapAdd")))
    return ContainerState(
        id=text(attributes.get("Id")),
        image=text(config.get("Image")),
        environment={key: value for key, _, value in pairs},
        labels={text(key): text(value) for key, value in labels},
        capabilities=frozenset(capabilities),
        network=text(host.get("NetworkMode")),
        restart=text(table(host.get("RestartPolicy")).get("Name")),
        status=text(state.get("Status")) or "unknown",
        exit_code=number(state.get("ExitCode")),
        started_at=text(state.get("StartedAt")),
        log_driver=text(table(host.get("LogConfig")).get("Type")),
        restarts=number(attributes.get("RestartCount")),
    )


def differences(
    spec: ContainerSpec, state: ContainerState, defaults: Mapping[str, str]
) -> tuple[Difference, ...]:
    """How the running container differs from the wanted one.

    ``defaults`` are the image's own environment values: a KEEPALIVED_ variable that the spec leaves
    out but the container sets otherwise is a difference too.
    """
    found = [
        Difference(name, old, new)
        for name, old, new in (
            ("image", state.image, spec.image),
            ("network", state.network, spec.network),
            ("restart", state.restart, spec.restart),
            (
                "capabilities",
                " ".join(sorted(state.capabilities)),
                " ".join(sorted(spec.capabilities)),
            ),
        )
        if old != new
    ]
    wanted = dict(spec.environment)
    extra = {key for key in state.environment if key.startswith("KEEPALIVED_")} - wanted.keys()
    for key in (*wanted, *sorted(extra)):
        old = state.environment.get(key, defaults.get(key, ""))
        new = wanted.get(key, defaults.get(key, ""))
        if old != new:
            found.append(_environment_difference(key, old, new))
    for key, value in spec.labels:
        if state.labels.get(key) != value:
            found.append(Difference(f"label {key}", state.labels.get(key, ""), value))
    return tuple(found)


def _environment_difference(key: str, old: str, new: str) -> Difference:
    if key in SECRET_ENVIRONMENT:
        return Difference(key, HIDDEN if old else "", HIDDEN if new else "")
    return Difference(key, old, new)


def ownership(state: ContainerState, cluster_name: str, vips: tuple[str, ...]) -> Ownership:
    """Whose a container called ``keepalived`` is (design, section 5)."""
    if state.labels.get(CLUSTER_LABEL) == cluster_name:
        return "ours"
    if CLUSTER_LABEL in state.labels:
        return "foreign"  # another cluster's: a node belongs to one cluster
    held = read_list(state.environment.get("KEEPALIVED_VIRTUAL_IPS", ""))
    same_vips = sorted(vip.partition("/")[0] for vip in held) == sorted(
        vip.partition("/")[0] for vip in vips
    )
    return "adoptable" if held and same_vips else "foreign"


def write_list(items: tuple[str, ...]) -> str:
    """The image's spelling of a list in one environment variable."""
    return "#PYTHON2BASH:[" + ", ".join(f"'{item}'" for item in items) + "]"


def read_list(value: str) -> tuple[str, ...]:
    """The items of such a variable; a plain value is one item, a broken list is none."""
    prefix, mark, body = value.partition("#PYTHON2BASH:")
    if not mark:
        return (value,) if value else ()
    if prefix or not _LIST.fullmatch(body):
        return ()
    return tuple(single or double for single, double in _ITEM.findall(body))
