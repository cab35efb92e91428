"""Where scenes are played: the program with no nodes behind it, and clocks that stand still."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input, LoadingIndicator

from vip_tui.deploy import prepare
from vip_tui.store import Store
from vip_tui.tui.app import Start, VipApp
from vip_tui.tui.screens import dialogs, import_swarm
from vip_tui.tui.screens.base import VipScreen
from vip_tui.tui.screens.drill import DrillScreen
from vip_tui.tui.screens.live import LiveScreen
from vip_tui.tui.screens.wizard import WizardScreen
from vip_tui.tui.theme import DARK
from vip_tui.tui.widgets import checks_step, deploy_steps, frame

PASSWORD = "Zq7vip2x"
SOON_S = 0.06  # longer than what Textual puts off; shorter than what ticks
LIMIT_S = 30.0
LEAST = (60, 15)
SIZES = ((80, 24), (120, 40), LEAST)


class Clock:
    """Monotonic seconds, turned by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Stage:
    """The program, as a scene plays it."""

    app: VipApp
    pilot: Pilot[Any]
    clock: Clock = field(default_factory=Clock)
    _patches: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def patch(self, patch: Any) -> None:
        """Patch something until the scene is over."""
        self._patches.enter_context(patch)

    @property
    def screen(self) -> Screen[Any]:
        """What is on top."""
        return self.app.screen

    @property
    def base(self) -> VipScreen:
        """The screen under the dialogs."""
        return next(
            screen for screen in reversed(self.app.screen_stack) if isinstance(screen, VipScreen)
        )

    @property
    def wizard(self) -> WizardScreen:
        """The set-up, under the dialogs."""
        assert isinstance(self.base, WizardScreen)
        return self.base

    async def settle(self) -> None:
        """Until all messages, workers and timers that are due have been seen to."""
        async with asyncio.timeout(LIMIT_S):
            await self.app.workers.wait_for_complete()
            await at_rest()

    async def tell(self, *messages: Message) -> None:
        """What a worker would have posted."""
        for message in messages:
            self.base.post_message(message)
        await self.settle()

    async def press(self, *keys: str) -> None:
        """Type."""
        for key in keys:
            character = {"question_mark": "?"}.get(key, key if len(key) == 1 else None)
            self.app.post_message(events.Key(key, character))
            await self.settle()

    async def put(self, name: str, words: str) -> None:
        """Type into a field, as pasting does: all at once."""
        self.screen.query_one(f"#{name}", Input).value = words
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        """Another terminal size."""
        size = Size(width, height)
        driver: Any = self.app._driver
        driver._size = size
        self.app.post_message(events.Resize(size, size))
        await self.settle()


async def at_rest() -> None:
    """Until the event loop has nothing to do, now and soon; the machine's load plays no part."""
    loop: Any = asyncio.get_running_loop()
    calm = 0
    while calm < 3:
        soon = loop.time() + SOON_S
        due = any(not item.cancelled() and item.when() < soon for item in loop._scheduled)
        calm = 0 if due or loop._ready else calm + 1
        await asyncio.sleep(0.002 if due and not loop._ready else 0)


Play = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """How to bring a program that was started like this into a state that is worth a look."""

    play: Play
    start: Start
    sizes: tuple[tuple[int, int], ...]


class Scenes(dict[str, Scene]):
    """Scenes by name: the function's own, with dashes. They start alike, but where one says."""

    def __init__(self, start: Start) -> None:
        super().__init__()
        self._start = start

    def add(
        self, start: Start | None = None, sizes: tuple[tuple[int, int], ...] = SIZES
    ) -> Callable[[Play], Play]:
        """Note the function as a scene, played by a program that was started like this."""

        def note(play: Play) -> Play:
            self[play.__name__.replace("_", "-")] = Scene(play, start or self._start, sizes)
            return play

        return note


def strips(app: VipApp) -> list[Strip]:
    """The lines of the terminal, with their colours, and what shines through a dialog."""
    compositor = app.screen._compositor
    update: Any = compositor.render_inline(app.size, screen_stack=app._background_screens)
    lines: list[Strip] = update.strips
    return lines


def text(app: VipApp) -> str:
    """What the terminal shows, without colours and trailing blanks."""
    return "\n".join(strip.text.rstrip() for strip in strips(app)) + "\n"


def _not_run(*_: object) -> None:
    """In the place of a worker."""


async def _no_fleet(app: VipApp) -> mock.Mock:
    """In the place of connections."""
    return mock.Mock()


@contextlib.contextmanager
def _one_terminal(colours: bool) -> Iterator[None]:
    """Whatever the machine's own terminal can do, and wherever it stands."""
    with mock.patch.dict(os.environ, TZ="UTC", TERM="xterm-256color", COLORTERM="truecolor"):
        os.environ.pop("NO_COLOR", None)
        if not colours:
            os.environ["NO_COLOR"] = "1"
        time.tzset()
        yield
    time.tzset()


@contextlib.contextmanager
def _no_workers(clock: Clock) -> Iterator[None]:
    """Nothing connects, counts down or makes up a password."""
    with contextlib.ExitStack() as stack:
        for owner, name in (
            (LiveScreen, "_watch"),
            (DrillScreen, "_run_drill"),
            (DrillScreen, "_follow"),
            (WizardScreen, "_run_checks"),
            (WizardScreen, "_deploy"),
            (WizardScreen, "_mend"),
            (dialogs.TypedDialog, "_count_down"),
            (import_swarm.ImportDialog, "_discover"),
        ):
            stack.enter_context(mock.patch.object(owner, name, _not_run))
        stack.enter_context(mock.patch.object(VipApp, "fleet", _no_fleet))
        stack.enter_context(mock.patch.object(frame, "NOTICE_S", 3600.0))
        stack.enter_context(mock.patch.object(checks_step, "monotonic", clock))
        stack.enter_context(mock.patch.object(deploy_steps, "monotonic", clock))
        stack.enter_context(mock.patch.object(import_swarm, "monotonic", clock))
        stack.enter_context(mock.patch.object(prepare, "new_password", lambda: PASSWORD))
        # What moves by itself: the cursor, and an indicator that the palette keeps running unseen.
        blink = Input.__dict__["cursor_blink"]
        stack.enter_context(mock.patch.object(blink, "_default", False))
        stack.enter_context(mock.patch.object(LoadingIndicator, "_on_mount", _not_run))
        yield


@contextlib.asynccontextmanager
async def playing(
    scene: Scene, size: tuple[int, int], theme: str = DARK.name, colours: bool = True
) -> AsyncIterator[Stage]:
    """The scene, played at this size; the program ends with the block."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, _one_terminal(colours), _no_workers(clock):
        store = Store(Path(folder))
        store.set_setting("theme", theme)
        app = VipApp(scene.start, store=store)
        app.animation_level = "none"
        async with app.run_test(size=size) as pilot:
            stage = Stage(app, pilot, clock)
            with stage._patches:
                await stage.settle()
                await scene.play(stage)
                await stage.settle()
                yield stage
