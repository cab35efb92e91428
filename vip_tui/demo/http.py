"""HTTP/1.1 (RFC 9112) over any pair of streams, by h11; sockets are somebody else's."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import h11

MAX_BODY = 1_000_000
_HEADERS = [("Server", "Docker/20.10.24 (linux)"), ("Api-Version", "1.41"), ("Ostype", "linux")]


class Reader(Protocol):
    """The bytes that come in."""

    async def read(self, n: int = -1) -> bytes:
        """The next bytes; none at the end."""


class Writer(Protocol):
    """The bytes that go out."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    async def drain(self) -> None:
        """Wait until there is room for more."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request, read to its end."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON; an empty one is an empty object."""
        return json.loads(self.body) if self.body else {}


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: bytes, or a stream of chunks that goes on for as long as it likes."""

    status: int = 200
    body: bytes | AsyncGenerator[bytes, None] = b""
    type: str = "application/json"


Application = Callable[[Request], Awaitable[Response]]


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer, with the newline that Docker ends it with."""
    return Response(status, json.dumps(value).encode() + b"\n")


async def serve(reader: Reader, writer: Writer, application: Application) -> None:
    """Answer the requests of one connection, one after the other, until it ends."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=65_536)
    try:
        while (request := await _request(connection, reader)) is not None:
            response = await application(request)
            if request.method == "HEAD" and isinstance(response.body, bytes):
                response = Response(response.status, b"", response.type)
            await _respond(connection, reader, writer, response)
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return
            connection.start_next_cycle()
    except h11.RemoteProtocolError as error:
        if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            refusal = answer({"message": str(error)}, error.error_status_hint)
            await _respond(connection, reader, writer, refusal)


async def _request(connection: h11.Connection, reader: Reader) -> Request | None:
    """The next request; None where the client has no more."""
    head: h11.Request | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                raise h11.RemoteProtocolError("request body too large", 413)
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            target = urlsplit(head.target.decode("ascii", "replace"))
            query = {key: values[-1] for key, values in parse_qs(target.query).items()}
            return Request(head.method.decode(), unquote(target.path), query, body)
        else:
            return None


async def _respond(
    connection: h11.Connection, reader: Reader, writer: Writer, response: Response
) -> None:
    def send(event: h11.Response | h11.Data | h11.EndOfMessage) -> None:
        if data := connection.send(event):
            writer.write(data)

    headers = [*_HEADERS, ("Content-Type", response.type)]
    if isinstance(response.body, bytes):
        headers.append(("Content-Length", str(len(response.body))))
        send(_head(response, headers))
        if response.body:
            send(h11.Data(data=response.body))
        send(h11.EndOfMessage())
        await writer.drain()
        return
    headers.append(("Transfer-Encoding", "chunked"))
    send(_head(response, headers))
    async with contextlib.aclosing(response.body) as chunks:
        await _until_left(reader, _stream(chunks, writer, send))
    send(h11.EndOfMessage())
    await writer.drain()


def _head(response: Response, headers: list[tuple[str, str]]) -> h11.Response:
    reason = HTTPStatus(response.status).phrase.encode()
    return h11.Response(status_code=response.status, headers=headers, reason=reason)


async def _stream(
    chunks: AsyncGenerator[bytes, None], writer: Writer, send: Callable[[h11.Data], None]
) -> None:
    async for chunk in chunks:
        send(h11.Data(data=chunk))
        await writer.drain()
        await asyncio.sleep(0)  # a full log shall not keep everybody else waiting


async def _until_left(reader: Reader, work: Awaitable[None]) -> None:
    """Do the work, unless the client hangs up before its end."""
    working = asyncio.ensure_future(work)
    left = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait({working, left}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
    finally:
        for task in (working, left):
            task.cancel()
        await asyncio.gather(working, left, return_exceptions=True)
