"""What goes over a real SSH connection is in the command log, with how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from vip_tui.cluster import Node
from vip_tui.errors import UnreachableError
from vip_tui.nodes.command_log import CommandLog
from vip_tui.nodes.commands import FOLLOW_ADDRESSES, LOAD_IP_VS, Command
from vip_tui.nodes.connection import Access, NodeConnection, connect
from vip_tui.nodes.reasons import CommandFailed
from vip_tui.store import Store

REFUSED = Command("refused", "exit 75", 5)
SLOW = Command("slow", "sleep 60", 60)


class Server(asyncssh.SSHServer):
    """Lets anybody in."""

    def begin_auth(self, username: str) -> bool:
        return False


async def answer(process: asyncssh.SSHServerProcess[str]) -> None:
    """Nothing is run: the answer is told by the command's id."""
    line = process.command or ""
    if "vip-tui:load-ip-vs" in line:
        process.stderr.write("modprobe: not found\n")
        process.exit(1)
    elif "vip-tui:refused" in line:
        process.stdout.write("locked by somebody\n")
        process.exit(75)
    elif "vip-tui:follow-addresses" in line:
        process.stdout.write("n1\n")
        await process.stdin.read()
        process.exit(0)
    elif "vip-tui:slow" in line:
        await process.stdin.read()
        await asyncio.Event().wait()
    else:
        process.exit(0)


@pytest.fixture
def log() -> CommandLog:
    return CommandLog()


@pytest.fixture
async def connection(log: CommandLog, tmp_path: Path) -> AsyncIterator[NodeConnection]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.create_server(
        Server, "127.0.0.1", 0, server_host_keys=[key], process_factory=answer
    )
    node = Node("127.0.0.1", user="root", port=server.get_port(), name="n1")
    access = Access(Store(tmp_path), accept_new=True, isolated=True)
    made = await connect(node, access, log)
    yield made
    await made.close()
    server.close()


async def test_the_way_there_is_the_one_that_was_taken(
    connection: NodeConnection, log: CommandLog, tmp_path: Path
) -> None:
    await connection.run(Command("fine", "true", 5), "a b")
    (entry,) = log.entries()
    hosts = f"-F none -o 'UserKnownHostsFile=\"{tmp_path}/known_hosts\"'"
    hosts += " -o IdentitiesOnly=yes -o IdentityAgent=none"
    assert entry.way == f"ssh {hosts} -p {connection.node.port} root@127.0.0.1"
    assert (entry.node, entry.summary, entry.outcome, entry.status) == ("n1", "fine a b", "done", 0)


@pytest.mark.parametrize("check", [True, False])
async def test_a_failure_is_noted_also_where_it_is_expected(
    connection: NodeConnection, log: CommandLog, check: bool
) -> None:
    if check:
        with pytest.raises(CommandFailed):
            await connection.run(LOAD_IP_VS)
    else:
        await connection.run(LOAD_IP_VS, check=False)
    (entry,) = log.entries()
    assert (entry.outcome, entry.status, entry.note) == ("failed", 1, "modprobe: not found")


async def test_a_stream_runs_until_its_block_ends(
    connection: NodeConnection, log: CommandLog
) -> None:
    async with connection.follow(FOLLOW_ADDRESSES) as remote:
        assert await remote.readline() == "n1"
        assert log.entries()[0].outcome == "running"
    assert (log.entries()[0].outcome, log.entries()[0].stream) == ("ended", True)


async def test_a_stream_that_refuses_is_noted_with_its_status(
    connection: NodeConnection, log: CommandLog
) -> None:
    async with connection.follow(REFUSED) as remote:
        assert await remote.readline() == "locked by somebody"
        assert await remote.readline() == ""
    assert (log.entries()[0].outcome, log.entries()[0].status) == ("failed", 75)


async def test_a_lost_connection_is_a_failure(connection: NodeConnection, log: CommandLog) -> None:
    running = asyncio.create_task(connection.run(SLOW))
    await asyncio.sleep(0)
    connection.ssh.abort()
    with pytest.raises(UnreachableError):
        await running
    with pytest.raises(UnreachableError):
        async with connection.follow(FOLLOW_ADDRESSES):
            pass
    assert [entry.outcome for entry in log.entries()] == ["failed", "failed"]
    assert all("connection to n1 lost" in entry.note for entry in log.entries())


async def test_a_command_that_is_cancelled_is_given_up(
    connection: NodeConnection, log: CommandLog
) -> None:
    running = asyncio.create_task(connection.run(SLOW))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert log.entries()[0].outcome == "given up"
