"""The way back, armed on the node before the fault: it comes back even if we do not."""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vip_tui.errors import RefusedError, UnreachableError, VipError
from vip_tui.keepalived.spec import CONTAINER_NAME
from vip_tui.nodes.commands import ARM_START
from vip_tui.nodes.connection import NodeConnection, Remote
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
    label = connection.node.label
    who = f"drill of {cluster} by {getpass.getuser()}@{socket.gethostname()} pid {os.getpid()}"
    async with connection.follow(
        ARM_START, CONTAINER_NAME, str(ARMED_S), clean_line(who, 120)
    ) as remote:
        try:
            async with asyncio.timeout(_ANSWER_S):
                answer = await remote.readline()
        except TimeoutError:
            raise UnreachableError(f"{label} did not arm the revert", "no answer") from None
        if answer.startswith("locked"):
            detail = answer.removeprefix("locked").strip() or "no name was left"
            hint = "Wait for it to end."
            raise RefusedError(f"another run holds the lock on {label}", detail, hint)
        if not answer.startswith("armed"):
            detail = answer or clean_line(await remote.errors()) or "no answer"
            raise RefusedError(f"the revert could not be armed on {label}", detail)
        yield Armed(remote, label)
