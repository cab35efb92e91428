"""Scenes of what one is asked on the way in, and of the import from a Swarm manager."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from textual.message import Message

from tests.ui import recorded_setup as recorded
from tests.ui.recorded import CLUSTER
from tests.ui.scenes_live import panel
from tests.ui.scenes_setup import FILLED, HOSTILE, checked, checks_running
from tests.ui.stage import Scenes, Stage
from vip_tui.cluster import Cluster, Node
from vip_tui.errors import UnreachableError, VipError
from vip_tui.nodes.asking import Question
from vip_tui.nodes.reasons import HostKeyUnknown
from vip_tui.preflight.discover import Discovery, SwarmMember
from vip_tui.tui import messages
from vip_tui.tui.app import Start
from vip_tui.tui.screens.dialogs_keys import ask_host_keys
from vip_tui.tui.screens.dialogs_secret import SecretDialog
from vip_tui.tui.screens.import_swarm import ImportDialog

DIALOGS = Scenes(FILLED)
PASSPHRASE = Question(
    "passphrase",
    "Passphrase of ~/.ssh/id_ed25519",
    "The key is locked. The passphrase is kept in memory until vip-tui ends, and never stored.",
)
SUDO = Question(
    "sudo",
    "sudo password of eve on 198.18.0.12",
    "eve is not root there, and sudo(8) asks. It is used for all nodes that want it; never stored.",
)
PROMPT = Question(
    "prompt",
    "198.18.0.13 asks: Verification code:",
    "The node wants to know this before it lets eve in; it is answered once.",
    echo=True,
)


async def asked(stage: Stage, question: Question) -> None:
    stage.app.push_screen(SecretDialog(question))
    await stage.settle()


@DIALOGS.add()
async def secret_passphrase(stage: Stage) -> None:
    await checks_running(stage)
    await asked(stage, PASSPHRASE)


@DIALOGS.add()
async def secret_typed(stage: Stage) -> None:
    """Nothing of it is shown but its length."""
    await checks_running(stage)
    await asked(stage, SUDO)
    await stage.put("secret", "correct horse battery staple")


@DIALOGS.add()
async def secret_again(stage: Stage) -> None:
    """The answer before was refused."""
    await checks_running(stage)
    await asked(stage, replace(SUDO, again=True))


@DIALOGS.add()
async def secret_prompt(stage: Stage) -> None:
    """A node asks in its own words, and the answer may be seen."""
    await checks_running(stage)
    await asked(stage, PROMPT)
    await stage.put("secret", "493 112")


@DIALOGS.add()
async def secret_hostile(stage: Stage) -> None:
    """What a node asks is only text, however long it is."""
    await checks_running(stage)
    words = f"{HOSTILE} " + "By logging in you accept what follows. " * 20
    await asked(stage, replace(PROMPT, title=f"198.18.0.13 asks: {HOSTILE}", detail=words))


@DIALOGS.add(Start(cluster=CLUSTER, live=True))
async def secret_over_panel(stage: Stage) -> None:
    """A connection that is made anew asks over the panel too."""
    await panel(stage)
    await asked(stage, SUDO)


@DIALOGS.add()
async def host_keys_some(stage: Stage) -> None:
    """One of three is left out."""
    await checked(stage, recorded.never_seen())
    await stage.press("up", "up", "space")


@DIALOGS.add()
async def host_keys_none(stage: Stage) -> None:
    await checked(stage, recorded.never_seen()[:1] + recorded.fine()[1:])
    await stage.press("up", "space")


@DIALOGS.add()
async def host_keys_jump(stage: Stage) -> None:
    """Two nodes are behind a host that nobody has seen either."""
    behind = HostKeyUnknown(
        "bastion.example.net",
        "ecdsa-sha2-nistp256 " + recorded.FINGERPRINTS[2].split()[1],
        f"bastion.example.net ecdsa-sha2-nistp256 {recorded.KEY}",
    )
    behind.on_the_way = True
    first, second, third = recorded.never_seen()
    learnt = [first, replace(second, problem=behind), replace(third, problem=behind)]
    await checked(stage, learnt)


@DIALOGS.add()
async def host_keys_nine(stage: Stage) -> None:
    """More keys than lines."""
    problem = recorded.never_seen()[0].problem
    assert isinstance(problem, HostKeyUnknown)
    keys = [
        (f"198.18.0.{n}", HostKeyUnknown(f"198.18.0.{n}", problem.fingerprint, f"{n} line"))
        for n in range(11, 20)
    ]
    ask_host_keys(stage.app, keys, lambda accepted, declined: None)
    await stage.settle()


def swarm(*members: SwarmMember, notes: tuple[str, ...] = ()) -> Discovery:
    """What a manager and its nodes told."""
    nodes = [
        replace(member.node, interface="eth0")
        for member in members
        if member.node is not None and member.problem is None
    ]
    cluster = Cluster("swarm", (), tuple(nodes), vrid=100)
    suggestions = tuple(IPv4Address(f"198.18.0.{last}") for last in (100, 101, 102))
    return Discovery(members, cluster, suggestions, notes)


def member(number: int, role: str = "worker") -> SwarmMember:
    name, address = f"n{number}", f"198.18.0.{10 + number}"
    node = Node(address, name=name)
    return SwarmMember(name, address, role, "active", "ready", None, number == 1, node)


DOWN = UnreachableError(
    "198.18.0.14 does not answer",
    "no answer within 8 s",
    "Is the machine up, the address right, and port 22 open in the firewall?",
)
NO_ADDRESS = VipError(
    "no way to it",
    "not an address '0.0.0.0'",
    "Give the Docker there an address: `docker swarm join --advertise-addr`.",
)
SWARM = swarm(
    member(1, "manager"),
    member(2, "manager"),
    replace(member(3), availability="drain"),
    replace(member(4), state="down", problem=DOWN),
    SwarmMember("lost", "", "worker", "active", "unknown", NO_ADDRESS),
    notes=(
        f"n4 is left out: {DOWN}",
        "last, as drained in the Swarm: n3",
        "VRRP of 198.18.0.1 with VRID 51 was heard: 100 is used here.",
    ),
)


def manager(stage: Stage) -> Node:
    """Whom the dialog asks at the moment."""
    assert isinstance(stage.screen, ImportDialog) and stage.screen._asked is not None
    return stage.screen._asked


async def told(stage: Stage, message: Message) -> None:
    """What the dialog's worker would have posted."""
    stage.screen.post_message(message)
    await stage.settle()


