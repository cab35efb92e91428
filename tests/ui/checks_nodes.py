"""In the place of the nodes that the checks ask: what they say, and what was done to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from textual.widgets import Footer, Static

from tests.ui.waiting import Looker, looking
from tests.unit import build
from tests.unit import recorded_checks as recorded
from vip_tui.cluster import Cluster
from vip_tui.errors import VipError
from vip_tui.preflight import gather, mend, remedies
from vip_tui.preflight.learnt import Finding, Learnt
from vip_tui.preflight.mend import Mended
from vip_tui.preflight.outcome import Preflight
from vip_tui.preflight.remedies import Remedy
from vip_tui.store import Store
from vip_tui.tui.app import Start, VipApp
from vip_tui.tui.screens.wizard import WizardScreen
from vip_tui.tui.widgets.checks_step import ChecksStep
from vip_tui.tui.widgets.frame import Notice

CLUSTER = replace(build.cluster(), vrid=100)
FINE = recorded.outcome(CLUSTER, {})
THREE = recorded.three(CLUSTER)


def _remedy_for(_outcome: Preflight, index: int, finding: Finding) -> Remedy | None:
    return recorded.remedy(index, finding)


async def _no_fleet(_app: VipApp) -> None:
    return None


@dataclass
class Nodes:
    """In the place of the nodes: what they say to the checks, and what was asked of them."""

    says: Preflight
    asked: list[tuple[Preflight | None, Collection[int] | None]] = field(default_factory=list)
    mended: list[Remedy] = field(default_factory=list)
    fails: VipError | None = None
    waits: Callable[[], Any] | None = None

    async def gather(
        self,
        cluster: Cluster,
        _fleet: object,
        progress: Callable[[int, Learnt], object],
        before: Preflight | None = None,
        only: Collection[int] | None = None,
    ) -> Preflight:
        self.asked.append((before, only))
        for index in range(len(cluster.nodes)) if only is None else sorted(only):
            progress(index, self.says.learnt[index])
        if self.waits is not None:
            await self.waits()
        return replace(self.says, cluster=cluster)

    async def mend_all(
        self, wanted: tuple[Remedy, ...], _cluster: Cluster, _fleet: object, _tell: object
    ) -> tuple[Mended, ...]:
        self.mended += wanted
        if self.waits is not None:
            await self.waits()
        return tuple(
            Mended(one, problem=self.fails)
            if self.fails
            else Mended(one, "Docker 20.10.24 answers")
            for one in wanted
        )


def three_nodes(monkeypatch: pytest.MonkeyPatch) -> Nodes:
    """Three that are fine, until they are told otherwise."""
    made = Nodes(FINE)
    monkeypatch.setattr(gather, "gather", made.gather)
    monkeypatch.setattr(mend, "mend_all", made.mend_all)
    monkeypatch.setattr(remedies, "remedy_for", _remedy_for)
    monkeypatch.setattr(VipApp, "fleet", _no_fleet)
    return made


@asynccontextmanager
async def at_the_checks(
    store: Store, size: tuple[int, int] = (80, 24), cluster: Cluster = CLUSTER
) -> AsyncIterator[Looker]:
    """The wizard, one Enter after the VIP."""
    async with looking(VipApp(Start(cluster=cluster), store=store), size) as looker:
        screen = looker.app.screen
        assert isinstance(screen, WizardScreen)
        await screen.ready.wait()
        await looker.press("enter", "enter")
        await looker.until(lambda: screen.checks.list.rows, "no rows")
        yield looker


def wizard(looker: Looker) -> WizardScreen:
    return next(it for it in looker.app.screen_stack if isinstance(it, WizardScreen))


def checks(looker: Looker) -> ChecksStep:
    return wizard(looker).checks


def cursor(looker: Looker) -> str:
    row = checks(looker).selected
    return " ".join(row.plain.split()) if row else ""


def title(looker: Looker) -> str:
    return str(checks(looker).query_one(".step-title", Static).render())


def notice(looker: Looker) -> str:
    shown = wizard(looker).query_one(Notice)
    return str(shown.render()) if shown.display else ""


def keys(looker: Looker) -> list[str]:
    """What the footer names."""
    children: list[Any] = list(wizard(looker).query_one(Footer).children)
    return [f"{key.key_display} {key.description}" for key in children if key.display]


async def to_the_end(looker: Looker) -> None:
    await looker.until(lambda: checks(looker).outcome is not None, "the checks do not end")
