"""The part of Docker's Engine API (version 1.41) that vip-tui uses, in front of a Dockerd."""

from __future__ import annotations

import asyncio
import json
import re
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from vip_tui.demo import swarm
from vip_tui.demo.clock import pause, stamp
from vip_tui.demo.container import Container, LogLine
from vip_tui.demo.dockerd import DEFAULT_GRACE_S, Dockerd, Refused
from vip_tui.demo.http import Request, Response, answer
from vip_tui.demo.pull import digest_of, pulling

VERSION = "20.10.24"
DOCKER_QUICKER = 6  # than a login or a command, on a slow host: it forks nothing
LINES_AT_ONCE = 200  # of a log that was written before
_DONE = Response(204)
_UNCHANGED = Response(304)

Route = Callable[["EngineApi", Request, str], Awaitable[Response]]


class EngineApi:
    """Answers one request at a time; satisfies ``http.Application``."""

    def __init__(self, docker: Dockerd) -> None:
        self._docker = docker

    async def __call__(self, request: Request) -> Response:
        """The answer; an unknown path is 404, as Docker has it."""
        faults = self._docker.host.faults
        if faults.docker == "hangs":
            await asyncio.Event().wait()
        if faults.delay_s:
            await pause(self._docker.host.clock, faults.delay_s / DOCKER_QUICKER)
        path = re.sub(r"^/v\d+\.\d+(?=/)", "", request.path)
        for method, pattern, route in _ROUTES:
            if request.method == method and (match := re.fullmatch(pattern, path)):
                return await self._routed(route, request, match)
        return answer({"message": "page not found"}, 404)

    async def _routed(self, route: Route, request: Request, match: re.Match[str]) -> Response:
        try:
            return await route(self, request, match[1] if match.re.groups else "")
        except Refused as refusal:
            return answer({"message": refusal.message}, refusal.status)
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            return answer({"message": f"invalid request: {error}"}, 400)

    # --- the Engine itself

    async def _ping(self, _request: Request, _name: str) -> Response:
        return Response(200, b"OK", "text/plain; charset=utf-8")

    async def _version(self, _request: Request, _name: str) -> Response:
        return answer(
            {
                "Platform": {"Name": "Docker Engine - Community"},
                "Components": [{"Name": "Engine", "Version": VERSION, "Details": {}}],
                "Version": VERSION,
                "ApiVersion": "1.41",
                "MinAPIVersion": "1.12",
                "GitCommit": "5d6db84",
                "GoVersion": "go1.19.7",
                "Os": "linux",
                "Arch": "amd64",
                "KernelVersion": "6.1.0-18-amd64",
                "BuildTime": "2023-04-04T18:18:13.000000000+00:00",
            }
        )

    async def _info(self, _request: Request, _name: str) -> Response:
        docker = self._docker
        states = [one.status for one in docker.containers]
        return answer(swarm.info(docker.host, VERSION, states, len(docker.images)))

    async def _nodes(self, _request: Request, _name: str) -> Response:
        host = self._docker.host
        if host not in swarm.managers(host):
            raise Refused(503, swarm.NOT_A_MANAGER)
        return answer(swarm.nodes(host))

    async def _events(self, request: Request, _name: str) -> Response:
        filters = json.loads(request.query.get("filters", "{}"))
        kinds = set(filters.get("type") or ())
        names = set(filters.get("container") or ())
        queue = self._docker.events.open()

        async def stream() -> AsyncGenerator[bytes, None]:
            try:
                while (event := await queue.get()) is not None:
                    actor = event["Actor"]
                    known = {actor["ID"], actor["Attributes"].get("name")}
                    if (not kinds or event["Type"] in kinds) and (not names or names & known):
                        yield json.dumps(event).encode() + b"\n"
            finally:
                self._docker.events.close(queue)

        return Response(200, stream())

    # --- images

    async def _image(self, _request: Request, name: str) -> Response:
        id_ = self._docker.image_id(name)
        settings = {"Env": ["PATH=/usr/sbin:/usr/bin"], "Entrypoint": ["/container/tool/run"]}
        faults = self._docker.host.faults
        digest = digest_of(f"another {name}" if faults.other_image else name)
        return answer(
            {
                "Id": id_,
                "RepoTags": [name],
                "RepoDigests": [f"{name.rpartition(':')[0] or name}@{digest}"],
                "Created": "2020-06-15T13:31:23Z",
                "Config": settings,
                "Architecture": faults.architecture,
                "Os": "linux",
                "Size": 84_512_200,
            }
        )

    async def _distribution(self, _request: Request, name: str) -> Response:
        if self._docker.host.faults.registry:
            raise Refused(404, self._docker.host.faults.registry)
        kind = "application/vnd.docker.distribution.manifest.list.v2+json"
        systems = [{"architecture": one, "os": "linux"} for one in ("amd64", "arm64")]
        descriptor = {"mediaType": kind, "digest": digest_of(name), "size": 1578}
        return answer({"Descriptor": descriptor, "Platforms": systems})

    async def _pull(self, request: Request, _name: str) -> Response:
        image = request.query["fromImage"]
        if tag := request.query.get("tag"):
            image += ("@" if tag.startswith("sha256:") else ":") + tag
        faults = self._docker.host.faults
        if faults.registry:
            raise Refused(404, f"manifest for {image} not found: {faults.registry}")
        if faults.pull:
            raise Refused(500, faults.pull)

        async def stream() -> AsyncGenerator[bytes, None]:
            async for line in pulling(image, image in self._docker.images, self._docker.host.clock):
                yield json.dumps(line).encode() + b"\r\n"
            self._docker.images.add(image)
            self._docker.tell("image", "pull", image, {"name": image.rpartition(":")[0]})

        return Response(200, stream())

    # --- containers

    async def _list(self, request: Request, _name: str) -> Response:
        everything = request.query.get("all") in ("1", "true", "True")
        listed = [one for one in self._docker.containers if everything or one.alive]
        return answer([one.summary() for one in listed])

    async def _create(self, request: Request, _name: str) -> Response:
        name = request.query.get("name", "").removeprefix("/")
        made = await self._docker.create(name or "quirky_demo", request.json())
        return answer({"Id": made.id, "Warnings": []}, 201)

    async def _inspect(self, _request: Request, name: str) -> Response:
        return answer(self._docker.find(name).inspect())

    async def _start(self, _request: Request, name: str) -> Response:
        return _DONE if await self._docker.start(name) else _UNCHANGED

    async def _stop(self, request: Request, name: str) -> Response:
        grace = float(request.query.get("t", DEFAULT_GRACE_S))
        return _DONE if await self._docker.stop(name, grace) else _UNCHANGED

    async def _kill(self, request: Request, name: str) -> Response:
        await self._docker.kill(name, request.query.get("signal", "SIGKILL"))
        return _DONE

    async def _pause(self, _request: Request, name: str) -> Response:
        await self._docker.pause(name)
        return _DONE

    async def _unpause(self, _request: Request, name: str) -> Response:
        await self._docker.unpause(name)
        return _DONE

    async def _rename(self, request: Request, name: str) -> Response:
        await self._docker.rename(name, request.query["name"].removeprefix("/"))
        return _DONE

    async def _update(self, request: Request, name: str) -> Response:
        policy = (request.json().get("RestartPolicy") or {}).get("Name")
        await self._docker.update(name, policy)
        return answer({"Warnings": None})

    async def _remove(self, request: Request, name: str) -> Response:
        force = request.query.get("force") in ("1", "true", "True")
        await self._docker.remove(name, force)
        return _DONE

    async def _logs(self, request: Request, name: str) -> Response:
        one = self._docker.find(name)
        told = request.query
        kind = "application/vnd.docker.raw-stream"
        tail = int(told["tail"]) if told.get("tail", "all").isdecimal() else None
        stream = _log_stream(one, tail, _yes(told, "follow"), _yes(told, "timestamps"))
        return Response(200, stream, kind)