async def _import(stage: Stage, address: str) -> None:
    await stage.press("f3")
    await stage.put("manager", address)


@DIALOGS.add(Start())
async def import_empty(stage: Stage) -> None:
    await stage.press("f3")


@DIALOGS.add(Start())
async def import_wrong(stage: Stage) -> None:
    await _import(stage, "198.18.0.999")
    await stage.press("enter")


@DIALOGS.add(Start())
async def import_asking(stage: Stage) -> None:
    await _import(stage, "root@198.18.0.11:2222")
    await stage.press("enter")
    stage.clock.now += 3
    text = "198.18.0.11:2222 knows n1, n2, n3, n4, n5"
    await told(stage, messages.DiscoveryTold(manager(stage), text))


@DIALOGS.add(Start())
async def import_failed(stage: Stage) -> None:
    await _import(stage, "198.18.0.14")
    await stage.press("enter")
    await told(stage, messages.NotDiscovered(manager(stage), DOWN))


async def found(stage: Stage, discovery: Discovery) -> None:
    await _import(stage, "198.18.0.11")
    await stage.press("enter")
    await told(stage, messages.Discovered(manager(stage), discovery))


@DIALOGS.add(Start())
async def import_key(stage: Stage) -> None:
    """The manager's key is not known: it is asked for at once."""
    await _import(stage, "198.18.0.11")
    await stage.press("enter")
    problem = recorded.never_seen()[0].problem
    assert isinstance(problem, HostKeyUnknown)
    await told(stage, messages.NotDiscovered(manager(stage), problem))


@DIALOGS.add(Start())
async def import_found(stage: Stage) -> None:
    await found(stage, SWARM)


@DIALOGS.add(Start())
async def import_some(stage: Stage) -> None:
    await found(stage, swarm(*(member(number) for number in range(1, 10))))
    await stage.press("left", "up", "up", "space")


@DIALOGS.add(Start())
async def import_taken(stage: Stage) -> None:
    """The form is filled with it."""
    await found(stage, SWARM)
    await stage.press("enter")


@DIALOGS.add(Start())
async def import_vip(stage: Stage) -> None:
    """The VIP is a suggestion, and says so."""
    await import_taken(stage)
    await stage.press("enter")
