"""A container's main process, as Docker handles it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Process(Protocol):
    """What Docker does with a container's first process."""

    def start(self) -> None:
        """It was executed."""

    def terminate(self) -> None:
        """SIGTERM."""

    def kill(self) -> None:
        """SIGKILL: it is gone at once, and cleans nothing up."""

    def freeze(self) -> None:
        """It gets no more time."""

    def thaw(self) -> None:
        """It goes on."""


class Sleeper:
    """Any other program: it does nothing, and ends when it is told to."""

    def __init__(self, exited: Callable[[int], None]) -> None:
        self._exited = exited

    def start(self) -> None:
        """Nothing to do."""

    def terminate(self) -> None:
        """It ends at once."""
        self._exited(0)

    def kill(self) -> None:
        """Nothing is left of it."""

    def freeze(self) -> None:
        """It did nothing anyway."""

    def thaw(self) -> None:
        """It goes on doing nothing."""
