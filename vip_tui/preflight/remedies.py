"""What vip-tui can mend itself: for a finding the commands, the way back, and what to know. Pure.

What is shown is what is run: a remedy is made of acts, and the lines on the screen of the acts.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vip_tui.cluster import Cluster
from vip_tui.nodes.commands import DELETE_ADDRESS, LOAD_IP_VS, PERSIST_IP_VS, Command
from vip_tui.nodes.mending import (
    DISABLE_DOCKER_LINES,
    ENABLE_DOCKER,
    MEND_MODULES,
    RECIPES_LINE,
    START_DOCKER,
    STOP_DOCKER_LINES,
    plain,
    typed,
)
from vip_tui.preflight.facts import Address, HostFacts
from vip_tui.preflight.learnt import Finding, Fix, Learnt
from vip_tui.preflight.openings import opening
from vip_tui.preflight.outcome import Preflight

# What others need comes first: without Docker there is nothing to pull.
ORDER: tuple[Fix, ...] = (
    *("start-docker", "enable-docker", "mend-modules", "load-ip_vs", "persist-ip_vs"),
    *("delete-vip", "open-firewall", "pull-image"),
)
FORGET_IP_VS = """
f=/etc/modules-load.d/ip_vs.conf; [ -d /etc/modules-load.d ] || f=/etc/modules
sed -i '/^ip_vs$/d' $f
""".strip()


@dataclass(frozen=True, slots=True)
class Act:
    """A declared command with its arguments, which are plain words."""

    command: Command
    arguments: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """As an operator can type it on the node."""
        return typed(self.command.script, *self.arguments)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What mends a finding of one node, and how it is taken back.

    ``commands`` are the lines of the acts, or docker's own where the Engine is asked; all but
    docker's are root's. ``barred`` says why vip-tui cannot run them itself.
    """

    fix: Fix
    check: str
    index: int  # of the node
    name: str  # of the node
    title: str
    commands: tuple[str, ...]
    back: tuple[str, ...]
    warning: str = ""
    barred: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Mending:
    """What is done for one fix, before it is known on which node."""

    title: str
    acts: tuple[Act, ...]
    back: tuple[str, ...]
    warning: str = ""
    commands: tuple[str, ...] = ()  # where it is not acts that mend


def remedies(outcome: Preflight) -> tuple[Remedy, ...]:
    """All that can be mended, node by node, in the order in which it has to be done."""
    found: list[Remedy] = []
    for index, findings in enumerate(outcome.findings):
        mine = {
            remedy.fix: remedy
            for finding in findings
            if (remedy := remedy_for(outcome, index, finding)) is not None
        }
        found += sorted(mine.values(), key=lambda remedy: ORDER.index(remedy.fix))
    return tuple(found)


def remedy_for(outcome: Preflight, index: int, finding: Finding) -> Remedy | None:
    """What mends this finding of the node at ``index``, or None where vip-tui has nothing sure."""
    if finding.fix is None:
        return None
    one = outcome.learnt[index]
    if one.problem is not None:
        return None
    mending = _MENDINGS[finding.fix](outcome, index)
    if mending is None:
        return None
    return Remedy(
        finding.fix,
        finding.id,
        index,
        outcome.names[index],
        mending.title,
        mending.commands or tuple(act.line for act in mending.acts),
        mending.back,
        mending.warning,
        _barred(one) if mending.acts else "",
        mending.acts,
    )


def _barred(one: Learnt) -> str:
    """Why what needs root cannot be run there."""
    host = one.host
    if host is None or host.root or host.sudo or one.elevated:
        return ""
    if host.sudo_asks:
        return str(one.elevation_problem or "sudo asks for a password")
    return f"{host.user or 'this user'} is neither root nor may use sudo"


def _ip_vs(outcome: Preflight, index: int) -> Mending | None:
    """All that is wrong with ip_vs on the node, at once: each part is no use without the others."""
    host = outcome.learnt[index].host
    if host is None:
        return None
    broken = list(dict.fromkeys(one.file for one in host.kernel.broken_lines))
    if not all(RECIPES_LINE.fullmatch(one.line) for one in host.kernel.broken_lines):
        return None  # a line of another making is for a person to judge
    if not all(map(plain_file, broken)):
        return None
    parts: list[tuple[str, Act, str]] = []
    for file in broken:
        back = typed("sed -i 's/^ip_vs$/modprobe ip_vs/' \"$1\"", file)
        parts.append((f"mend the line in {file}", Act(MEND_MODULES, (file,)), back))
    if host.ip_vs == "loadable":
        parts.append(("load ip_vs", Act(LOAD_IP_VS), "modprobe -r ip_vs"))
    if host.ip_vs in ("loaded", "loadable") and not host.ip_vs_persisted:
        parts.append(("have it loaded at every boot", Act(PERSIST_IP_VS), FORGET_IP_VS))
    if not parts:
        return None
    titles, acts, back_lines = zip(*parts, strict=True)
    return Mending(", ".join(titles), acts, tuple(reversed(back_lines)))


