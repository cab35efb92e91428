"""Why a node or its Docker cannot be used: title, cause and next step. No I/O."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence

from vip_tui.cluster import Node
from vip_tui.errors import UnreachableError, VipError
from vip_tui.nodes.text import clean_line

CONNECT_TIMEOUT_S = 8.0
LOST_HINT = "Try `ssh` to it by hand; is it powered on?"
DOCKER_SOCKET = "/var/run/docker.sock"


class AuthRefused(UnreachableError):  # noqa: N818 - the words of the design
    """The node is there, but does not let us in."""


class CommandFailed(VipError):  # noqa: N818
    """A remote command ended with an error or not at all."""


class SudoRefused(VipError):  # noqa: N818
    """sudo(8) does not make this account root there."""


class HostKeyUnknown(UnreachableError):  # noqa: N818 - the words of the design
    """Nobody has accepted this host's key yet; ``line`` is what accepting it writes."""

    def __init__(self, label: str, fingerprint: str, line: str) -> None:
        super().__init__(
            f"host key of {label} is not known",
            fingerprint,
            "Compare it with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the node, then "
            "accept it here (headless: --accept-new).",
        )
        self.label = label
        self.fingerprint = fingerprint
        self.line = line


class HostKeyChanged(UnreachableError):  # noqa: N818
    """The host shows another key than the one that was accepted."""


class EngineError(VipError):
    """Docker on a node does not answer, or refuses what it was asked."""


class DockerStopped(EngineError):  # noqa: N818
    """Docker is installed, but nobody is behind its socket, at least for us."""


def auth_refused(node: Node, reason: str, hints: Sequence[str] = ()) -> AuthRefused:
    """``hints`` are what else would do than the key that is always advised."""
    port = f"-p {node.port} " if node.port not in (None, 22) else ""
    who = f"{node.user}@" if node.user else ""
    return AuthRefused(
        f"{node.label} does not let us in",
        clean_line(reason),
        f"Give the node your key: `ssh-copy-id {port}{who}{node.address}`, "
        + " ".join(["or name another with --identity; check the user name.", *hints]),
    )


def no_way_through(node: Node, reason: str) -> UnreachableError:
    """The jump host cannot, or may not, connect us with the node."""
    hint = "Does the jump host reach it, and may we forward (sshd_config(5), AllowTcpForwarding)?"
    return UnreachableError(f"{node.endpoint} cannot be reached from its jump host", reason, hint)


def unreachable(node: Node, error: Exception) -> UnreachableError:
    where = node.endpoint
    if isinstance(error, socket.gaierror):
        hint = "Check the spelling, or give the IP address."
        return UnreachableError(f"{where} does not resolve", error.strerror or "", hint)
    if isinstance(error, ConnectionRefusedError):
        hint = "Is sshd running there, and on this port?"
        return UnreachableError(f"{where} refuses SSH", "connection refused", hint)
    if isinstance(error, TimeoutError):
        port = node.port or 22
        hint = f"Is the machine up, the address right, and port {port} open in the firewall?"
        detail = f"no answer within {CONNECT_TIMEOUT_S:g} s"
        return UnreachableError(f"{where} does not answer", detail, hint)
    if isinstance(error, OSError) and error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        hint = "Is the machine up, and is there a route from here?"
        return UnreachableError(f"{where} cannot be reached", os.strerror(error.errno), hint)
    hint = "Is it an SSH server? Try `ssh` by hand."
    return UnreachableError(f"no SSH with {where}", clean_line(words(error)), hint)


def lost(node: Node, error: Exception) -> UnreachableError:
    """The error for a connection that broke while it was in use."""
    title = f"connection to {node.label} lost"
    return UnreachableError(title, clean_line(words(error)), LOST_HINT)


def words(error: Exception) -> str:
    return str(error) or type(error).__name__


def access_problem(label: str, access: set[str]) -> EngineError | None:
    """Why Docker cannot be used, from what DOCKER_ACCESS said; None where it can."""
    if "installed" not in access and "socket" not in access:
        hint = "Install Docker there first: https://docs.docker.com/engine/install/"
        return EngineError(f"Docker is not installed on {label}", "no docker command", hint)
    if "socket" not in access:
        hint = "On the node: `systemctl start docker`."
        return DockerStopped(f"Docker is not running on {label}", f"no {DOCKER_SOCKET}", hint)
    if "permitted" not in access and "sudo" not in access:
        hint = "Log in as root, or on the node: `usermod -aG docker USER`, or allow sudo"
        hint += "; for a sudo that asks: --ask-sudo-pass." if "asks" in access else "."
        detail = f"permission denied on {DOCKER_SOCKET}"
        return EngineError(f"this account may not use Docker on {label}", detail, hint)
    return None


def engine_silent(label: str, detail: str) -> EngineError:
    """Docker is there, but does not answer."""
    hint = "On the node: `systemctl status docker`; if it hangs, `systemctl restart docker`."
    return EngineError(f"Docker on {label} does not answer", detail, hint)
