"""What ``nft list ruleset`` prints becomes rules. Pure. The grammar is that of nft(8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vip_tui.nodes.text import clean_line
from vip_tui.preflight.facts.nft_rule import Named, elements, parse_rule, tokens
from vip_tui.preflight.facts.rules import Chain, Rule, RuleSet, Verdict

# These words are hostile: nothing here may try a long line again from each of its places.
_HOOK = re.compile(r'type (\w+) hook (\w+) ((?:"[^"]*"|[^";]+)*+);(?: policy (\w+);)?')
_ELEMENTS = "elements = {"
_DEVICES = re.compile(r'"([^"]+)"|([A-Za-z0-9_.@-]+)')


@dataclass(slots=True)
class _Table:
    """A table while it is read."""

    family: str
    name: str
    dormant: bool = False
    named: Named = field(default_factory=dict)
    chains: list[tuple[str, list[str]]] = field(default_factory=list)


def parse_nft(text: str, without: frozenset[tuple[str, str]] = frozenset()) -> RuleSet:
    """All chains but those of the tables ``without`` (family and name)."""
    tables = list(_tables(text.splitlines()))
    said = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    problem = "" if tables or not said else clean_line(said[0])
    chains = tuple(
        _chain(table, name, lines)
        for table in tables
        if not table.dormant and (table.family, table.name) not in without
        for name, lines in table.chains
    )
    return RuleSet("nft", chains, in_nft=True, problem=problem)


def _tables(lines: Sequence[str]) -> Iterator[_Table]:
    at = 0
    while at < len(lines):
        found = re.match(r"table (\w+) (\S+) \{", lines[at])
        end = _end(lines, at)
        if found:
            yield _table(_Table(found[1], found[2]), lines[at + 1 : end])
        at = end + 1


def _table(table: _Table, lines: Sequence[str]) -> _Table:
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        table.dormant |= re.match(r"flags .*\bdormant\b", line) is not None
        if not line.endswith("{"):
            at += 1
            continue
        end = _end(lines, at)
        body = [inner.strip() for inner in lines[at + 1 : end]]
        kind, _, name = line.removesuffix("{").strip().partition(" ")
        if kind == "chain":
            table.chains.append((name, body))
        elif kind in ("set", "map"):
            table.named[name] = elements(tokens(_content(body)))
        at = end + 1
    return table


def _content(body: Sequence[str]) -> str:
    """What stands between the braces of ``elements = { … }``, which may go over many lines."""
    first = next((at for at, line in enumerate(body) if line.startswith(_ELEMENTS)), len(body))
    return " ".join(body[first:]).removeprefix(_ELEMENTS).rpartition("}")[0]


def _end(lines: Sequence[str], start: int) -> int:
    """The line that closes the block that begins at ``start``; quotes may hold braces too."""
    depth = 0
    for at in range(start, len(lines)):
        bare = re.sub(r'"[^"]*"', "", lines[at])
        depth += bare.count("{") - bare.count("}")
        if depth <= 0:
            return at
    return len(lines)


def _chain(table: _Table, name: str, lines: Sequence[str]) -> Chain:
    hook, kind = "", "filter"
    devices: tuple[str, ...] = ()
    policy: Verdict = "accept"
    rules: list[Rule] = []
    for line in lines:
        if found := _HOOK.match(line):
            kind, hook = found[1], found[2]
            devices = tuple(_devices(found[3].partition("priority ")[0]))
            policy = "drop" if found[4] == "drop" else "accept"
        elif line and not line.startswith(("#", "comment ")):
            rules += parse_rule(line, table.named)
    return Chain(table.family, table.name, name, tuple(rules), hook, policy, kind, devices)


def _devices(text: str) -> Iterator[str]:
    """``device "eth0"`` or ``devices = { eth0, "eth1" }``."""
    for quoted, bare in _DEVICES.findall(text):
        if quoted or bare not in ("device", "devices"):
            yield quoted or bare
