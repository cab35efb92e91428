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
from vip_tui.nodes.text import parse_hostname

HEARTBEAT_S = 5.0
SLOW_READ_S = 2.0


@dataclass(frozen=True, slots=True)
class Held:
    """The VIPs that the kernel has; with the first reading comes the hostname."""

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
        self.label = connection.node.label

    async def follow(self) -> AsyncIterator[Held]:
        """The VIPs held now and after every change; raises UnreachableError when it is cut."""
        async with self._connection.follow(FOLLOW_ADDRESSES) as process:
            hostname = parse_hostname(await self._line(process))
            held: set[str] = set()
            while (line := await self._line(process)) != "==":
                held |= {address_of(line) or ""} & self._vips
            yield Held(frozenset(held), hostname)
            while True:
                line = await self._line(process)
                if line == "== unsupported":
                    break
                address = address_of(line)
                if address in self._vips:
                    held = held - {address} if line.startswith("Deleted") else held | {address}
                    yield Held(frozenset(held))
        async for reading in self._slow(frozenset(held)):
            yield reading

    async def _line(self, process: Remote) -> str:
        """The next line; asks for a sign of life when it has been quiet."""
        for waited in range(3):
            if waited:
                process.write(f"{waited}\n")
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    line = await process.readline()
            except TimeoutError:
                continue
            if not line:
                break
            if not re.match(r"== \d+$", line):
                return line
            return await self._line(process)
        title = f"connection to {self.label} lost"
        raise UnreachableError(title, "it shows no sign of life", "Is the node still up?")

    async def _slow(self, held: frozenset[str]) -> AsyncIterator[Held]:
        """Where ip(8) has no monitor (busybox): read now and then."""
        while True:
            await asyncio.sleep(SLOW_READ_S)
            output = (await self._connection.run(READ_ADDRESSES)).output
            now = frozenset({address_of(line) or "" for line in output.splitlines()}) & self._vips
            if now != held:
                held = now
                yield Held(held)
