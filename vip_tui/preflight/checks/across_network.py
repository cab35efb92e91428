"""Whether the nodes share one link, and how far they are from each other. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Interface, IPv6Interface
from itertools import combinations

from vip_tui.cluster import Cluster
from vip_tui.preflight.checks.kinds import ClusterCheck
from vip_tui.preflight.heard import Distance, Heard, Neighbour, Route
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.peers import Place, macs, places
from vip_tui.preflight.resolve import node_names

FAR_MS = 5.0  # the recipe wants a low-latency link; advertisements have a second, or less
SHOWN = 12  # pairs that an evidence tells of, the worst first
ONE_LINK = "A VIP moves only within one link: put the nodes' interfaces into one LAN or VLAN."
Interface = IPv4Interface | IPv6Interface


def subnet(cluster: Cluster, learnt: Sequence[Learnt]) -> Finding:
    met = places(cluster, learnt)
    networks = {place.name: _network(place) for place in met}
    evidence = _some([f"{name} {at}" for name, at in networks.items() if at], ", ")
    apart, uneven = _compared(networks)
    if apart:
        summary = f"different subnets: {_some(apart)}"
        return Finding("subnet", "fail", summary, evidence, ONE_LINK)
    said = {(a.name, b.name): pair for a in met for b, pair in _pairs(a, met)}
    if parted := [text for verdict, text in said.values() if verdict == "apart"]:
        return Finding("subnet", "fail", "not one link", _some(parted), ONE_LINK)
    if uneven:
        summary = f"the subnet has two sizes: {_some(uneven)}"
        remedy = "Give all nodes the same prefix length there."
        return Finding("subnet", "warn", summary, evidence, remedy)
    if odd := [text for verdict, text in said.values() if verdict == "odd"]:
        summary = "another machine seems to stand between nodes"
        remedy = "Look for a router or proxy that answers ARP for the nodes (proxy_arp)."
        return Finding("subnet", "warn", summary, _some(odd), remedy)
    if blind := [name for name, at in networks.items() if at is None]:
        remedy = f"Mend what keeps {_some(blind)} from being asked."
        return Finding("subnet", "unknown", f"not known of {_some(blind)}", evidence, remedy)
    loose = [
        f"{a.name} and {b.name}"
        for a, b in combinations(met, 2)
        if "link" not in (said[a.name, b.name][0], said[b.name, a.name][0])
    ]
    if loose:
        summary = f"one subnet; whether it is one link is not known of {_some(loose)}"
        remedy = "Look whether each answers the other's ARP: `arping` from one to the other."
        return Finding("subnet", "unknown", summary, evidence, remedy)
    shared = next((at.network for at in networks.values() if at), "")
    return Finding("subnet", "pass", f"one link, {shared}", evidence)


def _network(place: Place) -> Interface | None:
    """The node's own address on the VIP's interface, with its subnet."""
    on = place.one.host.on(place.interface) if place.one.host else ()
    return next((address.ip for address in on if address.ip.ip == place.address), None)


def _compared(networks: Mapping[str, Interface | None]) -> tuple[list[str], list[str]]:
    """The pairs that are outside each other's subnet, and those that disagree on its size."""
    apart: list[str] = []
    uneven: list[str] = []
    for (a, left), (b, right) in combinations(networks.items(), 2):
        if left is None or right is None or left.network == right.network:
            continue
        mutual = left.ip in right.network and right.ip in left.network
        (uneven if mutual else apart).append(f"{a} and {b}")
    return apart, uneven


def _pairs(place: Place, met: Sequence[Place]) -> Iterator[tuple[Place, tuple[str, str]]]:
    """What a node's routes and neighbour table say of the link to each other node."""
    heard = place.one.heard or Heard()
    routes = {route.peer: route for route in heard.routes}
    rows = {row.ip: row for row in heard.neighbours}
    for peer in met:
        if peer is place:
            continue
        route = routes.get(peer.address) if peer.address else None
        row = rows.get(peer.address) if peer.address else None
        yield peer, _pair(place.name, peer, route, row)


