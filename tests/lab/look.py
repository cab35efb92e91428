"""What the nodes themselves say: addresses, containers, logs, processes, answers to ping."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.lab.node import Node
from tests.lab.tools import LabError, wait_until

IMAGE = "osixia/keepalived:2.0.20"
LOCK = "/run/vip-tui.lock"
T = TypeVar("T")
R = TypeVar("R")
ENTERING = re.compile(r"Entering (MASTER|BACKUP|FAULT) STATE")
SO_TIMESTAMPNS = 35  # socket(7); the socket module does not know it


def at_once(work: Callable[[T], R], things: Sequence[T]) -> list[R]:
    """Does something with several nodes side by side."""
    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(work, things))


def holders(nodes: Sequence[Node], vip: str) -> list[str]:
    """The names of the nodes that have the VIP on an interface."""
    return [node.name for node in nodes if vip in node.addresses()]


def containers(node: Node) -> list[str]:
    """The names of all containers on a node, whatever their state."""
    return sorted(node.docker("ps", "--all", "--format", "{{.Names}}").stdout.split())


def inspect(node: Node, name: str = "keepalived") -> dict[str, Any]:
    """`docker inspect` of a container that has to be there."""
    found: dict[str, Any] = json.loads(node.docker("inspect", "--type=container", name).stdout)[0]
    return found


def run_of(node: Node, name: str = "keepalived") -> tuple[str, str, int]:
    """What tells one run of a container from another: its id, start and restarts."""
    found = inspect(node, name)
    return found["Id"], found["State"]["StartedAt"], found["RestartCount"]


def environment(node: Node) -> dict[str, str]:
    """The KEEPALIVED_ variables that the container was made with."""
    pairs = (item.partition("=") for item in inspect(node)["Config"]["Env"])
    return {key: value for key, _, value in pairs if key.startswith("KEEPALIVED_")}


def seconds(stamp: str) -> float:
    """Docker's RFC 3339 time as seconds since 1970."""
    whole, _, fraction = stamp.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")


def transitions(node: Node) -> list[tuple[float, str]]:
    """When the container's present run entered which VRRP state, by Docker's clock."""
    started = inspect(node)["State"]["StartedAt"]
    said = node.docker("logs", "--timestamps", "--since", started, "keepalived")
    found = []
    for line in (said.stdout + said.stderr).splitlines():
        if match := ENTERING.search(line):
            found.append((seconds(line.split()[0]), match[1]))
    return sorted(found)


def agreed(nodes: Sequence[Node], vip: str) -> bool:
    """Exactly one holder, its keepalived is master, and every other one is backup."""
    return sorted(at_once(lambda node: _part(node, vip), nodes)) == [
        *["backup"] * (len(nodes) - 1),
        "master",
    ]


def _part(node: Node, vip: str) -> str:
    """Which part a node has; `none` where its address and its keepalived's log do not agree."""
    if "keepalived" not in containers(node) or not inspect(node)["State"]["Running"]:
        return "none"
    holds, states = vip in node.addresses(), [state for _, state in transitions(node)]
    parts = {(True, "MASTER"): "master", (False, "BACKUP"): "backup"}
    return parts.get((holds, states[-1]), "none") if states else "none"


def wait_agreed(nodes: Sequence[Node], vip: str, timeout: float = 15) -> None:
    wait_until(lambda: agreed(nodes, vip), f"not one master of {vip}, all others backup", timeout)


def processes(node: Node) -> list[str]:
    """The command lines of what vip-tui runs on a node now."""
    script = "for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null"
    lines = node.run("sh", "-c", script).stdout.splitlines()
    return [line for line in lines if "vip-tui:" in line]


def wait_no_processes(nodes: Sequence[Node], timeout: float) -> None:
    """Waits until vip-tui runs nothing on any node; the error says what is left."""
    deadline = time.monotonic() + timeout
    for node in nodes:
        while left := processes(node):
            if time.monotonic() > deadline:
                raise LabError(f"left on {node.name} after {timeout:.0f} s: {left}")
            time.sleep(0.05)


def lock_is_free(node: Node) -> bool:
    return node.run("flock", "--nonblock", LOCK, "true", check=False).returncode == 0


def hold_lock(node: Node, text: str) -> str:
    """Takes the lock as another run would; returns the pid to kill."""
    script = f"""
        exec 9<>{LOCK} && flock -n 9 || exit 1
        echo "$1" >{LOCK}
        setsid sleep 300 </dev/null >/dev/null 2>&1 &
        echo $!
    """
    return node.run("sh", "-c", script, "sh", text).stdout.strip()


class Pinger:
    """Asks an address every 10 ms, and keeps the kernel's word for when each answer came."""

    INTERVAL_S = 0.01

    def __init__(self, address: str) -> None:
        self._address = address
        self._id = (os.getpid() ^ 0x5A5A) & 0xFFFF
        self.answers: list[float] = []
        self._done = threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.settimeout(0.2)
        work = (self._ask, self._listen)
        self._threads = [threading.Thread(target=one, daemon=True) for one in work]

    def _ask(self) -> None:
        due, number = time.monotonic(), 0
        while not self._done.is_set():
            number = (number + 1) & 0xFFFF
            blank = struct.pack("!BBHHH", 8, 0, 0, self._id, number)
            total = sum(struct.unpack("!4H", blank))
            check = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
            try:
                packet = struct.pack("!BBHHH", 8, 0, check, self._id, number)
                self._socket.sendto(packet, (self._address, 0))
            except OSError:
                pass  # nobody has the address now: that is a gap
            due += self.INTERVAL_S
            self._done.wait(max(0.0, due - time.monotonic()))

    def _listen(self) -> None:
        while not self._done.is_set():
            try:
                data, control, _, (source, _) = self._socket.recvmsg(256, 64)
            except OSError:
                continue
            kind, _, _, identity, _ = struct.unpack("!BBHHH", data[20:28])
            if (source, kind, identity) == (self._address, 0, self._id):
                whole, nano = struct.unpack("qq", control[0][2])
                self.answers.append(whole + nano / 1e9)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    @property
    def longest_gap(self) -> float:
        """The longest time between two answers, in seconds."""
        return max(later - earlier for earlier, later in pairwise(self.answers))


def answers(address: str, timeout: float = 2) -> bool:
    """Whether an address answers ping from the operator's network."""
    with Pinger(address) as pinger:
        deadline = time.monotonic() + timeout
        while not pinger.answers and time.monotonic() < deadline:
            time.sleep(0.01)
        return bool(pinger.answers)
