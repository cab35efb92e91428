"""Does the VIP answer, seen from here? Asked on threads of its own, so that drawing a screen or a
busy event loop cannot make an outage.

Times are of the monotonic clock, in seconds: an answer counts when it arrives, not when it was
asked for, because a packet queued for ARP is answered late and not lost.
"""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import icmplib

from vip_tui.cluster import IPAddress
from vip_tui.errors import VipError
from vip_tui.nodes.text import clean_line

REST_INTERVAL_S = 1.0
DRILL_INTERVAL_S = 0.01
_HISTORY = 400_000  # answers kept: over an hour at 10 ms
_CONNECT_TIMEOUT_S = 1.0
_MAX_CONNECTS = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: when it arrived (monotonic seconds) and how long it took (seconds)."""

    at: float
    took: float


class ProbeUnavailable(VipError):  # noqa: N818
    """This machine may not ask in that way; the VIP's answer is then unknown."""


class Probe:
    """Asks at an interval that can be changed while it runs."""

    def __init__(self, interval_s: float = REST_INTERVAL_S) -> None:
        self.interval_s = interval_s
        self.answers: deque[Answer] = deque(maxlen=_HISTORY)
        self.on_answer: Callable[[Answer], None] | None = None
        self.started_at = 0.0
        self._stop = threading.Event()
        self._hurry = threading.Event()
        self._threads: list[threading.Thread] = []
        self._order = threading.Lock()

    def start(self) -> None:
        """Begin to ask; raises ProbeUnavailable where this machine may not."""
        self.started_at = time.monotonic()
        for work in self._workers():
            thread = threading.Thread(target=work, name="probe", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop asking; safe to call twice."""
        self._stop.set()
        self._hurry.set()
        for thread in self._threads:
            thread.join(timeout=2 * _CONNECT_TIMEOUT_S)
        self._threads.clear()
        self._close()

    def set_interval(self, interval_s: float) -> None:
        """Ask at another interval from now on."""
        self.interval_s = interval_s
        self._hurry.set()

    def _workers(self) -> list[Callable[[], None]]:
        raise NotImplementedError

    def _ask(self, number: int) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        """Free what the probe holds; by default there is nothing."""

    def _sender(self) -> None:
        due = time.monotonic()
        number = 0
        while not self._stop.is_set():
            self._ask(number)
            number += 1
            # A fixed schedule; after a pause of this machine it starts anew, without a burst.
            due = max(due + self.interval_s, time.monotonic() - self.interval_s)
            if self._hurry.wait(max(0.0, due - time.monotonic())) and not self._stop.is_set():
                self._hurry.clear()
                due = time.monotonic()

    def _answered(self, asked: float) -> None:
        with self._order:  # answers of many threads are kept in the order of their times
            now = time.monotonic()
            answer = Answer(now, now - asked)
            self.answers.append(answer)
        if self.on_answer is not None:
            self.on_answer(answer)


class IcmpProbe(Probe):
    """Echo requests (RFC 792, RFC 4443), by an unprivileged datagram socket where allowed."""

    def __init__(self, vip: IPAddress, interval_s: float = REST_INTERVAL_S) -> None:
        super().__init__(interval_s)
        self._vip = vip
        self._id = secrets.randbelow(0x10000)
        self._raw = False
        self._asked: dict[int, float] = {}
        self._socket = self._open()

    def _open(self) -> icmplib.ICMPv4Socket | icmplib.ICMPv6Socket:
        kind = icmplib.ICMPv4Socket if self._vip.version == 4 else icmplib.ICMPv6Socket
        for privileged in (False, True):
            with contextlib.suppress(icmplib.SocketPermissionError):
                self._raw = privileged
                return kind(privileged=privileged)
        raise ProbeUnavailable(
            "this machine may not send ping",
            "no permission for ICMP sockets",
            'Run `sysctl -w net.ipv4.ping_group_range="0 2147483647"`, or set probe = "tcp:PORT".',
        )

    def _workers(self) -> list[Callable[[], None]]:
        return [self._sender, self._receiver]

    def _ask(self, number: int) -> None:
        sequence = number & 0xFFFF
        self._asked[sequence] = time.monotonic()
        request = icmplib.ICMPRequest(str(self._vip), self._id, sequence, payload_size=16)
        with contextlib.suppress(icmplib.ICMPLibError):  # no route now is no answer now
            self._socket.send(request)

    def _receiver(self) -> None:
        while not self._stop.is_set():
            try:
                reply = self._socket.receive(timeout=0.5)
            except icmplib.TimeoutExceeded:
                continue
            except icmplib.ICMPLibError:
                self._stop.wait(self.interval_s)
                continue
            # A raw socket hears everybody's replies; of a datagram socket's the kernel sees to it.
            ours = reply.id == self._id or not self._raw
            if ours and reply.type in (0, 129) and reply.source == str(self._vip):
                asked = self._asked.pop(reply.sequence, None)
                if asked is not None:
                    self._answered(asked)

    def _close(self) -> None:
        self._socket.close()


class TcpProbe(Probe):
    """TCP connects; a refusal is an answer too. With a request it is an HTTP probe."""

    def __init__(
        self,
        host: str,
        port: int,
        request: bytes = b"",
        interval_s: float = REST_INTERVAL_S,
    ) -> None:
        super().__init__(interval_s)
        self._target = (host, port)
        self._request = request
        self._slots = threading.Semaphore(_MAX_CONNECTS)

    def _workers(self) -> list[Callable[[], None]]:
        return [self._sender]

    def _ask(self, number: int) -> None:  # noqa: ARG002 - connects need no number
        if self._slots.acquire(blocking=False):
            threading.Thread(target=self._attempt, name="probe-tcp", daemon=True).start()

    def _attempt(self) -> None:
        asked = time.monotonic()
        try:
            with socket.create_connection(self._target, timeout=_CONNECT_TIMEOUT_S) as stream:
                if self._request:
                    stream.sendall(self._request)
                    if not stream.recv(16).startswith(b"HTTP/"):
                        return
            self._answered(asked)
        except ConnectionRefusedError:
            if not self._request:
                self._answered(asked)
        except OSError:
            return  # silence is not an answer: the gap says it
        finally:
            self._slots.release()


def make_probe(kind: str, vip: IPAddress, interval_s: float = REST_INTERVAL_S) -> Probe:
    """The probe that the cluster file names; raises ProbeUnavailable."""
    if kind == "icmp":
        return IcmpProbe(vip, interval_s)
    if kind.startswith("tcp:"):
        return TcpProbe(str(vip), int(kind.removeprefix("tcp:")), interval_s=interval_s)
    url = urlsplit(kind)
    host = url.hostname or str(ipaddress.ip_address(vip))
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    request = f"GET {path} HTTP/1.0\r\nHost: {url.netloc}\r\nConnection: close\r\n\r\n"
    return TcpProbe(host, url.port or 80, request.encode(), interval_s)


def describe(kind: str) -> str:
    """The probe in words."""
    return "ping" if kind == "icmp" else clean_line(kind)