def _pair(name: str, peer: Place, route: Route | None, row: Neighbour | None) -> tuple[str, str]:
    if route is not None and route.gateway:
        return "apart", f"{name} reaches {peer.name} through {route.gateway}"
    if row is None:
        return "unknown", ""
    where = f"{peer.name}, {peer.address}"
    if not row.mac:
        return "apart", f"{name} gets no answer to its ARP for {where}"
    known = macs(peer.one)
    if known and row.mac not in known:
        return "odd", f"{name} sees {where}, at {row.mac}, which is none of its own"
    return "link", ""


def latency(cluster: Cluster, learnt: Sequence[Learnt]) -> Finding:
    distances = dict(_distances(cluster, learnt))
    known = {pair: one.median_ms for pair, one in distances.items() if one.median_ms is not None}
    ordered = sorted(known.items(), key=lambda item: -(item[1] or 0))
    evidence = ", ".join(f"{a} → {b} {_ms(ms)}" for (a, b), ms in ordered[:SHOWN])
    if len(ordered) > SHOWN:
        evidence += f", and {len(ordered) - SHOWN} more that are nearer"
    remedy = "Put the nodes on one low-latency link; look for load, or a VPN between them."
    if far := [pair for pair, ms in ordered if (ms or 0) > FAR_MS]:
        summary = f"more than {FAR_MS:g} ms between {_some(_named(far))}"
        return Finding("latency", "warn", summary, evidence, remedy)
    lossy = [pair for pair, one in distances.items() if _loses(one)]
    if lossy:
        summary = f"packets are lost between {_some(_named(lossy))}"
        lost = [
            f"{a} → {b}: {len(distances[a, b].trips_ms)} of {distances[a, b].sent} came back"
            for a, b in lossy
        ]
        return Finding("latency", "warn", summary, f"{_some(lost)}; {evidence}", remedy)
    unmeasured = [
        (a, b)
        for a, b in combinations(node_names(learnt), 2)
        if (a, b) not in known and (b, a) not in known
    ]
    if unmeasured:
        summary = f"not known between {_some(_named(unmeasured))}"
        said = [one.problem for one in distances.values() if one.problem]
        silent = [
            f"{b} does not answer {a}'s ping"
            for (a, b), one in distances.items()
            if one.sent and not one.trips_ms
        ]
        why = "; ".join(part for part in (_some(silent), _some(said), evidence) if part)
        remedy = "Let the nodes answer ping (ICMP echo), and have ping installed on them."
        return Finding("latency", "unknown", summary, why or "nobody was asked", remedy)
    nearest, farthest = _ms(ordered[-1][1]), _ms(ordered[0][1])
    return Finding("latency", "pass", f"{nearest} to {farthest} between all nodes", evidence)


def _loses(one: Distance) -> bool:
    return bool(one.trips_ms) and len(one.trips_ms) * 2 <= one.sent


def _distances(
    cluster: Cluster, learnt: Sequence[Learnt]
) -> Iterator[tuple[tuple[str, str], Distance]]:
    """What each node measured to each other, by their names."""
    met = places(cluster, learnt)
    names = {place.address: place.name for place in met if place.address is not None}
    for place in met:
        for distance in place.one.heard.distances if place.one.heard else ():
            if (peer := names.get(distance.peer)) is not None:
                yield (place.name, peer), distance


def _ms(milliseconds: float | None) -> str:
    return f"{milliseconds or 0:.2g} ms"


def _named(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Each pair once, whichever way it was measured."""
    return list(dict.fromkeys(" and ".join(sorted(pair)) for pair in pairs))


def _some(texts: Sequence[str], between: str = "; ") -> str:
    """The first few, and how many more there are."""
    rest = len(texts) - SHOWN
    return between.join([*texts[:SHOWN], *([f"and {rest} more"] if rest > 0 else [])])


CHECKS: dict[str, ClusterCheck] = {"subnet": subnet, "latency": latency}
