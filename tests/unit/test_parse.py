"""What is typed becomes a value, or an InputError that says what is wrong."""

import ipaddress
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_tui.cluster import (
    Node,
    Secret,
    parse_name,
    parse_node,
    parse_nodes,
    parse_priority,
    parse_vip,
    parse_vrid,
    split_nodes,
)
from vip_tui.cluster import parse as p
from vip_tui.errors import InputError

Parser = Callable[[Any], object]


@pytest.mark.parametrize("text", ["n1", "node-1.example_x", "A", "0", "a" * 63])
def test_a_name_is_taken_as_it_is(text: str) -> None:
    assert parse_name(text) == text


@pytest.mark.parametrize("text", ["", ".n1", "-n1", "n 1", "n1\n", "n/1", "ñ", "a" * 64, "a;b"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a name"):
        parse_name(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("198.18.0.11", "198.18.0.11"),
        ("fd00::1", "fd00::1"),
        ("FD00:0:0::1", "fd00::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("manager.example.com", "manager.example.com"),
        ("my_alias", "my_alias"),
        ("n", "n"),
    ],
)
def test_an_address_is_an_ip_a_name_or_an_alias(text: str, address: str) -> None:
    assert p.parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("198.18.0.999", "198.18.0", "198.018.0.11", "1.2.3.4.5", "12", "fd00:::1", "fd00::g"),
        *("", " ", "-oProxyCommand=x", "a b", "a;reboot", "$(reboot)", "a/b", "a\nb", "a.", "é"),
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not an address"):
        p.parse_address(text)


@pytest.mark.parametrize("scope", ["eth0;reboot", "$(reboot)", "\x1b[2J", "a b", "x'y", "a\nb"])
@pytest.mark.parametrize("parser", [p.parse_address, p.parse_ip, parse_vip])
def test_an_address_scope_is_an_interface_and_not_any_text(parser: Parser, scope: str) -> None:
    with pytest.raises(InputError):
        parser(f"fe80::1%{scope}")


@pytest.mark.parametrize(
    ("parser", "low", "high"),
    [(p.parse_port, 1, 65535), (parse_vrid, 1, 255), (parse_priority, 1, 254)],
)
class TestNumbers:
    def test_the_ends_of_the_range_belong_to_it(self, parser: Parser, low: int, high: int) -> None:
        assert [parser(low), parser(str(high))] == [low, high]

    def test_outside_the_range_is_refused(self, parser: Parser, low: int, high: int) -> None:
        for value in (low - 1, high + 1):
            with pytest.raises(InputError, match="out of range"):
                parser(value)

    @pytest.mark.parametrize(
        "value", ["", "-1", "1.0", 1.0, True, "one", "²", "١", "1e2", "0x10", "9" * 5000, None]
    )
    def test_what_is_no_number_is_refused(
        self, parser: Parser, low: int, high: int, value: object
    ) -> None:
        with pytest.raises(InputError, match="not a number"):
            parser(value)


@pytest.mark.parametrize("text", ["root", "alice", "_svc", "a.b-c", "host$"])
def test_a_login_name_is_taken(text: str) -> None:
    assert p.parse_user(text) == text


@pytest.mark.parametrize("text", ["", "-l", "a b", "a;b", "a@b", "1a", "root\n", "a" * 33])
def test_what_is_no_login_name_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a user name"):
        p.parse_user(text)


@pytest.mark.parametrize(
    "text", ["eth0", "ens18", "bond0.100", "enp3s0f0np0", "wg-vpn", "eth0@if4"]
)
def test_an_interface_name_is_taken(text: str) -> None:
    assert p.parse_interface(text) == text


@pytest.mark.parametrize("text", ["", "eth 0", "eth/0", "a" * 16, ".", "..", "-a", "eth0\n", "$x"])
def test_what_is_no_interface_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not an interface"):
        p.parse_interface(text)


@pytest.mark.parametrize(
    "text",
    [
        "osixia/keepalived:2.0.20",
        "198.18.0.1:5000/osixia/keepalived",
        f"registry.example.com/k@sha256:{'a' * 64}",
    ],
)
def test_an_image_is_taken_by_tag_and_by_digest(text: str) -> None:
    assert p.parse_image(text) == text


@pytest.mark.parametrize("text", ["", "-v /:/x", "a b", "a;b", "a\n", ":tag", "a$b", "x" * 256])
def test_what_is_no_image_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not an image"):
        p.parse_image(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("198.18.0.100", "198.18.0.100"),
        (" 198.18.0.100/24 ", "198.18.0.100/24"),
        ("198.18.0.100/32", "198.18.0.100/32"),
        ("198.18.0.0/31", "198.18.0.0/31"),
        ("fd00::64/64", "fd00::64/64"),
    ],
)
def test_a_vip_is_an_address_with_or_without_length(text: str, written: str) -> None:
    assert str(parse_vip(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        *("", "/24", "198.18.0.999", "198.18.0.0100", "n1", "198.18.0.100/", "198.18.0.100/0"),
        *("198.18.0.100/33", "198.18.0.100/x", "198.18.0.100/24/24", "fd00::1/129"),
        *("0.0.0.0", "::", "127.0.0.1", "::1", "224.0.0.18", "ff02::12"),
        *("198.18.0.0/24", "198.18.0.255/24", "255.255.255.255"),
    ],
)
def test_what_cannot_be_a_vip_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_vip(text)


@pytest.mark.parametrize("text", ["a", "d0cker", "Zq7vip2x", "a.b_c+d=", "1:2,3%4-"])
def test_a_password_of_the_allowed_characters_is_taken(text: str) -> None:
    assert p.parse_password(text) == Secret(text)


@pytest.mark.parametrize("bad", [*"|&\\#!\"'`$(){}[]<>;*?~^@/ \t\n", "é", "\x00", ""])
def test_a_password_that_breaks_the_images_sed_or_file_is_refused(bad: str) -> None:
    with pytest.raises(InputError, match="cannot carry"):
        p.parse_password(f"a{bad}b" if bad else "")


def test_a_password_longer_than_vrrps_eight_characters_is_refused_and_not_repeated() -> None:
    with pytest.raises(InputError, match="too long") as caught:
        p.parse_password("secretsecret")
    assert "secretsecret" not in f"{caught.value} {caught.value.as_dict()} {caught.value!r}"


@pytest.mark.parametrize(
    "text", ["icmp", "tcp:80", "http://198.18.0.100", "http://a.b:8080/x?y=1", "http://[fd00::1]/"]
)
def test_a_probe_is_taken(text: str) -> None:
    assert p.parse_probe(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "ping", "tcp:", "tcp:0", "tcp:65536", "tcp:x", "tcp", "udp:53", "https://a/"),
        *("http://", "http:///x", "http://a b/", "http://a/\r\nX: y", "http://a/\x7f", "icmp\n"),
        *("http://a:99999/", "http://a:b/", "http://[fd00::1/"),
    ],
)
def test_what_is_no_probe_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        p.parse_probe(text)


