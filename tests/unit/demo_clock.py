"""A clock that a test turns by hand, and a small simulated cluster on it."""

from __future__ import annotations

import heapq
import ipaddress
import itertools
from collections.abc import Callable
from typing import Any

from vip_tui.cluster import Secret, parse_vip
from vip_tui.demo.container import Container
from vip_tui.demo.dockerd import Dockerd
from vip_tui.demo.host import Host, Wire
from vip_tui.demo.past import configuration
from vip_tui.keepalived.recipe import Member, Router, container_spec
from vip_tui.keepalived.spec import CONTAINER_NAME

VIP = "198.18.0.100"
IMAGE = "osixia/keepalived:2.0.20"


class _Timer:
    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class FakeClock:
    """Satisfies ``demo.clock.Clock``; time goes on only in ``advance``."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._heap: list[tuple[float, int, _Timer]] = []
        self._count = itertools.count()

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], object]) -> _Timer:
        timer = _Timer(callback)
        heapq.heappush(self._heap, (self.now + delay, next(self._count), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Let time pass; every timer sees the moment at which it was due."""
        end = self.now + seconds
        while self._heap and self._heap[0][0] <= end + 1e-9:
            due, _, timer = heapq.heappop(self._heap)
            self.now = max(self.now, due)
            if timer.callback is not None:
                timer.callback()
        self.now = end


class Segment:
    """Hosts on one wire, whose keepaliveds run by the clock alone, without an event loop."""

    def __init__(self, count: int = 3) -> None:
        self.clock = FakeClock()
        self.wire = Wire(self.clock)
        self.hosts = [Host(number, self.wire, self.clock) for number in range(1, count + 1)]
        for host in self.hosts:
            host.docker = Dockerd(host)
            host.docker.images.add(IMAGE)

    def run(self, index: int, priority: int, **changes: str) -> Container:
        """Make and start a container; ``changes`` replace its environment's values."""
        host = self.hosts[index]
        one = host.docker.put(CONTAINER_NAME, body(self.hosts, index, priority, **changes))
        host.docker.animate(one)
        assert one.process is not None
        one.process.start()
        return one

    def run_all(self, *priorities: int) -> list[Container]:
        """Start all, and let the election end."""
        made = [self.run(index, priority) for index, priority in enumerate(priorities)]
        self.clock.advance(5)
        return made

    def stop(self, index: int) -> None:
        """``docker stop``, without waiting for its end."""
        one = self.hosts[index].docker.find(CONTAINER_NAME)
        one.ended_by_hand = True
        assert one.process is not None
        one.process.terminate()

    def kill(self, index: int) -> None:
        """``docker kill``."""
        docker = self.hosts[index].docker
        docker.find(CONTAINER_NAME).ended_by_hand = True
        docker.crash(CONTAINER_NAME)

    @property
    def holders(self) -> list[str]:
        """The hosts whose kernel has the VIP."""
        return [host.name for host in self.hosts if host.has(VIP)]

    def until_held(self, by: str, limit: float = 10.0) -> float:
        """The seconds until this host alone, or among others, has the VIP."""
        began = self.clock.now
        while by not in self.holders:
            self.clock.advance(0.001)
            assert self.clock.now - began < limit, f"{by} never took the VIP"
        return self.clock.now - began


def body(hosts: list[Host], index: int, priority: int, **changes: str) -> dict[str, Any]:
    """The body that creates the recipe's container for one of the hosts."""
    addresses = tuple(ipaddress.ip_address(host.address) for host in hosts)
    router = Router("demo", (parse_vip(VIP),), 100, Secret("demopass"), IMAGE)
    spec = container_spec(router, Member(addresses[index], "eth0", priority), addresses)
    made = configuration(spec)
    environment = dict(item.split("=", 1) for item in made["Env"])
    environment |= {f"KEEPALIVED_{key}": value for key, value in changes.items()}
    return made | {"Env": [f"{key}={value}" for key, value in environment.items()]}


def said(one: Container, text: str) -> list[str]:
    """The lines of a container's log with this text in them."""
    return [line.text for line in one.log.lines if text in line.text]
