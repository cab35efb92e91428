"""One SSH connection per node, shared by everything that vip-tui does there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncssh

from vip_tui.cluster import Node, Secret
from vip_tui.nodes import reasons
from vip_tui.nodes.access import Access
from vip_tui.nodes.command_log import CommandLog, NodeLog, Run, way_to
from vip_tui.nodes.commands import Command, Sudo, first_lines
from vip_tui.nodes.elevation import Elevation, Result
from vip_tui.nodes.jump_hosts import Lease
from vip_tui.nodes.text import clean, clean_line
from vip_tui.nodes.way_in import WayIn

__all__ = ["Access", "NodeConnection", "Remote", "Result", "connect"]

_SLACK_S = 5.0  # what a command's answer may take beyond the limit it has on the node


class Remote:
    """A command that talks: its lines, cleaned, and its stdin."""

    def __init__(self, process: asyncssh.SSHClientProcess[str], node: Node, run: Run) -> None:
        self._process = process
        self._node = node
        self._run = run

    def write(self, text: str) -> None:
        """Give it something to read; raises UnreachableError where the connection is gone."""
        try:
            self._process.stdin.write(text)
        except (OSError, asyncssh.Error) as error:
            raise self._run.failed(reasons.lost(self._node, error)) from None

    async def readline(self) -> str:
        """Its next line, cleaned, without the newline; empty where it has ended."""
        try:
            line = await self._process.stdout.readline()
        except (OSError, asyncssh.Error) as error:
            raise self._run.failed(reasons.lost(self._node, error)) from None
        return clean_line(line)

    async def errors(self) -> str:
        """What it wrote to stderr, once it has ended."""
        return clean(await self._process.stderr.read())


class NodeConnection:
    """An open connection; ``run``, ``follow`` and ``relay`` are the only ways to a command."""

    def __init__(
        self,
        node: Node,
        ssh: asyncssh.SSHClientConnection,
        log: NodeLog,
        access: Access | None = None,
        way: Lease | None = None,
    ) -> None:
        self.node = node
        self.ssh = ssh
        self.log = log
        self.elevation = Elevation(node, ssh.get_extra_info("username"), access, self._asked)
        self._way = way or Lease()

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self.ssh.is_closed()

    async def run(self, command: Command, *arguments: str, check: bool = True) -> Result:
        """Run a command to its end; with ``check``, a status other than 0 raises CommandFailed.

        Raises SudoRefused where it needs root, and sudo a password that is not to be had.
        """
        password = await self.elevation.password(command.needs)
        result = await self._asked(command, password, *arguments)
        self.elevation.check(result)
        if check and result.status:
            why = clean_line(result.errors or result.output) or f"it ended with {result.status}"
            raise reasons.CommandFailed(f"{command.id} failed on {self.node.label}", why)
        return result

    async def _asked(self, command: Command, password: Secret | None, *arguments: str) -> Result:
        """Run a command with what sudo is told."""
        with self._noted(command, arguments, password) as run:
            result = await self._result(command, password, *arguments)
            run.exited(result.status, result.errors or result.output)
        return result

    def _noted(
        self,
        command: Command,
        arguments: tuple[str, ...],
        password: Secret | None,
        stream: bool = False,
    ) -> Run:
        """The command in the log, as it would be typed; what the node says hides the password."""
        if password is None:
            return self.log.command(command, arguments, command.line(*arguments), stream)
        self.log.sudo_asks = True
        line = command.line(*arguments, sudo="by-hand")
        return self.log.command(command, arguments, line, stream, [password.reveal()])

    async def _result(self, command: Command, password: Secret | None, *arguments: str) -> Result:
        sudo: Sudo = "free" if password is None else "asks"
        try:
            process: asyncssh.SSHClientProcess[str] = await self.ssh.create_process(
                command.line(*arguments, sudo=sudo), errors="replace"
            )
            _begin(process, password, sudo, "utf-8")
            process.stdin.write_eof()
            done = await process.wait(timeout=command.limit_s + _SLACK_S)
        except (asyncssh.TimeoutError, TimeoutError):
            detail = f"{command.id} gave no answer within {command.limit_s:g} s"
            raise reasons.CommandFailed(
                f"{self.node.label} is too slow", detail, "Try again."
            ) from None
        except (OSError, asyncssh.Error) as error:
            raise reasons.lost(self.node, error) from None
        except Exception as mistake:
            if password is None:
                raise
            # A traceback may be shown with the variables of its frames, the password among them.
            raise mistake.with_traceback(None) from None
        status = -1 if done.exit_status is None else done.exit_status
        return Result(status, clean(_text(done.stdout)), clean(_text(done.stderr)))

    @asynccontextmanager
    async def follow(self, command: Command, *arguments: str) -> AsyncIterator[Remote]:
        """Run a command that talks; it ends with the block, by the end of its stdin."""
        async with self._process(command, arguments, "utf-8") as (process, run):
            yield Remote(process, self.node, run)

    @asynccontextmanager
    async def relay(self, command: Command) -> AsyncIterator[asyncssh.SSHClientProcess[bytes]]:
        """Run a command whose streams are bytes; it ends with the block."""
        async with self._process(command, (), None) as (process, _):
            yield process

    @asynccontextmanager
    async def _process(
        self, command: Command, arguments: tuple[str, ...], encoding: str | None
    ) -> AsyncIterator[tuple[asyncssh.SSHClientProcess[Any], Run]]:
        password = await self.elevation.password(command.needs)
        with self._noted(command, arguments, password, stream=True) as run:
            sudo: Sudo = "free" if password is None else "asks-talks"
            try:
                process = await self.ssh.create_process(
                    command.line(*arguments, sudo=sudo), encoding=encoding, errors="replace"
                )
                _begin(process, password, sudo, encoding)
            except (OSError, asyncssh.Error) as error:
                raise run.failed(reasons.lost(self.node, error)) from None
            try:
                yield process, run
            finally:
                run.exited(process.exit_status)
                process.close()

    async def close(self) -> None:
        """Close the connection, and give back the way to it; never raises."""
        self.ssh.close()
        await self.ssh.wait_closed()
        await self._way.release()


def _begin(
    process: asyncssh.SSHClientProcess[Any],
    password: Secret | None,
    sudo: Sudo,
    encoding: str | None,
) -> None:
    """Tell sudo what it asks for, where it does."""
    if password is not None:
        with suppress(BrokenPipeError):  # it has ended already, and says why
            process.stdin.write(_encoded(first_lines(password, sudo), encoding))


def _encoded(text: str, encoding: str | None) -> str | bytes:
    return text if encoding else text.encode()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


async def connect(
    node: Node, access: Access, log: CommandLog | None = None, way_in: WayIn | None = None
) -> NodeConnection:
    """Connect and log in; raises a VipError that says what stands in the way and what to do.

    ``way_in`` is what connections share that are opened with the same access.
    """
    by_hand = way_to(node, access.identities, access.store.known_hosts if access.isolated else None)
    notes = (CommandLog() if log is None else log).at(node.label, by_hand)
    ssh, way = await (way_in or WayIn(access)).enter(node)
    return NodeConnection(node, ssh, notes, access, way)
