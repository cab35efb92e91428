"""Host keys: known, unknown or changed; nobody is asked to go on with a changed one."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path

import asyncssh

from vip_tui.errors import InputError, UnreachableError
from vip_tui.nodes import reasons
from vip_tui.nodes.ssh_config import Settings
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


class KnownHosts:
    """The known hosts of a run: read again only where a file has changed."""

    def __init__(self, store: Store, isolated: bool = False) -> None:
        self._store, self._isolated = store, isolated
        self._stamps: object = None
        self._known: asyncssh.SSHKnownHosts | None = None

    def read(self) -> asyncssh.SSHKnownHosts:
        """All known hosts; raises InputError where a file cannot be read."""
        stamps = [_stamp(path) for path in known_hosts_files(self._store, self._isolated)]
        if self._known is None or stamps != self._stamps:
            self._known = read(self._store, self._isolated)
            self._stamps = stamps
        return self._known

    async def explain(
        self,
        settings: Settings,
        tunnel: asyncssh.SSHClientConnection | None,
        config: tuple[()] | None,
    ) -> UnreachableError:
        """Why a host's key was not accepted: nobody has seen it, or it is another than it was.

        ``tunnel`` is how the host is reached; ``config`` as asyncssh takes it.
        """
        label, name, port = settings.node.label, settings.known_as, settings.port
        trusted, _, revoked, *_ = self.read().match(name, "", port)
        algorithms = {algorithm for key in trusted for algorithm in _algorithms(key)}
        async with asyncio.timeout(reasons.CONNECT_TIMEOUT_S):
            key = await asyncssh.get_server_host_key(
                settings.host,
                tunnel=tunnel,
                options=settings.options,
                config=config,
                server_host_key_algs=sorted(algorithms) if trusted else (),
            )
        if key is None:
            return UnreachableError(f"{label} shows no host key", "", "Look at its sshd.")
        fingerprint = f"{key.algorithm.decode()} {key.get_fingerprint()}"
        if key in revoked:
            hint = "Its secret half may be known to others: give the machine a new host key."
            return reasons.HostKeyChanged(f"host key of {label} is revoked", fingerprint, hint)
        if trusted:
            were = ", ".join(known_key.get_fingerprint() for known_key in trusted)
            return reasons.HostKeyChanged(
                f"host key of {label} has changed",
                f"now {fingerprint}; known: {were}",
                "Somebody may be listening in. If the machine was set up anew: "
                f"{' and '.join(self._forgetting(name, port))}.",
            )
        return reasons.HostKeyUnknown(label, fingerprint, known_hosts_line(name, port, key))

    def _forgetting(self, host: str, port: int) -> list[str]:
        """The commands that take a host out of the files that have it."""
        name = shlex.quote(host if port == 22 else f"[{host}]:{port}")
        return [
            f"`ssh-keygen -R {name} -f {shlex.quote(str(path))}`"
            for path in known_hosts_files(self._store, self._isolated)
            if asyncssh.read_known_hosts(str(path)).match(host, "", port)[0]
        ]


def _stamp(path: Path) -> tuple[str, int, int, int]:
    state = path.stat()
    return str(path), state.st_mtime_ns, state.st_size, state.st_ino


def _algorithms(key: asyncssh.SSHKey) -> list[str]:
    """What to ask the server for, so that a second type of key is not taken for a change."""
    name = key.algorithm.decode()
    return ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] if name == "ssh-rsa" else [name]


def known_hosts_line(host: str, port: int, key: asyncssh.SSHKey) -> str:
    """A line of a known-hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
    name = host if port == 22 else f"[{host}]:{port}"
    return f"{name} {key.export_public_key().decode().strip()}"
