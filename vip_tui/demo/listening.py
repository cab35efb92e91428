"""What a simulated host hears on the simulated wire while it listens, in the tools' own words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from vip_tui.demo.clock import now_ns, pause
from vip_tui.demo.host import Host
from vip_tui.demo.session import Call, Session
from vip_tui.demo.vrrp import Advert

WINDOW_S = 1.1  # an advertisement comes each second; the real window is longer
VRRP_GROUP = "224.0.0.18"
_GROUP_MAC = "01:00:5e:00:00:12"
_NO_ROOT = "Operation not permitted"


async def listen(host: Host, session: Session, call: Call) -> int:
    """As root: everything."""
    _seconds, name, own, vips, peers = call.arguments
    heard: list[Advert] = []
    host.listening.append(heard.append)
    try:
        await pause(host.clock, WINDOW_S)
    finally:
        host.listening.remove(heard.append)
    lines = [
        *_asked(host, name, own, vips.split(), peers.split()),
        *(f"tcpdump {name} {line}" for line in _tcpdump(host, name, own, heard)),
        *(f"probe {name} {line}" for line in _probe(host, heard, own, peers.split())),
        *(f"neighbour {name} {line}" for line in _neighbours(host, vips.split(), peers.split())),
    ]
    session.out("".join(f"{line}\n" for line in lines))
    return 0


async def listen_as_user(host: Host, session: Session, call: Call) -> int:
    """What needs no rights: routes, pings, and the neighbour table as it is."""
    _seconds, name, own, vips, peers = call.arguments
    await pause(host.clock, WINDOW_S)
    denied = f"tcpdump: {name}: You don't have permission to capture on that device"
    lines = [
        line
        for line in _asked(host, name, own, vips.split(), peers.split())
        if not line.endswith((" flushed", "ms")) or line.startswith("ping ")
    ]
    lines += [f"tcpdump {name} {denied}", f"probe {name} denied {_NO_ROOT}"]
    lines += [f"neighbour {name} {line}" for line in _neighbours(host, [], peers.split())]
    session.out("".join(f"{line}\n" for line in lines))
    return 0


def _asked(host: Host, name: str, own: str, vips: list[str], peers: list[str]) -> Iterator[str]:
    """Routes to the peers, round trips, and who answers for the VIPs."""
    for peer in peers:
        yield f"route {peer} {peer} dev {name} src {own} uid {host.uid} "
        yield f"route {peer}     cache "
        there = host.wire.host_with(peer)
        trips = _trips(host, there) if there else []
        yield f"ping {peer} PING {peer} ({peer}) 56(84) bytes of data."
        for number, trip in enumerate(trips, 1):
            yield f"ping {peer} 64 bytes from {peer}: icmp_seq={number} ttl=64 time={trip:.3f} ms"
        yield f"ping {peer} 4 packets transmitted, {len(trips)} received"
    for vip in vips:
        yield from (f"vip {vip} {line}" for line in _answer(host, name, own, vip))


def _trips(host: Host, there: Host) -> list[float]:
    """Milliseconds of four pings: the first waits for ARP."""
    far = 1000 * (host.faults.distance_s + there.faults.distance_s)
    step = (int(host.address.rpartition(".")[2]) + int(there.address.rpartition(".")[2])) % 5
    return [far + 0.21 + step / 100 + extra for extra in (0.32, 0.0, 0.02, 0.01)]


def _answer(host: Host, name: str, own: str, vip: str) -> Iterator[str]:
    if host.has(vip):
        yield "own"
        return
    mac = host.wire.owner(vip, host)
    yield "flushed"
    yield f"ARPING {vip} from {own} {name}"
    if mac is not None:
        for _ in range(2):
            yield f"Unicast reply from {vip} [{mac.upper()}]  0.612ms"
        yield "answered"
    yield "Sent 2 probes (1 broadcast(s))"
    yield f"Received {2 if mac else 0} response(s)"
    yield f"{vip} dev {name} lladdr {mac} REACHABLE " if mac else f"{vip} dev {name} FAILED "


def _tcpdump(host: Host, name: str, own: str, heard: list[Advert]) -> Iterator[str]:
    """Two lines a packet: those of our own nodes are for one of them, the strangers' for all."""
    kind = "link-type EN10MB (Ethernet), snapshot length 262144 bytes"
    yield f"tcpdump: listening on {name}, {kind}"
    packets = [(advert, own) for advert in heard]
    packets += [(advert, VRRP_GROUP) for advert in host.wire.routers]
    for advert, target in packets:
        mac = host.wire.owner(advert.source, host) or "00:00:00:00:00:00"
        to = _GROUP_MAC if target == VRRP_GROUP else host.interfaces[1].mac
        length = 16 + 4 * len(advert.vips)
        yield (
            f"{_time()} {mac} > {to}, ethertype IPv4 (0x0800), length {length + 34}: (tos 0xc0, "
            f"ttl 255, id 1, offset 0, flags [none], proto VRRP (112), length {length + 20})"
        )
        addresses = ",".join(vip.partition("/")[0] for vip in advert.vips)
        yield (
            f"    {advert.source} > {target}: VRRPv2, Advertisement, vrid {advert.vrid}, "
            f"prio {advert.priority}, authtype simple, intvl 1s, length {length}, "
            f"addrs: {addresses}"
        )


def _time() -> str:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=now_ns() // 1000)
    return f"{moment:%H:%M:%S.%f}"


def _probe(host: Host, heard: list[Advert], own: str, peers: list[str]) -> Iterator[str]:
    """Each peer sends some, which the firewall lets through or not."""
    yield "listening"
    for peer in peers:
        there = host.wire.host_with(peer)
        if there is None:
            continue
        yield f"sent {peer}"
        if not (there.root or there.sudo_password):
            continue
        yield f"advert {peer} {own} 0 0 0 {host.wire.owner(peer, host)} -"
        if not any(line.startswith("ip protocol vrrp drop") for line in host.firewall[:1]):
            yield f"through {peer} 0"
    for advert in heard:
        yield f"through {advert.source} {advert.vrid}"


def _neighbours(host: Host, vips: list[str], peers: list[str]) -> Iterator[str]:
    wanted = [*peers, *(ip for ip in vips if not host.has(ip)), *host.wire.strangers]
    for ip in dict.fromkeys(wanted):
        mac = host.wire.owner(ip, host)
        yield f"{ip} lladdr {mac} REACHABLE " if mac else f"{ip} FAILED "
