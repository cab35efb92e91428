"""One SSH connection per node, shared by everything that vip-tui does there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import asyncssh

from vip_tui.cluster import Node
from vip_tui.errors import InputError
from vip_tui.nodes import host_keys, reasons
from vip_tui.nodes.command_log import CommandLog, NodeLog, Run, way_to
from vip_tui.nodes.commands import Command
from vip_tui.nodes.text import clean, clean_line
from vip_tui.store import Store

KEEPALIVE_S = 5
KEEPALIVE_COUNT = 3
_SLACK_S = 5.0  # what a command's answer may take beyond the limit it has on the node

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Access:
    """How to get in: what the operator gave on top of ssh's own configuration.

    ``isolated`` uses the store and the identities alone: nothing of ``~/.ssh``, and no agent.
    """

    store: Store
    identities: tuple[Path, ...] = ()
    accept_new: bool = False
    isolated: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What a remote command answered; text is cleaned already."""

    status: int
    output: str
    errors: str


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
    """An open connection; ``run`` and ``follow`` are the only ways to a command."""

    def __init__(self, node: Node, ssh: asyncssh.SSHClientConnection, log: NodeLog) -> None:
        self.node = node
        self.ssh = ssh
        self.log = log

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self.ssh.is_closed()

    async def run(self, command: Command, *arguments: str, check: bool = True) -> Result:
        """Run a command to its end; with ``check``, a status other than 0 raises CommandFailed."""
        line = command.line(*arguments)
        with self.log.command(command, arguments, line) as run:
            result = await self._result(command, line)
            run.exited(result.status, result.errors or result.output)
        if check and result.status:
            why = clean_line(result.errors or result.output) or f"it ended with {result.status}"
            raise reasons.CommandFailed(f"{command.id} failed on {self.node.label}", why)
        return result

    async def _result(self, command: Command, line: str) -> Result:
        try:
            done = await self.ssh.run(
                line, errors="replace", timeout=command.limit_s + _SLACK_S, stdin=asyncssh.DEVNULL
            )
        except (asyncssh.TimeoutError, TimeoutError):
            detail = f"{command.id} gave no answer within {command.limit_s:g} s"
            raise reasons.CommandFailed(
                f"{self.node.label} is too slow", detail, "Try again."
            ) from None
        except (OSError, asyncssh.Error) as error:
            raise reasons.lost(self.node, error) from None
        status = -1 if done.exit_status is None else done.exit_status
        return Result(status, clean(_text(done.stdout)), clean(_text(done.stderr)))

    @asynccontextmanager
    async def follow(self, command: Command, *arguments: str) -> AsyncIterator[Remote]:
        """Run a command that talks; it ends with the block, by the end of its stdin."""
        line = command.line(*arguments)
        with self.log.command(command, arguments, line, stream=True) as run:
            try:
                process = await self.ssh.create_process(line, errors="replace")
            except (OSError, asyncssh.Error) as error:
                raise run.failed(reasons.lost(self.node, error)) from None
            try:
                yield Remote(process, self.node, run)
            finally:
                run.exited(process.exit_status)
                process.close()

    async def close(self) -> None:
        """Close the connection; never raises."""
        self.ssh.close()
        await self.ssh.wait_closed()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


async def connect(node: Node, access: Access, log: CommandLog | None = None) -> NodeConnection:
    """Connect and log in; raises a VipError that says what stands in the way and what to do."""
    way = way_to(node, access.identities, access.store.known_hosts if access.isolated else None)
    notes = (CommandLog() if log is None else log).at(node.label, way)
    return await _connect(node, access, notes)


async def _connect(node: Node, access: Access, log: NodeLog) -> NodeConnection:
    known = host_keys.read(access.store, access.isolated)
    options = await _options(node, access, known)
    try:
        return await _explained(node, _open(node, options, _config(access), log))
    except asyncssh.HostKeyNotVerifiable:
        pass
    host, port = str(options.host), int(options.port)
    files = host_keys.known_hosts_files(access.store, access.isolated)
    work = host_keys.explain(node.label, host, port, files, known, options, _config(access))
    reason = await _explained(node, work)
    if not (isinstance(reason, reasons.HostKeyUnknown) and access.accept_new):
        raise reason
    access.store.append_known_host(reason.line)
    return await _connect(node, replace(access, accept_new=False), log)


async def _options(
    node: Node, access: Access, known: asyncssh.SSHKnownHosts
) -> asyncssh.SSHClientConnectionOptions:
    given: dict[str, object] = {}
    if node.port is not None:
        given["port"] = node.port
    if node.user is not None:
        given["username"] = node.user
    if access.identities:
        given["client_keys"] = [str(path) for path in access.identities]
    if access.isolated:
        given |= {"agent_path": None, "x509_trusted_certs": [], "x509_trusted_cert_paths": []}
    try:
        options: asyncssh.SSHClientConnectionOptions
        options = await asyncssh.SSHClientConnectionOptions.construct(
            host=node.address,
            known_hosts=known,
            connect_timeout=reasons.CONNECT_TIMEOUT_S,
            login_timeout=reasons.CONNECT_TIMEOUT_S,
            keepalive_interval=KEEPALIVE_S,
            keepalive_count_max=KEEPALIVE_COUNT,
            config=_config(access),
            **given,
        )
        return options
    except asyncssh.KeyEncryptionError:
        names = ", ".join(path.name for path in access.identities)
        hint = "Add it to your ssh agent: `ssh-add`."
        raise InputError("the key has a passphrase", names, hint) from None
    except (asyncssh.KeyImportError, OSError, ValueError) as error:
        hint = "Look at --identity and ~/.ssh/config."
        raise InputError(
            "SSH settings cannot be used", clean_line(reasons.words(error)), hint
        ) from None


def _config(access: Access) -> tuple[()] | None:
    """What asyncssh takes for the user's own configuration, or None for none at all.

    Each call of it wants to be told: options that were made without would be given it again.
    """
    return None if access.isolated else ()


async def _open(
    node: Node,
    options: asyncssh.SSHClientConnectionOptions,
    config: tuple[()] | None,
    log: NodeLog,
) -> NodeConnection:
    ssh = await asyncssh.connect(str(options.host), options=options, config=config)
    return NodeConnection(node, ssh, log)


async def _explained(node: Node, work: Awaitable[T]) -> T:
    try:
        return await work
    except asyncssh.HostKeyNotVerifiable:
        raise
    except asyncssh.PermissionDenied as error:
        raise reasons.auth_refused(node, error.reason) from None
    except (OSError, UnicodeError, asyncssh.Error, asyncssh.ChannelListenError) as error:
        raise reasons.unreachable(node, error) from None
