"""What a simulated host answers to each declared command, by the command's id."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from vip_tui.demo import facts, mending
from vip_tui.demo.clock import pause
from vip_tui.demo.host import Host
from vip_tui.demo.listening import listen, listen_as_user
from vip_tui.demo.locks import arm_start, hold_lock, read_lock
from vip_tui.demo.session import COMMANDS, FACTS, Call, Session, UnknownCommand
from vip_tui.nodes import commands, listening

FACTS_LIMIT_S = 10.0
TIMED_OUT = 124  # timeout(1)

Handler = Callable[[Host, Session, Call], Awaitable[int]]


async def respond(host: Host, session: Session, call: Call) -> int:
    """Answer a command; returns its exit status. Raises UnknownCommand for one without handler."""
    handler = HANDLERS.get(call.id)
    if handler is None:
        raise UnknownCommand(call.id)
    command = COMMANDS.get(call.id)
    if not await let_in(host, session, call, command.needs if command else "user"):
        return 1
    if host.faults.delay_s:
        await pause(host.clock, host.faults.delay_s)
    try:
        async with asyncio.timeout(command.limit_s if command else FACTS_LIMIT_S):
            return await handler(host, session, call)
    except TimeoutError:
        return TIMED_OUT


async def let_in(host: Host, session: Session, call: Call, needs: commands.Needs) -> bool:
    """Whether the wrapper of such a command gets past sudo(8), which says why not."""
    if call.sudo == "free":
        if needs == "user" or host.root:
            return True
        session.err("sudo: a password is required\n")
        return False
    if host.sudo_password and await session.line() != host.sudo_password:
        session.err("Sorry, try again.\nsudo: 1 incorrect password attempt\n")
        return False
    while call.sudo == "asks-talks" and await session.line() not in (commands.GO, None):
        pass
    return True


async def _facts(host: Host, session: Session, call: Call) -> int:
    session.out(facts.gather(host, call.sections, host.root or call.sudo != "free"))
    return 0


async def _docker_access(host: Host, session: Session, _call: Call) -> int:
    session.out("installed\n")
    if host.faults.docker != "down":
        session.out("socket\n")
        if host.uid == 0:
            session.out("permitted\n")
    if host.root:
        session.out("sudo\n")
    elif host.sudo_password:
        session.out("asks\n")
    return 0


async def _root_access(host: Host, session: Session, _call: Call) -> int:
    if host.uid == 0:
        session.out("root\n")
    elif host.sudo:
        session.out("free\n")
    elif host.sudo_password:
        session.out("asks\n")
    return 0


async def _become_root(_host: Host, session: Session, _call: Call) -> int:
    session.out("0\n")
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


HANDLERS: dict[str, Handler] = {
    FACTS: _facts,
    commands.DOCKER_ACCESS.id: _docker_access,
    commands.ROOT_ACCESS.id: _root_access,
    commands.BECOME_ROOT.id: _become_root,
    commands.LOAD_IP_VS.id: _load_ip_vs,
    commands.PERSIST_IP_VS.id: _persist_ip_vs,
    commands.FOLLOW_ADDRESSES.id: _follow_addresses,
    commands.READ_ADDRESSES.id: _read_addresses,
    commands.DELETE_ADDRESS.id: _delete_address,
    listening.LISTEN.id: listen,
    listening.LISTEN_AS_USER.id: listen_as_user,
    commands.ARM_START.id: arm_start,
    commands.HOLD_LOCK.id: hold_lock,
    commands.READ_LOCK.id: read_lock,
    **mending.HANDLERS,
}
# Served in bytes by the server itself, as it speaks HTTP.
IN_BYTES = (commands.DIAL_STDIO.id,)
