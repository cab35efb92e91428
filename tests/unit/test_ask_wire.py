"""All nodes listen at the same time, each as far as its account gets; what fails is part of it."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from tests.unit.build import VIP, cluster, host, learnt, node
from vip_tui.cluster import Node
from vip_tui.errors import UnreachableError, VipError
from vip_tui.nodes.commands import Command
from vip_tui.nodes.connection import Result
from vip_tui.nodes.fleet import Fleet
from vip_tui.preflight.ask_wire import ask_wire
from vip_tui.preflight.heard import NowhereToListen
from vip_tui.preflight.learnt import Learnt

CLUSTER = cluster()
ROUTE = "route 198.18.0.12 198.18.0.12 dev eth0 src 198.18.0.11 uid 0 "


@dataclass
class FakeFleet:
    """Connections that answer at once, and remember what they were asked."""

    problems: dict[str, VipError] = field(default_factory=dict)
    asked: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    meet: asyncio.Barrier | None = None

    async def connection(self, node: Node) -> Any:
        fleet = self

        class Connection:
            async def run(self, command: Command, *arguments: str) -> Result:
                if problem := fleet.problems.get(node.address):
                    raise problem
                fleet.asked.append((node.address, command.id, arguments))
                if fleet.meet is not None:
                    await fleet.meet.wait()
                return Result(0, ROUTE, "")

        return Connection()


async def ask(fleet: FakeFleet, *nodes: Learnt, told: Any = lambda *_: None) -> tuple[Learnt, ...]:
    return await ask_wire(CLUSTER, nodes, cast("Fleet", fleet), told)


async def test_each_is_told_where_it_is_and_who_its_peers_are() -> None:
    fleet = FakeFleet()
    one, two = await ask(fleet, learnt(1), learnt(2))
    assert fleet.asked == [
        ("198.18.0.11", "listen", ("3", "eth0", "198.18.0.11", VIP, "198.18.0.12")),
        ("198.18.0.12", "listen", ("3", "eth0", "198.18.0.12", VIP, "198.18.0.11")),
    ]
    assert one.heard is not None and [str(route.peer) for route in one.heard.routes] == [
        "198.18.0.12"
    ]
    assert two.heard is not None and two.heard.ended_s > 0


async def test_they_listen_side_by_side() -> None:
    fleet = FakeFleet(meet=asyncio.Barrier(3))
    async with asyncio.timeout(5):
        await ask(fleet, learnt(1), learnt(2), learnt(3))
    assert len(fleet.asked) == 3


@pytest.mark.parametrize(
    ("account", "elevated", "command"),
    [
        ({"root": True}, False, "listen"),
        ({"root": False, "sudo": True}, False, "listen"),
        ({"root": False, "sudo_asks": True}, True, "listen"),
        ({"root": False, "sudo_asks": True}, False, "listen-as-user"),
        ({"root": False}, False, "listen-as-user"),
    ],
)
async def test_root_s_means_are_used_where_they_can_be_had(
    account: dict[str, Any], elevated: bool, command: str
) -> None:
    fleet = FakeFleet()
    await ask(fleet, learnt(1, facts=host(1, **account), elevated=elevated))
    assert [name for _, name, _ in fleet.asked] == [command]


async def test_what_a_node_does_is_no_reason_to_raise() -> None:
    lost = UnreachableError("connection to n1 lost")
    fleet = FakeFleet({"198.18.0.11": lost})
    told: list[int] = []
    one, two = await ask(fleet, learnt(1), learnt(2), told=lambda index, _: told.append(index))
    assert one.heard is not None and one.heard.problem is lost
    assert two.heard is not None and two.heard.problem is None
    assert sorted(told) == [0, 1]


async def test_a_node_that_was_not_reached_is_not_asked() -> None:
    fleet = FakeFleet()
    away = Learnt(node(1), problem=UnreachableError("n1 does not answer"))
    slow = Learnt(node(2), host_problem=VipError("n2 is too slow"))
    first, second = await ask(fleet, away, slow)
    assert first.heard is None
    assert second.heard is not None and second.heard.problem is slow.host_problem
    assert fleet.asked == []


@pytest.mark.parametrize("name", [None, "-e reboot", "eth0; reboot", "a" * 16, "eth0\n", ""])
async def test_without_an_interface_there_is_nowhere_to_listen(name: str | None) -> None:
    """A name that no kernel would have shall not reach a shell either."""
    fleet = FakeFleet()
    one = learnt(1, facts=host(1, interface=name or "docker0"))
    if name is not None:
        one = replace(one, node=replace(one.node, interface=name))
    (found,) = await ask(fleet, one)
    assert found.heard is not None and isinstance(found.heard.problem, NowhereToListen)
    assert fleet.asked == []
