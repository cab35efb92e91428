"""A simulated host's SSH server: real handshake, keys and channels; nothing is ever executed."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import cast

import asyncssh

from vip_tui.demo import answers, http
from vip_tui.demo.clock import pause
from vip_tui.demo.engine_api import EngineApi
from vip_tui.demo.host import Host
from vip_tui.demo.session import Call, UnknownCommand, understand
from vip_tui.nodes.reasons import DOCKER_SOCKET

NOT_FOUND = 127  # sh(1): command not found
KEY = "ssh-ed25519"
LOGIN_TIMEOUT_S = 20
_GONE = (OSError, asyncssh.Error)

Reader = asyncssh.SSHReader[bytes]
Writer = asyncssh.SSHWriter[bytes]


class Sshd:
    """Serves one host on a socket that listens already."""

    def __init__(
        self, host: Host, identity: asyncssh.SSHKey, unknown: Callable[[str], None]
    ) -> None:
        self.host = host
        self.key = asyncssh.generate_private_key(KEY)
        self.identity = identity.convert_to_public()
        self.unknown = unknown
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._working: set[asyncio.Task[None]] = set()

    async def serve(self, listening: socket.socket) -> None:
        """Accept connections."""
        self._acceptor = await asyncssh.listen(
            sock=listening,
            server_factory=lambda: _Server(self),
            server_host_keys=[self.key],
            encoding=None,
            config=[],
            gss_host=None,
            agent_forwarding=False,
            x11_forwarding=False,
            login_timeout=LOGIN_TIMEOUT_S,
        )

    async def close(self) -> None:
        """End the connections, and accept no more."""
        if self._acceptor is not None:
            self._acceptor.close()
        connections = list(self.connections)
        for connection in connections:
            connection.abort()
        for connection in connections:
            await connection.wait_closed()
        for task in self._working:
            task.cancel()  # asyncssh leaves them to themselves
        await asyncio.gather(*self._working, return_exceptions=True)
        if self._acceptor is not None:
            await self._acceptor.wait_closed()

    async def own(self, work: Coroutine[None, None, None]) -> None:
        """Do what a channel asked for, as a task that ends with us and not with the channel."""
        task = asyncio.get_running_loop().create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        await asyncio.wait({task})

    async def docker(self, reader: http.Reader, writer: http.Writer) -> None:
        """Serve the Engine API on one channel."""
        try:
            await http.serve(reader, writer, EngineApi(self.host.docker))
        except _GONE:
            return
        except Exception as bug:  # else asyncssh would end the whole connection
            self.unknown(f"Engine API: {bug!r}")


class _Server(asyncssh.SSHServer):
    """One connection: who may log in, and what may be asked for."""

    def __init__(self, sshd: Sshd) -> None:
        self._sshd = sshd
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._sshd.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's name
        if self._connection is not None:
            self._sshd.connections.discard(self._connection)

    async def begin_auth(self, username: str) -> bool:  # noqa: ARG002 - asyncssh's name
        await pause(self._sshd.host.clock, self._sshd.host.faults.delay_s)
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        host = self._sshd.host
        return username == host.user and key == self._sshd.identity and not host.faults.refuses_key

    def session_requested(self) -> _Process:
        return _Process(self._sshd)

    def unix_connection_requested(
        self, dest_path: str
    ) -> Callable[[Reader, Writer], Awaitable[None]] | bool:
        host = self._sshd.host
        if dest_path != DOCKER_SOCKET or host.faults.docker == "down" or host.uid != 0:
            return False

        async def serve(reader: Reader, writer: Writer) -> None:
            await self._sshd.own(self._sshd.docker(reader, writer))
            writer.close()

        return serve


class _Process(asyncssh.SSHServerProcess[bytes]):
    """One session: a declared command, or nothing."""

    def __init__(self, sshd: Sshd) -> None:
        super().__init__(self._owned, None, 0, False)
        self._sshd = sshd

    def shell_requested(self) -> bool:
        return False

    def subsystem_requested(self, subsystem: str) -> bool:  # noqa: ARG002 - asyncssh's name
        return False

    async def _owned(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        await self._sshd.own(self._run(process))

    async def _run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        status = 255
        try:
            status = await self._answer(process, process.command or "")
        except _GONE:
            pass
        except Exception as bug:
            self._sshd.unknown(f"{process.command}: {bug!r}")
        with contextlib.suppress(*_GONE):
            process.exit(status)

    async def _answer(self, process: asyncssh.SSHServerProcess[bytes], line: str) -> int:
        try:
            call = understand(line)
            if call.id in answers.IN_BYTES:
                return await self._dial(process, call)
            return await answers.respond(self._sshd.host, _Streams(process), call)
        except UnknownCommand as unknown:
            self._sshd.unknown(str(unknown))
            process.stderr.write(b"vip-tui demo: this command is not declared\n")
            return NOT_FOUND

    async def _dial(self, process: asyncssh.SSHServerProcess[bytes], call: Call) -> int:
        host = self._sshd.host
        if not await answers.let_in(host, _Streams(process), call, "docker"):
            return 1
        if host.faults.docker == "down":
            process.stderr.write(b"no Docker socket\n")
            return 1
        await self._sshd.docker(cast(http.Reader, process.stdin), process.stdout)
        return 0


class _Streams:
    """A command's streams, as text; satisfies ``session.Session``."""

    def __init__(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        self._process = process

    def out(self, text: str) -> None:
        with contextlib.suppress(*_GONE):
            self._process.stdout.write(text.encode("utf-8", "surrogateescape"))

    def err(self, text: str) -> None:
        with contextlib.suppress(*_GONE):
            self._process.stderr.write(text.encode("utf-8", "surrogateescape"))

    async def line(self) -> str | None:
        """The next line; a session whose connection is gone has ended."""
        try:
            line = await self._process.stdin.readline()
        except (*_GONE, asyncio.IncompleteReadError):
            return None
        return line.decode("utf-8", "replace").removesuffix("\n") if line else None
