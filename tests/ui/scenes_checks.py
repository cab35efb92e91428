"""Scenes of the checks: what is asked, what was found, and what is done about it."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

from tests.ui.recorded import CLUSTER
from tests.ui.stage import Scenes, Stage
from tests.unit import build
from tests.unit import recorded_checks as recorded
from vip_tui.cluster import Cluster
from vip_tui.errors import VipError
from vip_tui.preflight import remedies
from vip_tui.preflight.learnt import Finding
from vip_tui.preflight.mend import Mended
from vip_tui.preflight.outcome import Preflight
from vip_tui.tui import messages
from vip_tui.tui.app import Start

NAMED = replace(
    CLUSTER, nodes=tuple(replace(node, name=f"n{n}") for n, node in enumerate(CLUSTER.nodes, 1))
)
CHECKS = Scenes(Start(cluster=NAMED))
MANY = Start(cluster=recorded.NINE)


async def done(stage: Stage, outcome: Preflight) -> None:
    """The checks have ended with this; the remedies are as they were recorded."""

    def remedy_for(_outcome: Preflight, index: int, finding: Finding) -> remedies.Remedy | None:
        return recorded.remedy(index, finding)

    stage.patch(mock.patch.object(remedies, "remedy_for", remedy_for))
    stage.wizard.start_checks()
    await stage.tell(messages.ChecksDone(outcome))


async def answered(stage: Stage, cluster: Cluster, *numbers: int) -> None:
    """These nodes have said what they say of themselves."""
    for number in numbers:
        one = build.learnt(number, wanted=cluster.nodes[number - 1])
        await stage.tell(messages.NodeLearnt(number - 1, one))


@CHECKS.add(MANY)
async def checks_asking(stage: Stage) -> None:
    """Nobody has answered yet."""
    stage.wizard.start_checks()
    stage.clock.now += 2
    stage.wizard.checks._draw()


@CHECKS.add(MANY)
async def checks_arriving(stage: Stage) -> None:
    """Some have answered."""
    await checks_asking(stage)
    await answered(stage, recorded.NINE, 1, 2, 5, 7)
    stage.clock.now += 1
    stage.wizard.checks._draw()


@CHECKS.add()
async def checks_listening(stage: Stage) -> None:
    """All have answered; what is on the wire is waited for."""
    stage.wizard.start_checks()
    await answered(stage, NAMED, 1, 2, 3)
    stage.clock.now += 2
    stage.wizard.checks._draw()


@CHECKS.add()
async def checks_all_fine(stage: Stage) -> None:
    await done(stage, recorded.outcome(NAMED, {}))


@CHECKS.add()
async def checks_filter_all(stage: Stage) -> None:
    """What is fine is shown too."""
    await checks_all_fine(stage)
    await stage.press("e")


@CHECKS.add()
async def checks_three(stage: Stage) -> None:
    """One node is not ready, and two have something alike."""
    await done(stage, recorded.three(NAMED))


@CHECKS.add()
async def checks_opened(stage: Stage) -> None:
    """A row of two nodes, and what could not be looked at."""
    await checks_three(stage)
    await stage.press("home", "down", "space")


@CHECKS.add(MANY)
async def checks_nine(stage: Stage) -> None:
    """One cause is one row, on however many nodes."""
    await done(stage, recorded.nine())


@CHECKS.add(MANY)
async def checks_nine_all(stage: Stage) -> None:
    """A node that is open shows all that was found there."""
    await checks_nine(stage)
    await stage.press("end", "up", "space")


@CHECKS.add()
async def checks_together(stage: Stage) -> None:
    """Somebody else has our VRID."""
    await done(stage, recorded.outcome(NAMED, {}, recorded.THEIRS))


@CHECKS.add()
async def checks_mend(stage: Stage) -> None:
    """Nothing runs before its commands were shown."""
    await checks_three(stage)
    await stage.press("m")


@CHECKS.add(MANY)
async def checks_mend_many(stage: Stage) -> None:
    """The same remedy for several nodes."""
    await checks_nine(stage)
    await stage.press("home", "down", "down", "m")


@CHECKS.add()
async def checks_mending(stage: Stage) -> None:
    await checks_mend(stage)
    await stage.press("right", "enter")
    stage.clock.now += 3
    stage.wizard.checks._draw()


@CHECKS.add()
async def checks_mended(stage: Stage) -> None:
    """What was seen after it is told, and the node is asked again."""
    await checks_mending(stage)
    mended = recorded.remedy(1, recorded.DOCKER_DOWN)
    assert mended is not None
    await stage.tell(messages.Mended((Mended(mended, "Docker 20.10.24 answers"),)))
    stage.clock.now += 1
    stage.wizard.checks._draw()


@CHECKS.add()
async def checks_not_mended(stage: Stage) -> None:
    """It did not help: the row says so, also when the notice is gone."""
    await checks_mending(stage)
    mended = recorded.remedy(1, recorded.DOCKER_DOWN)
    assert mended is not None
    problem = VipError(
        "Docker on n2 does not start",
        "no answer within 30 s",
        "On the node: `journalctl -u docker`, or /var/log/docker.log.",
    )
    await stage.tell(
        messages.Mended((Mended(mended, problem=problem),)),
        messages.ChecksDone(recorded.three(NAMED)),
    )


@CHECKS.add()
async def checks_accept(stage: Stage) -> None:
    """What it means to go on."""
    await checks_three(stage)
    await stage.press("a")


@CHECKS.add()
async def checks_accepted(stage: Stage) -> None:
    await checks_accept(stage)
    await stage.press("right", "enter")


@CHECKS.add()
async def checks_one_again(stage: Stage) -> None:
    """One node is asked again; what is known of the others stays."""
    await checks_three(stage)
    await stage.press("r")
    stage.clock.now += 1
    stage.wizard.checks._draw()


@CHECKS.add()
async def checks_copied(stage: Stage) -> None:
    await checks_three(stage)
    await stage.press("y")
