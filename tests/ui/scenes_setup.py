"""Scenes of the wizard: each walks there as an operator does, from what the nodes said."""

from __future__ import annotations

from dataclasses import replace

from tests.ui import recorded_setup as recorded
from tests.ui.recorded import CLUSTER, VIP
from tests.ui.stage import Scenes, Stage
from tests.unit import build
from vip_tui.cluster import Cluster, Node, parse_vip
from vip_tui.errors import InputError, VipError
from vip_tui.preflight.learnt import Learnt
from vip_tui.tui import messages
from vip_tui.tui.app import Start
from vip_tui.tui.screens.dialogs import problem_dialog
from vip_tui.tui.widgets.form_steps import VipStep

FILLED = Start(cluster=CLUSTER)
SETUP = Scenes(FILLED)
NODES = " ".join(node.address for node in CLUSTER.nodes)
DEMO = Start(
    demo=True,
    cluster=Cluster(
        "demo",
        (parse_vip("192.0.2.10"),),
        tuple(Node(address="127.0.0.1", port=40101 + n, user="root") for n in range(3)),
    ),
)
HOSTILE = "[/x][@click=app.quit]n2[/] [fe80::1]"


@SETUP.add(Start())
async def nodes_empty(stage: Stage) -> None:
    """What the program opens on."""


@SETUP.add(Start())
async def nodes_typed(stage: Stage) -> None:
    await stage.put("nodes", NODES)


@SETUP.add(Start())
async def nodes_wrong(stage: Stage) -> None:
    await stage.put("nodes", "198.18.0.11 198.18.0.999")
    await stage.put("user", "no such user")
    await stage.press("enter")


@SETUP.add(DEMO)
async def nodes_demo(stage: Stage) -> None:
    """The demo opens prefilled."""


@SETUP.add(Start())
async def vip_empty(stage: Stage) -> None:
    await stage.put("nodes", NODES)
    await stage.press("enter")


@SETUP.add(Start())
async def vip_filled(stage: Stage) -> None:
    await vip_empty(stage)
    await stage.put("vip", VIP)


@SETUP.add(Start())
async def vip_wrong(stage: Stage) -> None:
    await vip_empty(stage)
    stage.wizard.query_one(VipStep).saved = ("prod",)
    for name, words in (
        ("vip", "198.18.0.11"),
        ("name", "prod"),
        ("priorities", "200 100"),
        ("vrid", "256"),
        ("password", "ninechars"),
    ):
        await stage.put(name, words)
    await stage.press("enter")


@SETUP.add()
async def checks_running(stage: Stage) -> None:
    """One node has answered, the others not yet."""
    stage.wizard.start_checks()
    stage.clock.now += 3
    await stage.tell(messages.NodeLearnt(0, replace(recorded.fine()[0], heard=None)))


async def checked(stage: Stage, learnt: list[Learnt]) -> None:
    stage.wizard.start_checks()
    await stage.tell(messages.ChecksDone(recorded.outcome(learnt)))


@SETUP.add()
async def checks_problems(stage: Stage) -> None:
    await checked(stage, recorded.with_problems())


@SETUP.add()
async def checks_fine(stage: Stage) -> None:
    await checked(stage, recorded.fine())


@SETUP.add()
async def checks_not_now(stage: Stage) -> None:
    """Enter where a check fails: the notice says why it goes no further."""
    await checked(stage, recorded.with_problems())
    await stage.press("enter")


@SETUP.add()
async def checks_hostile(stage: Stage) -> None:
    """What a node says is only text."""
    first, second, third = recorded.fine()
    assert second.host is not None
    host = replace(second.host, hostname=HOSTILE, user="[bold]root[/bold]", root=False)
    await checked(stage, [first, replace(second, host=host), third])


@SETUP.add()
async def checks_not_run(stage: Stage) -> None:
    """The checks themselves broke."""
    await checks_running(stage)
    problem = VipError("no way in", "[Errno 13] Permission denied: '~/.ssh/config'", "Look at it.")
    await stage.tell(messages.Failed(problem))


@SETUP.add()
async def host_keys(stage: Stage) -> None:
    await checked(stage, recorded.never_seen())


async def reviewed(stage: Stage, learnt: list[Learnt]) -> None:
    await checked(stage, learnt)
    await stage.press("enter")


@SETUP.add()
async def review(stage: Stage) -> None:
    await reviewed(stage, recorded.fine())


@SETUP.add()
async def review_commands(stage: Stage) -> None:
    await reviewed(stage, recorded.fine())
    await stage.press("d")


@SETUP.add()
async def review_replace(stage: Stage) -> None:
    """One container is not as it should be."""
    await reviewed(stage, recorded.with_another_password())


@SETUP.add()
async def review_nothing(stage: Stage) -> None:
    await reviewed(stage, recorded.deployed())


@SETUP.add()
async def deploy_pulling(stage: Stage) -> None:
    await review(stage)
    await stage.press("enter")
    await stage.tell(*map(messages.StepTold, recorded.DEPLOYING))
    stage.clock.now += 7
    await stage.tell(messages.StepTold(recorded.DEPLOYING[-1]))


@SETUP.add()
async def deploy_starting(stage: Stage) -> None:
    await review(stage)
    await stage.press("enter")
    await stage.tell(*map(messages.StepTold, recorded.STARTING))
    stage.clock.now += 3
    await stage.tell(messages.StepTold(recorded.STARTING[-1]))


@SETUP.add()
async def deploy_stop(stage: Stage) -> None:
    """Esc asks before it rolls back."""
    await deploy_starting(stage)
    await stage.press("escape")


@SETUP.add()
async def deploy_stopping(stage: Stage) -> None:
    await deploy_stop(stage)
    await stage.press("right", "enter")


@SETUP.add()
async def deploy_rolled_back(stage: Stage) -> None:
    await deploy_starting(stage)
    await stage.tell(
        *map(messages.StepTold, recorded.ROLLED_BACK), messages.ApplyDone(recorded.ROLLBACK)
    )


@SETUP.add()
async def deploy_locked(stage: Stage) -> None:
    """Somebody else is at it."""
    await review(stage)
    await stage.press("enter")
    await stage.tell(messages.ApplyDone(recorded.LOCKED))


@SETUP.add()
async def help_field(stage: Stage) -> None:
    await stage.press("enter", "question_mark")


@SETUP.add()
async def help_checks(stage: Stage) -> None:
    await checks_running(stage)
    await stage.press("question_mark")


@SETUP.add(Start())
async def palette(stage: Stage) -> None:
    await stage.press("ctrl+p")


@SETUP.add(Start())
async def palette_search(stage: Stage) -> None:
    await stage.press("ctrl+p", *"theme")


@SETUP.add(Start())
async def problem(stage: Stage) -> None:
    """The cluster that was asked for is not there."""
    error = InputError(
        "no cluster 'nowhere'",
        "/home/eve/.local/share/vip-tui/clusters/nowhere.toml does not exist",
        "Saved clusters: homelab, prod. `vip-tui setup` makes one.",
    )
    stage.app.push_screen(problem_dialog(error))


@SETUP.add(sizes=((50, 12),))
async def too_small(stage: Stage) -> None:
    """Less than there is room for; nothing is lost."""


@SETUP.add(Start(cluster=replace(build.cluster(*map(build.node, range(1, 10))), name="many")))
async def nodes_nine(stage: Stage) -> None:
    """More nodes than lines."""
