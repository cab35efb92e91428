"""A local socket that leads to a node's Docker socket, for the docker SDK."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import asyncssh

from vip_tui.errors import VipError
from vip_tui.nodes.commands import DIAL_STDIO
from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.reasons import DOCKER_SOCKET

FOLDER_PREFIX = "vip-tui-"
MAX_PATH = 99  # unix(7): 108 bytes, 104 on macOS


class DockerSocket:
    """A socket in a folder that only we can open (0700, by mkdtemp(3)); gone with ``close``."""

    def __init__(self, connection: NodeConnection) -> None:
        self._connection = connection
        prefix = f"{FOLDER_PREFIX}{os.getpid()}-"
        longest = (
            len(os.fsencode(tempfile.gettempdir())) + len(prefix) + len("/xxxxxxxx/docker.sock")
        )
        where = "/tmp" if longest > MAX_PATH else None  # noqa: S108 - the folder is ours alone
        self._folder = tempfile.TemporaryDirectory(prefix=prefix, dir=where)
        self.path = Path(self._folder.name) / "docker.sock"
        self._server: asyncssh.SSHListener | asyncio.Server | None = None
        self._relays: set[asyncio.Task[None]] = set()

    async def listen(self, direct: bool) -> None:
        """Serve the socket: forwarded by sshd, or over dial-stdio where sudo is needed."""
        if self._server is not None:
            return
        path = str(self.path)
        if direct:
            self._server = await self._connection.ssh.forward_local_path(path, DOCKER_SOCKET)
        else:
            self._server = await asyncio.start_unix_server(self._relay, path)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one client of our socket over ``docker system dial-stdio`` on the node."""
        try:
            async with self._connection.relay(DIAL_STDIO) as process:
                await self._carry(reader, writer, process)
        except VipError:
            pass  # the SDK sees a closed socket and says so
        finally:
            writer.close()

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        process: asyncssh.SSHClientProcess[bytes],
    ) -> None:
        upward = asyncio.create_task(_pump(reader, process.stdin))
        self._relays.add(upward)
        try:
            while data := await process.stdout.read(65536):
                writer.write(data)
                await writer.drain()
        except (OSError, asyncssh.Error):
            pass  # one side hung up: the SDK sees a closed socket and says so
        finally:
            upward.cancel()
            self._relays.discard(upward)

    def close_server(self) -> None:
        """Stop serving; ``listen`` may be called again."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Stop serving, for good; safe to call twice."""
        self.close_server()
        for relay in list(self._relays):
            relay.cancel()
        self._folder.cleanup()


def sweep_folders() -> None:
    """Remove the socket folders of runs that were killed, and could not do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}[0-9]*-*"):
        pid = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        with contextlib.suppress(OSError, ValueError):
            if folder.stat().st_uid == os.getuid() and not _alive(int(pid)):
                shutil.rmtree(folder)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def _pump(reader: asyncio.StreamReader, writer: asyncssh.SSHWriter[bytes]) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except (OSError, asyncssh.Error):
        return  # the node hung up: the other direction ends the relay
