"""The embedded VIP: it answers only while somebody holds it, and never gets stuck."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from vip_tui.cluster import parse_vip
from vip_tui.demo.responder import Responder
from vip_tui.nodes.probe import Probe, make_probe


@pytest.fixture
def responder() -> Iterator[Responder]:
    made = Responder()
    made.start()
    yield made
    made.close()


def ask(responder: Responder) -> bytes:
    with socket.create_connection(("127.0.0.1", responder.port), timeout=2) as stream:
        stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return stream.recv(16)


def test_it_answers_while_somebody_holds_the_vip_and_hangs_up_else(responder: Responder) -> None:
    assert ask(responder) == b""
    responder.answering = True
    assert ask(responder).startswith(b"HTTP/1.0 200")
    responder.answering = False
    assert ask(responder) == b""


def test_the_early_client_waits_in_the_backlog() -> None:
    responder = Responder()
    responder.answering = True
    with socket.create_connection(("127.0.0.1", responder.port), timeout=2) as stream:
        stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
        responder.start()
        assert stream.recv(4) == b"HTTP"
    responder.close()


def test_a_client_that_says_nothing_keeps_nobody_waiting(responder: Responder) -> None:
    responder.answering = True
    with socket.create_connection(("127.0.0.1", responder.port)):
        began = time.monotonic()
        for _ in range(50):
            assert ask(responder)
        assert time.monotonic() - began < 2


def test_the_probe_measures_how_long_nobody_held_it(responder: Responder) -> None:
    vip = parse_vip("198.18.0.100")
    probe: Probe = make_probe(f"http://127.0.0.1:{responder.port}/", vip.address, 0.01)
    answered = threading.Event()
    probe.on_answer = lambda _answer: answered.set()
    responder.answering = True
    probe.start()
    try:
        assert answered.wait(5)
        responder.answering = False
        gone = time.monotonic()
        threading.Event().wait(0.3)
        back = time.monotonic()
        responder.answering = True
        answered.clear()
        assert answered.wait(5)
    finally:
        probe.stop()
    times = [answer.at for answer in probe.answers]
    # An answer that was on its way when the flag fell may arrive a little after it.
    assert not [at for at in times if gone + 0.05 < at < back]


def test_its_end_leaves_neither_thread_nor_port() -> None:
    before = set(threading.enumerate())
    responder = Responder()
    responder.start()
    responder.close()
    responder.close()
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", responder.port))
