"""A simulated machine: interfaces and addresses, kernel modules, account, lock; and the wire."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from vip_tui.demo.clock import Clock
from vip_tui.demo.vrrp import Advert

if TYPE_CHECKING:
    from vip_tui.demo.dockerd import Dockerd

LATENCY_S = 0.0003  # of the simulated wire
_FOREVER = "valid_lft forever preferred_lft forever"


@dataclass(slots=True)
class Interface:
    """A network interface, with its addresses in the order the kernel lists them."""

    index: int
    name: str
    mac: str
    addresses: list[str] = field(default_factory=list)
    flags: str = "BROADCAST,MULTICAST,UP,LOWER_UP"
    state: str = "UP"


@dataclass(slots=True)
class Faults:
    """What is wrong with a machine, where a misfortune says so."""

    delay_s: float = 0.0  # by which every answer is late
    docker: Literal["up", "down", "hangs"] = "up"
    registry: str = ""  # what the registry says instead of knowing the image
    pull: str = ""  # what it says instead of giving it
    architecture: str = "amd64"  # of the image that is there
    other_image: bool = False  # whether what is there has the name, but is another one
    clock_ahead_s: float = 0.0
    in_cloud: bool = False  # whether its DMI data is Amazon's
    free_kb: int | None = None  # on its disk
    start: list[str] = field(default_factory=list)  # what the next starts fail with
    noise: tuple[str, ...] = ()  # lines that a container logs on top of its own
    refuses_key: bool = False
    distance_s: float = 0.0  # that a packet needs beyond the wire's own time, there and back


class Wire:
    """The link that all machines share; who has which address, and who hears whom."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.hosts: list[Host] = []
        self.strangers: dict[str, str] = {}  # address → MAC of machines that are none of ours
        self.routers: list[Advert] = []  # what strangers advertise, each second
        self.cut = False  # whether advertisements are dropped

    def send(self, destination: str, advert: Advert) -> None:
        """Carry an advertisement to whoever has the address."""
        if self.cut:
            return
        for host in self.hosts:
            if host.has(destination):
                self._clock.call_later(LATENCY_S, lambda to=host: to.deliver(advert))  # type: ignore[misc]
                return

    def host_with(self, ip: str) -> Host | None:
        """The machine that has an address."""
        return next((host for host in self.hosts if host.has(ip)), None)

    def owner(self, ip: str, asking: Host) -> str | None:
        """The MAC that answers an ARP request for an address, or None."""
        for host in self.hosts:
            if host is not asking and (interface := host.interface_with(ip)) is not None:
                return interface.mac
        return self.strangers.get(ip)


