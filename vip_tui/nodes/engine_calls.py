"""Reaching a node's Docker Engine, and calling the docker SDK there.

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

import docker.errors
import requests

from vip_tui.nodes.command_log import Run
from vip_tui.nodes.commands import DOCKER_ACCESS
from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.docker_socket import DockerSocket
from vip_tui.nodes.docker_words import docker_words
from vip_tui.nodes.engine_client import INFO, PING, EngineClient
from vip_tui.nodes.reasons import (
    DockerStopped,
    EngineError,
    SudoRefused,
    access_problem,
    engine_silent,
)
from vip_tui.nodes.streams import stream_items
from vip_tui.nodes.text import clean_line

CALL_TIMEOUT_S = 10
# What asks docker for that at the shell.
_ASKS = {PING: "version", INFO: "info"}

T = TypeVar("T")


class EngineCalls:
    """The way to one node's Engine; every failure is an EngineError, every call is noted."""

    def __init__(self, connection: NodeConnection) -> None:
        self._connection = connection
        self._label = connection.node.label
        self._socket = DockerSocket(connection)
        self._client: EngineClient | None = None
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="docker")
        self._opening = asyncio.Lock()
        self._sudo = False

    async def open(self, first: str = PING) -> EngineClient:
        """Reach the Engine once; raises EngineError that tells why it cannot be reached.

        ``first`` is what it is asked where nobody has asked it anything yet.
        """
        async with self._opening:
            if self._client is None:
                self._client = await self._reached(first)
            return self._client

    async def _reached(self, first: str) -> EngineClient:
        """Try the socket itself; only where it gives no answer the node is asked why."""
        await self._socket.listen(direct=True)
        if (client := await self._tried(first)) is not None:
            return client
        access = set((await self._connection.run(DOCKER_ACCESS)).output.split())
        if {"socket", "asks"} <= access and not access & {"permitted", "sudo"}:
            access |= await self._by_password()
        if problem := access_problem(self._label, access):
            raise problem
        self._sudo = "permitted" not in access
        # Docker's own proxy needs no forwarding, which sshd may forbid (sshd_config(5),
        # DisableForwarding), and sudo can run it.
        self._socket.close_server()
        await self._socket.listen(direct=False)
        with self._note([_ASKS[first]]):
            return await self._threaded(partial(self._make_client, first))

    async def _by_password(self) -> set[str]:
        """What sudo's password adds to what we may, where somebody can be asked for it."""
        if not self._connection.elevation.can_ask:
            return set()
        self._connection.elevation.told({"asks"})
        try:
            await self._connection.elevation.password("docker")
        except SudoRefused as problem:
            raise EngineError(problem.title, problem.detail, problem.hint) from None
        return {"sudo"}

    async def _tried(self, first: str) -> EngineClient | None:
        """A client of the forwarded socket, or None where nobody is behind it for us."""
        with self._note([_ASKS[first]]) as run:
            try:
                return await self._threaded(partial(self._make_client, first))
            except DockerStopped as error:
                if self._connection.closed:
                    raise
                run.answered(f"Not by its socket: {error.detail}.")
                return None

    def _make_client(self, first: str) -> EngineClient:
        return EngineClient(str(self._socket.path), CALL_TIMEOUT_S, first)

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
            return engine_silent(self._label, f"no answer within {CALL_TIMEOUT_S} s")
        if "connection aborted" in detail.lower():  # urllib3 quotes two exceptions there
            detail = "it closed the connection without an answer"
        silent = engine_silent(self._label, detail)
        return DockerStopped(silent.title, silent.detail, silent.hint)

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

    async def close(self) -> None:
        """Close the socket and let the threads go; safe to call twice."""
        if self._client is not None:
            self._client.close()
            self._client = None
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._socket.close()
