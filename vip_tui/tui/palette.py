"""The command palette: the actions of the screen beneath it, found by name or by what they do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from vip_tui.tui.actions import Action
from vip_tui.tui.screens.base import VipScreen


class ActionsProvider(Provider):
    """Made from the one registry of actions."""

    def _offered(self) -> list[tuple[Action, str]]:
        screen = self.screen
        if not isinstance(screen, VipScreen):
            return []
        found = []
        for action in screen.offered():
            if action.id != "palette":
                reason = screen.why_not(action.id)
                text = action.help if reason is None else f"Not now: {reason}"
                found.append((action, f"{text}  {action.key_names}"))
        return found

    def _run(self, action: Action) -> Callable[[], Awaitable[None]]:
        screen = self.screen
        assert isinstance(screen, VipScreen)
        return partial(screen.action_do, action.id)

    async def discover(self) -> Hits:
        """What is shown before anything is typed."""
        for action, text in self._offered():
            yield DiscoveryHit(action.label, self._run(action), help=text)

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for action, text in self._offered():
            score = max(matcher.match(action.label), matcher.match(action.help))
            if score > 0:
                yield Hit(score, matcher.highlight(action.label), self._run(action), help=text)
