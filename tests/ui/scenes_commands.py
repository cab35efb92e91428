"""Scenes of the command log."""

from __future__ import annotations

from tests.ui.recorded import CLUSTER, NINE_O_CLOCK
from tests.ui.scenes_live import panel
from tests.ui.stage import Scenes, Stage
from tests.unit import build
from vip_tui.nodes.command_log import CommandLog
from vip_tui.nodes.commands import FOLLOW_ADDRESSES, LOAD_IP_VS, READ_ADDRESSES
from vip_tui.tui.app import Start
from vip_tui.tui.screens.commands import CommandsScreen

COMMANDS = Scenes(Start(cluster=CLUSTER, live=True))


def command_log() -> CommandLog:
    """What a drill leaves in the command log, as far as it got."""
    now = [100.0]
    log = CommandLog(clock=lambda: NINE_O_CLOCK + now[0], monotonic=lambda: now[0])

    def lasting(seconds: float) -> None:
        now[0] += seconds

    nodes = [
        log.at(f"n{n + 1}", f"ssh root@{node.address}") for n, node in enumerate(CLUSTER.nodes)
    ]
    for at in nodes:
        at.command(FOLLOW_ADDRESSES, (), FOLLOW_ADDRESSES.line(), stream=True)
        at.docker(["events", "--filter", "container=keepalived"], stream=True)
        for _ in range(12):
            with at.command(READ_ADDRESSES, (), READ_ADDRESSES.line()) as run:
                lasting(0.01)
                run.exited(0)
    with nodes[1].command(LOAD_IP_VS, (), LOAD_IP_VS.line()) as run:
        lasting(0.12)
        run.exited(1, "modprobe: FATAL: Module ip_vs not found in directory /lib/modules/6.1.0")
    created = build.container(build.spec()).environment
    words = ["create", "--name", "keepalived", "--restart=always", "--net=host"]
    for key in ("KEEPALIVED_PRIORITY", "KEEPALIVED_PASSWORD", "KEEPALIVED_VIRTUAL_IPS"):
        words += ["-e", f"{key}={'********' if 'PASS' in key else created[key]}"]
    with nodes[0].docker([*words, CLUSTER.image]):
        lasting(0.21)
    with nodes[0].docker(["start", "keepalived"]):
        lasting(0.4)
    nodes[2].docker(["stop", "-t", "10", "keepalived"])
    lasting(3.2)
    return log


@COMMANDS.add()
async def commands(stage: Stage) -> None:
    await panel(stage)
    stage.app.push_screen(CommandsScreen(command_log()))


@COMMANDS.add()
async def commands_failures(stage: Stage) -> None:
    await commands(stage)
    await stage.settle()
    await stage.press("e")


@COMMANDS.add()
async def commands_empty(stage: Stage) -> None:
    await panel(stage)
    stage.app.push_screen(CommandsScreen(CommandLog()))


@COMMANDS.add()
async def commands_copied(stage: Stage) -> None:
    await commands(stage)
    await stage.settle()
    await stage.press("up", "up", "y")
