"""Nodes are machines of their own, and the lab's controls do what they say."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.lab import Lab, Node
from tests.lab.tools import wait_until

pytestmark = pytest.mark.lab


@pytest.fixture
def made(lab: Lab) -> Iterator[list[Node]]:
    """A test puts the nodes that it made here."""
    nodes: list[Node] = []
    yield nodes
    for node in nodes:
        node.destroy()


def ssh(lab: Lab, node: Node, command: str, stranger: bool = False) -> tuple[int, str]:
    key = lab.stranger_key if stranger else lab.key
    options = ["BatchMode=yes", "ConnectTimeout=1", "IdentitiesOnly=yes"]
    options += [f"UserKnownHostsFile={lab.known_hosts}", "StrictHostKeyChecking=yes"]
    argv = ["ssh", "-F", "none", "-i", str(key), "-p", str(node.port)]
    argv += [word for option in options for word in ("-o", option)]
    argv += [f"{node.user}@{node.address}", command]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_node_shows_nothing_of_the_machine(lab: Lab, made: list[Node]) -> None:
    made.append(node := lab.add_node())
    node.wait_docker()
    assert ssh(lab, node, "hostname") == (0, f"{node.name}\n")
    assert ssh(lab, node, "command -v docker") == (0, "/usr/bin/docker\n")
    for directory, content in (
        ("/root", ".ssh\n"),
        ("/etc/modules-load.d", ""),
        (lab.home.parent, ""),
    ):
        assert ssh(lab, node, f"ls -A {directory}") == (0, content)
    assert ssh(lab, node, "ip route show default; cat /etc/modules") == (0, "")
    links = ssh(lab, node, "ls /sys/class/net")[1].split()
    assert sorted(links) == ["eth0", "lo"]


def test_user_port_interface_and_addresses_are_as_asked(lab: Lab, made: list[Node]) -> None:
    made.append(
        node := lab.add_node(
            interface="bond0.100",
            ssh_port=2222,
            user="alice",
            docker_group=True,
            extra_addresses=("198.18.9.9/24", "fd00:18::9/64"),
        )
    )
    assert f"[{node.address}]:2222 {node.host_key}\n" in lab.known_hosts.read_text()
    assert {node.address, "198.18.9.9", "fd00:18::9"} <= node.addresses()
    assert "bond0.100" in ssh(lab, node, "ls /sys/class/net")[1]
    node.wait_docker()
    assert ssh(lab, node, "id -un; docker ps -q") == (0, "alice\n")
    assert "Permission denied" in ssh(lab, node, "true", stranger=True)[1]


@pytest.mark.skipif(shutil.which("sudo") is None, reason="sudo is not installed")
@pytest.mark.parametrize("sudo", ["nopasswd", "password"])
def test_sudo_is_as_asked(lab: Lab, made: list[Node], sudo: str) -> None:
    made.append(node := lab.add_node(user="alice", sudo=sudo, docker=False))
    assert (node.password is None) == (sudo == "nopasswd")
    code, said = ssh(lab, node, "sudo -n id -u")
    if node.password is None:
        assert (code, said) == (0, "0\n")
        return
    assert (code, said) == (1, "sudo: a password is required\n")
    assert ssh(lab, node, f"echo {node.password} | sudo -k -S -p '' id -u") == (0, "0\n")


@pytest.mark.parametrize(
    ("ip_vs", "before", "dry_run"), [("loaded", 0, 0), ("loadable", 2, 0), ("missing", 2, 1)]
)
def test_ip_vs_is_as_asked(
    lab: Lab, made: list[Node], ip_vs: str, before: int, dry_run: int
) -> None:
    made.append(node := lab.add_node(ip_vs=ip_vs, docker=False))
    look = "ls /sys/module/ip_vs"
    assert ssh(lab, node, look)[0] == before
    assert ssh(lab, node, "/sbin/modprobe -n ip_vs")[0] == dry_run
    assert ssh(lab, node, look)[0] == before
    assert ssh(lab, node, "modprobe ip_vs")[0] == dry_run
    assert ssh(lab, node, look)[0] == (0 if dry_run == 0 else 2)


def test_a_new_host_key_is_refused_until_it_is_known(lab: Lab, made: list[Node]) -> None:
    made.append(node := lab.add_node(docker=False))
    node.new_host_key()
    code, said = ssh(lab, node, "true")
    assert (code, "HOST IDENTIFICATION HAS CHANGED" in said) == (255, True)
    node.new_host_key(update_known_hosts=True)
    assert ssh(lab, node, "true")[0] == 0


def test_silence_refusal_and_return(lab: Lab, made: list[Node]) -> None:
    made.append(node := lab.add_node(docker=False))
    for carrier in (True, False):
        node.cut(carrier=carrier)
        assert "timed out" in ssh(lab, node, "true")[1]
        assert ("NO-CARRIER" in node.run("ip", "link", "show", "eth0").stdout) != carrier
        node.heal()
        wait_until(lambda: ssh(lab, node, "true")[0] == 0, "the node does not come back")
    node.sshd_stop()
    assert "refused" in ssh(lab, node, "true")[1]
    node.sshd_start()
    assert ssh(lab, node, "true")[0] == 0


def test_dockerd_and_registry_stop_and_come_back(lab: Lab, made: list[Node]) -> None:
    made.append(node := lab.add_node())
    node.wait_docker()
    for end in (node.docker_stop, node.docker_kill):
        end()
        assert "Is the docker daemon running?" in node.docker("ps", check=False).stderr
        node.docker_start()
    assert ssh(lab, node, "service docker restart")[0] == 0
    node.wait_docker()
    node.docker_pause()
    with pytest.raises(subprocess.TimeoutExpired):
        node.docker("ps", timeout=0.5)
    node.docker_resume()
    lab.registry_stop()
    try:
        assert node.docker("pull", "osixia/keepalived:2.0.20", check=False).returncode == 1
    finally:
        lab.registry_start()
    node.docker("pull", "osixia/keepalived:2.0.20")
