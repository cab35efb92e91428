"""Work that is not left half done: what a node was asked to do cannot be taken back midway."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Run work to its end, also when we are cancelled meanwhile; then that is raised."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        task.exception()  # it is told by whoever undoes the work
        raise asyncio.CancelledError
    return task.result()


def raise_if_cancelled() -> None:
    """Raise CancelledError where this task was told to end.

    A task group whose child fails at the same moment keeps that to itself (Python 3.11).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
