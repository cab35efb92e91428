"""Which VIPs a kernel has, from the lines of ip(8), and from a node that pushes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from tests.unit.build import VIP, node
from vip_tui.errors import UnreachableError
from vip_tui.nodes import addresses
from vip_tui.nodes.addresses import AddressFollower, Held, address_of
from vip_tui.nodes.connection import NodeConnection, Result

ADDED = (
    "3: eth0    inet 198.18.0.100/32 scope global eth0\\       "
    "valid_lft forever preferred_lft forever"
)
GONE = f"Deleted {ADDED}"


@pytest.mark.parametrize(
    ("line", "address"),
    [
        (ADDED, "198.18.0.100"),
        (GONE, "198.18.0.100"),
        (" ".join(ADDED.split()), "198.18.0.100"),
        ("2: peer0    inet 10.0.0.1 peer 10.0.0.2/32 scope global peer0\\", "10.0.0.1"),
        ("2: bond0.100    inet 198.18.0.11/24 brd 198.18.0.255 scope global\\", "198.18.0.11"),
        ("3: eth0    inet6 fd00:18:0:0::11/64 scope global tentative \\", "fd00:18::11"),
        ("12: eth0@if4    inet 198.18.0.11/24\\", "198.18.0.11"),
    ],
)
def test_the_address_of_a_line_of_ip(line: str, address: str) -> None:
    assert address_of(line) == address


@pytest.mark.parametrize(
    "line",
    [
        *("", "==", "== 1", "== unsupported", "n1", "198.18.0.100"),
        "3: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue\\    link/ether 16:81",
        *("3: eth0    inet 198.18.0.999/24", "3: eth0    inet6 :::1/64", "3: eth0    inet x"),
        "Usage: ip [OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]",
    ],
)
def test_other_lines_have_no_address(line: str) -> None:
    assert address_of(line) is None


class FakeRemote:
    """The far side of FOLLOW_ADDRESSES: it says its lines, and echoes while it is alive."""

    def __init__(self, lines: list[str], alive: bool = True) -> None:
        self._lines = lines
        self._alive = alive
        self._echoed: asyncio.Queue[str] = asyncio.Queue()
        self._beats = 0
        self.beaten = asyncio.Event()

    def write(self, text: str) -> None:
        self._beats += 1
        if self._beats == 5:
            self.beaten.set()
        if self._alive:
            self._echoed.put_nowait(f"== {text.strip()}")

    async def readline(self) -> str:
        return self._lines.pop(0) if self._lines else await self._echoed.get()


class FakeConnection:
    """A connection to n1 on which the follower's commands are answered, one after the other."""

    def __init__(self, remotes: tuple[FakeRemote, ...], reads: tuple[str, ...] = ()) -> None:
        self.node = node(1)
        self._remotes = list(remotes)
        self._reads = list(reads)

    @asynccontextmanager
    async def follow(self, *_: object) -> AsyncIterator[FakeRemote]:
        yield self._remotes.pop(0)

    async def run(self, *_: object) -> Result:
        return Result(0, self._reads.pop(0), "")


def following(*remotes: FakeRemote, reads: tuple[str, ...] = ()) -> AsyncIterator[Held]:
    connection = cast(NodeConnection, FakeConnection(remotes, reads))
    return AddressFollower(connection, [VIP]).follow()


async def test_the_first_reading_has_the_hostname_and_what_is_held() -> None:
    stream = following(FakeRemote(["n1", "1: lo    inet 127.0.0.1/8", ADDED, "=="]))
    assert await anext(stream) == Held(frozenset({VIP}), "n1")


async def test_each_change_of_a_vip_is_pushed_and_other_addresses_are_not() -> None:
    other = ADDED.replace(VIP, "198.18.0.7")
    stream = following(FakeRemote(["n1", "==", other, ADDED, GONE]))
    held = [(await anext(stream)).held for _ in range(3)]
    assert held == [frozenset(), frozenset({VIP}), frozenset()]


async def test_a_quiet_node_that_echoes_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "HEARTBEAT_S", 0.001)
    remote = FakeRemote(["n1", "=="])
    stream = following(remote)
    await anext(stream)
    waiting: asyncio.Task[Any] = asyncio.ensure_future(anext(stream))
    await remote.beaten.wait()
    assert not waiting.done()
    waiting.cancel()


async def test_a_node_without_a_sign_of_life_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "HEARTBEAT_S", 0.001)
    stream = following(FakeRemote(["n1", "=="], alive=False))
    await anext(stream)
    with pytest.raises(UnreachableError, match="connection to n1 lost"):
        await anext(stream)


async def test_a_script_that_reached_its_time_limit_is_renewed_without_a_word() -> None:
    # FOLLOW_ADDRESSES ends after an hour; a panel that is open for weeks shall not call it a loss.
    stream = following(FakeRemote(["n1", "==", ""]), FakeRemote(["n1", ADDED, "=="]))
    held = [(await anext(stream)).held for _ in range(2)]
    assert held == [frozenset(), frozenset({VIP})]


async def test_no_number_of_echoes_is_too_many() -> None:
    stream = following(FakeRemote(["n1", "==", *["== 1"] * 5000, ADDED]))
    held = [(await anext(stream)).held for _ in range(2)]
    assert held == [frozenset(), frozenset({VIP})]


async def test_where_ip_has_no_monitor_the_addresses_are_read_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(addresses, "SLOW_READ_S", 0)
    remote = FakeRemote(["n1", "==", "== unsupported"])
    stream = following(remote, reads=("", ADDED, ADDED, ""))
    held = [(await anext(stream)).held for _ in range(3)]
    assert held == [frozenset(), frozenset({VIP}), frozenset()]
