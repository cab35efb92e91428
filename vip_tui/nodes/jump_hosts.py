"""Connections to jump hosts: each shared by all that lie behind it, and closed with the last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncssh

from vip_tui.nodes.ssh_config import JumpHost

Chain = tuple[JumpHost, ...]
# Connects to a jump host, through the connection to the one before it.
Enter = Callable[
    [JumpHost, asyncssh.SSHClientConnection | None], Awaitable[asyncssh.SSHClientConnection]
]


class Lease:
    """The right to use the last connection of a chain; without a chain it is no connection."""

    def __init__(
        self,
        ssh: asyncssh.SSHClientConnection | None = None,
        end: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.ssh = ssh
        self._end = end

    async def release(self) -> None:
        """Give it back; safe to call twice."""
        end, self._end = self._end, None
        if end is not None:
            await end()


@dataclass(slots=True)
class _Opened:
    """One chain's connection, made or being made, and how many want it."""

    task: asyncio.Task[tuple[asyncssh.SSHClientConnection, Lease]]
    users: int = 0


class JumpHosts:
    """Hands out the connections; those who want the same at the same time wait for one attempt."""

    def __init__(self, enter: Enter) -> None:
        self._enter = enter
        self._opened: dict[Chain, _Opened] = {}

    async def lease(self, chain: Chain) -> Lease:
        """The way through these jump hosts, the nearest first; raises what ``enter`` raises."""
        if not chain:
            return Lease()
        opened = self._opened.get(chain)
        if opened is None or _gone(opened.task):
            opened = _Opened(asyncio.create_task(self._open(chain)))
            self._opened[chain] = opened
        opened.users += 1
        try:
            ssh, _ = await asyncio.shield(opened.task)
        except BaseException:
            await self._leave(chain, opened)
            raise
        return Lease(ssh, lambda: self._leave(chain, opened))

    async def _open(self, chain: Chain) -> tuple[asyncssh.SSHClientConnection, Lease]:
        before = await self.lease(chain[:-1])
        try:
            return await self._enter(chain[-1], before.ssh), before
        except BaseException:
            await before.release()
            raise

    async def _leave(self, chain: Chain, opened: _Opened) -> None:
        """One fewer wants it; the last one closes it, or ends the attempt."""
        opened.users -= 1
        if opened.users:
            return
        if self._opened.get(chain) is opened:
            del self._opened[chain]
        opened.task.cancel()
        (ended,) = await asyncio.gather(opened.task, return_exceptions=True)
        if not isinstance(ended, BaseException):
            ssh, before = ended
            ssh.close()
            await ssh.wait_closed()
            await before.release()


def _gone(task: asyncio.Task[tuple[asyncssh.SSHClientConnection, Lease]]) -> bool:
    """Whether the attempt failed, or the connection that it made is closed."""
    if not task.done():
        return False
    if task.cancelled() or task.exception() is not None:
        return True
    return task.result()[0].is_closed()