def _yes(query: dict[str, str], name: str) -> bool:
    return query.get(name) in ("1", "true", "True")


async def _log_stream(
    one: Container, tail: int | None, follow: bool, stamped: bool
) -> AsyncGenerator[bytes, None]:
    """A log as the Engine sends it where there is no TTY: each line in a frame of its own."""
    queue = one.log.open() if follow and one.alive else None
    try:
        lines = list(one.log.lines)
        first = 0 if tail is None else max(0, len(lines) - tail)
        for at in range(first, len(lines), LINES_AT_ONCE):
            yield b"".join(_frame(line, stamped) for line in lines[at : at + LINES_AT_ONCE])
        while queue is not None and (line_or_end := await queue.get()) is not None:
            yield _frame(line_or_end, stamped)
    finally:
        if queue is not None:
            one.log.close(queue)


def _frame(line: LogLine, stamped: bool) -> bytes:
    """The Engine's stream format: the stream's number, three zeros, the length, the bytes."""
    text = f"{stamp(line.at_ns)} {line.text}\n" if stamped else f"{line.text}\n"
    data = text.encode("utf-8", "surrogateescape")
    return struct.pack(">BxxxI", line.stream, len(data)) + data


_ONE = r"/containers/([^/]+)"
_ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/_ping", EngineApi._ping),
    ("HEAD", "/_ping", EngineApi._ping),
    ("GET", "/version", EngineApi._version),
    ("GET", "/info", EngineApi._info),
    ("GET", "/nodes", EngineApi._nodes),
    ("GET", "/events", EngineApi._events),
    ("POST", "/images/create", EngineApi._pull),
    ("GET", "/images/(.+)/json", EngineApi._image),
    ("GET", "/distribution/(.+)/json", EngineApi._distribution),
    ("GET", "/containers/json", EngineApi._list),
    ("POST", "/containers/create", EngineApi._create),
    ("GET", f"{_ONE}/json", EngineApi._inspect),
    ("POST", f"{_ONE}/start", EngineApi._start),
    ("POST", f"{_ONE}/stop", EngineApi._stop),
    ("POST", f"{_ONE}/kill", EngineApi._kill),
    ("POST", f"{_ONE}/pause", EngineApi._pause),
    ("POST", f"{_ONE}/unpause", EngineApi._unpause),
    ("POST", f"{_ONE}/rename", EngineApi._rename),
    ("POST", f"{_ONE}/update", EngineApi._update),
    ("GET", f"{_ONE}/logs", EngineApi._logs),
    ("DELETE", _ONE, EngineApi._remove),
)
