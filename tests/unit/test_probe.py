"""The probe asks real sockets on loopback: what is an answer, and what is not."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import icmplib
import pytest

from vip_tui.nodes.probe import (
    Answer,
    IcmpProbe,
    Probe,
    ProbeUnavailable,
    TcpProbe,
    describe,
    make_probe,
)

LOOPBACK = ipaddress.ip_address("127.0.0.1")
SOON_S = 20.0  # far longer than any answer takes, so that a slow machine fails no test
NEVER_S = 3600.0
OK = b"HTTP/1.0 200 OK\r\n\r\n"


@contextmanager
def server(reply: Callable[[socket.socket], None]) -> Iterator[tuple[int, "queue.Queue[int]"]]:
    """A TCP server on loopback; the queue hears of each client when ``reply`` has returned."""
    served: queue.Queue[int] = queue.Queue()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, address = listener.accept()
                except OSError:
                    return
                with client:
                    reply(client)
                served.put(address[1])

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], served
        listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def started(probe: Probe) -> Iterator["queue.Queue[Answer]"]:
    """The probe at work, with a queue that hears of each answer."""
    answers: queue.Queue[Answer] = queue.Queue()
    probe.on_answer = answers.put
    probe.start()
    try:
        yield answers
    finally:
        probe.stop()


def quiet(_client: socket.socket) -> None:
    """Take the connection and say nothing."""


def speaking(answer: bytes, requests: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    def reply(client: socket.socket) -> None:
        request = client.recv(4096)
        if requests is not None:
            requests.append(request)
        client.sendall(answer)

    return reply


def ask_once(url: str, served: "queue.Queue[int]") -> None:
    with started(make_probe(url, LOOPBACK)):
        served.get(timeout=SOON_S)


def refusing_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_tcp_connect_is_an_answer() -> None:
    with server(quiet) as (port, _), started(TcpProbe("127.0.0.1", port)) as answers:
        assert answers.get(timeout=SOON_S).took >= 0


def test_a_tcp_refusal_is_an_answer() -> None:
    with started(TcpProbe("127.0.0.1", refusing_port())) as answers:
        assert answers.get(timeout=SOON_S).took >= 0


def test_an_answer_comes_after_the_start_and_is_kept() -> None:
    probe = TcpProbe("127.0.0.1", refusing_port())
    with started(probe) as answers:
        answer = answers.get(timeout=SOON_S)
    assert answer.at - answer.took >= probe.started_at
    assert answer in probe.answers


def test_an_http_status_line_is_an_answer() -> None:
    with server(speaking(b"HTTP/1.0 503 Service Unavailable\r\n\r\n")) as (port, _):
        probe = make_probe(f"http://127.0.0.1:{port}/", LOOPBACK)
        with started(probe) as answers:
            assert answers.get(timeout=SOON_S)


def test_an_http_probe_asks_for_the_whole_url() -> None:
    requests: list[bytes] = []
    with server(speaking(OK, requests)) as (port, served):
        ask_once(f"http://127.0.0.1:{port}/health?full=1", served)
    lines = requests[0].decode().split("\r\n")
    assert lines[0] == "GET /health?full=1 HTTP/1.0"
    assert f"Host: 127.0.0.1:{port}" in lines


def test_an_http_url_without_a_path_asks_for_the_root() -> None:
    requests: list[bytes] = []
    with server(speaking(OK, requests)) as (port, served):
        ask_once(f"http://127.0.0.1:{port}", served)
    assert requests[0].startswith(b"GET / HTTP/1.0\r\n")


def test_another_protocol_is_no_answer_to_an_http_probe() -> None:
    with server(speaking(b"SSH-2.0-OpenSSH_9.2\r\n")) as (port, served):
        probe = make_probe(f"http://127.0.0.1:{port}/", LOOPBACK, interval_s=0.001)
        with started(probe):
            for _ in range(3):
                served.get(timeout=SOON_S)
    assert not probe.answers


def test_a_refusal_is_no_answer_to_an_http_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    refused: queue.Queue[object] = queue.Queue()
    connect = socket.create_connection

    def watched(*arguments: Any, **options: Any) -> socket.socket:
        try:
            return connect(*arguments, **options)
        except ConnectionRefusedError:
            refused.put(arguments)
            raise

    monkeypatch.setattr(socket, "create_connection", watched)
    probe = make_probe(f"http://127.0.0.1:{refusing_port()}/", LOOPBACK, interval_s=0.001)
    with started(probe):
        for _ in range(5):
            refused.get(timeout=SOON_S)
    assert not probe.answers


def test_a_connection_that_stays_silent_is_no_answer_to_an_http_probe() -> None:
    with server(quiet) as (port, served):
        probe = make_probe(f"http://127.0.0.1:{port}/", LOOPBACK, interval_s=0.001)
        with started(probe):
            for _ in range(3):
                served.get(timeout=SOON_S)
    assert not probe.answers


def test_another_interval_holds_at_once() -> None:
    probe = TcpProbe("127.0.0.1", refusing_port(), interval_s=NEVER_S)
    with started(probe) as answers:
        answers.get(timeout=SOON_S)
        probe.set_interval(0.001)
        for _ in range(5):
            answers.get(timeout=SOON_S)


def test_a_longer_interval_holds_too() -> None:
    probe = TcpProbe("127.0.0.1", refusing_port(), interval_s=0.001)
    with started(probe) as answers:
        answers.get(timeout=SOON_S)
        probe.set_interval(NEVER_S)
        with pytest.raises(queue.Empty):
            for _ in range(1000):
                answers.get(timeout=0.2)


class Asking(Probe):
    """A probe that tells on which thread it asks."""

    def __init__(self) -> None:
        super().__init__(interval_s=0.001)
        self.asked: queue.Queue[threading.Thread] = queue.Queue()

    def _workers(self) -> list[Callable[[], None]]:
        return [self._sender]

    def _ask(self, number: int) -> None:
        self.asked.put(threading.current_thread())


def test_a_stopped_probe_asks_no_more_and_may_be_stopped_again() -> None:
    probe = Asking()
    with started(probe):
        thread = probe.asked.get(timeout=SOON_S)
    assert not thread.is_alive()
    probe.stop()


def test_a_probe_asks_on_a_thread_of_its_own() -> None:
    probe = Asking()
    with started(probe):
        assert probe.asked.get(timeout=SOON_S) is not threading.current_thread()


@pytest.mark.parametrize("vip", ["127.0.0.1", "::1"])
def test_a_ping_is_answered(vip: str) -> None:
    if vip == "::1" and not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        probe = make_probe("icmp", ipaddress.ip_address(vip), interval_s=0.01)
    except (ProbeUnavailable, icmplib.ICMPSocketError) as problem:
        pytest.skip(f"no ping from here: {problem}")
    with started(probe) as answers:
        assert [answers.get(timeout=SOON_S).took >= 0 for _ in range(3)] == [True] * 3


def test_without_the_permission_to_ping_the_probe_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forbidden(**_: object) -> None:
        raise icmplib.SocketPermissionError(False)

    monkeypatch.setattr(icmplib, "ICMPv4Socket", forbidden)
    with pytest.raises(ProbeUnavailable, match="may not send ping") as caught:
        IcmpProbe(LOOPBACK)
    assert "ping_group_range" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "words"), [("icmp", "ping"), ("tcp:80", "tcp:80"), ("http://a/", "http://a/")]
)
def test_a_probe_is_described_in_words(kind: str, words: str) -> None:
    assert describe(kind) == words
