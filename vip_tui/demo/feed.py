"""Something that goes on being told to whoever listens: events, and the lines of a log."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class Feed(Generic[T]):
    """Tells each item to everyone who listens at that moment."""

    def __init__(self) -> None:
        self._listeners: list[asyncio.Queue[T | None]] = []

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len(self._listeners)

    def tell(self, item: T) -> None:
        """Tell everyone."""
        for listener in self._listeners:
            listener.put_nowait(item)

    def end(self) -> None:
        """Tell everyone who listens that there is no more."""
        for listener in self._listeners:
            listener.put_nowait(None)
        self._listeners.clear()

    def open(self) -> asyncio.Queue[T | None]:
        """Listen, until ``close``."""
        listener: asyncio.Queue[T | None] = asyncio.Queue()
        self._listeners.append(listener)
        return listener

    def close(self, listener: asyncio.Queue[T | None]) -> None:
        """Tell this one no more."""
        if listener in self._listeners:
            self._listeners.remove(listener)
