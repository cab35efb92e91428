"""The VIP as a client sees it: an HTTP server that answers only while a host holds the address.

It runs on a thread of its own, so that neither the event loop nor a screen can make an outage.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time

from vip_tui.errors import VipError

BACKLOG = 128
PATIENCE_S = 2.0  # for a client that connects and says nothing
ANSWER = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\ndemo\n"


def listening_socket() -> socket.socket:
    """A socket that listens on a free port of 127.0.0.1, and nowhere else."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.bind(("127.0.0.1", 0))
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        hint = "Is the loopback interface up?"
        raise VipError("no port on 127.0.0.1 can be had", error.strerror or "", hint) from None
    return made


class Responder:
    """Answers on its socket while ``answering`` is set; else it hangs up without a word."""

    def __init__(self) -> None:
        self.answering = False
        self._socket = listening_socket()
        self._socket.setblocking(False)
        self.port = int(self._socket.getsockname()[1])
        self._wake, self._woken = socket.socketpair()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to answer; who connected before was waiting in the backlog."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="demo-vip", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop, and free the port; safe to call twice."""
        if self._thread is not None:
            with contextlib.suppress(OSError):
                self._wake.send(b"x")
            self._thread.join()
            self._thread = None
        for one in (self._socket, self._wake, self._woken):
            one.close()

    def _serve(self) -> None:
        clients: dict[socket.socket, float] = {}
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select(PATIENCE_S if clients else None):
                    ready = key.fileobj
                    assert isinstance(ready, socket.socket)
                    if ready is self._woken:
                        for client in clients:
                            client.close()
                        return
                    if ready is self._socket:
                        self._accept(selector, clients)
                    else:
                        self._answer(ready)
                        _forget(selector, clients, ready)
                old = time.monotonic() - PATIENCE_S
                for client in [one for one, since in clients.items() if since < old]:
                    _forget(selector, clients, client)

    def _accept(
        self, selector: selectors.BaseSelector, clients: dict[socket.socket, float]
    ) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._socket.accept()
            client.setblocking(False)
            selector.register(client, selectors.EVENT_READ)
            clients[client] = time.monotonic()

    def _answer(self, client: socket.socket) -> None:
        """The moment at which a request is read decides whether it is answered."""
        with contextlib.suppress(OSError):
            if client.recv(4096) and self.answering:
                client.send(ANSWER)
                client.shutdown(socket.SHUT_WR)


def _forget(
    selector: selectors.BaseSelector, clients: dict[socket.socket, float], client: socket.socket
) -> None:
    selector.unregister(client)
    clients.pop(client, None)
    client.close()
