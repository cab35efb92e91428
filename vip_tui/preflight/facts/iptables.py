"""What iptables-save prints becomes rules. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from vip_tui.nodes.text import clean_line
from vip_tui.preflight.facts.rules import NEVER, UNDECIDED, Chain, Rule, RuleSet, Test, Verdict

_VERDICTS: dict[str, Verdict] = {
    "ACCEPT": "accept",
    "DROP": "drop",
    "REJECT": "drop",
    "RETURN": "return",
}
# Targets after which the next rule has its turn (iptables-extensions(8)).
_GO_ON = frozenset(
    {
        *("LOG", "NFLOG", "ULOG", "AUDIT", "TRACE", "MARK", "CONNMARK", "SECMARK", "CONNSECMARK"),
        *("CT", "NOTRACK", "TCPMSS", "CLASSIFY", "DSCP", "TOS", "TTL", "HL", "CHECKSUM", "SET"),
        *("TEE", "RATEEST", "IDLETIMER", "LED"),
    }
)
_MARKERS = frozenset({"MARK", "CONNMARK"})
# Options of matches: the field that they test, all of them with one value.
_FIELDS = {
    "-p": "protocol",
    "-s": "saddr",
    "-d": "daddr",
    "-i": "iif",
    "-o": "oif",
    "--ctstate": "ctstate",
    "--state": "ctstate",
    "--dst-type": "dsttype",
    "--src-type": "srctype",
    "--pkt-type": "pkttype",
    "--src-range": "saddr",
    "--dst-range": "daddr",
    "--uid-owner": "uid",
    "--ttl-eq": "ttl",
    "--mark": "mark",
}
_LISTS = frozenset({"ctstate", "dsttype", "srctype", "saddr", "daddr"})
# They say nothing about the packet.
_SAYINGS = frozenset({"-m", "--comment", "-c"})
# Only other protocols have ports, flags and types (and -f is about later fragments).
_PORTS = re.compile(
    r"--(dport|sport|dports|sports|ports|port|destination-port|source-port|tcp-flags|tcp-option|syn"
    r"|icmp-type|icmpv6-type|chunk-types|dccp-types|ahspi|espspi)"
)
_HOOKS = {
    "PREROUTING": "prerouting",
    "INPUT": "input",
    "FORWARD": "forward",
    "OUTPUT": "output",
    "POSTROUTING": "postrouting",
}


def parse_iptables(text: str, family: str = "ip") -> RuleSet:
    """``iptables-save``: tables, chains with their policies, rules in order."""
    table = ""
    policies: dict[tuple[str, str], str] = {}
    rules: dict[tuple[str, str], list[Rule]] = {}
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:].strip()
        elif found := re.match(r":(\S+) (\S+)", line):
            policies[table, found[1]] = found[2]
            rules.setdefault((table, found[1]), [])
        elif found := re.match(r"(?:\[\d+:\d+\] )?-A (\S+)(.*)", line):
            rule = _rule(clean_line(line), found[2])
            rules.setdefault((table, found[1]), []).append(rule)
    chains = tuple(
        Chain(
            family,
            at,
            name,
            tuple(found),
            "" if policies.get((at, name), "-") == "-" else _HOOKS.get(name, ""),
            "drop" if policies.get((at, name)) == "DROP" else "accept",
            "nat" if at == "nat" else "filter",
        )
        for (at, name), found in rules.items()
    )
    said = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    problem = "" if chains or not said else clean_line(said[0])
    return RuleSet("iptables", chains, "(nf_tables)" in text, problem)


def _rule(text: str, options: str) -> Rule:
    try:
        words = shlex.split(options)
    except ValueError:
        return Rule(text, (UNDECIDED,), "unknown")
    tests: list[Test] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word in ("-j", "-g"):
            target = words[at + 1] if at + 1 < len(words) else ""
            return _aimed(text, tests, target, word == "-g")
        negated = word == "!"
        at += negated
        end = at + 1
        if words[at : at + 1] == ["--comment"]:
            end += 1
        else:
            while end < len(words) and not re.match(r"--?[A-Za-z]|!$", words[end]):
                end += 1
        if at < len(words):
            tests += _tests(words[at], words[at + 1 : end], negated)
        at = end
    return Rule(text, tuple(tests), "none")


def _tests(option: str, values: Sequence[str], negated: bool) -> list[Test]:
    if option in _SAYINGS:
        return []
    if _PORTS.fullmatch(option) or (option == "-f" and not negated):
        return [NEVER]
    field = _FIELDS.get(option)
    if field is None or len(values) != 1:
        return [UNDECIDED]
    op = "!=" if negated else "=="
    value, mask = values[0], None
    if field == "mark":
        value, _, bits = value.partition("/")
        mask = int(bits, 0) if re.fullmatch(r"0x[0-9a-f]+|[0-9]+", bits) else None
    if field in ("dsttype", "srctype", "ctstate"):
        value = value.lower()
    parts = value.split(",") if field in _LISTS else [value]
    wild = [part.replace("+", "*") if field in ("iif", "oif") else part for part in parts]
    return [Test((field,), tuple((part,) for part in wild), op, mask)]


def _aimed(text: str, tests: Sequence[Test], target: str, goto: bool) -> Rule:
    if target in _VERDICTS:
        return Rule(text, tuple(tests), _VERDICTS[target])
    if target in _GO_ON:
        return Rule(text, tuple(tests), "none", marks=target in _MARKERS)
    return Rule(text, tuple(tests), "goto" if goto else "jump", target)
