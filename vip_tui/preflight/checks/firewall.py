"""Whether a node's firewall drops the advertisements of its peers, or its own to them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vip_tui.cluster import Cluster, IPAddress
from vip_tui.preflight.checks.unseen import unseen
from vip_tui.preflight.facts import NetworkFacts
from vip_tui.preflight.facts.rules import RuleSet, Tool
from vip_tui.preflight.filtering import Fate, Stop, fate
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.packets import Direction, Packet
from vip_tui.preflight.peers import own_address, own_interface, peers

DIRECTIONS: tuple[Direction, ...] = ("input", "output")
_WAYS = {"input": "from", "output": "to"}
_CAN = "`vip-tui check --fix` shows how, and can do it."


@dataclass(frozen=True, slots=True)
class Block:
    """Where packets are dropped. An accept that goes first in ``chain`` lets them through.

    ``table`` has no family: that is ``family``, in nft's words. With ufw the chain is the one for
    rules of the operator's own.
    """

    tool: Tool
    family: str
    table: str
    chain: str
    rule: str  # as the tool lists it
    direction: Direction
    owner: Literal["", "ufw", "firewalld"] = ""  # whose rules these are

    def __str__(self) -> str:
        where = f"table {self.family} {self.table}" if self.tool == "nft" else f"table {self.table}"
        return f"{self.tool}, {where}: {self.rule}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all rule sets of a node do to one direction of one peer's packets."""

    direction: Direction
    peer: IPAddress | None  # None where no peer's address is known yet
    block: Block | None
    doubt: str  # the rule that nobody can decide, as its tool lists it


def judge(
    network: NetworkFacts,
    peers: Iterable[IPAddress | None],
    interface: str = "",
    own: IPAddress | None = None,
    established: bool = False,
) -> tuple[Judgement, ...]:
    """What becomes of each peer's packets, and of those to it.

    ``established`` is whether each of the two has sent the other one not long ago.
    """
    asked = list(peers)
    found: list[Judgement] = []
    for direction in DIRECTIONS:
        for rules in network.rules:
            found += _of_rules(rules, asked, Packet(None, own, direction, interface, established))
    return tuple(found)


def _of_rules(
    rules: RuleSet, peers: Sequence[IPAddress | None], like: Packet
) -> Iterator[Judgement]:
    """``like`` is the packet as it comes from any peer."""
    known: Fate | None = None
    own, direction = like.destination, like.direction
    for peer in peers:
        if known is None or rules.by_address:
            source, destination = (peer, own) if direction == "input" else (own, peer)
            known = fate(rules, replace(like, source=source, destination=destination))
        block = _block(rules, known.stop, direction) if known.stop else None
        yield Judgement(direction, peer, block, known.doubt.text if known.doubt else "")


def _block(rules: RuleSet, stop: Stop, direction: Direction) -> Block:
    base = stop.base
    names = {chain.name for chain in rules.chains if chain.table == base.table}
    quoted = stop.rule.text if stop.rule else f"chain {base.name}, policy drop"
    if stop.rule is not None and rules.tool == "nft":
        quoted = f"chain {stop.chain.name}: {quoted}"
    owner: Literal["", "ufw", "firewalld"] = "firewalld" if base.table == "firewalld" else ""
    chain, theirs = base.name, f"ufw-user-{direction}"
    if base.table == "filter" and theirs in names:
        owner, chain = "ufw", theirs
    return Block(rules.tool, base.family, base.table, chain, quoted, direction, owner)


def firewall(cluster: Cluster, one: Learnt, others: Sequence[Learnt]) -> Finding:
    if one.host is None:
        return unseen("firewall", one)
    network = one.host.network
    names = {peer: other.name for peer, other in peers(cluster, one, others).items()}
    interface, own = own_interface(cluster, one), own_address(cluster, one)
    judged = judge(network, list(names) or [None], interface, own)
    blocked = [item for item in judged if item.block]
    if network.unseen and not blocked:  # a rule that surely drops needs nothing of the rest
        remedy = "Look there as root: `nft list ruleset`, `iptables-save`."
        summary = "the rule sets could not be read"
        denied = not (one.host.root or one.host.sudo or one.elevated)
        cause = "privilege" if denied else ""
        return Finding("firewall", "unknown", summary, network.unseen, remedy, because=cause)
    fine = "no rule drops IP protocol 112 or the peers"
    if not any(rules.chains for rules in network.rules):
        return Finding("firewall", "pass", fine, _seen(network))
    through = one.heard.through if one.heard else None
    answers = judge(network, list(names) or [None], interface, own, established=True)
    if (
        blocked
        and all(_came(item, through) for item in blocked)
        and not any(item.block for item in answers)
    ):
        return _half_open(blocked, names)
    if blocked:
        return _blocked(blocked, names)
    doubts = [item for item in judged if item.doubt and not _came(item, through)]
    if doubts:
        return _doubted(doubts)
    if any(item.doubt for item in judged):
        summary = "packets of IP protocol 112 from all peers came through just now"
        return Finding("firewall", "pass", summary, _seen(network))
    return Finding("firewall", "pass", fine, _seen(network))


def _came(item: Judgement, through: frozenset[IPAddress] | None) -> bool:
    return item.direction == "input" and through is not None and item.peer in through


def _ways(blocked: Sequence[Judgement], names: dict[IPAddress, str]) -> str:
    """``from n2, n3 and to n2``."""
    ways = []
    for direction in DIRECTIONS:
        theirs = [item.peer for item in blocked if item.direction == direction]
        if who := [names[peer] if peer else "any peer" for peer in theirs]:
            ways.append(f"{_WAYS[direction]} {', '.join(dict.fromkeys(who))}")
    return " and ".join(ways)


def _blocked(blocked: Sequence[Judgement], names: dict[IPAddress, str]) -> Finding:
    ways = _ways(blocked, names)
    evidence = "; ".join(dict.fromkeys(str(item.block) for item in blocked))
    remedy = f"Accept IP protocol 112 {ways} before that. {_CAN}"
    summary = f"IP protocol 112 (VRRP) {ways} is dropped"
    return Finding("firewall", "fail", summary, evidence, remedy, "open-firewall")


def _half_open(blocked: Sequence[Judgement], names: dict[IPAddress, str]) -> Finding:
    """Where both sides have been master lately, each one's packets are answers to the other's."""
    ways = _ways(blocked, names)
    evidence = "; ".join(dict.fromkeys(str(item.block) for item in blocked))
    summary = f"IP protocol 112 (VRRP) {ways} gets in only as an answer to a packet sent there"
    remedy = f"Accept IP protocol 112 from all peers. {_CAN}"
    return Finding("firewall", "warn", summary, evidence, remedy, "open-firewall")


def _doubted(doubts: Sequence[Judgement]) -> Finding:
    rule = doubts[0].doubt
    return Finding(
        "firewall",
        "unknown",
        "cannot tell whether IP protocol 112 gets through",
        f"it depends on: {rule}",
        "Look at this rule; one before it that accepts IP protocol 112 of the peers makes it sure.",
    )


def _seen(network: NetworkFacts) -> str:
    """What was looked at: ``nft: 2 tables, 7 rules; iptables: 1 table, 0 rules``."""
    counts = []
    for rules in network.rules:
        if not rules.chains:
            continue
        number = sum(len(chain.rules) for chain in rules.chains)
        tables = len(rules.tables)
        words = f"{tables} table{'s' * (tables != 1)}, {number} rule{'s' * (number != 1)}"
        counts.append(f"{rules.tool}: {words}")
    return "; ".join(counts) or "there are no rules"


CHECKS = {"firewall": firewall}
