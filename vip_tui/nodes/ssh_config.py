"""What ssh's own configuration says of a node, and of the jump hosts on the way to it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import asyncssh

from vip_tui.cluster import Node
from vip_tui.errors import InputError
from vip_tui.nodes import reasons
from vip_tui.nodes.access import Access
from vip_tui.nodes.keys import DEFAULTS
from vip_tui.nodes.text import clean_line

KEEPALIVE_S = 5
KEEPALIVE_COUNT = 3
# ssh_config(5), ProxyJump: [user@]host[:port], or the same as a URI.
_HOP = re.compile(
    r"(?:ssh://)?(?:(?P<user>[^@]+)@)?(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:@/]+))(?::(?P<port>\d+))?/?"
)


class JumpHost(Node):
    """A machine on the way to a node; to be entered with the same care."""

    __slots__ = ()

    @property
    def endpoint(self) -> str:
        """What to call it: by what it is, too."""
        return f"jump host {super().endpoint}"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to get in to one machine."""

    node: Node
    options: asyncssh.SSHClientConnectionOptions = field(repr=False)
    identities: tuple[Path, ...]
    strict: bool  # whether the operator named these very files
    identities_only: bool  # whether the agent may offer no other keys
    agent_path: str | tuple[()] | None  # of its socket; () is the usual one, None for no agent
    hops: tuple[JumpHost, ...]

    @property
    def host(self) -> str:
        """The name or address to connect to."""
        return str(self.options.host)

    @property
    def port(self) -> int:
        """The port to connect to."""
        return int(self.options.port)

    @property
    def known_as(self) -> str:
        """What its key is known by (ssh_config(5), HostKeyAlias)."""
        return str(self.options.host_key_alias or self.options.host)


def config_of(access: Access) -> tuple[()] | None:
    """What asyncssh takes for the user's own configuration, or None for none at all.

    Each call of it wants to be told: options that were made without would be given it again.
    """
    return None if access.isolated else ()


async def settings_of(node: Node, access: Access) -> Settings:
    """Read the configuration; raises InputError where it cannot be used."""
    given: dict[str, object] = {}
    if node.port is not None:
        given["port"] = node.port
    if node.user is not None:
        given["username"] = node.user
    if access.isolated:
        given |= {"x509_trusted_certs": [], "x509_trusted_cert_paths": []}
    try:
        options = await asyncssh.SSHClientConnectionOptions.construct(
            host=node.address,
            config=config_of(access),
            client_keys=None,  # they are read by ourselves, once for all nodes
            known_hosts=None,  # likewise
            keepalive_interval=KEEPALIVE_S,
            keepalive_count_max=KEEPALIVE_COUNT,
            login_timeout=0,  # the limit is ours, as it has to wait for the operator
            **given,
        )
        return _settings(node, access, options)
    except (OSError, ValueError) as error:
        hint = "Look at ~/.ssh/config."
        detail = clean_line(reasons.words(error))
        raise InputError("SSH settings cannot be used", detail, hint) from None


def _settings(node: Node, access: Access, options: asyncssh.SSHClientConnectionOptions) -> Settings:
    config = options.config
    named = cast("list[str] | tuple[()]", config.get("IdentityFile", ()))
    defaults = [f"~/.ssh/{name}" for name in DEFAULTS] if named == () else named
    chosen = access.identities or ([] if access.isolated else defaults)
    jump = cast("str | None", config.get("ProxyJump"))
    return Settings(
        node,
        options,
        tuple(Path(path).expanduser() for path in chosen),
        strict=bool(access.identities),
        identities_only=bool(config.get("IdentitiesOnly")),
        agent_path=None if access.isolated else _agent(config.get("IdentityAgent", ())),
        hops=hops_of(jump) if jump else (),
    )


def _agent(named: object) -> str | tuple[()] | None:
    """The agent that ssh_config(5), IdentityAgent, names; asyncssh knows no variables there."""
    if isinstance(named, str) and (named == "SSH_AUTH_SOCK" or named.startswith("$")):
        return os.environ.get(named.lstrip("$").strip("{}")) or None
    return None if named is None else ()


def hops_of(jump: str) -> tuple[JumpHost, ...]:
    """The jump hosts, the nearest first; raises InputError."""
    hops = []
    for text in jump.split(","):
        match = _HOP.fullmatch(text.strip())
        if match is None:
            hint = "Give it as ProxyJump USER@HOST:PORT in ~/.ssh/config."
            raise InputError("not a jump host", clean_line(text), hint)
        port = int(match["port"]) if match["port"] else None
        hops.append(JumpHost(match["six"] or match["host"], match["user"], port))
    return tuple(hops)
