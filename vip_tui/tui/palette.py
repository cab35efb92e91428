"""The command palette: the screen's actions, then themes; found by name or by what they do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from vip_tui.tui.screens.base import VipScreen

Offer = tuple[str, str, Callable[[], Awaitable[None] | Any]]


class ActionsProvider(Provider):
    """Made from the one registry of actions, and from what the program has for every screen."""

    def _offers(self) -> Iterator[Offer]:
        """What can be done: its name, what it does, and how it is done."""
        screen = self.screen
        if isinstance(screen, VipScreen):
            for action in screen.offered():
                if action.id == "palette":
                    continue
                reason = screen.why_not(action.id)
                text = action.help if reason is None else f"Not now: {reason}"
                run = partial(screen.action_do, action.id)
                yield action.label, f"{text}  {action.key_names}", run
        for command in self.app.get_system_commands(screen):
            yield command.title, command.help, command.callback

    async def discover(self) -> Hits:
        """What is shown before anything is typed."""
        for name, text, run in self._offers():
            yield DiscoveryHit(name, run, help=text)

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for name, text, run in self._offers():
            score = max(matcher.match(name), matcher.match(text))
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=text)
