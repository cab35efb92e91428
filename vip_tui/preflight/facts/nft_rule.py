"""One line of nft's listing becomes a rule, or several where it branches. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from vip_tui.nodes.text import clean_line
from vip_tui.preflight.facts.rules import NEVER, UNDECIDED, Rule, Test, Verdict

Tokens = Sequence[str]
# An element of a set: its parts, and in a verdict map what happens then.
Element = tuple[tuple[str, ...], tuple[str, ...]]
Named = dict[str, tuple[Element, ...]]

_TOKEN = re.compile(r'"[^"]*"|[{}]|[^\s{},"]+(?:,[^\s{},"]+)*|,')
_OPERATORS = ("==", "!=", "<", ">", "<=", ">=")
_BITS = ("&", "and", "|", "or", "^", "xor", "<<", ">>")
_VERDICTS: Mapping[str, Verdict] = {
    "accept": "accept",
    "drop": "drop",
    "reject": "drop",
    "return": "return",
    "continue": "none",
    "jump": "jump",
    "goto": "goto",
    "queue": "unknown",
}
# Headers that a packet of IP protocol 112 does not have.
_OTHERS = frozenset(
    {
        *("tcp", "udp", "udplite", "sctp", "dccp", "th", "ah", "esp", "comp", "icmp", "icmpv6"),
        *("igmp", "gre", "geneve", "vxlan", "arp", "hbh", "mh", "frag", "dst", "exthdr"),
        *("rt", "rt0", "rt2", "rt4"),
    }
)
# How a field is called here, by its words there.
_FIELDS = {
    **dict.fromkeys(("ip saddr", "ip6 saddr"), "saddr"),
    **dict.fromkeys(("ip daddr", "ip6 daddr"), "daddr"),
    **dict.fromkeys(("ip protocol", "ip6 nexthdr", "meta l4proto"), "protocol"),
    **dict.fromkeys(("ip ttl", "ip6 hoplimit"), "ttl"),
    **dict.fromkeys(("ip version", "ip6 version"), "version"),
    **dict.fromkeys(("meta nfproto", "meta protocol", "ether type"), "nfproto"),
    **dict.fromkeys(("meta iif", "meta iifname"), "iif"),
    **dict.fromkeys(("meta oif", "meta oifname"), "oif"),
    **dict.fromkeys(("meta mark", "ct mark"), "mark"),
    "ip frag-off": "zero",
    "meta pkttype": "pkttype",
    "meta skuid": "uid",
    "ct state": "ctstate",
    "ct status": "ctstatus",
    "ct direction": "ctdirection",
}
_ALONE = ("iif", "iifname", "oif", "oifname", "l4proto", "pkttype", "mark", "skuid", "nfproto")
_TWO = ("ip", "ip6", "meta", "ct", "ether", "vlan", "socket", "rt")
_LOG = ("prefix", "level", "group", "snaplen", "queue-threshold", "flags")


def tokens(line: str) -> list[str]:
    """The words of a listing; what stands in quotes is one of them, with its quotes."""
    return _TOKEN.findall(line)


def elements(words: Tokens) -> tuple[Element, ...]:
    """What stands between the braces of a set or map."""
    found: list[Element] = []
    part: list[str] = []
    for word in [*words, ","]:
        if word != ",":
            part.append(word)
            continue
        if part:
            key, verdict = part, []
            if ":" in part:
                at = part.index(":")
                key, verdict = part[:at], part[at + 1 :]
            found += [(one, tuple(verdict)) for one in _keys(key)]
        part = []
    return tuple(found)


def _keys(words: Tokens) -> Iterator[tuple[str, ...]]:
    """``198.18.0.12 . vrrp timeout 1h``: the parts; the rest is about the element."""
    parts = [words[0]] if words else []
    at = 1
    while at + 1 < len(words) and words[at] == ".":
        parts.append(words[at + 1])
        at += 2
    if len(parts) == 1:
        yield from ((word,) for word in parts[0].split(","))
    else:
        yield tuple(parts)


def parse_rule(line: str, named: Named) -> list[Rule]:
    """The rule of one line; a verdict map makes several of it."""
    return _Reader(line, named).read()


class _Reader:
    """Reads a rule from left to right; what it does not know makes the rule undecided."""

    def __init__(self, line: str, named: Named) -> None:
        self._line = clean_line(line)  # which is cut where it is long; what is read is not
        self._named = named
        self._words = tokens(line)
        self._at = 0
        self._tests: list[Test] = []
        self._marks = False

    def read(self) -> list[Rule]:
        while self._at < len(self._words):
            word = self._words[self._at]
            if word in _VERDICTS:
                return [self._rule(self._words[self._at :])]
            if word in _OTHERS:
                self._tests.append(NEVER)
                break
            if word == "comment":
                break
            if word.startswith("#") or self._words[self._at : self._at + 2] == ["xt", "target"]:
                return [self._rule((word,), UNDECIDED)]  # iptables' own, which nft cannot tell of
            if word == "vmap":  # of something that we do not know
                self._at += 1
                return self._branches(["?"])
            if self._statement(word):
                continue
            fields = self._fields()
            if fields is None:
                self._skip_unknown()
            elif (rules := self._match(fields)) is not None:
                return rules
        return [self._rule(())]

    def _rule(self, verdict: Tokens, *more: Test) -> Rule:
        tests = (*self._tests, *more)
        if not verdict:
            return Rule(self._line, tests, "none", marks=self._marks)
        target = verdict[1] if verdict[0] in ("jump", "goto") and len(verdict) > 1 else ""
        known = _VERDICTS.get(verdict[0], "unknown")
        return Rule(self._line, tests, known, target, self._marks)

    def _next(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def _statement(self, word: str) -> bool:
        """What a rule does without saying yes or no: count, log, mark."""
        if word == "counter":
            self._at += 1
            if self._next() in ("packets", "name"):
                self._at += 4 if self._next() == "packets" else 2
        elif word == "log":
            self._at += 1
            while self._next() in _LOG:
                self._at += 2
                if re.fullmatch(r"(sequence|options)(,\w+)?", self._next()):
                    self._at += 1
        elif word == "notrack":
            self._at += 1
        elif word in ("meta", "ct") and self._words[self._at + 2 : self._at + 3] == ["set"]:
            self._marks |= self._words[self._at + 1] == "mark"
            self._at += 4
            while self._next() in _BITS:
                self._at += 2
        else:
            return False
        return True

    def _skip_unknown(self) -> None:
        self._tests.append(UNDECIDED)
        self._at += 1
        if self._next() == "{":
            self._group()

    def _group(self) -> list[str]:
        """The words between braces; may hold braces itself."""
        start, depth = self._at + 1, 0
        while self._at < len(self._words):
            depth += {"{": 1, "}": -1}.get(self._words[self._at], 0)
            self._at += 1
            if depth == 0:
                break
        return self._words[start : self._at - 1]

    def _fields(self) -> list[str] | None:
        """``ip saddr . ip protocol``: the fields that are compared, or None for what is none."""
        found = []
        while True:
            one = self._field()
            if one is None:
                return None
            found.append(one)
            if self._next() != ".":
                return found
            self._at += 1

    def _field(self) -> str | None:
        word = self._next()
        if word in _OTHERS:
            self._at += 2
            return "never"
        if word == "fib":
            return self._fib()
        words = [word] if word in _ALONE else self._words[self._at : self._at + 2]
        if word not in (*_ALONE, *_TWO) or not words:
            return None
        self._at += len(words)
        if words[0] in ("ip", "ip6"):
            self._tests.append(Test(("nfproto",), ((words[0],),)))
        name = " ".join(words if len(words) > 1 else ["meta", word])
        return _FIELDS.get(name, "?")

    def _fib(self) -> str:
        """``fib daddr . iif type``, ``fib saddr . iif oif``."""
        of = self._words[self._at + 1 : self._at + 2]
        self._at += 2
        while self._next() == ".":
            self._at += 2
        what = self._next()
        self._at += 1
        if what == "type":
            return "dsttype" if of == ["daddr"] else "srctype"
        if what == "check" or self._next() == "missing":
            return "fib"
        return "fib" if what == "oif" and of == ["saddr"] else "?"

    def _match(self, fields: list[str]) -> list[Rule] | None:
        """A comparison, which becomes a test; or a verdict map, which ends the rule."""
        mask = None
        if self._next() in _BITS:
            known = self._next() in ("&", "and")
            bits = self._words[self._at + 1 : self._at + 2]
            self._at += 2
            mask = _number(bits[0]) if known and bits else None
            fields = fields if mask is not None else ["?"]
        op = "=="
        if self._next() in _OPERATORS:
            op = self._next()
            self._at += 1
        if self._next() == "vmap":
            self._at += 1
            return self._branches(fields)
        self._tests.append(Test(tuple(fields), tuple(self._values()), op, mask))
        return None

    def _values(self) -> Iterator[tuple[str, ...]]:
        word = self._next()
        if word == "{":
            yield from (key for key, _ in elements(self._group()))
            return
        self._at += 1
        if word.startswith("@"):
            yield from (key for key, _ in self._named.get(word[1:], ((("?",), ()),)))
            return
        parts = [word]
        while self._next() == ".":
            parts.append(self._words[self._at + 1] if self._at + 1 < len(self._words) else "?")
            self._at += 2
        yield from _keys([item for part in parts for item in (".", part)][1:])

    def _branches(self, fields: list[str]) -> list[Rule]:
        if self._next() == "{":
            cases: Sequence[Element] = elements(self._group())
        else:
            unknown: tuple[Element, ...] = ((("?",), ("?",)),)
            cases = self._named.get(self._next().removeprefix("@"), unknown)
        return [self._rule(verdict, Test(tuple(fields), (key,))) for key, verdict in cases]


def _number(text: str) -> int | None:
    try:
        return int(text, 0)
    except ValueError:
        return None
