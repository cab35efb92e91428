"""What a simulated host answers to each declared command, by the command's id."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable

from vip_tui.demo import facts
from vip_tui.demo.clock import pause
from vip_tui.demo.host import Host
from vip_tui.demo.locks import arm_start, hold_lock, read_lock
from vip_tui.demo.session import COMMANDS, FACTS, Call, Session, UnknownCommand
from vip_tui.nodes import commands

PING_S = 0.3  # two pings that are answered, 0.3 s apart
SILENCE_S = 1.3  # two that are not: one second more for the last
FACTS_LIMIT_S = 10.0
TIMED_OUT = 124  # timeout(1)

Handler = Callable[[Host, Session, Call], Awaitable[int]]


async def respond(host: Host, session: Session, call: Call) -> int:
    """Answer a command; returns its exit status. Raises UnknownCommand for one without handler."""
    handler = HANDLERS.get(call.id)
    if handler is None:
        raise UnknownCommand(call.id)
    command = COMMANDS.get(call.id)
    if command is not None and not _allowed(host, command.needs):
        session.err("sudo: a password is required\n")
        return 1
    if host.faults.delay_s:
        await pause(host.clock, host.faults.delay_s)
    try:
        async with asyncio.timeout(command.limit_s if command else FACTS_LIMIT_S):
            return await handler(host, session, call)
    except TimeoutError:
        return TIMED_OUT


def _allowed(host: Host, needs: commands.Needs) -> bool:
    """Whether the wrapper of such a command gets past sudo(8)."""
    return needs == "user" or host.root


async def _facts(host: Host, session: Session, call: Call) -> int:
    session.out(facts.gather(host, call.sections))
    return 0


async def _docker_access(host: Host, session: Session, _call: Call) -> int:
    session.out("installed\n")
    if host.faults.docker != "down":
        session.out("socket\n")
        if host.uid == 0:
            session.out("permitted\n")
    if host.root:
        session.out("sudo\n")
    return 0


async def _load_ip_vs(host: Host, session: Session, _call: Call) -> int:
    if host.ip_vs == "missing":
        where = "/lib/modules/6.1.0-18-amd64"
        session.err(f"modprobe: FATAL: Module ip_vs not found in directory {where}\n")
        return 1
    host.ip_vs = "loaded"
    return 0


async def _persist_ip_vs(host: Host, _session: Session, _call: Call) -> int:
    host.ip_vs_persisted = True
    return 0


async def _follow_addresses(host: Host, session: Session, _call: Call) -> int:
    def tell(line: str) -> None:
        session.out(f"{line}\n")

    session.out("\n".join([host.hostname, *host.address_lines(), "==", ""]))
    host.following.append(tell)
    try:
        while (beat := await session.line()) is not None:
            session.out(f"== {beat}\n")
    finally:
        host.following.remove(tell)
    return 0


async def _read_addresses(host: Host, session: Session, _call: Call) -> int:
    session.out("\n".join([*host.address_lines(), ""]))
    return 0


async def _delete_address(host: Host, session: Session, call: Call) -> int:
    cidr, name = call.arguments
    if not host.remove_address(cidr, name):
        # The script itself is content where the address is not there afterwards.
        missing = "RTNETLINK answers: Cannot assign requested address"
        session.err(f"{missing if host.interface(name) else f'Cannot find device {name!r}'}\n")
    return 0


async def _ask_for_address(host: Host, session: Session, call: Call) -> int:
    ip = str(ipaddress.ip_address(call.arguments[0]))
    owner = host.wire.owner(ip, host)
    if host.has(ip):
        await pause(host.clock, PING_S)
        session.out("answered\n")
    elif owner is not None:
        await pause(host.clock, PING_S)
        session.out(f"answered\n{ip} dev eth0 lladdr {owner} REACHABLE\n")
    else:
        await pause(host.clock, SILENCE_S)
        session.out(f"{ip} dev eth0 FAILED\n")
    return 0


HANDLERS: dict[str, Handler] = {
    FACTS: _facts,
    commands.DOCKER_ACCESS.id: _docker_access,
    commands.LOAD_IP_VS.id: _load_ip_vs,
    commands.PERSIST_IP_VS.id: _persist_ip_vs,
    commands.FOLLOW_ADDRESSES.id: _follow_addresses,
    commands.READ_ADDRESSES.id: _read_addresses,
    commands.DELETE_ADDRESS.id: _delete_address,
    commands.ASK_FOR_ADDRESS.id: _ask_for_address,
    commands.ARM_START.id: arm_start,
    commands.HOLD_LOCK.id: hold_lock,
    commands.READ_LOCK.id: read_lock,
}
# Served in bytes by the server itself, as it speaks HTTP.
IN_BYTES = (commands.DIAL_STDIO.id,)
