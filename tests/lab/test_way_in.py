"""What can stand in the way to a node: each is told with its cause and the next step, in time.

One cluster file names a good node and one for each obstacle, so that one run of `check` shows
both what is said of each, and that none of them keeps the others' checks from their end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab import Lab, Node
from tests.lab.console import Console, Ended, described
from vip_tui.preflight.checks import NODE_CHECKS

pytestmark = pytest.mark.lab

VIP = "198.18.0.120"
LIMIT_S = 15
NOBODY = "198.18.0.99"
NO_NAME = "no-such-node.invalid"
IDS = list(NODE_CHECKS)

Finding = dict[str, str]


@dataclass
class Obstacles:
    """The run of `check`, and which address stands for which obstacle."""

    check: Ended
    address: dict[str, str]

    def findings(self, obstacle: str) -> dict[str, Finding]:
        """What was found on that node, by check id."""
        address = self.address[obstacle]
        nodes = self.check.document["nodes"]
        (told,) = [told for told in nodes if told["address"] == address]
        assert told["name"], "a finding has to name its node"
        found: dict[str, Finding] = {finding["id"]: finding for finding in told["findings"]}
        assert list(found) == IDS
        return found

    def failed(self, obstacle: str, check: str) -> Finding:
        """The finding of the one check that fails there, which has a cause and a next step."""
        found = self.findings(obstacle)
        failing = [name for name, finding in found.items() if finding["status"] == "fail"]
        assert failing == [check], found
        finding = found[check]
        assert all(finding[part] for part in ("summary", "evidence", "remedy")), finding
        return finding

    def passes(self, obstacle: str, *checks: str) -> bool:
        found = self.findings(obstacle)
        return all(found[check]["status"] == "pass" for check in checks)


@pytest.fixture(scope="module")
def good(lab: Lab) -> Iterator[Node]:
    node = lab.add_node()
    node.wait_docker()
    yield node
    node.destroy()


@pytest.fixture(scope="module")
def obstacles(
    lab: Lab, good: Node, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Obstacles]:
    made: dict[str, Node] = {}
    try:
        made["port closed"] = lab.add_node(docker=False)
        made["key unknown"] = lab.add_node(docker=False)
        made["key changed"] = lab.add_node(docker=False)
        made["no docker"] = lab.add_node(docker=False)
        made["docker stopped"] = lab.add_node()
        made["docker hangs"] = lab.add_node()
        made["no permission"] = lab.add_node(user="ops")
        made["no sudo"] = lab.add_node(user="ops", docker_group=True)
        for obstacle in ("docker stopped", "docker hangs", "no permission", "no sudo"):
            made[obstacle].wait_docker()
        made["port closed"].sshd_stop()
        made["key changed"].new_host_key()
        made["docker stopped"].docker_stop()
        made["docker hangs"].docker_pause()
        home = tmp_path_factory.mktemp("obstacles")
        console = Console(lab, home, strangers=[made["key unknown"]])
        bare = {"nobody there": NOBODY, "no such name": NO_NAME}
        tables = [{"address": address} for address in bare.values()]
        file = console.cluster([good, *made.values(), *tables], VIP)
        check = console.run("check", file, "--json")
        address = {name: node.address for name, node in made.items()}
        yield Obstacles(check, {**address, **bare, "none": good.address})
    finally:
        for node in made.values():
            node.destroy()


def test_all_is_told_in_time_and_ends_with_3(obstacles: Obstacles) -> None:
    obstacles.check.expect(3)
    assert obstacles.check.document["ok"] is False
    assert len(obstacles.check.document["nodes"]) == len(obstacles.address)
    assert obstacles.check.took < LIMIT_S, str(obstacles.check)


def test_the_good_nodes_checks_still_come_to_their_end(obstacles: Obstacles) -> None:
    found = obstacles.findings("none")
    assert {found[name]["status"] for name in IDS if name != "ip_vs"} == {"pass"}, found


def test_an_address_where_nobody_is(obstacles: Obstacles) -> None:
    finding = obstacles.failed("nobody there", "reachable")
    assert NOBODY in finding["summary"]
    assert "cannot be reached" in finding["summary"] or "does not answer" in finding["summary"]


def test_a_closed_port(obstacles: Obstacles) -> None:
    finding = obstacles.failed("port closed", "reachable")
    assert "refused" in finding["evidence"]
    assert "sshd" in finding["remedy"]


def test_a_name_that_does_not_resolve(obstacles: Obstacles) -> None:
    finding = obstacles.failed("no such name", "reachable")
    assert NO_NAME in finding["summary"] and "resolve" in finding["summary"]


def test_an_unknown_host_key(obstacles: Obstacles) -> None:
    finding = obstacles.failed("key unknown", "host-key")
    assert "SHA256:" in finding["evidence"]
    assert "--accept-new" in finding["remedy"]


def test_a_changed_host_key(obstacles: Obstacles) -> None:
    finding = obstacles.failed("key changed", "host-key")
    assert "changed" in finding["summary"]
    assert finding["evidence"].count("SHA256:") == 2
    assert f"ssh-keygen -R {obstacles.address['key changed']} -f " in finding["remedy"]
    assert "accept" not in finding["remedy"]


def test_no_docker(obstacles: Obstacles) -> None:
    finding = obstacles.failed("no docker", "docker")
    assert "not installed" in finding["summary"]
    assert obstacles.passes("no docker", "reachable", "host-key", "auth", "privilege", "interface")


def test_a_stopped_docker(obstacles: Obstacles) -> None:
    finding = obstacles.failed("docker stopped", "docker")
    assert "not running" in finding["summary"]
    assert "start docker" in finding["remedy"]


def test_a_docker_that_hangs(obstacles: Obstacles) -> None:
    finding = obstacles.failed("docker hangs", "docker")
    assert "does not answer" in finding["summary"]
    assert "no answer within" in finding["evidence"]


def test_no_permission_on_dockers_socket(obstacles: Obstacles) -> None:
    found = obstacles.findings("no permission")
    assert found["docker"]["status"] == "fail"
    assert "may not use Docker" in found["docker"]["summary"]
    assert "permission denied" in found["docker"]["evidence"]
    assert "usermod -aG docker" in found["docker"]["remedy"]


def test_a_member_of_docker_without_sudo(obstacles: Obstacles) -> None:
    finding = obstacles.failed("no sudo", "privilege")
    assert "ops" in finding["summary"]
    assert "sudo" in finding["remedy"]
    assert obstacles.passes("no sudo", "docker", "container")


def test_a_key_that_the_node_does_not_accept(lab: Lab, good: Node, console: Console) -> None:
    file = console.cluster([good, {"address": NO_NAME}], VIP)
    check = console.run("check", file, "--json", identity=lab.stranger_key).expect(3)
    assert check.took < LIMIT_S
    told = check.document["nodes"][0]
    found = {finding["id"]: finding for finding in told["findings"]}
    assert (found["reachable"]["status"], found["host-key"]["status"]) == ("pass", "pass")
    assert found["auth"]["status"] == "fail"
    assert good.address in found["auth"]["summary"]
    assert found["auth"]["evidence"]
    assert "ssh-copy-id" in found["auth"]["remedy"]


def test_accept_new_trusts_unknown_keys_from_then_on_but_never_changed_ones(
    lab: Lab, good: Node, tmp_path: Path
) -> None:
    changed = lab.add_node(docker=False)
    try:
        changed.new_host_key()
        console = Console(lab, tmp_path, strangers=[good])
        file = console.cluster([good, changed], VIP)
        known = console.home / ".ssh/known_hosts"
        for words in (("--accept-new",), ()):
            check = console.run("check", file, "--json", *words).expect(3)
            for told, status in zip(check.document["nodes"], ("pass", "fail"), strict=True):
                found = {finding["id"]: finding["status"] for finding in told["findings"]}
                assert found["host-key"] == status, str(check)
        assert good.address not in known.read_text(), "the operator's own file is not ours"
        accepted = (console.home / "vip-tui/known_hosts").read_text()
        assert accepted == f"{described(good)['address']} {good.host_key}\n"
    finally:
        changed.destroy()
