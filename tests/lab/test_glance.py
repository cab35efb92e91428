"""The quick look at a real Docker Engine says what the SDK's own calls say."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab
from tests.lab.conftest import Deployed
from vip_tui.cluster import Node
from vip_tui.nodes.connection import Access, NodeConnection, connect
from vip_tui.nodes.docker_glance import (
    INFO,
    Answer,
    Question,
    glance,
    inspect_container,
    inspect_image,
)
from vip_tui.nodes.reasons import EngineError
from vip_tui.store import Store

pytestmark = pytest.mark.lab

IMAGE = "osixia/keepalived:2.0.20"


async def ask(lab: Lab, folder: Path, address: str, *questions: Question) -> tuple[Answer, ...]:
    store = Store(folder)
    shutil.copy(lab.known_hosts, store.known_hosts)
    access = Access(store, (lab.key,), isolated=True)
    connection: NodeConnection = await connect(Node(address, user="root"), access)
    try:
        return await glance(connection, questions)
    finally:
        await connection.close()


def test_one_round_trip_tells_what_docker_inspect_tells(
    lab: Lab, trio: Deployed, tmp_path: Path
) -> None:
    node = trio.nodes[0]
    questions = (INFO, inspect_container("keepalived"), inspect_image(IMAGE))
    nothing = (inspect_container("nobody"), inspect_image("no/such:image"))
    answers = asyncio.run(ask(lab, tmp_path, node.address, *questions, *nothing))
    assert [answer.status for answer in answers] == [200, 200, 200, 404, 404]
    info, container, image = (answer.content for answer in answers[:3])
    told: dict[str, Any] = trio.containers[node.name]
    assert info["Name"] == node.name
    assert container["Id"] == told["Id"] and container["Image"] == image["Id"]
    assert container["Config"]["Env"] == told["Config"]["Env"]


def test_a_docker_that_is_stopped_is_an_error(lab: Lab, trio: Deployed, tmp_path: Path) -> None:
    node = trio.nodes[2]
    node.run("service", "docker", "stop")
    try:
        with pytest.raises(EngineError, match="does not answer"):
            asyncio.run(ask(lab, tmp_path, node.address, INFO))
    finally:
        node.run("service", "docker", "start")
        node.wait_docker()
