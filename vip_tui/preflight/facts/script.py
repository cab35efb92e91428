"""Facts of a node: one POSIX ``sh`` script with one section per fact, and a pure parser for each.

The script needs only sh, coreutils and ip(8); what is missing there leaves its fact unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vip_tui.nodes.commands import Command, Needs

MARK = "--8<-- vip-tui "
DENIED = "denied: needs root"  # what a section says that only root could read

# $s stands before what only root may do; $sudo is whether sudo(8) is there for us, and asks.
_PROLOGUE = f"""
PATH=$PATH:/usr/sbin:/sbin
u=$(id -u) s= sudo=
if [ "$u" != 0 ]; then
  s='sudo -n' sudo=sudo
  if ! why=$(LC_ALL=C sudo -n true 2>&1); then
    s='echo {DENIED} to run' sudo=
    case $why in *password*|*authentication*) sudo=asks;; esac
  fi
fi
""".strip()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the script; ``root`` where its answer is better, or there at all, as root."""

    name: str
    text: str
    root: bool = False


def gather(sections: Iterable[Section], needs: Needs = "user") -> Command:
    """The command that asks for these sections."""
    parts = [f"echo '{MARK}{one.name}'\n{one.text.strip()}" for one in sections]
    return Command("facts", "\n".join([_PROLOGUE, *parts]), limit_s=10, needs=needs)


def sections(output: str) -> dict[str, str]:
    """The output cut at the marks."""
    found = {}
    for part in output.split(MARK)[1:]:
        name, _, body = part.partition("\n")
        found[name.strip()] = body
    return found
