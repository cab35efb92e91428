"""One simulated container: what Docker keeps of it, its log, and how it describes it."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vip_tui.demo.clock import now_ns, stamp
from vip_tui.demo.feed import Feed
from vip_tui.demo.process import Process

LOG_LINES = 20_000  # kept of a container's log
NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that a container wrote: when (ns since 1970), on which stream (1 or 2), what."""

    at_ns: int
    stream: int
    text: str


class Log(Feed[LogLine]):
    """A container's log: what was written, and a feed of what will be."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[LogLine] = deque(maxlen=LOG_LINES)

    def write(self, stream: int, text: str, at_ns: int) -> None:
        """Add a line."""
        line = LogLine(at_ns, stream, text)
        self.lines.append(line)
        self.tell(line)


@dataclass(slots=True)
class Container:
    """A container, as ``docker create`` made it and its life has left it."""

    name: str
    image: str
    image_id: str
    config: Mapping[str, Any]
    restart: str = "no"
    id: str = field(default_factory=lambda: secrets.token_hex(32))
    created_ns: int = field(default_factory=now_ns)
    status: str = "created"  # created running paused restarting removing exited dead
    exit_code: int = 0
    started_ns: int | None = None
    finished_ns: int | None = None
    pid: int = 0
    restarts: int = 0
    ended_by_hand: bool = False  # a stop or a kill; the restart policy then rests
    process: Process | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    log: Log = field(default_factory=Log)

    @property
    def alive(self) -> bool:
        """Whether there is a process, also a paused one."""
        return self.status in ("running", "paused")

    @property
    def environment(self) -> dict[str, str]:
        """Its environment variables."""
        pairs = (str(item).partition("=") for item in self.config.get("Env") or ())
        return {key: value for key, _, value in pairs}

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return dict(self.config.get("Labels") or {})

    def inspect(self) -> dict[str, Any]:
        """``GET /containers/{id}/json``, as Docker 20.10 has it."""
        return {
            "Id": self.id,
            "Created": stamp(self.created_ns),
            "Path": "/container/tool/run",
            "Args": [],
            "State": self._state(),
            "Image": self.image_id,
            "LogPath": f"/var/lib/docker/containers/{self.id}/{self.id}-json.log",
            "Name": f"/{self.name}",
            "RestartCount": self.restarts,
            "Driver": "overlay2",
            "Platform": "linux",
            "ExecIDs": None,
            "HostConfig": self._host_config(),
            "Mounts": [],
            "Config": {
                "Hostname": "",
                "Domainname": "",
                "User": "",
                "Tty": False,
                "OpenStdin": False,
                "Env": list(self.config.get("Env") or ()),
                "Cmd": self.config.get("Cmd"),
                "Image": self.image,
                "Volumes": None,
                "WorkingDir": "",
                "Entrypoint": self.config.get("Entrypoint") or ["/container/tool/run"],
                "Labels": self.labels,
            },
            "NetworkSettings": {"Ports": {}, "IPAddress": "", "Networks": {}},
        }

    def _state(self) -> dict[str, Any]:
        return {
            "Status": self.status,
            "Running": self.alive or self.status == "restarting",
            "Paused": self.status == "paused",
            "Restarting": self.status == "restarting",
            "OOMKilled": False,
            "Dead": False,
            "Pid": self.pid if self.alive else 0,
            "ExitCode": self.exit_code,
            "Error": "",
            "StartedAt": NEVER if self.started_ns is None else stamp(self.started_ns),
            "FinishedAt": NEVER if self.finished_ns is None else stamp(self.finished_ns),
        }

    def _host_config(self) -> dict[str, Any]:
        given = dict(self.config.get("HostConfig") or {})
        caps = [f"CAP_{str(name).removeprefix('CAP_')}" for name in given.get("CapAdd") or ()]
        return {
            "Binds": None,
            "LogConfig": {"Type": "json-file", "Config": {}},
            "NetworkMode": given.get("NetworkMode") or "default",
            "PortBindings": {},
            "RestartPolicy": {"Name": self.restart, "MaximumRetryCount": 0},
            "AutoRemove": False,
            "CapAdd": caps or None,
            "CapDrop": None,
            "IpcMode": "private",
            "Privileged": False,
            "Runtime": "runc",
        }

    def summary(self) -> dict[str, Any]:
        """Its entry in ``GET /containers/json``."""
        return {
            "Id": self.id,
            "Names": [f"/{self.name}"],
            "Image": self.image,
            "ImageID": self.image_id,
            "Command": "/container/tool/run",
            "Created": self.created_ns // 1_000_000_000,
            "Ports": [],
            "Labels": self.labels,
            "State": self.status,
            "Status": self.status,
            "HostConfig": {"NetworkMode": "host"},
            "Mounts": [],
        }
