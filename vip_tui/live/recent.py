"""How the VIP answered in the last minute: one bar for each second. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from vip_tui.nodes.probe import Answer

SECONDS = 60
PATIENCE_S = 1.0  # an answer may be as late as this before its second counts as missed


class LastMinute:
    """Folds answers into the seconds in which they were asked for; ``began`` starts the first.

    An answer that comes late is late, and not lost: what counts is when it was asked for.
    """

    def __init__(self, began: float) -> None:
        self._began = began
        self._slowest: dict[int, float] = {}
        self._newest = began - 1.0

    def take(self, answers: Sequence[Answer]) -> None:
        """Take in what is new; by index from the end, because another thread adds to them."""
        newest = self._newest
        for index in range(1, len(answers) + 1):
            answer = answers[-index]
            if answer.at <= newest:
                break
            second = int(answer.at - answer.took - self._began)
            self._slowest[second] = max(self._slowest.get(second, 0.0), answer.took)
            self._newest = max(self._newest, answer.at)
        oldest = int(self._newest - self._began) - 2 * SECONDS
        for second in [second for second in self._slowest if second < oldest]:
            del self._slowest[second]

    def bars(self, now: float) -> tuple[float | None, ...]:
        """The slowest answer of each second (seconds), the newest last; None for no answer."""
        if not self._slowest:
            return ()
        due = int(now - self._began - PATIENCE_S) - 1  # the last second that must have answered
        last = max(max(self._slowest), due)
        first = max(min(self._slowest), last - SECONDS + 1)
        return tuple(self._slowest.get(second) for second in range(first, last + 1))
