"""Every way of not getting in has a title, a cause and a next step."""

import errno
import socket

import asyncssh
import pytest

from vip_tui.cluster import Node
from vip_tui.errors import UnreachableError, VipError
from vip_tui.nodes import reasons

NODE = Node("198.18.0.11", user="alice", name="n1")
FAILURES: list[tuple[Exception, str]] = [
    (socket.gaierror(-2, "Name or service not known"), "does not resolve"),
    (ConnectionRefusedError(111, "Connection refused"), "refuses SSH"),
    (TimeoutError(), "does not answer"),
    (OSError(errno.ETIMEDOUT, "Connection timed out"), "does not answer"),
    (OSError(errno.EHOSTUNREACH, "No route to host"), "cannot be reached"),
    (OSError(errno.ENETUNREACH, "Network is unreachable"), "cannot be reached"),
    (ConnectionResetError(104, "Connection reset by peer"), "no SSH with"),
    (asyncssh.ConnectionLost("Connection lost"), "no SSH with"),
    (asyncssh.ProtocolError("Invalid version"), "no SSH with"),
    (asyncssh.ChannelListenError(), "no SSH with"),
    (OSError(), "no SSH with"),
]
EVERY = pytest.mark.parametrize(
    ("failure", "title"), FAILURES, ids=[f"{type(f).__name__}-{f}" for f, _ in FAILURES]
)


@EVERY
def test_each_failure_to_connect_has_its_own_title(failure: Exception, title: str) -> None:
    assert title in reasons.unreachable(NODE, failure).title


@EVERY
def test_each_failure_names_the_place_a_cause_and_a_next_step(
    failure: Exception, title: str
) -> None:
    problem = reasons.unreachable(NODE, failure)
    assert "198.18.0.11" in problem.title
    assert problem.detail
    assert problem.hint


@EVERY
def test_a_lost_connection_names_the_node_and_a_cause(failure: Exception, title: str) -> None:
    problem = reasons.lost(NODE, failure)
    assert problem.title == "connection to n1 lost"
    assert problem.detail


@pytest.mark.parametrize("failure", [TimeoutError(), OSError(), asyncssh.ConnectionLost("")])
def test_an_exception_without_words_is_called_by_its_kind(failure: Exception) -> None:
    assert reasons.words(failure)


def test_what_a_server_says_is_cleaned() -> None:
    problem = reasons.unreachable(NODE, asyncssh.ProtocolError("\x1b[2Jevil\nsecond"))
    assert problem.detail == "evil second"


def test_a_silent_node_is_asked_for_at_its_own_port() -> None:
    problem = reasons.unreachable(Node("n1", port=2222), TimeoutError())
    assert "port 22 " not in problem.hint


@pytest.mark.parametrize(
    ("node", "command"),
    [
        (NODE, "ssh-copy-id alice@198.18.0.11"),
        (Node("n1"), "ssh-copy-id n1"),
        (Node("n1", port=2222), "ssh-copy-id -p 2222 n1"),
    ],
)
def test_a_refused_login_says_how_to_give_the_node_a_key(node: Node, command: str) -> None:
    problem = reasons.auth_refused(node, "Permission denied")
    assert f"`{command}`" in problem.hint


def test_a_refused_login_is_its_own_kind_of_unreachable() -> None:
    problem = reasons.auth_refused(NODE, "Permission denied for user alice on host 198.18.0.11")
    assert isinstance(problem, UnreachableError)
    assert problem.title == "n1 does not let us in"
    assert "Permission denied" in problem.detail


def test_an_unknown_host_key_shows_its_fingerprint_and_keeps_the_line_to_write() -> None:
    problem = reasons.HostKeyUnknown("n1", "ssh-ed25519 SHA256:abc", "n1 ssh-ed25519 AAAA")
    assert (problem.detail, problem.line) == ("ssh-ed25519 SHA256:abc", "n1 ssh-ed25519 AAAA")
    assert "--accept-new" in problem.hint


@pytest.mark.parametrize(
    ("access", "title"),
    [
        (set(), "Docker is not installed on n1"),
        ({"sudo"}, "Docker is not installed on n1"),
        ({"installed"}, "Docker is not running on n1"),
        ({"installed", "sudo"}, "Docker is not running on n1"),
        ({"installed", "socket"}, "this account may not use Docker on n1"),
        ({"socket"}, "this account may not use Docker on n1"),
    ],
)
def test_what_keeps_docker_from_being_used_is_told(access: set[str], title: str) -> None:
    problem = reasons.access_problem("n1", access)
    assert isinstance(problem, VipError)
    assert (problem.title, bool(problem.detail), bool(problem.hint)) == (title, True, True)


@pytest.mark.parametrize(
    "access",
    [{"installed", "socket", "permitted"}, {"installed", "socket", "sudo"}, {"socket", "sudo"}],
)
def test_docker_can_be_used_by_permission_or_by_sudo(access: set[str]) -> None:
    assert reasons.access_problem("n1", access) is None
