"""Host keys: known, unknown or changed; nobody is asked to go on with a changed one."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from pathlib import Path

import asyncssh

from vip_tui.errors import InputError, UnreachableError
from vip_tui.nodes import reasons
from vip_tui.store import Store


def known_hosts_files(store: Store, isolated: bool = False) -> list[Path]:
    """The files that count: the user's own and ours, or ours alone."""
    files = [Path.home() / ".ssh" / "known_hosts", Path("/etc/ssh/ssh_known_hosts")]
    return [path for path in (*([] if isolated else files), store.known_hosts) if path.is_file()]


def read(store: Store, isolated: bool = False) -> asyncssh.SSHKnownHosts:
    """All known hosts; raises InputError where a file cannot be read."""
    files = known_hosts_files(store, isolated)
    try:
        return asyncssh.read_known_hosts([str(path) for path in files])
    except (OSError, ValueError) as error:
        names = ", ".join(str(path) for path in files)
        hint = "Mend or remove the line that is wrong."
        raise InputError("known hosts cannot be read", f"{names}: {error!r}", hint) from None


async def explain(
    label: str,
    host: str,
    port: int,
    files: Sequence[Path],
    known: asyncssh.SSHKnownHosts,
    options: asyncssh.SSHClientConnectionOptions,
    config: tuple[()] | None = (),
) -> UnreachableError:
    """Why a host's key was not accepted: nobody has seen it, or it is another than it was.

    ``files`` are those that ``known`` was read from; ``config`` as asyncssh takes it.
    """
    trusted = list(known.match(host, "", port)[0])
    algorithms = {algorithm for key in trusted for algorithm in _algorithms(key)}
    async with asyncio.timeout(reasons.CONNECT_TIMEOUT_S):
        key = await asyncssh.get_server_host_key(
            host,
            options=options,
            config=config,
            server_host_key_algs=sorted(algorithms) if trusted else (),
        )
    if key is None:
        return UnreachableError(f"{label} shows no host key", "", "Look at its sshd.")
    fingerprint = f"{key.algorithm.decode()} {key.get_fingerprint()}"
    if trusted:
        were = ", ".join(known_key.get_fingerprint() for known_key in trusted)
        name = shlex.quote(host if port == 22 else f"[{host}]:{port}")
        forget = [
            f"`ssh-keygen -R {name} -f {shlex.quote(str(path))}`"
            for path in files
            if asyncssh.read_known_hosts(str(path)).match(host, "", port)[0]
        ]
        return reasons.HostKeyChanged(
            f"host key of {label} has changed",
            f"now {fingerprint}; known: {were}",
            "Somebody may be listening in. If the machine was set up anew: "
            f"{' and '.join(forget)}.",
        )
    return reasons.HostKeyUnknown(label, fingerprint, known_hosts_line(host, port, key))


def _algorithms(key: asyncssh.SSHKey) -> list[str]:
    """What to ask the server for, so that a second type of key is not taken for a change."""
    name = key.algorithm.decode()
    return ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] if name == "ssh-rsa" else [name]


def known_hosts_line(host: str, port: int, key: asyncssh.SSHKey) -> str:
    """A line of a known-hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
    name = host if port == 22 else f"[{host}]:{port}"
    return f"{name} {key.export_public_key().decode().strip()}"
