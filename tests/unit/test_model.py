"""What must hold between the parts of a cluster."""

import ipaddress

import pytest

from tests.unit.build import cluster, node
from vip_tui.cluster import Node, Secret, check_cluster, check_nodes, check_vip, parse_vip
from vip_tui.errors import InputError


def test_a_secret_shows_itself_only_where_it_is_revealed() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "hunter2"


def test_secrets_are_equal_by_their_value() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1


def test_a_cluster_with_a_password_does_not_show_it() -> None:
    assert "hunter2" not in repr(cluster(password=Secret("hunter2")))


def test_three_nodes_and_a_vip_are_a_cluster() -> None:
    check_cluster(cluster())


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_nodes_are_refused(count: int) -> None:
    with pytest.raises(InputError, match="fewer than two nodes"):
        check_nodes(tuple(node(number) for number in range(1, count + 1)))


def test_a_hundred_nodes_are_the_most() -> None:
    nodes = tuple(Node(f"h{number}") for number in range(101))
    check_nodes(nodes[:100])
    with pytest.raises(InputError, match="too many nodes"):
        check_nodes(nodes)


@pytest.mark.parametrize(
    ("second", "title"),
    [
        (Node("198.18.0.11"), "node given twice"),
        (Node("198.18.0.11", port=22, user="alice"), "node given twice"),
        (Node("198.18.0.12", name="n1"), "name given twice"),
        (Node("198.18.0.12", priority=200), "priority given twice"),
        (
            Node("198.18.0.12", vrrp_address=ipaddress.ip_address("198.18.0.21")),
            "VRRP address given twice",
        ),
    ],
)
def test_two_nodes_that_are_alike_are_refused(second: Node, title: str) -> None:
    first = node(1, priority=200, vrrp_address=ipaddress.ip_address("198.18.0.21"))
    with pytest.raises(InputError, match=title):
        check_nodes((first, second))


def test_two_ports_of_one_address_are_two_nodes() -> None:
    check_nodes((Node("198.18.0.1", port=2201), Node("198.18.0.1", port=2202)))


def test_a_cluster_without_a_vip_is_refused() -> None:
    with pytest.raises(InputError, match="no VIP"):
        check_cluster(cluster(vips=()))


def test_a_vip_given_twice_is_refused_whatever_its_length() -> None:
    with pytest.raises(InputError, match="VIP given twice"):
        check_cluster(cluster(vips=("198.18.0.100", "198.18.0.100/24")))


@pytest.mark.parametrize(
    "taken",
    [
        node(2, address="198.18.0.100"),
        node(2, vrrp_address=ipaddress.ip_address("198.18.0.100")),
        node(2, address="198.18.0.100", vrrp_address=ipaddress.ip_address("198.18.0.12")),
    ],
    ids=["SSH address", "VRRP address", "SSH address beside a VRRP address"],
)
def test_a_vip_that_is_a_nodes_own_address_is_refused(taken: Node) -> None:
    with pytest.raises(InputError, match="VIP is a node's own address"):
        check_cluster(cluster(node(1), taken))


@pytest.mark.parametrize(
    "vip", ["192.0.2.10", "198.19.0.100", "198.18.1.100/24", "198.18.0.101/30"]
)
def test_a_vip_outside_every_nodes_subnet_is_refused(vip: str) -> None:
    with pytest.raises(InputError, match="outside"):
        check_cluster(cluster(vips=(vip,)))


@pytest.mark.parametrize("vip", ["198.18.0.100", "198.18.200.1", "198.19.0.1/15"])
def test_a_vip_that_may_be_in_a_nodes_subnet_is_left_to_the_nodes(vip: str) -> None:
    check_vip(parse_vip(vip), (node(1), node(2)))


@pytest.mark.parametrize(
    "nodes",
    [
        (Node("n1"), Node("n2")),
        (Node("192.0.2.1"), Node("n2")),
        (Node("fd00::1"), Node("fd00::2")),
    ],
    ids=["names", "one by name", "only IPv6 SSH addresses"],
)
def test_where_no_ipv4_address_is_known_only_the_nodes_can_tell_of_a_vip(
    nodes: tuple[Node, ...],
) -> None:
    check_vip(parse_vip("198.18.0.100"), nodes)


def test_a_vrrp_address_counts_more_than_where_ssh_connects() -> None:
    nodes = tuple(
        Node(f"203.0.113.{n}", vrrp_address=ipaddress.ip_address(f"198.18.0.{n}")) for n in (1, 2)
    )
    check_vip(parse_vip("198.18.0.100"), nodes)


def test_the_recipe_cannot_have_an_ipv6_vip() -> None:
    with pytest.raises(InputError, match="cannot hold an IPv6 VIP"):
        check_cluster(cluster(vips=("fd00::100",)))


@pytest.mark.parametrize(
    ("given", "endpoint"),
    [
        (Node("n1"), "n1"),
        (Node("n1", port=22), "n1"),
        (Node("n1", port=2222), "n1:2222"),
        (Node("fd00::1", port=2222), "[fd00::1]:2222"),
    ],
)
def test_an_endpoint_names_the_port_where_it_is_not_sshs_own(given: Node, endpoint: str) -> None:
    assert given.endpoint == endpoint


def test_a_node_is_called_by_its_name_else_by_its_endpoint() -> None:
    assert (node(1).label, Node("h", port=2).label) == ("n1", "h:2")


def test_a_loopback_ssh_address_says_nothing_of_the_subnet() -> None:
    """The near end of a tunnel or of a forwarded port."""
    nodes = tuple(Node(address="127.0.0.1", port=port) for port in (2201, 2202))
    check_vip(parse_vip("198.18.0.100"), nodes)
