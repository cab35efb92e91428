"""Several questions to a Docker Engine in one round trip, over a channel of the node's connection.

The SDK wants a forwarded socket, a thread and a round trip for each question; asked of a hundred
nodes at once, that costs twice what SSH itself does. What is asked here is only read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import asyncssh
import h11

from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.reasons import DOCKER_SOCKET, EngineError, engine_silent, words
from vip_tui.nodes.text import clean_all, clean_line

MAX_BODY = 4_000_000  # bytes; a node that sends more is not believed
_HEADERS = [("Host", "docker"), ("Accept", "application/json")]


@dataclass(frozen=True, slots=True)
class Question:
    """A path of the Engine API, and docker's own words for asking it."""

    path: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the Engine said: the HTTP status, and the JSON with its texts cleaned."""

    status: int
    content: Any


INFO = Question("/info", ("info",))
CONTAINERS = Question("/containers/json?all=1", ("ps", "--all"))


def inspect_container(name: str) -> Question:
    """What ``docker inspect`` asks of a container; 404 where there is none."""
    return Question(f"/containers/{quote(name, safe='')}/json", ("inspect", name))


def inspect_image(name: str) -> Question:
    """What ``docker image inspect`` asks; 404 where the image is not there."""
    return Question(f"/images/{quote(name, safe=':/@')}/json", ("image", "inspect", name))


async def glance(connection: NodeConnection, questions: Sequence[Question]) -> tuple[Answer, ...]:
    """Ask all of it at once; the answers come in the same order.

    Raises EngineError: also where sshd or the socket's mode does not let this account through.
    """
    label = connection.node.label
    with ExitStack() as notes:
        for question in questions:
            notes.enter_context(connection.log.docker(question.words))
        return await _ask(connection, label, questions)


async def _ask(
    connection: NodeConnection, label: str, questions: Sequence[Question]
) -> tuple[Answer, ...]:
    try:
        reader, writer = await connection.ssh.open_unix_connection(DOCKER_SOCKET, encoding=None)
        try:
            writer.write(b"".join(_request(question.path) for question in questions))
            return await _answers(reader, len(questions))
        finally:
            writer.close()
    except (OSError, asyncssh.Error) as error:
        raise engine_silent(label, clean_line(words(error))) from None
    except (h11.ProtocolError, ValueError, RecursionError) as error:
        detail = f"its answer is not the Engine's: {clean_line(str(error), 200)}"
        raise EngineError(f"Docker on {label} talks nonsense", detail) from None


def _request(path: str) -> bytes:
    client = h11.Connection(h11.CLIENT)
    sent = client.send(h11.Request(method="GET", target=path, headers=_HEADERS))
    return (sent or b"") + (client.send(h11.EndOfMessage()) or b"")


async def _answers(reader: asyncssh.SSHReader[bytes], count: int) -> tuple[Answer, ...]:
    """Read so many answers; HTTP/1.1 gives them in the order of the requests (RFC 9112, 9.3.2)."""
    found: list[Answer] = []
    rest = b""
    for _ in range(count):
        answer, rest = await _answer(reader, rest)
        found.append(answer)
    return tuple(found)


async def _answer(reader: asyncssh.SSHReader[bytes], rest: bytes) -> tuple[Answer, bytes]:
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=_HEADERS))
    client.send(h11.EndOfMessage())
    if rest:
        client.receive_data(rest)
    status, body = 0, bytearray()
    while True:
        event = client.next_event()
        if event is h11.NEED_DATA:
            client.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                raise ValueError("it has no end")
        elif isinstance(event, h11.EndOfMessage):
            content = clean_all(json.loads(body)) if body else None
            return Answer(status, content), client.trailing_data[0]
