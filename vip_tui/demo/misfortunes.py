"""Scripted misfortunes: what is wrong with the embedded cluster, for screens that must tell it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vip_tui.cluster import DEFAULT_IMAGE
from vip_tui.errors import InputError

if TYPE_CHECKING:
    from vip_tui.demo.host import Host, Wire

SLOW_S = 3.0
SKEW_S = 95.0
ESC, CSI = "\x1b", "\x9b"
HOSTILE = (
    f"{ESC}[31mred{ESC}[0m {ESC}]0;owned\x07 {CSI}2J\x9d8;;http://evil.example\x9c "
    "[/x] [@click=app.bell]click[/] [bold]bold [fe80::1] \u202etxt.exe\u202c \x00\x08\x7f"
)
ROOT, OPERATOR = "root", "operator"
SUDO_PASSWORD = "swarm"  # noqa: S105 - the demo's own, which it tells itself
MEGABYTE = "A" * 1_000_000
STRANGER, STRANGERS_MAC, STRANGERS_VIP = "198.18.0.77", "52:54:00:c0:ff:ee", "198.18.0.200"
VRID = 100
FAR_S = 0.012


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


def _broken_line(scene: Scene) -> None:
    scene.hosts[1].etc_modules = "modprobe ip_vs"


def _cloud(scene: Scene) -> None:
    for host in scene.hosts:
        host.faults.in_cloud = True


def _clock_skew(scene: Scene) -> None:
    scene.hosts[1].faults.clock_ahead_s = SKEW_S


def _disk_full(scene: Scene) -> None:
    scene.hosts[1].faults.free_kb = 120 * 1024


def _docker_down(scene: Scene) -> None:
    scene.hosts[1].faults.docker = "down"


def _docker_hangs(scene: Scene) -> None:
    scene.hosts[1].faults.docker = "hangs"


def _no_permission(scene: Scene) -> None:
    scene.hosts[1].user, scene.hosts[1].uid = OPERATOR, 1000


def _sudo_password(scene: Scene) -> None:
    _no_permission(scene)
    scene.hosts[1].sudo_password = SUDO_PASSWORD


def _no_key(scene: Scene) -> None:
    scene.hosts[1].faults.refuses_key = True


def _hostile(scene: Scene) -> None:
    host = scene.hosts[1]
    host.hostname = f"n2{ESC}[2J[/x][@click=app.bell]"
    host.faults.noise = (HOSTILE, MEGABYTE, f"(VI_1) {ESC}[1mEntering{ESC}[0m [/x] STATE")
    host.faults.start = [f"driver failed: {HOSTILE} {MEGABYTE}"]


def _in_use(scene: Scene) -> None:
    for ip in (scene.vip, STRANGER):
        scene.wire.strangers[ip] = STRANGERS_MAC


def _vrid_in_use(scene: Scene) -> None:
    scene.wire.strangers[STRANGER] = STRANGERS_MAC
    from vip_tui.demo.vrrp import Advert  # not needed for the first paint

    advert = Advert(STRANGER, VRID, 100, "", (STRANGERS_VIP,))
    scene.wire.routers.append(advert)


def _firewall(scene: Scene) -> None:
    scene.hosts[1].firewall.insert(0, "ip protocol vrrp drop")


def _slow_link(scene: Scene) -> None:
    scene.hosts[1].faults.distance_s = FAR_S


def _pull(scene: Scene) -> None:
    lost = "error pulling image configuration: download failed after attempts=6: i/o timeout"
    scene.hosts[1].faults.pull = lost


def _image_unknown(scene: Scene) -> None:
    scene.hosts[1].faults.registry = "manifest unknown: manifest unknown"


def _architecture(scene: Scene) -> None:
    scene.hosts[1].docker.images.add(DEFAULT_IMAGE)
    scene.hosts[1].faults.architecture = "arm64"


def _other_image(scene: Scene) -> None:
    scene.hosts[1].docker.images.add(DEFAULT_IMAGE)
    scene.hosts[1].faults.other_image = True


def _drained(scene: Scene) -> None:
    scene.hosts[1].availability = "drain"


def _disabled(scene: Scene) -> None:
    scene.hosts[1].docker_at_boot = False


def _no_interface(scene: Scene) -> None:
    scene.hosts[1].set_subnet("203.0.113.12/24")


def _split(scene: Scene) -> None:
    scene.wire.cut = True


_ALL: Mapping[str, tuple[str, Callable[[Scene], None]]] = {
    "slow-node": ("Logins and commands of n2 take three seconds, its Docker half a second.", _slow),
    "ip-vs-missing": ("The kernel of n2 has no ip_vs module.", _no_ip_vs),
    "broken-modules-line": (
        "n2's /etc/modules has the line of the recipe, which loads nothing.",
        _broken_line,
    ),
    "cloud": ("All nodes are machines of Amazon EC2.", _cloud),
    "clock-skew": ("The clock of n2 is a minute and a half ahead.", _clock_skew),
    "disk-full": ("The disk of n2 has no room for the image.", _disk_full),
    "docker-down": ("Docker is installed on n2, but does not run.", _docker_down),
    "docker-hangs": ("Docker on n2 takes every request and answers none.", _docker_hangs),
    "no-permission": ("The user of n2 is neither root nor may use sudo.", _no_permission),
    "sudo-password": (
        f"On n2 sudo asks for a password; it is {SUDO_PASSWORD}.",
        _sudo_password,
    ),
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
    "vrid-in-use": ("A machine outside the cluster advertises its VRID.", _vrid_in_use),
    "firewall": ("The firewall of n2 drops IP protocol 112.", _firewall),
    "slow-link": ("n2 is a dozen milliseconds away from the others.", _slow_link),
    "foreign-container": (
        "n2 runs somebody else's container called keepalived.",
        lambda scene: scene.foreign.add(1),
    ),
    "pull-fails": ("The registry knows the image, but n2 does not get it.", _pull),
    "image-unknown": ("The registry that n2 asks does not have the image.", _image_unknown),
    "image-architecture": ("The image on n2 is for another processor.", _architecture),
    "image-differs": ("The image on n2 has the name, but is another one.", _other_image),
    "drained": ("n2 is drained in the Swarm.", _drained),
    "docker-disabled": ("Docker on n2 runs, but does not start at boot.", _disabled),
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
            import difflib

            near = difflib.get_close_matches(name, _ALL, n=3, cutoff=0.4)
            hint = (
                f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(_ALL)}."
            )
            raise InputError("no such misfortune", repr(name), hint)


def user_of(index: int, names: Sequence[str]) -> str:
    """Who logs in to a node."""
    limited = not {"no-permission", "sudo-password"}.isdisjoint(names)
    return OPERATOR if index == 1 and limited else ROOT


def vrid_of(names: Sequence[str]) -> int | None:
    """The VRID that the cluster's file has; left open, one that nobody uses would be chosen."""
    return VRID if "vrid-in-use" in names else None


def strike(names: Sequence[str], scene: Scene) -> None:
    """Let them happen, in this order."""
    for name in names:
        _ALL[name][1](scene)