class Host:
    """One machine; what it knows of itself is what the answers are made of."""

    docker: Dockerd

    def __init__(self, number: int, wire: Wire, clock: Clock) -> None:
        self.name = self.hostname = f"n{number}"
        self.address = f"198.18.0.{10 + number}"
        self.clock = clock
        self.user = "root"
        self.uid = 0
        self.sudo = False
        self.sudo_password = ""  # what sudo asks for, where it is not free
        self.ip_vs: Literal["loaded", "loadable", "missing"] = "loadable"
        self.ip_vs_persisted = False
        self.etc_modules = ""  # the line about ip_vs in /etc/modules
        self.lock_holder = ""
        self.ssh = ""  # where SSH reaches it, as user@address:port
        self.availability: Literal["active", "pause", "drain"] = "active"  # in the Swarm
        self.docker_at_boot = True
        self.firewall: list[str] = []  # rules of nft's input chain, before the usual ones
        self.faults = Faults()
        self.wire = wire
        self.listening: list[Callable[[Advert], None]] = []  # sockets of IP protocol 112
        self.watching: list[Callable[[str], None]] = []  # who is told of addresses that go
        self.following: list[Callable[[str], None]] = []  # who is told each line of ip monitor
        self.changed: Callable[[], None] = lambda: None
        self._tasks: set[asyncio.Task[None]] = set()
        tail = f"{number:02x}"
        eth0 = Interface(2, "eth0", f"02:00:c6:12:00:{tail}", [f"{self.address}/24"])
        eth0.addresses.append(f"fe80::c6ff:fe12:{number:x}/64")
        down = "NO-CARRIER,BROADCAST,MULTICAST,UP"
        self.interfaces = [
            Interface(
                1,
                "lo",
                "00:00:00:00:00:00",
                ["127.0.0.1/8", "::1/128"],
                "LOOPBACK,UP,LOWER_UP",
                "UNKNOWN",
            ),
            eth0,
            Interface(3, "docker0", f"02:42:c6:12:00:{tail}", ["172.17.0.1/16"], down, "DOWN"),
        ]
        wire.hosts.append(self)

    @property
    def root(self) -> bool:
        """Whether what we run there is root's, by itself or by sudo."""
        return self.uid == 0 or self.sudo

    # --- what goes on by itself, whoever asked for it

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Let work go on as a process of this machine."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """The machine is switched off."""
        self.docker.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- addresses

    def interface(self, name: str) -> Interface | None:
        """The interface of that name."""
        return next((item for item in self.interfaces if item.name == name), None)

    def interface_with(self, ip: str) -> Interface | None:
        """The interface that has an address."""
        return next(
            (
                item
                for item in self.interfaces
                if any(cidr.partition("/")[0] == ip for cidr in item.addresses)
            ),
            None,
        )

    def has(self, ip: str) -> bool:
        """Whether the kernel has an address."""
        return self.interface_with(ip) is not None

    def own_address(self, name: str) -> str | None:
        """An interface's first IPv4 address, which is its primary one."""
        interface = self.interface(name)
        for cidr in interface.addresses if interface else ():
            if ipaddress.ip_interface(cidr).version == 4:
                return cidr.partition("/")[0]
        return None

    def set_subnet(self, cidr: str) -> None:
        """Give eth0 another address than the one it was made with."""
        eth0 = self.interfaces[1]
        eth0.addresses[0] = cidr
        self.address = cidr.partition("/")[0]

    def add_address(self, cidr: str, name: str) -> bool:
        """``ip addr add``; False where it is there already, or the interface is not."""
        interface = self.interface(name)
        if interface is None or cidr in interface.addresses:
            return False
        at = 1 + max(
            (i for i, other in enumerate(interface.addresses) if ":" not in other), default=-1
        )
        interface.addresses.insert(at, cidr)
        self.changed()
        self._tell(address_line(interface, cidr))
        return True

    def remove_address(self, cidr: str, name: str) -> bool:
        """``ip addr del``; False where it is not there."""
        interface = self.interface(name)
        if interface is None or cidr not in interface.addresses:
            return False
        interface.addresses.remove(cidr)
        self.changed()
        self._tell(f"Deleted {address_line(interface, cidr)}")
        for gone in list(self.watching):
            gone(cidr.partition("/")[0])
        return True

    def remove_ip(self, ip: str) -> None:
        """Remove an address wherever it is, whatever its length."""
        while (interface := self.interface_with(ip)) is not None:
            cidr = next(item for item in interface.addresses if item.partition("/")[0] == ip)
            self.remove_address(cidr, interface.name)

    def _tell(self, line: str) -> None:
        for tell in list(self.following):
            tell(line)

    def address_lines(self) -> list[str]:
        """``ip -o addr show``."""
        return [
            address_line(interface, cidr)
            for interface in self.interfaces
            for cidr in interface.addresses
        ]

    def link_lines(self) -> list[str]:
        """``ip -o link show``."""
        return [
            f"{item.index}: {item.name}: <{item.flags}> mtu {65536 if item.name == 'lo' else 1500} "
            f"qdisc noqueue state {item.state} mode DEFAULT group default qlen 1000\\    "
            f"link/{'loopback' if item.name == 'lo' else 'ether'} {item.mac} "
            f"brd {'00:00:00:00:00:00' if item.name == 'lo' else 'ff:ff:ff:ff:ff:ff'}"
            for item in self.interfaces
        ]

    # --- the wire

    def send(self, destination: str, advert: Advert) -> None:
        """Send an advertisement."""
        self.wire.send(destination, advert)

    def deliver(self, advert: Advert) -> None:
        """An advertisement came in; every open socket hears it."""
        for heard in list(self.listening):
            heard(advert)


def address_line(interface: Interface, cidr: str) -> str:
    """A line as ``ip -o addr show`` and ``ip -o monitor address`` print it."""
    address = ipaddress.ip_interface(cidr)
    label = interface.name
    head = f"{interface.index}: {label}    inet"
    if address.version == 6:
        link = cidr.startswith("fe80")
        scope = "host" if label == "lo" else "link" if link else "global"
        return f"{head}6 {cidr} scope {scope} \\       {_FOREVER}"
    length = address.network.prefixlen
    wide = label != "lo" and length < 31
    brd = f" brd {address.network.broadcast_address}" if wide else ""
    scope = f"host {label}" if label == "lo" else f"global {label}"
    return f"{head} {cidr}{brd} scope {scope}\\       {_FOREVER}"
