"""What Docker says of a container is remote text too: it is cleaned before anybody sees it."""

import json
from types import SimpleNamespace
from typing import Any, cast

from tests.unit.build import captured, node
from vip_tui.nodes.command_log import CommandLog
from vip_tui.nodes.connection import NodeConnection
from vip_tui.nodes.engine import Engine
from vip_tui.nodes.engine_client import PING, EngineClient

HOSTILE = "\x1b]0;owned\x07\x1b[2Jx"


class Client:
    """A Docker client that knows one container."""

    def inspect_container(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(captured("inspect.json"))
        found["Config"]["Env"] = [f"KEEPALIVED_PRIORITY={HOSTILE}"]
        found["Config"]["Labels"] = {"vip-tui.cluster": HOSTILE}
        found["Config"]["Image"] = HOSTILE
        return found


class OpenEngine(Engine):
    """An engine whose client is at hand."""

    async def open(self, _first: str = PING) -> EngineClient:
        return cast(EngineClient, Client())


async def test_a_container_has_no_escapes_in_its_words() -> None:
    connection = SimpleNamespace(node=node(1), log=CommandLog().at("n1", "ssh 198.18.0.11"))
    engine = OpenEngine(cast(NodeConnection, connection))
    seen = await engine.inspect("keepalived")
    await engine.close()
    assert seen is not None
    words = [seen.image, *seen.environment.values(), *seen.labels.values()]
    assert "\x1b" not in "".join(words)
