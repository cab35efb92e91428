"""A node's Docker Engine: what vip-tui asks of it, through the node's SSH connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import docker.errors

from vip_tui.keepalived.log import redact
from vip_tui.keepalived.recipe import run_options
from vip_tui.keepalived.spec import (
    SECRET_ENVIRONMENT,
    ContainerSpec,
    ContainerState,
    read_container,
)
from vip_tui.nodes.docker_words import docker_words
from vip_tui.nodes.engine_calls import EngineCalls
from vip_tui.nodes.engine_client import INFO
from vip_tui.nodes.pull import PullProgress
from vip_tui.nodes.reasons import EngineError
from vip_tui.nodes.text import clean, clean_all, clean_line

STOP_GRACE_S = 10


class Engine(EngineCalls):
    """What vip-tui asks of Docker on one node; every failure is an EngineError."""

    async def version(self) -> str:
        """The Engine's version; asked again and again to see whether it answers."""
        return clean_line(await self._call("server_version"), 40)

    async def info(self) -> dict[str, Any]:
        """``docker info``; as the first call it takes no other request to reach the Engine."""
        client = await self.open(INFO)
        told, client.told = client.told, None
        found: dict[str, Any] = clean_all(await self._call("info") if told is None else told)
        return found

    async def inspect(self, name: str) -> ContainerState | None:
        """The container of that name, or None where there is none."""
        attributes = await self._found("inspect_container", name)
        return None if attributes is None else read_container(clean_all(attributes))

    async def containers(self) -> list[Any]:
        """``docker ps --all``."""
        found: list[Any] = clean_all(await self._call("containers", all=True))
        return found

    async def image(self, image: str) -> dict[str, Any] | None:
        """``docker image inspect``, or None where the image is not on the node."""
        found = await self._found("inspect_image", image)
        return None if found is None else dict(clean_all(found))

    async def has_image(self, image: str) -> bool:
        """Whether the image is on the node."""
        return await self.image(image) is not None

    async def distribution(self, image: str) -> dict[str, Any]:
        """What the image's registry says of it; EngineError has the registry's own words."""
        found: dict[str, Any] = clean_all(await self._call("inspect_distribution", image))
        return found

    async def swarm_nodes(self) -> list[Any]:
        """``docker node ls``; only a manager can say."""
        found: list[Any] = clean_all(await self._call("nodes"))
        return found

    async def pull(self, image: str, progress: Callable[[str], None]) -> None:
        """Pull an image; ``progress`` is told, on the loop, what Docker says."""
        client = await self.open()
        loop = asyncio.get_running_loop()

        def pull() -> None:
            layers = PullProgress()
            for event in client.pull(image, stream=True, decode=True):
                if "error" in event:
                    raise docker.errors.DockerException(event["error"])
                loop.call_soon_threadsafe(progress, layers.take(event))

        try:
            with self._note(docker_words("pull", [image], {})):
                await self._threaded(pull)
        except EngineError as error:
            hint = "Check the image's name, and that the node reaches the registry."
            title = f"{self._label} cannot pull {image}"
            raise EngineError(title, error.detail, hint) from None

    async def create(self, name: str, spec: ContainerSpec) -> str:
        """Create a container, stopped; returns its id."""
        client = await self.open()

        def create() -> str:
            made = client.create_container(
                spec.image,
                name=name,
                environment=dict(spec.environment),
                labels=dict(spec.labels),
                host_config=client.create_host_config(
                    network_mode=spec.network,
                    cap_add=list(spec.capabilities),
                    restart_policy={"Name": spec.restart},
                ),
            )
            return str(made["Id"])

        secrets = [value for key, value in spec.environment if key in SECRET_ENVIRONMENT]
        with self._note(["create", *run_options(name, spec)], secrets=secrets):
            return await self._threaded(create)

    async def start(self, name: str) -> None:
        """Start a container; one that runs is left alone."""
        await self._call("start", name)

    async def stop(self, name: str) -> None:
        """Stop a container with SIGTERM; SIGKILL after the grace time."""
        await self._call("stop", name, timeout=STOP_GRACE_S)

    async def remove(self, name: str) -> None:
        """Remove a container, also one that runs."""
        await self._call("remove_container", name, v=True, force=True)

    async def unpause(self, name: str) -> None:
        """Let a paused container go on."""
        await self._call("unpause", name)

    async def rename(self, name: str, to: str) -> None:
        """Give a container another name."""
        await self._call("rename", name, to)

    async def set_restart(self, name: str, policy: str) -> None:
        """Whether Docker starts the container by itself: ``no``, ``always``…"""
        await self._call("update_container", name, restart_policy={"Name": policy})

    async def log_tail(self, name: str, lines: int) -> list[str]:
        """The last lines that the container wrote, each after Docker's timestamp."""
        raw = await self._call("logs", name, tail=lines, timestamps=True)
        return [redact(clean_line(line)) for line in clean(raw).splitlines()]

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Docker's events of containers from now on; they end when the connection does."""
        async with self._stream("events", decode=True, filters={"type": "container"}) as stream:
            yield stream

    async def follow_log(self, name: str, tail: int) -> AsyncIterator[str]:
        """The container's log: the last ``tail`` lines with Docker's timestamps, then the new."""
        rest = b""
        options = {"stream": True, "follow": True, "timestamps": True, "tail": tail}
        async with self._stream("logs", name, **options) as stream:
            async for chunk in stream:
                *lines, rest = (rest + chunk).split(b"\n")
                rest = rest[-65536:]  # megabytes without a newline are not a line
                for line in lines:
                    yield redact(clean_line(line))
