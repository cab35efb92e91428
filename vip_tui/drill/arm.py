"""The way back, armed on the node before the fault: it comes back even if we do not."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vip_tui.errors import VipError
from vip_tui.keepalived.spec import CONTAINER_NAME
from vip_tui.nodes.commands import ARM_START
from vip_tui.nodes.connection import NodeConnection, Remote
from vip_tui.nodes.lock import granted, holder
from vip_tui.nodes.text import clean_line

ARMED_S = 60
_ANSWER_S = 15.0


class Armed:
    """A revert that is waiting on the node; it runs unless it is called off."""

    def __init__(self, remote: Remote, label: str) -> None:
        self._remote = remote
        self._label = label
        self.disarmed = False

    async def disarm(self) -> None:
        """Call the revert off; raises VipError where that is not confirmed (it then runs)."""
        self._remote.write("disarm\n")
        line = "no answer"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_S):
                while (line := await self._remote.readline()) not in ("disarm", "gone", ""):
                    continue
        if line != "disarm":
            detail = clean_line(line) or "the connection ended"
            raise VipError(f"the revert on {self._label} was not called off", detail)
        self.disarmed = True


@asynccontextmanager
async def armed(connection: NodeConnection, cluster: str) -> AsyncIterator[Armed]:
    """Arm the revert and hold the node's lock; leaving without ``disarm`` runs the revert.

    Raises RefusedError where somebody else holds the lock.
    """
    what = holder(f"drill of {cluster}")
    async with connection.follow(ARM_START, CONTAINER_NAME, str(ARMED_S), what) as remote:
        await granted(remote, connection, "armed")
        yield Armed(remote, connection.node.label)
