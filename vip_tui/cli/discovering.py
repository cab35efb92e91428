"""From a Swarm's manager to a cluster file on stdout, with what is not in it said in comments."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from vip_tui.cli import output
from vip_tui.cli.opening import Ssh
from vip_tui.cli.options import with_fleet
from vip_tui.cluster import Cluster, Node, dump
from vip_tui.errors import UnreachableError
from vip_tui.nodes.text import clean_line
from vip_tui.preflight import discover as preflight
from vip_tui.preflight.discover import Discovery, SwarmMember

NO_VIP = 'vip = []  # give a free address of the nodes\' subnet: vip = ["…"]'


def discover(manager: Node, ssh: Ssh) -> int:
    """Print the file; returns the exit code: 3 where the Swarm has a node that is left out."""
    found = with_fleet(ssh, lambda fleet: preflight.discover(manager, fleet, output.say))
    sys.stdout.write(document(manager, found))
    if not sys.stdout.isatty():  # else they have just been shown
        for note in found.notes:
            output.say(note)
    return UnreachableError.exit_code if any(item.problem for item in found.nodes) else 0


def document(manager: Node, found: Discovery) -> str:
    """The cluster file's text: what is known goes into it, what is not into its comments."""
    lines = [f"made by `vip-tui discover {manager.endpoint}`; the first node is to be the master"]
    lines += [f"{item.name}  {item.address}  {_part(item)}" for item in found.nodes]
    lines += found.notes
    file = dump(found.cluster).replace("vip = []", NO_VIP, 1)
    return "".join(f"# {clean_line(line)}\n" for line in lines) + "\n" + file + _left_out(found)


def _part(member: SwarmMember) -> str:
    role = f"{member.role}, the leader" if member.leader else member.role
    return ", ".join((role, member.availability, member.state))


def _left_out(found: Discovery) -> str:
    """The nodes that cannot take part yet, as tables that only need their marks taken off."""
    return "".join(_commented(item) for item in found.nodes if item.problem and item.node)


def _commented(member: SwarmMember) -> str:
    assert member.node is not None
    alone = dump(Cluster("x", (), (member.node,)))
    table = alone[alone.index("[[node]]") :].strip()
    return "\n" + "".join(f"# {line}\n" for line in _with_reason(member, table))


def _with_reason(member: SwarmMember, table: str) -> Iterator[str]:
    yield clean_line(f"left out: {member.problem}")
    yield from table.splitlines()
