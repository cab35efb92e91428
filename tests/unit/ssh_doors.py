"""SSH servers on the loopback that let in whom a test wants, and remember who tried how."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncssh

from vip_tui.cluster import Node, Secret
from vip_tui.nodes.access import Access
from vip_tui.nodes.asking import Question
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.host_keys import known_hosts_line
from vip_tui.nodes.reasons import AuthRefused
from vip_tui.store import Store

USER = "ops"


@dataclass
class Door:
    """One server: ``keys``, ``password`` and ``prompts`` with their answers are what it takes."""

    keys: tuple[asyncssh.SSHKey, ...] = ()
    password: str | None = None
    prompts: tuple[tuple[str, bool, str], ...] = ()  # what it asks, whether it shows, the answer
    instructions: str = ""
    forwards: bool = True
    grace_s: float = 30.0
    patience: int = 99  # keys after which it hangs up, as with sshd_config(5), MaxAuthTries
    host_key: asyncssh.SSHKey = field(
        default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519")
    )
    port: int = 0
    offered: list[asyncssh.SSHKey] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)
    answers: list[list[str]] = field(default_factory=list)
    forwarded: list[int] = field(default_factory=list)  # the ports that we were connected with
    logins: int = 0
    connections: set[asyncssh.SSHServerConnection] = field(default_factory=set)
    waiting: int = 0  # connections that were made, and are not logged in
    most_waiting: int = 0
    _server: asyncssh.SSHAcceptor | None = None

    async def open(self) -> Door:
        self._server = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_factory=lambda: _Server(self),
            server_host_keys=[self.host_key],
            process_factory=_answer,
            config=[],
            gss_host=None,
            login_timeout=self.grace_s,
        )
        self.port = self._server.get_port()
        return self

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            for connection in list(self.connections):
                connection.abort()
            await self._server.wait_closed()
            self._server = None

    @property
    def known(self) -> str:
        """Its line of a known-hosts file."""
        return known_hosts_line("127.0.0.1", self.port, self.host_key) + "\n"

    def node(self, **more: object) -> Node:
        return replace(Node("127.0.0.1", USER, self.port), **more)  # type: ignore[arg-type]

    async def gone(self) -> None:
        """Wait until nobody is connected any more."""
        async with asyncio.timeout(5):
            while self.connections:  # asyncssh tells of their end, but not of this door's
                await asyncio.gather(*(one.wait_closed() for one in self.connections))


async def _answer(process: asyncssh.SSHServerProcess[str]) -> None:
    process.exit(0)


class _Server(asyncssh.SSHServer):
    def __init__(self, door: Door) -> None:
        self._door = door
        self._connection: asyncssh.SSHServerConnection | None = None
        self._out = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._door.connections.add(conn)

    def begin_auth(self, username: str) -> bool:
        self._door.waiting += 1
        self._door.most_waiting = max(self._door.most_waiting, self._door.waiting)
        self._out = True
        return True

    def auth_completed(self) -> None:
        self._door.logins += 1
        self._in()

    def connection_lost(self, exc: Exception | None) -> None:
        self._in()
        if self._connection is not None:
            self._door.connections.discard(self._connection)

    def _in(self) -> None:
        if self._out:
            self._door.waiting -= 1
            self._out = False

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._door.offered.append(key)
        if len(self._door.offered) > self._door.patience and self._connection is not None:
            why = "Too many authentication failures"
            self._connection.disconnect(asyncssh.DISC_PROTOCOL_ERROR, why)
        return key in [one.convert_to_public() for one in self._door.keys]

    def password_auth_supported(self) -> bool:
        return self._door.password is not None

    def validate_password(self, username: str, password: str) -> bool:
        self._door.passwords.append(password)
        return password == self._door.password

    def kbdint_auth_supported(self) -> bool:
        return bool(self._door.prompts)

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, Sequence[tuple[str, bool]]]:
        prompts = [(text, echo) for text, echo, _ in self._door.prompts]
        return "", self._door.instructions, "", prompts

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        self._door.answers.append(list(responses))
        return list(responses) == [answer for _, _, answer in self._door.prompts]

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool:
        self._door.forwarded.append(dest_port)
        return self._door.forwards


class Person:
    """Somebody who is asked, and says what a test wants; one question is open at a time."""

    def __init__(self, *answers: str | None, takes_s: float = 0.0) -> None:
        self.questions: list[Question] = []
        self._answers = list(answers)
        self._takes_s = takes_s
        self._busy = False

    async def __call__(self, question: Question) -> Secret | None:
        assert not self._busy, "two questions at a time"
        self._busy = True
        self.questions.append(question)
        await asyncio.sleep(self._takes_s)
        self._busy = False
        answer = self._answers.pop(0)
        return None if answer is None else Secret(answer)

    @property
    def again(self) -> list[bool]:
        return [question.again for question in self.questions]


def write_key(
    path: Path,
    passphrase: str | None = None,
    public: bool = True,
    form: str = "openssh",
    algorithm: str = "ssh-ed25519",
) -> asyncssh.SSHKey:
    """A new key, written as ssh-keygen(1) would."""
    key = asyncssh.generate_private_key(algorithm)
    quick = {"rounds": 1} if form == "openssh" else {}  # as many as there should be take a second
    with warnings.catch_warnings(action="ignore"):
        key.write_private_key(str(path), form, passphrase=passphrase, **quick)
    path.chmod(0o600)
    if public:
        key.write_public_key(f"{path}.pub")
    return key


Open = Callable[..., Awaitable[Door]]


@asynccontextmanager
async def opening(home: Path) -> AsyncIterator[Open]:
    """Opens doors whose host keys are known."""
    doors: list[Door] = []

    async def open_one(**what: object) -> Door:
        door = await Door(**what).open()  # type: ignore[arg-type]
        doors.append(door)
        with (home / ".ssh" / "known_hosts").open("a") as known:
            known.write(door.known)
        return door

    yield open_one
    for door in doors:
        await door.close()


def access(*identities: Path, **more: object) -> Access:
    return Access(Store(), identities, **more)  # type: ignore[arg-type]


async def enter(way: Access, *nodes: Door | Node) -> list[BaseException | None]:
    """Enter all at once; what stood in the way of each."""
    wanted = [one.node() if isinstance(one, Door) else one for one in nodes]
    async with Fleet(way) as fleet:
        ended = await asyncio.gather(*map(fleet.connection, wanted), return_exceptions=True)
    return [one if isinstance(one, BaseException) else None for one in ended]


async def refusal(way: Access, door: Door) -> AuthRefused:
    """Why a door lets nobody in."""
    (problem,) = await enter(way, door)
    assert isinstance(problem, AuthRefused), problem
    return problem
