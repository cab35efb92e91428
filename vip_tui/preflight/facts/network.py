"""What stands between the nodes: the firewall's rules, as nft and iptables list them. Pure.

iptables has two homes in the kernel. What iptables-nft put there nft lists too, but in words that
only iptables can undo, so that iptables' own list is used for those tables. The older home
(legacy) has a list of its own, which the newer iptables does not show; the kernel itself tells
whether it has tables. Neither is asked where nothing of it can be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vip_tui.nodes.text import clean_line
from vip_tui.preflight.facts.iptables import parse_iptables
from vip_tui.preflight.facts.nft import parse_nft
from vip_tui.preflight.facts.rules import RuleSet
from vip_tui.preflight.facts.script import DENIED, Section

LIMIT = 400_000  # characters of all rule sets; a list with more is judged as not seen
_MARK = "=="
_UNSEEN = "unseen"  # there are legacy tables, and no tool for just these
_UNLISTED = "the kernel has legacy iptables tables, and no tool there lists them"

SECTIONS = (
    Section(
        "firewall",
        f"""
f=/proc/net/ip_tables_names n=missing t=
has() {{ command -v "$1" >/dev/null 2>&1; }}
{{
  echo {_MARK} nft
  has nft && n=$($s nft list ruleset 2>&1)
  echo "$n"
  if [ -r $f ]; then read -r t <$f; elif [ -e $f ]; then t=$($s cat $f); fi
  echo {_MARK} iptables
  if ! has iptables-save; then echo missing
  elif [ -n "$t" ] || [ "$n" = missing ]; then $s iptables-save
  else case $n in *'table ip '*) $s iptables-save;; esac; fi
  echo {_MARK} legacy
  if [ -z "$t" ]; then :
  elif has iptables-legacy-save; then $s iptables-legacy-save
  else echo {_UNSEEN}; fi
}} 2>&1 | head -c {LIMIT}
true""",
        root=True,
    ),
)


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What the script said of the firewall; ``unseen`` is why it is not known.

    Where only a part of it is not known, the rules of the others are there.
    """

    rules: tuple[RuleSet, ...] = ()
    unseen: str = "it was not asked for"


def parse_network(parts: Mapping[str, str]) -> NetworkFacts:
    """The section of this module as facts."""
    if "firewall" not in parts:
        return NetworkFacts()
    text = parts["firewall"]
    if len(text.encode()) >= LIMIT:
        return NetworkFacts(unseen=f"the rule sets are longer than {LIMIT} characters")
    said: dict[str, str] = {}
    for part in f"\n{text}".split(f"\n{_MARK} ")[1:]:
        name, _, body = part.partition("\n")
        said[name.strip()] = body.strip()
    if denied := next((body for body in said.values() if body.startswith(DENIED)), ""):
        return NetworkFacts(unseen=clean_line(denied.splitlines()[0].removeprefix("denied: ")))
    there = {name: body for name, body in said.items() if body != "missing"}
    if not there.keys() & {"nft", "iptables"}:
        return NetworkFacts(unseen="the node has neither nft nor iptables to ask")
    unlisted = there.get("legacy") == _UNSEEN
    if unlisted:
        del there["legacy"]
    iptables = [parse_iptables(there[name]) for name in ("iptables", "legacy") if there.get(name)]
    theirs = {table for one in iptables if one.in_nft for table in one.tables}
    nft = parse_nft(there["nft"], without=frozenset(theirs)) if there.get("nft") else None
    found = tuple(one for one in (nft, *iptables) if one is not None)
    if problem := next((one.problem for one in found if one.problem), ""):
        return NetworkFacts(unseen=problem)
    if unlisted and not _lists_legacy(there.get("iptables", "")):
        return NetworkFacts(found, _UNLISTED)
    return NetworkFacts(found, "")


def _lists_legacy(saved: str) -> bool:
    """Whether this ``iptables-save`` is the legacy one; nft's says so, or was called xtables."""
    newer = "(nf_tables)" in saved or "by xtables-save" in saved
    return not newer and any(line.startswith("*") for line in saved.splitlines())
