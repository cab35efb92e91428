"""Which of the VIPs a node's kernel has: pushed by ``ip monitor``, with a heartbeat."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from vip_tui.errors import UnreachableError
from vip_tui.nodes.commands import FOLLOW_ADDRESSES, READ_ADDRESSES
from vip_tui.nodes.connection import NodeConnection, Remote
from vip_tui.nodes.reasons import LOST_HINT
from vip_tui.nodes.text import parse_hostname

HEARTBEAT_S = 5.0
MISSED_BEATS = 3
SLOW_READ_S = 2.0
RENEW_S = 0.5  # before the script is started anew, should it keep ending


@dataclass(frozen=True, slots=True)
class Held:
    """The VIPs that the kernel has, and what the node calls itself."""

    held: frozenset[str]
    hostname: str | None = None


def address_of(line: str) -> str | None:
    """The bare address of a line of ``ip -o addr`` or ``ip -o monitor address``."""
    match = re.search(r"^(?:Deleted )?\d+:\s+\S+\s+inet6?\s+([0-9a-fA-F.:]+)", line)
    if not match:
        return None
    try:
        return str(ipaddress.ip_address(match[1]))
    except ValueError:
        return None


class AddressFollower:
    """Follows one node's addresses over its connection."""

    def __init__(self, connection: NodeConnection, vips: Sequence[str]) -> None:
        self._connection = connection
        self._vips = frozenset(vips)
        self._hostname = ""
        self._monitored = True
        self.label = connection.node.label

    async def follow(self) -> AsyncIterator[Held]:
        """The VIPs held now and after every change; raises UnreachableError when it is cut."""
        while True:
            # The script ends at its time limit; it is then started anew, and reads afresh.
            async with self._connection.follow(FOLLOW_ADDRESSES) as process:
                held: set[str] | None = None
                async for held in self._changes(process):
                    yield Held(frozenset(held), self._hostname)
                if held is None:
                    raise self._silent()
            if not self._monitored:
                break
            await asyncio.sleep(RENEW_S)
        async for reading in self._slow(frozenset(held)):
            yield reading

    async def _changes(self, process: Remote) -> AsyncIterator[set[str]]:
        """The VIPs held, from one run of the script; ends with it."""
        self._hostname = parse_hostname(await self._line(process) or "")
        held: set[str] = set()
        while (line := await self._line(process)) != "==":
            if line is None:
                return
            held = self._after(held, line)
        yield held
        while (line := await self._line(process)) is not None:
            if line == "== unsupported":
                self._monitored = False
                return
            if self._after(held, line) != held or address_of(line) in self._vips:
                held = self._after(held, line)
                yield held

    def _after(self, held: set[str], line: str) -> set[str]:
        """What is held after this line of ip(8)."""
        address = {address_of(line) or ""} & self._vips
        return held - address if line.startswith("Deleted") else held | address

    async def _line(self, process: Remote) -> str | None:
        """The next line, None at the end; asks for a sign of life when it has been quiet."""
        quiet = 0
        while quiet < MISSED_BEATS:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    line = await process.readline()
            except TimeoutError:
                quiet += 1
                process.write(f"{quiet}\n")
                continue
            if not re.fullmatch(r"== \d+", line):
                return line or None
            quiet = 0
        raise self._silent()

    def _silent(self) -> UnreachableError:
        title = f"connection to {self.label} lost"
        return UnreachableError(title, "it shows no sign of life", LOST_HINT)

    async def _slow(self, held: frozenset[str]) -> AsyncIterator[Held]:
        """Where ip(8) has no monitor (busybox): read now and then."""
        while True:
            await asyncio.sleep(SLOW_READ_S)
            output = (await self._connection.run(READ_ADDRESSES)).output
            now = frozenset({address_of(line) or "" for line in output.splitlines()}) & self._vips
            if now != held:
                held = now
                yield Held(held)
