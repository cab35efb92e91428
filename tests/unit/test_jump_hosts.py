"""Jump hosts: found in ssh's configuration, entered with the same care, shared until the last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import asyncssh
import pytest

from tests.unit.ssh_doors import USER, Door, Person, enter, write_key
from vip_tui.cluster import Node
from vip_tui.errors import InputError, UnreachableError, VipError
from vip_tui.nodes import reasons
from vip_tui.nodes.access import Access
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.reasons import AuthRefused, HostKeyChanged, HostKeyUnknown
from vip_tui.store import Store


class Place(NamedTuple):
    """A jump host, two nodes behind it, and where their keys and ways are written."""

    home: Path
    jump: Door
    nodes: list[Door]
    key: asyncssh.SSHKey

    def known(self, *doors: Door) -> None:
        lines = "".join(door.known for door in doors)
        (self.home / ".ssh" / "known_hosts").write_text(lines)

    def config(self, *lines: str) -> None:
        (self.home / ".ssh" / "config").write_text("\n".join(lines) + "\n")

    def alias(self, name: str, door: Door, *lines: str) -> None:
        """Call a door by a name, as ssh_config(5) does."""
        path = self.home / ".ssh" / "config"
        before = path.read_text() if path.exists() else ""
        own = [f"Host {name}", "Hostname 127.0.0.1", f"Port {door.port}", f"User {USER}", *lines]
        path.write_text(before + "\n  ".join(own) + "\n")


@pytest.fixture
async def place(own_home: Path) -> AsyncIterator[Place]:
    key = write_key(own_home / ".ssh" / "id_ed25519")
    doors = [await Door(keys=(key,)).open() for _ in range(3)]
    made = Place(own_home, doors[0], doors[1:], key)
    made.known(*doors)
    yield made
    for door in doors:
        await door.close()


NODES = (Node("n1"), Node("n2"))


def behind(place: Place, jump: str = "gateway") -> None:
    """Both nodes are behind the jump host."""
    for number, door in enumerate(place.nodes, 1):
        place.alias(f"n{number}", door, f"ProxyJump {jump}")


async def problem(way: Access, node: Node = NODES[0]) -> VipError:
    (found,) = await enter(way, node)
    assert isinstance(found, VipError), found
    return found


async def test_an_alias_is_reached_through_its_jump_host(place: Place) -> None:
    place.alias("gateway", place.jump)
    behind(place)
    assert await enter(Access(Store()), *NODES) == [None, None]
    assert sorted(place.jump.forwarded) == sorted(door.port for door in place.nodes)


async def test_a_jump_host_may_be_given_with_user_and_port(place: Place) -> None:
    behind(place, f"{USER}@127.0.0.1:{place.jump.port}")
    assert await enter(Access(Store()), *NODES) == [None, None]


async def test_nodes_share_the_connection_to_their_jump_host_until_the_last_is_gone(
    place: Place,
) -> None:
    place.alias("gateway", place.jump)
    behind(place)
    async with Fleet(Access(Store())) as fleet:
        first, second = await asyncio.gather(*map(fleet.connection, NODES))
        assert place.jump.logins == 1
        await first.close()
        assert len(place.jump.connections) == 1
        assert not second.closed
        await second.close()
        await place.jump.gone()
        await fleet.connection(NODES[0])
        assert place.jump.logins == 2
    await place.jump.gone()


async def test_a_jump_host_that_is_lost_takes_its_nodes_along_and_is_entered_anew(
    place: Place,
) -> None:
    place.alias("gateway", place.jump)
    behind(place)
    async with Fleet(Access(Store())) as fleet:
        connection = await fleet.connection(NODES[0])
        for one in list(place.jump.connections):
            one.abort()
        await connection.ssh.wait_closed()
        assert connection.closed
        assert not (await fleet.connection(NODES[0])).closed


async def test_several_hops_one_behind_the_other(place: Place) -> None:
    second = await Door(keys=(place.key,)).open()
    place.known(place.jump, second, *place.nodes)
    place.alias("gateway", place.jump)
    place.alias("inner", second)
    behind(place, "gateway,inner")
    assert await enter(Access(Store()), *NODES) == [None, None]
    assert (place.jump.forwarded, place.jump.logins) == ([second.port], 1)
    assert sorted(second.forwarded) == sorted(door.port for door in place.nodes)
    await second.close()


async def test_a_jump_host_behind_another_of_its_own(place: Place) -> None:
    second = await Door(keys=(place.key,)).open()
    place.known(place.jump, second, *place.nodes)
    place.alias("gateway", place.jump)
    place.alias("inner", second, "ProxyJump gateway")
    behind(place, "inner")
    assert await enter(Access(Store()), NODES[0]) == [None]
    assert place.jump.forwarded == [second.port]
    await second.close()


async def test_a_jump_host_for_all_is_not_behind_itself(place: Place) -> None:
    place.config("Host *", "  ProxyJump gateway")
    place.alias("gateway", place.jump)
    place.alias("n1", place.nodes[0])
    assert await enter(Access(Store()), NODES[0]) == [None]


async def test_jump_hosts_behind_each_other_are_told_and_not_followed_for_ever(
    place: Place,
) -> None:
    place.alias("gateway", place.jump, "ProxyJump inner")
    place.alias("inner", place.nodes[1], "ProxyJump gateway")
    behind(place)
    assert isinstance(await problem(Access(Store())), InputError)


# --- host keys


async def test_an_unknown_key_of_a_jump_host_names_it_and_can_be_accepted(place: Place) -> None:
    place.alias("gateway", place.jump)
    behind(place)
    place.known()
    way = Access(Store())
    first = await problem(way)
    assert isinstance(first, HostKeyUnknown)
    assert (first.label, first.on_the_way) == ("jump host gateway", True)
    assert place.jump.host_key.get_fingerprint() in first.fingerprint
    assert place.jump.offered == []
    way.store.append_known_host(first.line)
    second = await problem(way)
    assert isinstance(second, HostKeyUnknown), "the node's own key is fetched through the tunnel"
    assert (second.label, second.on_the_way) == ("n1", False)
    assert place.nodes[0].host_key.get_fingerprint() in second.fingerprint
    way.store.append_known_host(second.line)
    assert await enter(way, NODES[0]) == [None]


async def test_accept_new_is_for_jump_hosts_too(place: Place) -> None:
    place.alias("gateway", place.jump)
    behind(place)
    place.known()
    assert await enter(Access(Store(), accept_new=True), *NODES) == [None, None]
    accepted = Store().known_hosts.read_text()
    assert sorted(accepted.splitlines(keepends=True)) == sorted(
        door.known for door in (place.jump, *place.nodes)
    )


@pytest.mark.parametrize("accept_new", [False, True])
async def test_a_jump_host_with_another_key_is_refused(place: Place, accept_new: bool) -> None:
    place.alias("gateway", place.jump)
    behind(place)
    before = place.jump.host_key
    await place.jump.close()
    place.jump.host_key = asyncssh.generate_private_key("ssh-ed25519")
    await place.jump.open()
    found = await problem(Access(Store(), accept_new=accept_new))
    assert isinstance(found, HostKeyChanged)
    assert found.title == "host key of jump host gateway has changed"
    assert before.get_fingerprint() in found.detail
    assert f"ssh-keygen -R '[127.0.0.1]:{place.jump.port}' -f " in found.hint
    assert place.jump.offered == []


async def test_a_node_behind_a_jump_host_with_another_key_is_refused(place: Place) -> None:
    place.alias("gateway", place.jump)
    behind(place)
    await place.nodes[0].close()
    place.nodes[0].host_key = asyncssh.generate_private_key("ssh-ed25519")
    await place.nodes[0].open()
    found = await problem(Access(Store(), accept_new=True))
    assert isinstance(found, HostKeyChanged)
    assert (found.title, found.on_the_way) == ("host key of n1 has changed", False)


async def test_a_revoked_key_is_refused(place: Place) -> None:
    known = place.home / ".ssh" / "known_hosts"
    known.write_text("".join(f"@revoked {line}" for line in known.read_text().splitlines(True)))
    found = await problem(Access(Store(), accept_new=True), place.nodes[0].node())
    assert isinstance(found, HostKeyChanged)
    assert "revoked" in found.title


# --- what goes wrong


async def test_a_jump_host_that_lets_nobody_in_is_named(place: Place) -> None:
    place.alias("gateway", place.jump)
    behind(place)
    place.jump.keys = ()
    found = await problem(Access(Store()))
    assert isinstance(found, AuthRefused)
    assert (found.title, found.on_the_way) == ("jump host gateway does not let us in", True)


async def test_one_attempt_at_a_jump_host_is_for_all_behind_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reasons, "CONNECT_TIMEOUT_S", 0.3)
    attempts = 0

    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal attempts
        attempts += 1
        await reader.read()
        writer.close()

    server = await asyncio.start_server(nothing, "127.0.0.1", 0)
    behind(place, f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    problems = await enter(Access(Store()), *NODES)
    server.close()
    assert attempts == 1
    assert [type(found) for found in problems] == [UnreachableError] * 2
    assert all("jump host 127.0.0.1" in str(found) for found in problems)


async def test_a_jump_host_that_does_not_forward_is_told(place: Place) -> None:
    place.alias("gateway", place.jump)
    behind(place)
    place.jump.forwards = False
    found = await problem(Access(Store()))
    assert found.title == "n1 cannot be reached from its jump host"
    assert "AllowTcpForwarding" in found.hint
    await place.jump.gone()


async def test_a_node_that_the_jump_host_does_not_reach_is_told(place: Place) -> None:
    place.alias("gateway", place.jump)
    behind(place)
    await place.nodes[0].close()
    found = await problem(Access(Store()))
    assert found.title == "n1 cannot be reached from its jump host"
    assert str(place.nodes[0].port) in found.detail


async def test_one_passphrase_opens_jump_host_and_nodes(place: Place) -> None:
    place.alias("gateway", place.jump)
    behind(place)
    (place.home / ".ssh" / "id_ed25519").unlink()
    key = write_key(place.home / ".ssh" / "id_ecdsa", "open sesame")
    for door in (place.jump, *place.nodes):
        door.keys = (key,)
    person = Person("open sesame")
    assert await enter(Access(Store(), ask=person), *NODES) == [None, None]
    assert len(person.questions) == 1
    assert "jump host gateway would take this key" in person.questions[0].detail


async def test_an_isolated_access_knows_no_jump_host(place: Place) -> None:
    place.config("Host *", "  ProxyJump nowhere.invalid", "  Port 1")
    store = Store()
    for door in place.nodes:
        store.append_known_host(door.known.strip())
    way = Access(store, (place.home / ".ssh" / "id_ed25519",), isolated=True)
    assert await enter(way, place.nodes[0].node()) == [None]


async def test_a_proxy_command_is_run_as_ever(place: Place) -> None:
    door = place.nodes[0]
    relay = place.home / "relay"
    relay.write_text(
        "import os, socket, sys, threading\n"
        f"s = socket.create_connection(('127.0.0.1', {door.port}))\n"
        "def up():\n"
        "    while data := os.read(0, 65536):\n"
        "        s.sendall(data)\n"
        "    s.shutdown(socket.SHUT_WR)\n"
        "threading.Thread(target=up, daemon=True).start()\n"
        "while data := s.recv(65536):\n"
        "    os.write(1, data)\n"
    )
    place.alias("n1", door, f"ProxyCommand python3 {relay}", "ProxyJump none")
    assert await enter(Access(Store()), NODES[0]) == [None]
