"""One operator at a time: a lock on every node that a change touches."""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from vip_tui.cluster import Node
from vip_tui.errors import RefusedError, UnreachableError
from vip_tui.nodes.commands import HOLD_LOCK
from vip_tui.nodes.connection import NodeConnection, Remote
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.text import clean_line

_ANSWER_S = 15.0


def holder(what: str) -> str:
    """Who we are, for the operator whom our lock keeps out."""
    return clean_line(
        f"{what} by {getpass.getuser()}@{socket.gethostname()} pid {os.getpid()}", 120
    )


async def granted(remote: Remote, connection: NodeConnection, word: str) -> None:
    """Wait until the script says ``word``; raises RefusedError where somebody holds the lock."""
    label = connection.node.label
    try:
        async with asyncio.timeout(_ANSWER_S):
            answer = await remote.readline()
    except TimeoutError:
        raise UnreachableError(f"{label} did not answer", f"no {word!r} from the node") from None
    if answer.startswith("locked"):
        detail = answer.removeprefix("locked").strip() or "no name was left"
        hint = "Wait for it to end."
        raise RefusedError(f"another run holds the lock on {label}", detail, hint)
    if not answer.startswith(word):
        detail = answer or clean_line(await remote.errors()) or "no answer"
        raise RefusedError(f"the lock on {label} could not be had", detail)


@asynccontextmanager
async def locked(fleet: Fleet, nodes: Sequence[Node], what: str) -> AsyncIterator[None]:
    """Hold the lock of all these nodes; it goes with the block, or with us."""
    async with AsyncExitStack() as stack:
        for node in nodes:
            connection = await fleet.connection(node)
            remote = await stack.enter_async_context(connection.follow(HOLD_LOCK, holder(what)))
            await granted(remote, connection, "held")
        yield
