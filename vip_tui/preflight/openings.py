"""How a firewall is opened for the advertisements of the peers, and closed again. Pure.

Whoever owns the rules is told: ufw and firewalld by their own commands, which keep what they are
told; else the rule goes before all others of the chain, and lasts until the rules are loaded anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vip_tui.cluster import Cluster, IPAddress
from vip_tui.nodes.commands import Command
from vip_tui.nodes.mending import (
    CLOSE_FIREWALLD_LINES,
    OPEN_FIREWALLD,
    OPEN_IPTABLES,
    OPEN_LEGACY,
    OPEN_NFT,
    OPEN_UFW,
    RULE_COMMENT,
    plain,
    typed,
)
from vip_tui.preflight.checks.firewall import Block, judge
from vip_tui.preflight.facts import NetworkFacts
from vip_tui.preflight.facts.rules import RuleSet
from vip_tui.preflight.learnt import Learnt
from vip_tui.preflight.peers import own_address, own_interface, peers

KEPT = "Kept over a reboot."
LOST = "Gone after a reboot or a reload of the firewall: put it into {where} too."
OF_IPTABLES = "what your system loads at boot (iptables-save)"


@dataclass(frozen=True, slots=True)
class Opening:
    """The commands that open a firewall, each with its arguments, and the lines that close it."""

    title: str
    acts: tuple[tuple[Command, tuple[str, ...]], ...]
    back: tuple[str, ...]
    warning: str


def opening(cluster: Cluster, learnt: Sequence[Learnt], index: int) -> Opening | None:
    """What opens the firewall of the node at ``index``; None where nothing is sure to."""
    one = learnt[index]
    if one.host is None:
        return None
    known = peers(cluster, one, learnt)
    interface = own_interface(cluster, one)
    parts: list[Opening] = []
    for rules, block, blocked in blocks(cluster, one, one.host.network, tuple(known)):
        part = _part(rules, block, blocked, interface)
        if part is None:
            return None
        parts.append(part)
    if not parts:
        return None
    return Opening(
        ", ".join(dict.fromkeys(part.title for part in parts)),
        tuple(act for part in parts for act in part.acts),
        tuple(line for part in reversed(parts) for line in part.back),
        " ".join(dict.fromkeys(part.warning for part in parts)),
    )


def blocks(
    cluster: Cluster, one: Learnt, network: NetworkFacts, known: Sequence[IPAddress]
) -> Iterator[tuple[RuleSet, Block, list[IPAddress]]]:
    """Each place of a rule set where peers are blocked, and which."""
    interface, own = own_interface(cluster, one), own_address(cluster, one)
    for rules in network.rules:
        found: dict[Block, list[IPAddress]] = {}
        for item in judge(replace(network, rules=(rules,)), known, interface, own):
            if item.block is not None and item.peer is not None:
                found.setdefault(item.block, []).append(item.peer)
        for block, blocked in found.items():
            yield rules, block, blocked


def _part(
    rules: RuleSet, block: Block, blocked: Sequence[IPAddress], interface: str
) -> Opening | None:
    addresses = [str(peer) for peer in blocked if peer.version == 4]
    words = (block.family, block.table, block.chain, interface)
    if block.family not in ("ip", "inet") or not all(map(plain, words)) or not addresses:
        return None
    incoming = block.direction == "input"
    title = f"let VRRP {'in from' if incoming else 'out to'} {', '.join(addresses)}"
    if block.owner == "firewalld":
        return _firewalld(title, addresses, interface) if incoming else None
    if block.owner == "ufw":
        return _ufw(title, addresses, incoming)
    if block.tool == "nft":
        return _nft(title, block, addresses, incoming)
    return _iptables(title, block, addresses, incoming, legacy=not rules.in_nft)


def _firewalld(title: str, addresses: Sequence[str], interface: str) -> Opening:
    acts = tuple((OPEN_FIREWALLD, (interface, peer)) for peer in addresses)
    back = tuple(typed(CLOSE_FIREWALLD_LINES, *words) for _, words in acts)
    return Opening(title, acts, back, KEPT)


def _ufw(title: str, addresses: Sequence[str], incoming: bool) -> Opening:
    way = ("in", "from") if incoming else ("out", "to")
    acts = tuple((OPEN_UFW, (*way, peer)) for peer in addresses)
    back = tuple(f"ufw delete allow {way[0]} proto vrrp {way[1]} {peer}" for peer in addresses)
    return Opening(title, acts, back, KEPT)


def _nft(title: str, block: Block, addresses: Sequence[str], incoming: bool) -> Opening:
    chain = (block.family, block.table, block.chain)
    field = "saddr" if incoming else "daddr"
    acts = tuple((OPEN_NFT, (*chain, field, peer)) for peer in addresses)
    where = " ".join(chain)
    handles = f"nft -a list chain {where} | sed -n 's/.* comment \"{RULE_COMMENT}\" # handle //p'"
    back = f"for h in $({handles}); do nft delete rule {where} handle $h; done"
    return Opening(title, acts, (back,), LOST.format(where="/etc/nftables.conf"))


def _iptables(
    title: str, block: Block, addresses: Sequence[str], incoming: bool, legacy: bool
) -> Opening:
    field = "--source" if incoming else "--destination"
    command = OPEN_LEGACY if legacy else OPEN_IPTABLES
    acts = tuple((command, (block.table, block.chain, field, peer)) for peer in addresses)
    back = tuple(typed(command.script, *words).replace(" -I ", " -D ", 1) for _, words in acts)
    return Opening(title, acts, back, LOST.format(where=OF_IPTABLES))