def plain_file(path: str) -> bool:
    """Whether it is a file of /etc that a command may be given as it is."""
    return path.startswith("/etc/") and plain(path) and ".." not in path


def _delete_vip(outcome: Preflight, index: int) -> Mending | None:
    """Only what keepalived left behind: its own way to set an address, and it does not run."""
    one = outcome.learnt[index]
    container = one.docker.container if one.docker else None
    if one.host is None or one.docker is None:
        return None
    if container is not None and container.status not in ("exited", "created", "dead"):
        return None
    stale = [address for address in stale_vips(outcome.cluster, one.host) if _word(address)]
    if not stale:
        return None
    acts = tuple(Act(DELETE_ADDRESS, (str(one.ip), one.interface)) for one in stale)
    back = tuple(f"ip addr add {one.ip} dev {one.interface}" for one in stale)
    vips = ", ".join(str(one.ip.ip) for one in stale)
    warning = "" if _held_elsewhere(outcome, index) else "Until keepalived runs, nobody has it."
    if container is None:
        warning = f"If another program put it there, its service loses it. {warning}".strip()
    interfaces = ", ".join(dict.fromkeys(one.interface for one in stale))
    return Mending(f"take {vips} off {interfaces}", acts, back, warning)


def _word(address: Address) -> bool:
    return plain(address.interface)


def stale_vips(cluster: Cluster, host: HostFacts) -> tuple[Address, ...]:
    """The VIPs on a node's interfaces that can only be keepalived's.

    With the length of a host's route, or the file's own; then never an interface's only address.
    """
    vips = {vip.address: vip.prefix for vip in cluster.vip}

    def left_behind(address: Address) -> bool:
        ip = address.ip
        if ip.ip not in vips or address.interface == "lo":
            return False  # on lo it is the real server's of a load balancer, never keepalived's
        if ip.network.prefixlen == ip.max_prefixlen:
            return True
        others = [one for one in host.on(address.interface) if one.ip.ip not in vips]
        return ip.network.prefixlen == vips[ip.ip] and any(
            one.ip.version == ip.version for one in others
        )

    return tuple(filter(left_behind, host.addresses))


def _held_elsewhere(outcome: Preflight, index: int) -> bool:
    others = [one for number, one in enumerate(outcome.learnt) if number != index]
    return any(
        one.host is not None and all(one.host.holds(vip.address) for vip in outcome.cluster.vip)
        for one in others
    )


def _start_docker(_outcome: Preflight, _index: int) -> Mending:
    warning = "Docker starts the containers too that have a restart policy."
    return Mending("start Docker", (Act(START_DOCKER),), (STOP_DOCKER_LINES,), warning)


def _enable_docker(_outcome: Preflight, _index: int) -> Mending:
    return Mending("start Docker at every boot", (Act(ENABLE_DOCKER),), (DISABLE_DOCKER_LINES,))


def _open_firewall(outcome: Preflight, index: int) -> Mending | None:
    found = opening(outcome.cluster, outcome.learnt, index)
    if found is None:
        return None
    acts = tuple(Act(command, arguments) for command, arguments in found.acts)
    return Mending(found.title, acts, found.back, found.warning)


def _pull_image(outcome: Preflight, _index: int) -> Mending:
    image = outcome.cluster.image
    lines = [shlex.join(["docker", *words, image]) for words in (("pull",), ("image", "rm"))]
    return Mending(f"pull {image}", (), (lines[1],), "", (lines[0],))


_MENDINGS: Mapping[Fix, Callable[[Preflight, int], Mending | None]] = {
    "load-ip_vs": _ip_vs,
    "persist-ip_vs": _ip_vs,
    "mend-modules": _ip_vs,
    "delete-vip": _delete_vip,
    "start-docker": _start_docker,
    "enable-docker": _enable_docker,
    "open-firewall": _open_firewall,
    "pull-image": _pull_image,
}
