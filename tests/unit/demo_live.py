"""An embedded cluster that serves, and the program's own connections to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from vip_tui.cluster import Node
from vip_tui.demo import EmbeddedCluster
from vip_tui.demo.host import Host
from vip_tui.nodes.connection import Access, NodeConnection
from vip_tui.nodes.engine import Engine
from vip_tui.nodes.fleet import Fleet


@asynccontextmanager
async def serving(
    root: Path, nodes: int = 2, misfortunes: Sequence[str] = (), deployed: bool = False
) -> AsyncIterator[EmbeddedCluster]:
    """Start it, and end it with the block; nothing that nobody declared may have been asked."""
    cluster = EmbeddedCluster(root, nodes, misfortunes, deployed)
    try:
        await cluster.start()
        yield cluster
        assert cluster.unknown_commands == []
    finally:
        await cluster.close()


@asynccontextmanager
async def reaching(cluster: EmbeddedCluster) -> AsyncIterator[Reach]:
    """The program's connections, which know nothing but the cluster's own files."""
    access = Access(cluster.store, (cluster.identity,), isolated=True)
    async with Fleet(access) as fleet:
        yield Reach(cluster, fleet)


async def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for what no event tells of; the error says ``what`` after five seconds."""
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(what)


class Reach:
    """A node's connection, Engine and simulated host, by its place."""

    def __init__(self, cluster: EmbeddedCluster, fleet: Fleet) -> None:
        self.cluster, self.fleet = cluster, fleet

    def node(self, index: int = 0) -> Node:
        return self.cluster.cluster.nodes[index]

    def host(self, index: int = 0) -> Host:
        return self.cluster.hosts[index]

    async def connection(self, index: int = 0) -> NodeConnection:
        return await self.fleet.connection(self.node(index))

    async def engine(self, index: int = 0) -> Engine:
        return await self.fleet.engine(self.node(index))
