"""Scripted misfortunes: what is wrong with the embedded cluster, for screens that must tell it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vip_tui.errors import InputError

if TYPE_CHECKING:
    from vip_tui.demo.host import Host, Wire

SLOW_S = 3.0
ESC, CSI = "\x1b", "\x9b"
HOSTILE = (
    f"{ESC}[31mred{ESC}[0m {ESC}]0;owned\x07 {CSI}2J\x9d8;;http://evil.example\x9c "
    "[/x] [@click=app.bell]click[/] [bold]bold [fe80::1] \u202etxt.exe\u202c \x00\x08\x7f"
)
ROOT, OPERATOR = "root", "operator"
MEGABYTE = "A" * 1_000_000


@dataclass(slots=True)
class Scene:
    """What a misfortune may change before the cluster starts."""

    hosts: list[Host]
    wire: Wire
    vip: str
    wrong_keys: set[int] = field(default_factory=set)  # hosts that show another key than is known
    new_keys: set[int] = field(default_factory=set)  # hosts whose key nobody knows
    closed: set[int] = field(default_factory=set)  # hosts whose port nobody listens on
    foreign: set[int] = field(default_factory=set)  # hosts that run somebody else's container
    killed: set[int] = field(default_factory=set)  # hosts whose keepalived was killed just now


def _slow(scene: Scene) -> None:
    scene.hosts[1].faults.delay_s = SLOW_S


def _no_ip_vs(scene: Scene) -> None:
    scene.hosts[1].ip_vs = "missing"
    scene.hosts[1].ip_vs_persisted = False


def _docker_down(scene: Scene) -> None:
    scene.hosts[1].faults.docker = "down"


def _docker_hangs(scene: Scene) -> None:
    scene.hosts[1].faults.docker = "hangs"


def _no_permission(scene: Scene) -> None:
    scene.hosts[1].user, scene.hosts[1].uid = OPERATOR, 1000


def _no_key(scene: Scene) -> None:
    scene.hosts[1].faults.refuses_key = True


def _hostile(scene: Scene) -> None:
    host = scene.hosts[1]
    host.hostname = f"n2{ESC}[2J[/x][@click=app.bell]"
    host.faults.noise = (HOSTILE, MEGABYTE, f"(VI_1) {ESC}[1mEntering{ESC}[0m [/x] STATE")
    host.faults.start = [f"driver failed: {HOSTILE} {MEGABYTE}"]


def _in_use(scene: Scene) -> None:
    scene.wire.strangers[scene.vip] = "52:54:00:c0:ff:ee"


def _pull(scene: Scene) -> None:
    unknown = "manifest for {image} not found: manifest unknown: manifest unknown"
    scene.hosts[1].faults.pull = unknown


def _no_interface(scene: Scene) -> None:
    scene.hosts[1].set_subnet("203.0.113.12/24")


def _split(scene: Scene) -> None:
    scene.wire.cut = True


_ALL: Mapping[str, tuple[str, Callable[[Scene], None]]] = {
    "slow-node": ("Logins and commands of n2 take three seconds, its Docker half a second.", _slow),
    "ip-vs-missing": ("The kernel of n2 has no ip_vs module.", _no_ip_vs),
    "docker-down": ("Docker is installed on n2, but does not run.", _docker_down),
    "docker-hangs": ("Docker on n2 takes every request and answers none.", _docker_hangs),
    "no-permission": ("The user of n2 is neither root nor may use sudo.", _no_permission),
    "wrong-host-key": (
        "n2 shows another host key than the known one.",
        lambda scene: scene.wrong_keys.add(1),
    ),
    "new-host-key": ("Nobody has accepted n2's host key yet.", lambda scene: scene.new_keys.add(1)),
    "no-key": ("n2 does not accept the key.", _no_key),
    "node-down": ("Nobody listens on n2's SSH port.", lambda scene: scene.closed.add(1)),
    "hostile-output": (
        "n2's hostname, Docker errors and logs carry escapes, markup and a megabyte line.",
        _hostile,
    ),
    "vip-in-use": ("A machine outside the cluster answers for the VIP.", _in_use),
    "foreign-container": (
        "n2 runs somebody else's container called keepalived.",
        lambda scene: scene.foreign.add(1),
    ),
    "pull-fails": ("The registry does not have the image for n2.", _pull),
    "no-interface": ("n2 has no interface in the VIP's subnet.", _no_interface),
    "split-brain": ("No advertisement gets through between the nodes.", _split),
    "stale-vip": (
        "n1's keepalived was killed: the VIP is still on it, and on n2 too.",
        lambda scene: scene.killed.add(0),
    ),
}
MISFORTUNES: dict[str, str] = {name: text for name, (text, _) in _ALL.items()}
NEEDS_DEPLOYED = frozenset({"stale-vip"})


def check(names: Sequence[str]) -> None:
    """Raise InputError for a misfortune that does not exist; it names the nearest."""
    for name in names:
        if name not in _ALL:
            near = difflib.get_close_matches(name, _ALL, n=3, cutoff=0.4)
            hint = (
                f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(_ALL)}."
            )
            raise InputError("no such misfortune", repr(name), hint)


def user_of(index: int, names: Sequence[str]) -> str:
    """Who logs in to a node."""
    return OPERATOR if index == 1 and "no-permission" in names else ROOT


def strike(names: Sequence[str], scene: Scene) -> None:
    """Let them happen, in this order."""
    for name in names:
        _ALL[name][1](scene)
