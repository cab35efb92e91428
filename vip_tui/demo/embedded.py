"""The embedded cluster: simulated hosts behind real SSH servers, all on 127.0.0.1."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from vip_tui.cluster import Cluster, Node, parse_vip
from vip_tui.demo import misfortunes as bad
from vip_tui.demo.responder import Responder, listening_socket
from vip_tui.errors import InputError
from vip_tui.store import Store

if TYPE_CHECKING:
    from vip_tui.demo.host import Host
    from vip_tui.demo.sshd import Sshd

NAME = "demo"
VIP = "198.18.0.100"  # of the range for tests of networks (RFC 2544)
LEAST, MOST = 2, 9


class EmbeddedCluster:
    """A whole cluster in this process; ``start`` serves what the sockets already take in."""

    def __init__(
        self,
        root: Path,
        nodes: int = 3,
        misfortunes: Sequence[str] = (),
        deployed: bool = False,
    ) -> None:
        """Bind the sockets. Raises InputError for an unknown misfortune or number of nodes."""
        bad.check(misfortunes)
        if not LEAST <= nodes <= MOST:
            hint = f"Give {LEAST} to {MOST}."
            raise InputError("no such number of nodes", str(nodes), hint)
        self.store = Store(root)
        self.identity = root / "id_ed25519"
        self.unknown_commands: list[str] = []
        self.hosts: list[Host] = []  # the simulated machines, once it has started
        self._misfortunes = tuple(misfortunes)
        self._deployed = deployed or not bad.NEEDS_DEPLOYED.isdisjoint(misfortunes)
        self._responder = Responder()
        self._sockets = [listening_socket() for _ in range(nodes)]
        self._servers: list[Sshd] = []
        self._state = "new"
        self._changing = asyncio.Lock()
        self.cluster = Cluster(
            name=NAME,
            vip=(parse_vip(VIP),),
            nodes=tuple(
                Node(
                    address="127.0.0.1",
                    port=int(one.getsockname()[1]),
                    user=bad.user_of(index, misfortunes),
                )
                for index, one in enumerate(self._sockets)
            ),
            vrid=bad.vrid_of(misfortunes),
            probe=f"http://127.0.0.1:{self._responder.port}/",
        )
        if self._deployed:
            from vip_tui.demo.past import decided

            self.cluster = decided(self.cluster)

    async def start(self) -> None:
        """Make keys, write what a client needs, and serve; a second call does nothing."""
        async with self._changing:
            if self._state != "new":
                return
            try:
                await self._start()
                self._state = "started"
            except BaseException:
                await self._end()
                raise

    async def _start(self) -> None:
        # Half a second of imports, which would hold up whatever else the loop does.
        with ThreadPoolExecutor(1, thread_name_prefix="demo-import") as thread:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(thread, importlib.import_module, "vip_tui.demo.sshd")
        from vip_tui.demo import keys
        from vip_tui.demo.past import deploy_earlier, leave_foreign
        from vip_tui.demo.sshd import Sshd

        scene = self._build()
        identity = keys.write_identity(self.store, self.identity)
        self._servers = [Sshd(host, identity, self.unknown_commands.append) for host in self.hosts]
        keys.write_known_hosts(self.store, self.cluster.nodes, self._servers, scene)
        if self._deployed:
            self.store.save(self.cluster)
            deploy_earlier(self.cluster, self.hosts, scene.killed)
        for index in scene.foreign:
            leave_foreign(self.hosts[index])
        self._responder.start()
        for index in scene.closed:
            self._sockets[index].close()
        for index, (server, one) in enumerate(zip(self._servers, self._sockets, strict=True)):
            if index not in scene.closed:
                await server.serve(one)

    def _build(self) -> bad.Scene:
        """Make the machines, and let what goes wrong go wrong."""
        from vip_tui.demo.clock import LoopClock
        from vip_tui.demo.dockerd import Dockerd
        from vip_tui.demo.host import Host, Wire

        clock = LoopClock()
        wire = Wire(clock)
        self.hosts = [Host(number, wire, clock) for number in range(1, len(self._sockets) + 1)]
        for host in self.hosts:
            host.docker = Dockerd(host)
            host.changed = self._addresses_changed
        for host, node in zip(self.hosts, self.cluster.nodes, strict=True):
            host.ssh = f"{node.user}@{node.endpoint}"
        scene = bad.Scene(self.hosts, wire, VIP)
        bad.strike(self._misfortunes, scene)
        return scene

    async def close(self) -> None:
        """End everything; safe to call twice, and after a failed start."""
        async with self._changing:
            await self._end()

    async def _end(self) -> None:
        self._state = "closed"
        for server in self._servers:
            await server.close()
        self._servers = []
        for host in self.hosts:
            await host.close()
        self._responder.close()
        for one in self._sockets:
            one.close()

    def holders(self) -> list[str]:
        """The names of the hosts whose kernel has the VIP."""
        return [host.name for host in self.hosts if host.has(VIP)]

    def _addresses_changed(self) -> None:
        self._responder.answering = any(host.has(VIP) for host in self.hosts)
