"""The life of containers: their processes, how those end, and the events that tell of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from vip_tui.demo.clock import now_ns
from vip_tui.demo.container import Container
from vip_tui.demo.feed import Feed
from vip_tui.demo.host import Host
from vip_tui.demo.keepalived import Keepalived
from vip_tui.demo.process import Sleeper
from vip_tui.keepalived.spec import CONTAINER_NAME

RESTART_S = 0.1
KILLED = 137  # 128 and the signal's number

Event = dict[str, Any]


class Life:
    """What happens to containers by itself, once they were started."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.containers: list[Container] = []
        self.events: Feed[Event] = Feed()

    def run(self, one: Container) -> None:
        """Start a container's process."""
        one.started_ns = now_ns()
        self.animate(one)
        assert one.process is not None
        one.process.start()
        for noise in self.host.faults.noise:
            one.log.write(2, noise, now_ns())
        self.event(one, "start")

    def animate(self, one: Container) -> None:
        """Give a container its process; the image's name tells what runs in it."""

        def exited(code: int) -> None:
            self._exited(one, code)

        one.process = (
            Keepalived(self.host, one.environment, self.host.clock, one.log.write, exited)
            if CONTAINER_NAME in one.image
            else Sleeper(exited)
        )
        one.status, one.exit_code, one.pid = "running", 0, 2000 + secrets.randbelow(30_000)
        one.ended.clear()

    def killed(self, one: Container) -> None:
        """SIGKILL of its first process."""
        if one.process is not None:
            one.process.kill()
        self._exited(one, KILLED)

    def _exited(self, one: Container, code: int) -> None:
        if not one.alive:
            return
        one.status, one.exit_code, one.finished_ns = "exited", code, now_ns()
        one.process = None
        one.log.end()
        one.ended.set()
        self.event(one, "die", exitCode=str(code))
        again = one.restart in ("always", "unless-stopped") or (
            one.restart == "on-failure" and code != 0
        )
        if again and not one.ended_by_hand:
            one.status = "restarting"
            self.host.clock.call_later(RESTART_S, lambda: self._restart(one))

    def _restart(self, one: Container) -> None:
        if one.status == "restarting" and one in self.containers:
            one.restarts += 1
            self.run(one)

    def event(self, one: Container, action: str, **extra: str) -> None:
        """Tell every listener what happened to a container."""
        self.tell(
            "container",
            action,
            one.id,
            {**one.labels, "image": one.image, "name": one.name, **extra},
        )

    def tell(self, kind: str, action: str, id_: str, attributes: Mapping[str, str]) -> None:
        """Tell every listener of an event."""
        now = now_ns()
        event: Event = {
            "Type": kind,
            "Action": action,
            "Actor": {"ID": id_, "Attributes": dict(attributes)},
            "scope": "local",
            "time": now // 1_000_000_000,
            "timeNano": now,
        }
        if kind == "container":
            event |= {"status": action, "id": id_, "from": attributes.get("image", "")}
        self.events.tell(event)

    def close(self) -> None:
        """End every process and stream; nothing is told any more."""
        self.events.end()
        for one in self.containers:
            one.log.end()
            if one.process is not None:
                one.process.kill()
        self.containers.clear()
