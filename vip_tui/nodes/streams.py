"""The docker SDK's blocking streams, as asynchronous ones."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from typing import Any

import docker.errors


async def stream_items(
    items: Any, failed: Callable[[Exception], Exception]
) -> AsyncGenerator[Any, None]:
    """Read a blocking stream on a thread of its own and hand its items to the loop.

    ``failed`` makes the error that is raised for what went wrong on the thread.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Any] = asyncio.Queue()
    end = object()

    def put(item: object) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(queue.put_nowait, item)

    def read() -> None:
        try:
            for item in items:
                put(item)
            put(end)
        except Exception as error:
            put(error)

    threading.Thread(target=read, name="docker-stream", daemon=True).start()
    try:
        while (item := await queue.get()) is not end:
            if isinstance(item, Exception):
                raise failed(item)
            yield item
    finally:
        await asyncio.to_thread(_close_quietly, items)


def _close_quietly(items: Any) -> None:
    try:
        items.close()
    except (OSError, ValueError, docker.errors.DockerException):
        return  # it was closed by the other side already
