"""The stand-in image keeps the contract of osixia/keepalived:2.0.20."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.lab import Lab, Node
from tests.lab.tools import wait_until

pytestmark = pytest.mark.lab

IMAGE = "osixia/keepalived:2.0.20"
VIP = "198.18.0.200"
CONFIG = "/usr/local/etc/keepalived/keepalived.conf"
CAPABILITIES = [f"--cap-add={name}" for name in ("NET_ADMIN", "NET_BROADCAST", "NET_RAW")]
FAST = """
vrrp_instance fast {{
  interface eth0
  version 3
  virtual_router_id 78
  priority 254
  advert_int 0.1
  unicast_peer {{ {peer} }}
  virtual_ipaddress {{ {vip} }}
}}
"""


@pytest.fixture(scope="module")
def nodes(lab: Lab) -> Iterator[list[Node]]:
    pair = lab.add_nodes(2)
    yield pair
    for node in pair:
        node.destroy()


@pytest.fixture
def pair(nodes: list[Node]) -> Iterator[list[Node]]:
    """Two nodes without containers and without the VIP."""
    yield nodes
    for node in nodes:
        node.docker("rm", "--force", "keepalived", check=False)
        node.run("ip", "address", "del", f"{VIP}/32", "dev", "eth0", check=False)


def start(node: Node, peers: str, priority: int) -> None:
    environment = {
        "UNICAST_PEERS": f"#PYTHON2BASH:{peers}",
        "VIRTUAL_IPS": f"#PYTHON2BASH:['{VIP}']",
        "PRIORITY": str(priority),
        "ROUTER_ID": "77",
    }
    options = [f"--env=KEEPALIVED_{name}={value}" for name, value in environment.items()]
    options += ["--name=keepalived", "--restart=always", "--net=host", *CAPABILITIES]
    node.docker("run", "--detach", *options, IMAGE)


def holds(node: Node) -> bool:
    return VIP in node.addresses()


def wait_for_log(node: Node, text: str) -> None:
    wait_until(lambda: text in log(node), f"{node.name} does not log {text!r}")


def log(node: Node) -> str:
    done = node.docker("logs", "keepalived")
    return done.stdout + done.stderr


def configuration(node: Node) -> str:
    return node.docker("exec", "keepalived", "cat", CONFIG).stdout


def inspect(node: Node, template: str) -> str:
    return node.docker("inspect", "--format", template, "keepalived").stdout.strip()


def test_pulls_by_its_real_name_with_the_originals_settings(nodes: list[Node]) -> None:
    for node in nodes:
        pulled = node.docker("pull", IMAGE).stdout
        assert pulled.count("Pull complete") == 3
        config = json.loads(node.docker("image", "inspect", IMAGE).stdout)[0]["Config"]
        assert config["Entrypoint"] == ["/container/tool/run"]
        assert not config["Cmd"]
        assert "LANG=en_US.UTF-8" in config["Env"]


def test_a_clean_stop_moves_the_vip(pair: list[Node]) -> None:
    first, second = pair
    start(first, f"['{second.address}']", 200)
    wait_until(lambda: holds(first), "nobody is elected")
    start(second, f"['{first.address}']", 100)
    wait_for_log(second, "Entering BACKUP STATE")
    logged = first.docker("logs", "keepalived")
    assert "I'm the MASTER! Whup whup.\n" in logged.stdout
    assert logged.stderr.startswith("*** ")
    stamp = r"^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}: "
    assert re.search(stamp + r"\(VI_1\) Entering MASTER STATE$", logged.stderr, re.MULTILINE)

    first.docker("stop", "keepalived")
    assert not holds(first)
    assert inspect(first, "{{.State.ExitCode}}") == "0"
    assert "(VI_1) sent 0 priority" in log(first)
    wait_until(lambda: holds(second), "the backup does not take over", timeout=2)
    assert "Backup received priority 0 advertisement" in log(second)


def test_after_a_kill_the_vip_stays_until_the_next_start(pair: list[Node]) -> None:
    node = pair[0]
    start(node, f"['{pair[1].address}']", 200)
    wait_until(lambda: holds(node), "nobody is elected")
    node.docker("kill", "keepalived")
    assert holds(node)
    assert inspect(node, "{{.State.Status}}") == "exited"
    node.docker("start", "keepalived")
    wait_until(lambda: not holds(node), "the stale VIP stays", timeout=2)


def test_the_template_is_rendered_on_the_first_start_only(pair: list[Node]) -> None:
    node = pair[0]
    start(node, f"['{pair[1].address}', '198.18.0.250']", 120)
    wait_for_log(node, "Entering BACKUP STATE")
    rendered = configuration(node)
    assert "{{" not in rendered
    assert rendered.split("unicast_peer {")[1].split()[:2] == [pair[1].address, "198.18.0.250"]
    node.docker("exec", "keepalived", "sed", "-i", "s/priority 120/priority 121/", CONFIG)
    node.docker("restart", "keepalived")
    assert "priority 121" in configuration(node)


def test_a_malformed_list_ends_up_literally_in_the_configuration(pair: list[Node]) -> None:
    node = pair[0]
    start(node, "['198.18.0.12', '198.18.0.13]", 120)
    wait_for_log(node, "malformed unicast peer")
    assert "    ['198.18.0.12', '198.18.0.13]\n" in configuration(node)


def test_the_wrapper_passes_on_nothing_but_term_and_int(pair: list[Node]) -> None:
    node = pair[0]
    start(node, f"['{pair[1].address}']", 120)
    wait_for_log(node, "Entering BACKUP STATE")
    for signal in ("HUP", "USR1", "USR2"):
        node.docker("kill", f"--signal={signal}", "keepalived")
    node.docker("kill", "--signal=INT", "keepalived")
    wait_for_log(node, "Init system aborted.")
    assert "Reload" not in log(node)
    assert log(node).count("Starting Keepalived") == 1


def test_serves_the_fast_profile_with_keepalived_itself_as_entrypoint(pair: list[Node]) -> None:
    node = pair[0]
    file = "/etc/keepalived/keepalived.conf"
    options = ["--name=keepalived", "--net=host", "--tmpfs=/run", "--entrypoint=keepalived"]
    arguments = [*options, *CAPABILITIES, IMAGE, "-n", "-l", "-D", "-X", "-f", file]
    node.docker("create", *arguments)
    node.run("tee", "/tmp/fast.conf", input=FAST.format(peer=pair[1].address, vip=VIP))
    node.docker("cp", "/tmp/fast.conf", f"keepalived:{file}")
    node.docker("start", "keepalived")
    wait_until(lambda: holds(node), "nobody is elected", timeout=3)
    node.docker("stop", "keepalived")
    assert not holds(node)
