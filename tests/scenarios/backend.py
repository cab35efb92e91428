"""What a scenario needs of a cluster, and the two that have it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Coroutine
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, Self, TypeVar
from urllib.parse import urlsplit

from tests.lab import Lab, LabError, look
from vip_tui.cluster import Cluster, Node, parse_vip
from vip_tui.store import Store

T = TypeVar("T")
Verb = Literal["start", "stop", "kill", "pause", "unpause", "remove"]


class Client(Protocol):
    """Somebody who asks the VIP all the time."""

    answers: list[float]

    @property
    def longest_gap(self) -> float:
        """The longest time between two answers, in seconds."""


class Backend(Protocol):
    """A cluster of three nodes, seen past vip-tui: what is so, and what somebody does by hand."""

    kind: Literal["embedded", "lab"]
    cluster: Cluster  # leaves open what a file can leave open
    store: Store  # knows the nodes' host keys
    identity: Path
    names: list[str]
    vrrp_addresses: list[str]

    def docker(self, verb: Verb, *names: str) -> None:
        """What `docker VERB keepalived` does on these nodes, side by side; waits for its end."""

    def holders(self) -> list[str]:
        """The nodes that have the VIP on an interface."""

    def client(self) -> AbstractContextManager[Client]:
        """A client that asks the VIP every 10 ms."""

    def complaints(self) -> list[str]:
        """What vip-tui left running, and what it asked for that no node knows."""

    def close(self) -> None:
        """Ends the nodes."""


class Loop:
    """An event loop on a thread of its own, for what has to go on while a test waits."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T], timeout: float = 60) -> T:
        """Runs a coroutine on the loop to its end."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class LabBackend:
    """Three nodes of the lab, their Docker without the image."""

    kind: Literal["embedded", "lab"] = "lab"

    def __init__(self, lab: Lab, folder: Path, vip: str) -> None:
        self._vip = vip
        # As the embedded ones have it: a real kernel's ip_vs is the machine's own matter.
        self._nodes = lab.add_nodes(3, ip_vs="loadable")
        self._by_name = {node.name: node for node in self._nodes}
        self.names = [node.name for node in self._nodes]
        self.vrrp_addresses = [node.address for node in self._nodes]
        self.identity = lab.key
        self.store = Store(folder / "store")
        self.store.write(self.store.known_hosts, lab.known_hosts.read_text())
        nodes = tuple(Node(node.address, user=node.user) for node in self._nodes)
        self.cluster = Cluster("scenario", (parse_vip(vip),), nodes)

    def docker(self, verb: Verb, *names: str) -> None:
        words = ("rm", "--force") if verb == "remove" else (verb,)
        look.at_once(lambda name: self._by_name[name].docker(*words, "keepalived"), names)

    def holders(self) -> list[str]:
        return look.holders(self._nodes, self._vip)

    def client(self) -> AbstractContextManager[Client]:
        return look.Pinger(self._vip)

    def complaints(self) -> list[str]:
        with contextlib.suppress(LabError):  # what it left is said below
            look.wait_no_processes(self._nodes, 5)
        return [line for node in self._nodes for line in look.processes(node)]

    def close(self) -> None:
        for node in self._nodes:
            node.destroy()


class EmbeddedBackend:
    """The embedded cluster, on an event loop of its own."""

    kind: Literal["embedded", "lab"] = "embedded"

    def __init__(self, folder: Path) -> None:
        from vip_tui.demo import EmbeddedCluster

        self._loop = Loop("embedded-cluster")
        self._embedded = EmbeddedCluster(folder)
        self._loop.call(self._embedded.start())
        self._hosts = {host.name: host for host in self._embedded.hosts}
        self.names = [host.name for host in self._embedded.hosts]
        self.vrrp_addresses = [host.address for host in self._embedded.hosts]
        self.identity = self._embedded.identity
        self.store = self._embedded.store
        self.cluster = self._embedded.cluster

    def docker(self, verb: Verb, *names: str) -> None:
        async def at_once() -> None:
            engines = [self._hosts[name].docker for name in names]
            await asyncio.gather(*(getattr(engine, verb)("keepalived") for engine in engines))

        self._loop.call(at_once())

    def holders(self) -> list[str]:
        async def look_there() -> list[str]:
            return self._embedded.holders()

        return self._loop.call(look_there())

    def client(self) -> AbstractContextManager[Client]:
        return Asker(self.cluster.probe)

    def complaints(self) -> list[str]:
        return list(self._embedded.unknown_commands)

    def close(self) -> None:
        try:
            self._loop.call(self._embedded.close())
        finally:
            self._loop.close()


class Asker:
    """Asks a URL every 10 ms and remembers when it was answered."""

    INTERVAL_S = 0.01

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None and parts.port is not None
        self._target = (parts.hostname, parts.port)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self.answers: list[float] = []

    def _ask(self) -> None:
        due = time.monotonic()
        while not self._done.is_set():
            try:
                with socket.create_connection(self._target, timeout=0.2) as stream:
                    stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    if stream.recv(16).startswith(b"HTTP/"):
                        self.answers.append(time.monotonic())
            except OSError:
                pass  # nobody has the address now: that is a gap
            due = max(due + self.INTERVAL_S, time.monotonic() - self.INTERVAL_S)
            self._done.wait(max(0.0, due - time.monotonic()))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    @property
    def longest_gap(self) -> float:
        """The longest time between two answers, in seconds."""
        return max(later - earlier for earlier, later in pairwise(self.answers))
