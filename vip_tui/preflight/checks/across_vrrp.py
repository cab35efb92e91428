"""Other virtual routers with our VRID, and whether VRRP gets from each node to each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Literal

from vip_tui.cluster import Cluster, IPAddress, Node
from vip_tui.preflight.checks.firewall import DIRECTIONS, judge
from vip_tui.preflight.checks.kinds import ClusterCheck
from vip_tui.preflight.heard import Advertisement, Heard
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.packets import Direction
from vip_tui.preflight.peers import Place, places, whose
from vip_tui.preflight.resolve import choose_vrid, new_vrid, vrids_beside, vrids_of_others

TOGETHER_S = 1.5  # half of the window: who began later than this was not heard by the others
SHOWN = 8
LISTEN = "Install tcpdump, python3 or perl on a node, and let its account be root there."

# How it stands with one way, from one node to another.
Way = Literal["open", "blocked out", "blocked in", "lost", "untried"]
Rules = dict[tuple[Direction, IPAddress], str]


def vrid_free(cluster: Cluster, learnt: Sequence[Learnt]) -> Finding:
    vrid = choose_vrid(cluster, learnt)
    ears = [one for one in learnt if one.heard is not None and one.heard.adverts is not None]
    deaf = [(one.name, _deaf(one)) for one in learnt if one not in ears]
    foreign = _foreign(cluster, ears)
    clashing = [advert for advert in foreign if advert.vrid == vrid]
    others = [str(advert) for advert in foreign if advert.vrid != vrid]
    beside = [
        f"{container} on {name} has VRID {vrid} too"
        for name, container, number in vrids_beside(learnt)
        if number == vrid
    ]
    if clashing or beside:
        free = new_vrid(cluster, vrids_of_others(learnt) | {vrid})
        who = [
            f"{advert.source} advertises VRID {vrid} with priority {advert.priority}"
            for advert in clashing
        ]
        who += beside
        remedy = f"Give this cluster another one in its file: `vrid = {free}` is not in use. "
        remedy += "Or end that virtual router, if nothing needs it."
        evidence = _some([*map(str, clashing), *beside, *others])
        return Finding("vrid-free", "fail", _some(list(dict.fromkeys(who))), evidence, remedy)
    if not ears:
        why = _some([f"{name}: {reason}" for name, reason in deaf])
        return Finding("vrid-free", "unknown", "no node could listen", why, LISTEN)
    listened = f"{', '.join(one.name for one in ears[:SHOWN])} listened"
    told = [f"other VRIDs: {_some(others)}" if others else "no other virtual router was heard"]
    told += [f"{name} could not: {reason}" for name, reason in deaf[:SHOWN]]
    summary = f"nobody else advertises VRID {vrid}"
    return Finding("vrid-free", "pass", summary, f"{listened}; {'; '.join(told)}")


def _deaf(one: Learnt) -> str:
    """Why a node could not listen."""
    if one.heard is None:
        return "it could not be asked"
    return one.heard.deaf or str(one.heard.problem or "it was not asked to")


def _foreign(cluster: Cluster, ears: Sequence[Learnt]) -> list[Advertisement]:
    """Each router's advertisement once, of those that are for all or for one of us."""
    ours = whose(cluster, ears).keys()
    seen: dict[tuple[IPAddress, int], Advertisement] = {}
    for one in ears:
        for advert in one.heard.adverts or () if one.heard else ():
            for_us = advert.target.is_multicast or advert.target in ours
            if advert.source not in ours and for_us:
                seen.setdefault((advert.source, advert.vrid), advert)
    return list(seen.values())


