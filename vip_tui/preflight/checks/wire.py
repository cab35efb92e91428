"""What is on the wire: who answers for the VIP. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vip_tui.cluster import Cluster, IPAddress
from vip_tui.keepalived.spec import ownership
from vip_tui.preflight.checks.unseen import unheard, unseen
from vip_tui.preflight.heard import Answer
from vip_tui.preflight.learnt import Finding, Fix, Learnt
from vip_tui.preflight.peers import macs, whose

# The MAC addresses of virtual routers that bring their own (RFC 5798, section 7.3).
_VRRP_MAC = re.compile(r"00:00:5e:00:0[12]:([0-9a-f]{2})")
SEVERITY = ("pass", "warn", "unknown", "fail")
FIND_IT = "Find that machine and take the address off it, or give another VIP."


def vip_free(cluster: Cluster, one: Learnt, others: Sequence[Learnt]) -> Finding:
    if one.host is None:
        return unseen("vip-free", one)
    everyone = (one, *(other for other in others if other.node != one.node))
    foreign = _foreign(cluster, one, everyone)
    held = [vip.address for vip in cluster.vip if one.host.holds(vip.address)]
    if held and not foreign:
        found = [_held(cluster, one, vip) for vip in held]
        worst = max(found, key=lambda item: SEVERITY.index(item.status))
        if worst.status != "pass" or len(held) == len(cluster.vip):
            return worst  # else the others have to be asked for
    if foreign:
        return _in_use(cluster, foreign, everyone)
    holders = [
        other.name
        for other in everyone[1:]
        if other.host is not None and any(other.host.holds(vip.address) for vip in cluster.vip)
    ]
    if one.heard is None or one.heard.problem is not None:
        return unheard("vip-free", one)
    vips = {vip.address for vip in cluster.vip} - set(held)
    answers = {answer.vip: answer for answer in one.heard.answers if answer.vip in vips}
    mute = [str(vip) for vip in vips if vip not in answers or answers[vip].problem]
    if mute:
        why = "; ".join(answer.problem for answer in answers.values() if answer.problem)
        remedy = "Install arping or ping on the node, or ask for the VIP from a host beside it."
        summary = f"nobody could be asked for {', '.join(mute)}"
        return Finding("vip-free", "unknown", summary, why or "no answer was read", remedy)
    if holders or held:
        holders = [one.name, *holders] if held else holders
        return Finding("vip-free", "pass", f"held by {', '.join(holders)} of this cluster")
    evidence = f"asked by ARP and ping out of {one.heard.interface}"
    return Finding("vip-free", "pass", "nobody answers for the VIP", evidence)


def _foreign(cluster: Cluster, one: Learnt, everyone: Sequence[Learnt]) -> tuple[Answer, ...]:
    """The answers of machines that are no node of this cluster.

    A node is known by its MAC addresses; where nobody has seen those, by the neighbour table.
    """
    answers = [answer for answer in (one.heard.answers if one.heard else ()) if answer.anybody]
    if not answers:
        return ()
    ours = {mac for each in everyone for mac in macs(each)}
    nodes = whose(cluster, everyone).keys()
    found = []
    for answer in answers:
        strange = tuple(
            mac
            for mac in answer.macs
            if mac not in ours and not nodes & set(_addresses(mac, everyone))
        )
        holders = [each for each in everyone if each.host and each.host.holds(answer.vip)]
        told_apart = all(macs(each) for each in holders)
        nobody_known = not answer.macs and not holders
        if (strange and told_apart) or nobody_known:
            found.append(Answer(answer.vip, strange, answer.pinged))
    return tuple(found)


def _addresses(mac: str, everyone: Sequence[Learnt]) -> tuple[IPAddress, ...]:
    """Which addresses a MAC has, as any node's neighbour table or an advertisement tells."""
    found: dict[IPAddress, None] = {}
    for each in everyone:
        if each.heard is not None:
            found |= {row.ip: None for row in each.heard.neighbours if row.mac == mac}
            found |= {one.source: None for one in each.heard.adverts or () if one.mac == mac}
    return tuple(found)


def _in_use(cluster: Cluster, foreign: Sequence[Answer], everyone: Sequence[Learnt]) -> Finding:
    vips = {vip.address for vip in cluster.vip}
    names, evidence = [], []
    for answer in foreign:
        for mac in answer.macs:
            own = [ip for ip in _addresses(mac, everyone) if ip not in vips and not _local(ip)]
            name = str(own[0]) if own else mac
            names.append(name)
            also = f", which is also {', '.join(map(str, own))}" if own else ""
            virtual = _VRRP_MAC.fullmatch(mac)
            router = f", the MAC of a virtual router, VRID {int(virtual[1], 16)}" if virtual else ""
            evidence.append(f"{answer.vip} is at {mac}{also}{router}")
        if not answer.macs:
            evidence.append(f"{answer.vip} answers ping")
        evidence += [
            str(advert)
            for each in everyone
            for advert in (each.heard.adverts or () if each.heard else ())
            if str(answer.vip) in advert.vips and advert.source not in whose(cluster, everyone)
        ]
    by = f" by {', '.join(dict.fromkeys(names))}" if names else ""
    summary = f"the VIP is in use on the wire{by}"
    return Finding("vip-free", "fail", summary, "; ".join(dict.fromkeys(evidence)), FIND_IT)


def _local(ip: IPAddress) -> bool:
    return ip.version == 6 and ip.is_link_local


def _held(cluster: Cluster, one: Learnt, vip: IPAddress) -> Finding:
    container = one.docker.container if one.docker else None
    vips = tuple(str(item) for item in cluster.vip)
    if container is not None and ownership(container, cluster.name, vips) != "foreign":
        if container.running:
            return Finding("vip-free", "pass", "held by this node's keepalived")
        summary = f"{vip} is on the interface, but this node's keepalived does not run"
        remedy = "Take it off: `ip addr del`, or start the container."
        evidence = f"container {container.status}"
        stopped = container.status in ("exited", "created", "dead")
        fix: Fix | None = "delete-vip" if stopped else None
        return Finding("vip-free", "warn", summary, evidence, remedy, fix)
    if one.docker is None:
        summary = f"{vip} is on this node; by whom, is not known"
        problem = one.docker_problem
        remedy = problem.hint if problem else ""
        return Finding("vip-free", "unknown", summary, str(problem or ""), remedy)
    alone = any(
        address.ip.ip == vip and address.ip.network.num_addresses == 1 and address.interface != "lo"
        for address in (one.host.addresses if one.host else ())
    )
    return Finding(
        "vip-free",
        "fail",
        f"{vip} is this node's own address",
        "on its interface, and no keepalived of this cluster put it there",
        "Give a VIP that no machine has, or take a stale one off with `ip addr del`.",
        # A host's own address has its subnet's prefix; keepalived's has all bits.
        "delete-vip" if alone and container is None else None,
    )


CHECKS = {"vip-free": vip_free}
