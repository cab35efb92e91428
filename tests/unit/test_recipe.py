"""The recipe's container is the cookbook's, with what the cookbook leaves out."""

import shlex
import subprocess
from ipaddress import ip_address
from itertools import pairwise

import pytest

from tests.unit.build import PASSWORD, spec
from vip_tui.cluster import Secret, parse_vip
from vip_tui.keepalived.priorities import default_priorities
from vip_tui.keepalived.recipe import (
    Member,
    Router,
    container_spec,
    run_command,
)

COOKBOOK = [
    *("docker", "run", "-d", "--name", "keepalived", "--restart=always"),
    *("--cap-add=NET_ADMIN", "--cap-add=NET_BROADCAST", "--cap-add=NET_RAW", "--net=host"),
    *("--label", "vip-tui.cluster=homelab"),
    *("-e", "KEEPALIVED_UNICAST_PEERS=#PYTHON2BASH:['198.18.0.12', '198.18.0.13']"),
    *("-e", "KEEPALIVED_VIRTUAL_IPS=198.18.0.100"),
    *("-e", "KEEPALIVED_PRIORITY=200"),
    *("-e", "KEEPALIVED_INTERFACE=eth0"),
    *("-e", "KEEPALIVED_ROUTER_ID=51"),
    *("-e", "KEEPALIVED_PASSWORD=********"),
    "osixia/keepalived:2.0.20",
]


def test_the_command_is_the_cookbooks_word_by_word() -> None:
    assert shlex.split(run_command(spec())) == COOKBOOK


def test_the_command_is_one_line_as_it_would_be_typed() -> None:
    start = (
        "docker run -d --name keepalived --restart=always --cap-add=NET_ADMIN "
        "--cap-add=NET_BROADCAST --cap-add=NET_RAW --net=host "
    )
    line = run_command(spec())
    assert line.startswith(start)
    assert "\n" not in line


def test_a_real_shell_reads_the_command_as_those_words() -> None:
    script = f"docker() {{ printf '%s\\0' docker \"$@\"; }}\n{run_command(spec())}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\0")[:-1] == COOKBOOK


def test_the_command_never_shows_the_password() -> None:
    assert PASSWORD not in run_command(spec(password=Secret(PASSWORD)))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_nodes_own_address_is_left_out_of_its_peers(number: int) -> None:
    peers = dict(spec(number).environment)["KEEPALIVED_UNICAST_PEERS"]
    others = [f"'198.18.0.{10 + other}'" for other in (1, 2, 3) if other != number]
    assert peers == f"#PYTHON2BASH:[{', '.join(others)}]"


@pytest.mark.parametrize(
    ("vips", "value"),
    [
        (("198.18.0.100",), "198.18.0.100"),
        (("198.18.0.100/24",), "198.18.0.100/24"),
        (("198.18.0.100", "198.18.0.101"), "#PYTHON2BASH:['198.18.0.100', '198.18.0.101']"),
    ],
)
def test_one_vip_is_a_plain_value_and_several_are_a_list(vips: tuple[str, ...], value: str) -> None:
    made = spec(vips=tuple(parse_vip(vip) for vip in vips))
    assert dict(made.environment)["KEEPALIVED_VIRTUAL_IPS"] == value


def test_interface_vrid_and_password_are_always_given() -> None:
    router = Router("c", (parse_vip("198.18.0.100"),), 77, Secret("Zq7vip2x"), "k:1")
    own = ip_address("198.18.0.11")
    made = container_spec(router, Member(own, "bond0.100", 42), (own,))
    environment = dict(made.environment)
    assert environment["KEEPALIVED_INTERFACE"] == "bond0.100"
    assert environment["KEEPALIVED_ROUTER_ID"] == "77"
    assert environment["KEEPALIVED_PRIORITY"] == "42"
    assert environment["KEEPALIVED_PASSWORD"] == "Zq7vip2x"
    assert made.image == "k:1"


@pytest.mark.parametrize(
    ("count", "priorities"), [(1, (200,)), (2, (200, 100)), (3, (200, 150, 100))]
)
def test_the_cookbooks_priorities_are_the_default(count: int, priorities: tuple[int, ...]) -> None:
    assert default_priorities(count) == priorities


@pytest.mark.parametrize("count", range(2, 101))
def test_priorities_fall_strictly_from_200_to_100(count: int) -> None:
    made = default_priorities(count)
    assert (len(made), made[0], made[-1]) == (count, 200, 100)
    assert all(later < earlier for earlier, later in pairwise(made))