def test_a_track_script_cannot_be_a_ping() -> None:
    with pytest.raises(InputError, match="not a track"):
        p.parse_track("icmp")
    assert p.parse_track("tcp:8080") == "tcp:8080"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("198.18.0.11", Node("198.18.0.11")),
        ("alice@n1", Node("n1", user="alice")),
        ("alice@n1:2222", Node("n1", user="alice", port=2222)),
        ("n1:22", Node("n1", port=22)),
        ("fd00::1", Node("fd00::1")),
        ("[fd00::1]", Node("fd00::1")),
        ("[fd00::1]:22", Node("fd00::1", port=22)),
        ("root@[fd00::1]:2222", Node("fd00::1", user="root", port=2222)),
        ("  n1  ", Node("n1")),
    ],
)
def test_a_node_is_typed_in_one_word(text: str, wanted: Node) -> None:
    assert parse_node(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        *("", "@n1", "alice@", "n1:", "n1:x", "n1:0", "[fd00::1", "fd00::1]", "[fd00::1]22"),
        *("[fd00::1]:", "[]:22", "a@b@c", "n1:22:23x", "n1 n2", "ssh://n1", "-p@n1"),
    ],
)
def test_what_is_no_node_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_node(text)


def test_a_pasted_list_is_cut_at_commas_semicolons_blanks_and_lines() -> None:
    assert split_nodes(" n1,n2;n3\n\tn4 ,, n5 ") == ["n1", "n2", "n3", "n4", "n5"]


def test_a_pasted_list_names_the_node_that_was_given_twice() -> None:
    with pytest.raises(InputError, match=r"node given twice: 198\.18\.0\.11"):
        parse_nodes("198.18.0.11, root@198.18.0.11:22")


ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
NODES = st.builds(
    Node,
    address=ADDRESSES | st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True),
    port=st.none() | st.integers(1, 65535),
)


@given(NODES)
def test_a_nodes_endpoint_typed_again_is_the_same_place(node: Node) -> None:
    again = parse_node(node.endpoint)
    assert (again.address, again.port or 22) == (node.address, node.port or 22)


@given(st.text())
def test_no_text_makes_a_parser_raise_anything_but_an_input_error(text: str) -> None:
    parsers = (parse_name, parse_node, parse_nodes, parse_vip, parse_vrid, p.parse_probe)
    for parser in (*parsers, p.parse_password, p.parse_image, p.parse_interface, p.parse_user):
        try:
            parser(text)
        except InputError as problem:
            assert problem.title


@given(ADDRESSES)
def test_every_ip_address_is_an_address(text: str) -> None:
    assert ipaddress.ip_address(p.parse_address(text)) == ipaddress.ip_address(text)