def vrrp_path(cluster: Cluster, learnt: Sequence[Learnt]) -> Finding:
    met = places(cluster, learnt)
    rules = {place.one.node: _rules(place, met) for place in met}
    ways = {(a.name, b.name): _way(a, b, rules) for a, b in permutations(met, 2)}
    texts: list[str] = []
    remedies: list[str] = []
    for state, words, remedy in _BAD:
        if bad := [pair for pair, way in ways.items() if way == state]:
            texts += [words.format(*pair) for pair in bad]
            remedies.append(remedy)
    if texts:
        summary = "IP protocol 112 does not get from each node to each other"
        return Finding("vrrp-path", "fail", summary, _some(texts), " ".join(remedies))
    count = len(ways)
    untried = [pair for pair, way in ways.items() if way == "untried"]
    if not untried:
        evidence = "packets of IP protocol 112 came through the firewall of each receiver"
        return Finding("vrrp-path", "pass", f"open between all nodes, {count} ways", evidence)
    why = list(dict.fromkeys(filter(None, map(_why, learnt))))
    pairs = [f"{a} → {b}" for a, b in untried]
    summary = f"could not be tried: {_some(pairs)}"
    if len(untried) == count:
        summary = "could not be tried before anything is deployed"
    bare = [one.name for one in learnt if one.heard and one.heard.mute.startswith("the node has")]
    remedy = "Mend what keeps the nodes from being asked."
    if bare:
        remedy = f"Install python3 or perl on {', '.join(bare)}: either can send and receive such "
        remedy += "packets. Else the panel shows, once it runs, whether the nodes hear each other."
    return Finding("vrrp-path", "unknown", summary, _some(why) or "not at the same time", remedy)


_BAD: tuple[tuple[Way, str, str], ...] = (
    ("blocked out", "{0}'s firewall drops it to {1}", "Open it: see `firewall` of the node."),
    ("blocked in", "{1}'s firewall drops it from {0}", "Open it: see `firewall` of the node."),
    (
        "lost",
        "from {0} none arrives at {1}",
        "Look between them: a switch, a hypervisor's or a cloud's network that drops what is "
        "neither TCP nor UDP.",
    ),
)


def _way(one: Place, peer: Place, rules: Mapping[Node, Rules]) -> Way:
    """How it stands with the way from one node to another."""
    source, target = one.address, peer.address
    if source is None or target is None:
        return "untried"
    if rules[one.one.node].get(("output", target)) == "drops":
        return "blocked out"
    ear, mouth = peer.one.heard, one.one.heard
    if ear is not None and ear.through is not None and source in ear.through:
        return "open"
    incoming = rules[peer.one.node].get(("input", source))
    if incoming == "drops":
        return "blocked in"
    if ear is None:
        return "untried"
    if ear.through is None:
        return "open" if source in ear.arrived and incoming == "passes" else "untried"
    if mouth is not None and target in mouth.sent and _together(mouth, ear):
        return "blocked in" if source in ear.arrived else "lost"
    return "untried"


def _together(one: Heard, other: Heard) -> bool:
    return abs(one.ended_s - other.ended_s) <= TOGETHER_S


def _rules(place: Place, met: Sequence[Place]) -> Rules:
    """What a node's own rules do to its peers' packets: drops, passes, or unknown."""
    host = place.one.host
    if host is None or host.network.unseen:
        return {}
    others = [peer.address for peer in met if peer is not place and peer.address is not None]
    found: Rules = {(way, peer): "passes" for way in DIRECTIONS for peer in others}
    for item in judge(host.network, others, place.interface, place.address):
        if item.peer is None:
            continue
        key = (item.direction, item.peer)
        if item.block:
            found[key] = "drops"
        elif item.doubt and found[key] == "passes":
            found[key] = "unknown"
    return found


def _why(one: Learnt) -> str:
    """What kept a node from sending or receiving."""
    if one.heard is None:
        return f"{one.name} could not be asked"
    reason = one.heard.mute or str(one.heard.problem or "")
    return f"{one.name}: {reason}" if reason else ""


def _some(texts: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    rest = len(texts) - SHOWN
    return "; ".join(texts[:SHOWN]) + (f"; and {rest} more" if rest > 0 else "")


CHECKS: dict[str, ClusterCheck] = {"vrid-free": vrid_free, "vrrp-path": vrrp_path}
