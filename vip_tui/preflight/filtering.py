"""Whether a firewall lets a packet of VRRP through: its rules are walked as the kernel does. Pure.

A packet is dropped, or let through, only where every way that is left open ends so; else the rule
is quoted that nobody can decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vip_tui.preflight.facts.rules import Chain, Rule, RuleSet
from vip_tui.preflight.packets import Direction, Packet, all_hold

DEPTH = 64  # of jumps; the kernel allows 16
# In the order in which a packet meets them (nft(8), "ADDRESS FAMILIES").
HOOKS: Mapping[Direction, tuple[str, ...]] = {
    "input": ("ingress", "prerouting", "input"),
    "output": ("output", "postrouting", "egress"),
}
_BRANCH = ("jump", "goto")


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """Where a packet ends: the rule, or the policy of the chain where ``rule`` is None."""

    chain: Chain
    base: Chain
    rule: Rule | None = None


# Where a walk can end, in the order in which its rules come.
Ends = dict[str | Stop, None]


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a packet: where it is dropped, or which rule makes that unsure."""

    stop: Stop | None = None
    doubt: Rule | None = None


def fate(rules: RuleSet, packet: Packet) -> Fate:
    """What a rule set does to a packet; the first chain that drops it ends it."""
    doubt: Rule | None = None
    bases = [chain for chain in rules.chains if chain.hook in HOOKS[packet.direction]]
    for base in sorted(bases, key=lambda chain: HOOKS[packet.direction].index(chain.hook)):
        if base.kind == "nat" or not _meets(base, packet):
            continue
        walk = _Walk(rules, base, packet)
        ends = walk.through(base)
        stops = [end for end in ends if isinstance(end, Stop)]
        if "fall" in ends and base.policy == "drop":
            stops.append(Stop(base, base))
        passes = "accept" in ends or ("fall" in ends and base.policy == "accept")
        if stops and not passes:
            return Fate(stops[-1])  # the last one ends the walk: it is sure
        if stops or "unknown" in ends:
            doubt = doubt or walk.doubt
    return Fate(doubt=doubt)


def _meets(chain: Chain, packet: Packet) -> bool:
    """Whether such a packet comes by there at all."""
    family = "ip" if packet.version == 4 else "ip6"
    if chain.devices and packet.interface and packet.interface not in chain.devices:
        return False
    return chain.family in (family, "inet", "netdev")


class _Walk:
    """A packet's way through one base chain and what it jumps to; ``doubt`` is what was unsure."""

    def __init__(self, rules: RuleSet, base: Chain, packet: Packet) -> None:
        self._chains = {(one.family, one.table, one.name): one for one in rules.chains}
        self._base = base
        marked = any(rule.marks for chain in rules.chains for rule in chain.rules)
        self._packet = replace(packet, marked=packet.marked or marked)
        self._known: dict[str, Ends] = {}
        self.doubt: Rule | None = None

    def through(self, chain: Chain, depth: int = 0) -> Ends:
        """How the packet can leave the chain: accept, fall (its end), unknown, or a Stop."""
        if chain.name not in self._known:
            self._known[chain.name] = {}  # a loop, which the kernel does not allow
            self._known[chain.name] = self._walk(chain, depth)
        return self._known[chain.name]

    def _walk(self, chain: Chain, depth: int) -> Ends:
        ends: Ends = {}
        for rule in chain.rules:
            holds = all_hold(rule.tests, self._packet)
            if holds is False:
                continue
            then = self._then(chain, rule, depth)
            if holds is None:
                if list(then) != ["next"]:
                    self.doubt = self.doubt or rule
                then["next"] = None
            goes_on = then.pop("next", "ends") is None
            ends |= then
            if not goes_on:
                return ends
        return {**ends, "fall": None}

    def _then(self, chain: Chain, rule: Rule, depth: int) -> Ends:
        """What can happen once the rule's tests hold; "next" is the turn of the next rule."""
        if rule.verdict == "accept":
            return {"accept": None}
        if rule.verdict == "drop":
            return {Stop(chain, self._base, rule): None}
        if rule.verdict in ("none", "return"):
            return {"next" if rule.verdict == "none" else "fall": None}
        target = self._chains.get((chain.family, chain.table, rule.target))
        if rule.verdict not in _BRANCH or target is None or depth > DEPTH:
            self.doubt = self.doubt or rule
            return {"unknown": None, "accept": None, "next": None}
        ends = dict(self.through(target, depth + 1))
        if rule.verdict == "jump" and "fall" in ends:
            del ends["fall"]
            ends["next"] = None
        return ends
