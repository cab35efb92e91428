"""The connections to a cluster's nodes and their Docker Engines, opened when first asked for."""

from __future__ import annotations

import asyncio

from vip_tui.cluster import Node
from vip_tui.nodes.command_log import CommandLog
from vip_tui.nodes.connection import Access, NodeConnection, connect
from vip_tui.nodes.docker_socket import sweep_folders
from vip_tui.nodes.engine import Engine
from vip_tui.nodes.way_in import WayIn


class Fleet:
    """One connection and one engine per node, shared by everything."""

    def __init__(self, access: Access, log: CommandLog | None = None) -> None:
        sweep_folders()
        self.access = access
        self.log = CommandLog() if log is None else log
        self._way_in = WayIn(access)
        self._connections: dict[Node, NodeConnection] = {}
        self._engines: dict[Node, Engine] = {}
        self._locks: dict[Node, asyncio.Lock] = {}

    async def connection(self, node: Node) -> NodeConnection:
        """The open connection to a node, or a new one; raises what ``connect`` raises."""
        async with self._locks.setdefault(node, asyncio.Lock()):
            return await self._connection(node)

    async def _connection(self, node: Node) -> NodeConnection:
        current = self._connections.get(node)
        if current is not None and not current.closed:
            return current
        await self._drop(node)
        made = self._connections[node] = await connect(node, self.access, self.log, self._way_in)
        return made

    async def engine(self, node: Node) -> Engine:
        """The node's Docker Engine over that connection; its calls raise EngineError."""
        async with self._locks.setdefault(node, asyncio.Lock()):
            connection = await self._connection(node)
            if node not in self._engines:
                self._engines[node] = Engine(connection)
            return self._engines[node]

    async def _drop(self, node: Node) -> None:
        engine = self._engines.pop(node, None)
        if engine is not None:
            await engine.close()
        connection = self._connections.pop(node, None)
        if connection is not None:
            await connection.close()

    async def close(self) -> None:
        """Close everything that was opened."""
        nodes = {*self._connections, *self._engines}
        await asyncio.gather(*(self._drop(node) for node in nodes))

    async def __aenter__(self) -> Fleet:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
