"""A node's Docker Engine: the docker SDK, through the node's SSH connection.

The SDK is synchronous and its socket is served by our own event loop, so a call on the loop would
wait for itself: every call here runs on a thread of this engine's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import docker
import docker.errors
import requests

from vip_tui.keepalived.log import redact
from vip_tui.keepalived.recipe import run_options
from vip_tui.keepalived.spec import (
    SECRET_ENVIRONMENT,
    ContainerSpec,
    ContainerState,
    read_container,
)
from vip_tui.nodes.command_log import Run
from vip_tui.nodes.commands import DOCKER_ACCESS
from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.docker_socket import DockerSocket
from vip_tui.nodes.docker_words import docker_words
from vip_tui.nodes.pull import PullProgress
from vip_tui.nodes.reasons import EngineError, access_problem, engine_silent
from vip_tui.nodes.streams import stream_items
from vip_tui.nodes.text import clean, clean_all, clean_line

CALL_TIMEOUT_S = 10
STOP_GRACE_S = 10

T = TypeVar("T")


class Engine:
    """What vip-tui asks of Docker on one node; every failure is an EngineError."""

    def __init__(self, connection: NodeConnection) -> None:
        self._connection = connection
        self._label = connection.node.label
        self._socket = DockerSocket(connection)
        self._client: docker.APIClient | None = None
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="docker")
        self._opening = asyncio.Lock()
        self._sudo = False

    async def open(self) -> docker.APIClient:
        """Reach the Engine once; raises EngineError that tells why it cannot be reached."""
        async with self._opening:
            if self._client is not None:
                return self._client
            access = set((await self._connection.run(DOCKER_ACCESS)).output.split())
            if problem := access_problem(self._label, access):
                raise problem
            self._sudo = "permitted" not in access
            await self._socket.listen(direct=not self._sudo)
            try:
                self._client = await self._made_client()
            except EngineError:
                if self._sudo or self._connection.closed:
                    raise
                # sshd may forbid forwarding (sshd_config(5), DisableForwarding); Docker's own
                # proxy needs none.
                self._socket.close_server()
                await self._socket.listen(direct=False)
                self._client = await self._made_client()
            return self._client

    async def _made_client(self) -> docker.APIClient:
        with self._note(["version"]):  # the SDK asks for it first
            return await self._threaded(self._make_client)

    def _make_client(self) -> docker.APIClient:
        client = docker.APIClient(
            base_url=f"unix://{self._socket.path}", version="auto", timeout=CALL_TIMEOUT_S
        )
        # The SDK keeps a connection open for each address that it asked; through dial-stdio each
        # would be one of the ten sessions that sshd allows.
        client.headers["Connection"] = "close"
        return client

    async def _threaded(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except docker.errors.APIError as error:
            detail = clean_line(error.explanation or str(error))
            hint = "Look at Docker's own log on the node: `journalctl -u docker`."
            raise EngineError(f"Docker on {self._label} refuses", detail, hint) from None
        except (docker.errors.DockerException, requests.RequestException) as error:
            raise self._no_answer(error) from None

    def _no_answer(self, error: Exception) -> EngineError:
        detail = clean_line(str(error)) or type(error).__name__
        if "timed out" in detail.lower():
            detail = f"no answer within {CALL_TIMEOUT_S} s"
        elif "connection aborted" in detail.lower():  # urllib3 quotes two exceptions there
            detail = "it closed the connection without an answer"
        return engine_silent(self._label, detail)

    def _note(self, words: Sequence[str], stream: bool = False, secrets: Iterable[str] = ()) -> Run:
        return self._connection.log.docker(words, self._sudo, stream, secrets)

    async def _call(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Call a method of the SDK; what it asks for is noted as docker's own command."""
        client = await self.open()
        with self._note(docker_words(method, arguments, options)):
            return await self._threaded(partial(getattr(client, method), *arguments, **options))

    async def _found(self, method: str, name: str) -> dict[str, Any] | None:
        """What ``method`` tells of a thing, or None where there is none."""
        client = await self.open()

        def look() -> dict[str, Any] | None:
            try:
                found: dict[str, Any] = getattr(client, method)(name)
            except docker.errors.NotFound:
                return None
            return found

        with self._note(docker_words(method, [name], {})) as run:
            found = await self._threaded(look)
            if found is None:
                run.answered("There is none.")
            return found

    @asynccontextmanager
    async def _stream(self, method: str, *arguments: Any, **options: Any) -> AsyncIterator[Any]:
        """Follow what a method of the SDK streams, until the block or the stream ends."""
        client = await self.open()
        with self._note(docker_words(method, arguments, options), stream=True) as run:
            try:
                start = partial(getattr(client, method), *arguments, **options)
                items = await self._threaded(start)
            except EngineError as error:
                raise run.failed(error) from None
            stream = stream_items(items, lambda error: run.failed(self._no_answer(error)))
            try:
                yield stream
            finally:
                await stream.aclose()

    async def version(self) -> str:
        """The Engine's version."""
        return clean_line((await self._call("version"))["Version"], 40)

    async def inspect(self, name: str) -> ContainerState | None:
        """The container of that name, or None where there is none."""
        attributes = await self._found("inspect_container", name)
        return None if attributes is None else read_container(clean_all(attributes))

    async def has_image(self, image: str) -> bool:
        """Whether the image is on the node."""
        return await self._found("inspect_image", image) is not None

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

    async def close(self) -> None:
        """Close the socket and let the threads go; safe to call twice."""
        if self._client is not None:
            self._client.close()
            self._client = None
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._socket.close()
