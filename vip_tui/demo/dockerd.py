"""A simulated Docker Engine: what an operator, or the API, can do with its containers."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any

from vip_tui.demo.clock import pause
from vip_tui.demo.container import Container
from vip_tui.demo.host import Host
from vip_tui.demo.life import Life

CREATE_S = 0.04  # what Docker takes for each, as seen in the lab
START_S = 0.1
DEFAULT_GRACE_S = 10
SIGNALS = {"SIGKILL": 9, "KILL": 9, "SIGTERM": 15, "TERM": 15, "SIGINT": 2, "INT": 2}


class Refused(Exception):  # noqa: N818 - Docker's answer, not an error of ours
    """Docker's refusal: an HTTP status and its message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Dockerd(Life):
    """The Engine of one host; its methods are what an operator does at the node's shell."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.images: set[str] = set()

    # --- what is there

    def find(self, name: str) -> Container:
        """The container of that name or id; raises Refused (404)."""
        for one in self.containers:
            if name.removeprefix("/") == one.name or (len(name) >= 3 and one.id.startswith(name)):
                return one
        raise Refused(404, f"No such container: {name}")

    def image_id(self, image: str) -> str:
        """An image's id; raises Refused (404)."""
        if image not in self.images:
            raise Refused(404, f"no such image: {image}: No such image: {image}")
        other = " of another build" if self.host.faults.other_image else ""
        return "sha256:" + hashlib.sha256(f"{image}{other}, unpacked".encode()).hexdigest()

    def _require_free(self, name: str) -> None:
        for one in self.containers:
            if one.name == name:
                taken = f'The container name "/{name}" is already in use by container "{one.id}".'
                advice = "You have to remove (or rename) that container"
                raise Refused(409, f"Conflict. {taken} {advice} to be able to reuse that name.")

    # --- what happens to containers

    async def create(self, name: str, config: Mapping[str, Any]) -> Container:
        """``docker create``."""
        image = str(config.get("Image", ""))
        if image not in self.images:
            raise Refused(404, f"No such image: {image}")
        self._require_free(name)
        await pause(self.host.clock, CREATE_S)
        return self.put(name, config)

    def put(self, name: str, config: Mapping[str, Any]) -> Container:
        """A new container, as created as it can be."""
        image = str(config.get("Image", ""))
        policy = ((config.get("HostConfig") or {}).get("RestartPolicy") or {}).get("Name") or "no"
        made = Container(name, image, self.image_id(image), config, str(policy))
        self.containers.append(made)
        self.event(made, "create")
        return made

    async def start(self, name: str) -> bool:
        """``docker start``; False where it runs already."""
        one = self.find(name)
        if one.status == "paused":
            raise Refused(409, "cannot start a paused container, try unpause instead")
        if one.alive:
            return False
        if self.host.faults.start:
            raise Refused(500, self.host.faults.start.pop(0))
        await pause(self.host.clock, START_S)
        if not one.alive and one in self.containers:
            one.ended_by_hand = False
            self.run(one)
        return True

    async def stop(self, name: str, grace_s: float = DEFAULT_GRACE_S) -> bool:
        """``docker stop``: TERM, after the grace time KILL; False where it does not run."""
        one = self.find(name)
        if not one.alive:
            one.ended_by_hand = True
            one.status = "exited" if one.status == "restarting" else one.status
            return False
        one.ended_by_hand = True
        self.event(one, "kill", signal="15")
        if one.status == "paused":
            self._thaw(one)
        assert one.process is not None
        one.process.terminate()
        try:
            async with asyncio.timeout(grace_s):
                await one.ended.wait()
        except TimeoutError:
            self.killed(one)
        self.event(one, "stop")
        return True

    async def kill(self, name: str, signal: str = "SIGKILL") -> None:
        """``docker kill``; the restart policy does not bring back what was killed so [seen]."""
        one = self.find(name)
        if not one.alive:
            raise Refused(409, f"Cannot kill container: {name}: Container {one.id} is not running")
        number = SIGNALS.get(signal, int(signal) if signal.isdecimal() else 0)
        if one.status == "paused" and number != 9:
            why = f"Container {one.id} is paused. Unpause the container before stopping or killing"
            raise Refused(409, f"Cannot kill container: {name}: {why}")
        self.event(one, "kill", signal=str(number))
        if number == 9:
            one.ended_by_hand = True
            self.killed(one)
        elif number in (2, 15) and one.process is not None:
            one.ended_by_hand = number == 15
            one.process.terminate()

    def crash(self, name: str) -> None:
        """SIGKILL of the container's first process, past Docker: the restart policy works."""
        self.killed(self.find(name))

    async def pause(self, name: str) -> None:
        """``docker pause``."""
        one = self.find(name)
        if one.status == "paused":
            raise Refused(409, f"Container {name} is already paused")
        if not one.alive or one.process is None:
            raise Refused(409, f"Container {one.id} is not running")
        one.process.freeze()
        one.status = "paused"
        self.event(one, "pause")

    async def unpause(self, name: str) -> None:
        """``docker unpause``."""
        one = self.find(name)
        if one.status != "paused":
            raise Refused(500, f"Container {one.id} is not paused")
        self._thaw(one)
        self.event(one, "unpause")

    def _thaw(self, one: Container) -> None:
        assert one.process is not None
        one.status = "running"
        one.process.thaw()

    async def remove(self, name: str, force: bool = True) -> None:
        """``docker rm``; with ``force`` also one that runs, which is killed."""
        one = self.find(name)
        if one.alive and not force:
            why = "You cannot remove a running container"
            advice = "Stop the container before attempting removal or force remove"
            raise Refused(409, f"{why} {one.id}. {advice}")
        if one.alive:
            one.ended_by_hand = True
            self.event(one, "kill", signal="9")
            self.killed(one)
        self.containers.remove(one)
        self.event(one, "destroy")

    async def rename(self, name: str, to: str) -> None:
        """``docker rename``."""
        one = self.find(name)
        self._require_free(to)
        old, one.name = one.name, to
        self.event(one, "rename", oldName=f"/{old}")

    async def update(self, name: str, policy: str | None) -> None:
        """``docker update --restart``."""
        one = self.find(name)
        if policy is not None:
            one.restart = policy
        self.event(one, "update")
