"""What can be wrong with a node's Docker: seen together in one run of `check`, and gone after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab import Lab, Node
from tests.lab.console import Console, Ended
from tests.lab.look import IMAGE
from tests.lab.tools import wait_until

pytestmark = pytest.mark.lab

VIP = "198.18.0.206"
UNKNOWN = "osixia/keepalived:9.9"
NATIVE = """\
vrrp_instance OLD {
    interface eth0
    virtual_router_id 9
    priority 100
    virtual_ipaddress { 198.18.0.207 }
}
"""

Findings = dict[str, dict[str, str]]


@dataclass
class Pair:
    """Two nodes, and what `check` said of them while they were unwell, and after."""

    wrong: Ended
    mended: Ended
    rival: Ended  # with an image that only the first has, and a container on the second
    names: tuple[str, str]

    def of(self, ended: Ended, index: int) -> Findings:
        told = ended.document["nodes"][index]
        assert told["name"] == self.names[index]
        return {finding["id"]: finding for finding in told["findings"]}


def other_image(node: Node) -> None:
    """Gives a node the image as one for a processor that the node has not."""
    node.docker("pull", IMAGE)
    script = f"""
        set -e
        mkdir /tmp/image
        docker save {IMAGE} | tar -x -C /tmp/image
        docker rmi {IMAGE} >/dev/null
        sed -i 's/"architecture": *"amd64"/"architecture": "arm64"/' /tmp/image/*.json
        tar -c -C /tmp/image . | docker load
    """
    node.run("sh", "-c", script)


def make_wrong(odd: Node, native: Node) -> None:
    odd.docker_stop()
    odd.run("update-rc.d", "docker", "disable")
    odd.docker_start("--log-driver=none")
    odd.docker("pull", IMAGE)
    odd.docker("create", "--name=keepalived-former", IMAGE)
    native.run("tee", "/etc/keepalived/keepalived.conf", input=NATIVE)
    native.run("keepalived", "--pid=/run/native.pid")
    other_image(native)


def make_right(odd: Node, native: Node) -> None:
    odd.docker("rm", "keepalived-former")
    odd.docker_stop()
    odd.run("update-rc.d", "docker", "enable")
    odd.docker_start()
    native.run("sh", "-c", "kill $(cat /run/native.pid)")
    native.docker("rmi", "--force", IMAGE)
    gone = "native keepalived does not end"
    wait_until(lambda: native.run("pgrep", "keepalived", check=False).returncode != 0, gone)


def make_rival(console: Console, first: Node, second: Node) -> Path:
    """Somebody serves the VIP under another name; returns a file with an image that nobody has."""
    first.docker("tag", IMAGE, UNKNOWN)
    serves = ("--env", f"KEEPALIVED_VIRTUAL_IPS={VIP}", "--net=host", "--entrypoint=sleep")
    second.docker("run", "--detach", "--name=ha", *serves, IMAGE, "1000")
    return console.cluster([first, second], VIP, image=UNKNOWN)


@pytest.fixture(scope="module")
def pair(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    nodes = lab.add_nodes(2)
    try:
        console = Console(lab, tmp_path_factory.mktemp("docker"))
        file = console.cluster(nodes, VIP)
        make_wrong(*nodes)
        wrong = console.run("check", file, "--json")
        make_right(*nodes)
        mended = console.run("check", file, "--json")
        rival = console.run("check", make_rival(console, *nodes), "--json")
        yield Pair(wrong, mended, rival, (nodes[0].name, nodes[1].name))
    finally:
        for node in nodes:
            node.destroy()


def test_a_log_that_is_thrown_away_and_a_docker_that_will_not_be_back_are_warnings(
    pair: Pair,
) -> None:
    docker = pair.of(pair.wrong, 0)["docker"]
    assert docker["status"] == "warn"
    assert "does not start at the next boot" in docker["summary"]
    assert "log cannot be read back" in docker["summary"]
    assert "log driver none" in docker["evidence"]
    assert docker["fix"] == "enable-docker"


def test_what_an_interrupted_apply_left_is_named(pair: Pair) -> None:
    container = pair.of(pair.wrong, 0)["container"]
    assert container["status"] == "warn"
    assert "keepalived-former" in container["summary"]
    assert "docker rm -f keepalived-former" in container["remedy"]


def test_a_keepalived_outside_of_docker_fails_and_is_named(pair: Pair) -> None:
    container = pair.of(pair.wrong, 1)["container"]
    assert container["status"] == "fail"
    assert "outside Docker" in container["summary"]
    assert container["evidence"].startswith("process ")
    assert "systemctl disable --now keepalived" in container["remedy"]


def test_an_image_for_another_processor_fails(pair: Pair) -> None:
    image = pair.of(pair.wrong, 1)["image"]
    assert image["status"] == "fail"
    assert "linux/arm64" in image["summary"]
    pair.wrong.expect(1)


def test_a_fresh_image_passes_with_its_digest(pair: Pair) -> None:
    assert pair.of(pair.wrong, 0)["image"]["evidence"].startswith("linux/amd64, sha256:")


def test_after_the_mending_all_of_it_passes(pair: Pair) -> None:
    pair.mended.expect(0)
    for index in (0, 1):
        found = pair.of(pair.mended, index)
        for check in ("docker", "container", "image", "swarm"):
            assert found[check]["status"] == "pass", found[check]
    assert "apply pulls it" in pair.of(pair.mended, 1)["image"]["summary"]
    (versions,) = [item for item in pair.mended.document["cluster"] if item["id"] == "versions"]
    assert versions["status"] == "pass", "the one's digest is the registry's"


def test_a_name_that_no_registry_has_and_a_rival_container_fail(pair: Pair) -> None:
    found = pair.of(pair.rival, 1)
    assert found["image"]["status"] == "fail"
    assert "manifest unknown" in found["image"]["evidence"]
    assert found["container"]["status"] == "fail"
    assert found["container"]["summary"] == "another container, ha, serves this VIP"
    assert "docker rm -f ha" in found["container"]["remedy"]
    assert pair.of(pair.rival, 0)["image"]["status"] == "pass"
