"""A firewall's rules, whichever tool listed them. Pure.

What a listing has that is not understood becomes a test of the field ``?``, which nobody can
decide: it is never taken for one that holds, nor for one that does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tool = Literal["nft", "iptables"]
Verdict = Literal["accept", "drop", "jump", "goto", "return", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class Test:
    """One of the ``values`` is in the ``fields``; both have as many parts.

    ``op`` is ``==``, ``!=`` (none of them is), or one of ``<``, ``>``, ``<=``, ``>=``; ``mask``
    takes bits out of a number before it is compared.
    """

    __test__ = False  # pytest, this is none of yours

    fields: tuple[str, ...]
    values: tuple[tuple[str, ...], ...] = ()
    op: str = "=="
    mask: int | None = None


UNDECIDED = Test(("?",))
NEVER = Test(("never",))  # concerns other protocols than VRRP only


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to a packet of which all tests hold; ``text`` is the listing's own line."""

    text: str
    tests: tuple[Test, ...]
    verdict: Verdict
    target: str = ""  # of a jump
    marks: bool = False  # whether it sets a mark, which other rules may test


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain; those that the kernel itself calls have a hook and a policy."""

    family: str  # ip, ip6, inet, netdev, …
    table: str
    name: str
    rules: tuple[Rule, ...]
    hook: str = ""  # ingress, prerouting, input, output, postrouting, …
    policy: Verdict = "accept"
    kind: str = "filter"
    devices: tuple[str, ...] = ()  # for ingress and egress


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All chains that one tool lists; ``in_nft`` where nft lists the same tables too."""

    tool: Tool
    chains: tuple[Chain, ...]
    in_nft: bool = False
    problem: str = ""  # why it could not be listed

    @property
    def tables(self) -> frozenset[tuple[str, str]]:
        """Family and name of each table that has a chain."""
        return frozenset((chain.family, chain.table) for chain in self.chains)

    @property
    def by_address(self) -> bool:
        """Whether any rule looks at addresses, so that one peer may fare otherwise than another."""
        tests = (test for chain in self.chains for rule in chain.rules for test in rule.tests)
        return any(not {"saddr", "daddr"}.isdisjoint(test.fields) for test in tests)
