"""The cluster file: read, written, and what is wrong with it."""

import dataclasses
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import PASSWORD
from vip_tui.cluster import (
    CHECK_IDS,
    NEVER_ALLOWED,
    Cluster,
    Node,
    Secret,
    Vip,
    check_cluster,
    dump,
    dump_allowing,
    load,
)
from vip_tui.errors import InputError

SMALLEST = """
name = "homelab"
vip = ["198.18.0.100"]

[[node]]
address = "198.18.0.11"

[[node]]
address = "198.18.0.12"
"""
FULL = """
name = "homelab"
vip = ["198.18.0.100/24", "198.18.0.101"]
profile = "recipe"
image = "osixia/keepalived:2.0.20"
vrid = 51
password = "Zq7vip2x"
probe = "tcp:80"
allow = ["ip_vs"]

[[node]]
address = "198.18.0.11"
user = "root"
port = 2222
name = "n1"
priority = 200
interface = "eth0"
vrrp_address = "198.18.0.11"

[[node]]
address = "manager2"
"""


def test_the_smallest_file_leaves_everything_else_open() -> None:
    nodes = (Node("198.18.0.11"), Node("198.18.0.12"))
    assert load(SMALLEST) == Cluster("homelab", (Vip(ipaddress.ip_address("198.18.0.100")),), nodes)


def test_every_key_is_read() -> None:
    own = ipaddress.ip_address("198.18.0.11")
    assert load(FULL) == Cluster(
        name="homelab",
        vip=(
            Vip(ipaddress.ip_address("198.18.0.100"), 24),
            Vip(ipaddress.ip_address("198.18.0.101")),
        ),
        nodes=(
            Node("198.18.0.11", "root", 2222, "n1", 200, "eth0", own),
            Node("manager2"),
        ),
        vrid=51,
        password=Secret(PASSWORD),
        probe="tcp:80",
        allow=("ip_vs",),
    )


def test_what_is_left_open_is_not_written() -> None:
    assert dump(load(SMALLEST)).split() == SMALLEST.split()


@pytest.mark.parametrize(
    ("old", "new", "title", "hint"),
    [
        ("vip =", "vips =", "unknown key 'vips'", "'vip'"),
        ("[[node]]", "[[nodes]]", "unknown key 'nodes'", "'node'"),
        ('name = "homelab"', 'nmae = "homelab"', "unknown key 'nmae'", "'name'"),
        ("address", "adress", "node 1: unknown key 'adress'", "'address'"),
        ("user", "usr", "node 1: unknown key 'usr'", "'user'"),
        ("vrid", "zzzzzzzz", "unknown key 'zzzzzzzz'", "Known: name, vip, profile"),
    ],
)
def test_an_unknown_key_names_itself_and_the_nearest(
    old: str, new: str, title: str, hint: str
) -> None:
    with pytest.raises(InputError) as caught:
        load(FULL.replace(old, new))
    assert caught.value.title == title
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("old", "new", "title"),
    [
        ('name = "homelab"', "name = 5", "name: not a text"),
        ('name = "homelab"', 'name = ["a"]', "name: not a text"),
        ('name = "homelab"', "name = 2024-01-01", "name: not a text"),
        ('["198.18.0.100/24", "198.18.0.101"]', '"198.18.0.100"', "vip: not a list"),
        ('["198.18.0.100/24", "198.18.0.101"]', "[198]", "vip: not a text"),
        ('["198.18.0.100/24", "198.18.0.101"]', '["198.18.0.999"]', "vip: not an IP address"),
        ("vrid = 51", "vrid = 0", "vrid: VRID out of range"),
        ("vrid = 51", "vrid = 256", "vrid: VRID out of range"),
        ("vrid = 51", "vrid = 51.0", "vrid: VRID is not a number"),
        ("vrid = 51", "vrid = true", "vrid: VRID is not a number"),
        ("priority = 200", "priority = 255", "node 1: priority: priority out of range"),
        ("port = 2222", 'port = "ssh"', "node 1: port: port is not a number"),
        ("port = 2222", "port = 70000", "node 1: port: port out of range"),
        ('user = "root"', 'user = "a b"', "node 1: user: not a user name"),
        ('password = "Zq7vip2x"', "password = 12345678", "password: not a text"),
        ('password = "Zq7vip2x"', 'password = "toolong89"', "password: password too long"),
        ('allow = ["ip_vs"]', "allow = true", "allow: not a list"),
        ('allow = ["ip_vs"]', 'allow = ["ipvs"]', "allow: no such check"),
        ('allow = ["ip_vs"]', 'allow = ["auth"]', "allow: auth cannot be allowed"),
        ('profile = "recipe"', 'profile = "slow"', "profile: no such profile"),
        ('probe = "tcp:80"', 'probe = "udp:80"', "probe: not a probe"),
        ('name = "homelab"', "", "name is missing"),
        ('address = "manager2"', 'user = "x"', "node 2: address is missing"),
        ('address = "manager2"', 'address = "198.18.0.11"\nport = 2222', "node given twice"),
        ('address = "manager2"', 'address = "n2"\npriority = 200', "priority given twice"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(old: str, new: str, title: str) -> None:
    assert old in FULL
    with pytest.raises(InputError) as caught:
        load(FULL.replace(old, new))
    assert caught.value.title == title


@pytest.mark.parametrize("text", ["[[node", "a = ", "\x00", 'name = "a"\nname = "b"'])
def test_what_is_no_toml_is_said_with_the_place(text: str) -> None:
    with pytest.raises(InputError, match="not a TOML file") as caught:
        load(text)
    assert caught.value.detail


@pytest.mark.parametrize("tables", ["node = 5", 'node = ["n1"]', '[node]\naddress = "n1"'])
def test_nodes_are_tables(tables: str) -> None:
    with pytest.raises(InputError, match="node is not a list of tables"):
        load(f'name = "a"\nvip = ["198.18.0.100"]\n{tables}')


def test_the_nearest_check_is_named_for_one_that_does_not_exist() -> None:
    with pytest.raises(InputError) as caught:
        load(FULL.replace('["ip_vs"]', '["ip-vs"]'))
    assert "'ip_vs'" in caught.value.hint


@pytest.mark.parametrize("line", ["preempt = true", "advert_ms = 100", 'track = "tcp:8080"'])
def test_keys_of_the_fast_profile_are_refused_with_the_recipe(line: str) -> None:
    with pytest.raises(InputError, match="belongs to the fast profile"):
        load(f"{line}\n{SMALLEST}")


def test_the_password_is_in_no_message() -> None:
    with pytest.raises(InputError) as caught:
        load(FULL.replace('"Zq7vip2x"', '"hunter2|"'))
    assert "hunter2" not in str(caught.value.as_dict())


NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", fullmatch=True)
SUBNET = ipaddress.ip_network("198.18.0.0/16")
OWN = st.integers(1, 30_000).map(lambda number: SUBNET[number])
NODES = st.lists(
    st.builds(
        Node,
        address=OWN.map(str) | st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True),
        user=st.none() | st.from_regex(r"[a-z_][a-z0-9._-]{0,31}", fullmatch=True),
        port=st.none() | st.integers(1, 65535),
        name=st.none() | NAMES,
        priority=st.none() | st.integers(1, 254),
        interface=st.none() | st.from_regex(r"[a-z0-9][a-z0-9._@-]{0,14}", fullmatch=True),
        vrrp_address=st.none() | OWN,
    ),
    min_size=2,
    max_size=6,
).map(tuple)
VIPS = st.lists(
    st.builds(
        Vip,
        st.integers(30_001, 60_000).map(lambda number: SUBNET[number]),
        st.none() | st.just(16),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
ALLOWABLE = [check for check in CHECK_IDS if check not in NEVER_ALLOWED]
CLUSTERS = st.builds(
    Cluster,
    name=NAMES,
    vip=VIPS,
    nodes=NODES,
    image=st.from_regex(r"[a-z0-9][a-z0-9._/:@-]{0,60}", fullmatch=True),
    vrid=st.none() | st.integers(1, 255),
    password=st.none() | st.from_regex(r"[A-Za-z0-9._+=:,%-]{1,8}", fullmatch=True).map(Secret),
    probe=st.sampled_from(["icmp", "tcp:80", "http://198.18.0.100:8080/health?x=1#y\"'\\"]),
    allow=st.lists(st.sampled_from(ALLOWABLE), max_size=3).map(tuple),
)


def _valid(cluster: Cluster) -> bool:
    try:
        check_cluster(cluster)
    except InputError:
        return False
    return True


@given(CLUSTERS.filter(_valid))
def test_every_valid_cluster_is_the_same_after_writing_and_reading(cluster: Cluster) -> None:
    assert load(dump(cluster)) == cluster


@given(CLUSTERS.filter(_valid))
def test_writing_twice_gives_the_same_text(cluster: Cluster) -> None:
    text = dump(cluster)
    assert dump(load(text)) == text


@given(st.text(max_size=200))
def test_no_text_makes_reading_raise_anything_but_an_input_error(text: str) -> None:
    with pytest.raises(InputError):
        load(text)


WRITTEN_BY_HAND = """\
# the office
name = "homelab"  # short

vip = [
  "198.18.0.100",  # asked of the network people
]
image = "osixia/keepalived:2.0.20"

# the machines under the desk
[[node]]
address = "198.18.0.11"
port = 2222  # since the break-in

[[node]]
address = "198.18.0.12"
"""


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", 'allow = ["clock", "cloud"]\n'),
        ("allow = []  # none yet\n", 'allow = ["clock", "cloud"]  # none yet\n'),
        ('allow = ["cloud"]\n', 'allow = ["cloud", "clock"]\n'),
        (
            'allow = [\n  "ip_vs",  # no mesh here\n]\n',
            'allow = [\n  "ip_vs",  # no mesh here\n  "clock",\n  "cloud",\n]\n',
        ),
    ],
    ids=["no key", "an empty list", "one is there", "a list of several lines"],
)
def test_what_is_allowed_is_added_and_all_else_stays(line: str, wanted: str) -> None:
    image = 'image = "osixia/keepalived:2.0.20"\n'
    text = WRITTEN_BY_HAND.replace(image, image + line)
    assert dump_allowing(text, ["clock", "cloud"]) == WRITTEN_BY_HAND.replace(image, image + wanted)


def test_a_check_that_is_allowed_already_is_not_added_again() -> None:
    once = dump_allowing(WRITTEN_BY_HAND, ["clock"])
    assert dump_allowing(once, ["clock", "clock"]) == once


@given(CLUSTERS.filter(_valid), st.lists(st.sampled_from(ALLOWABLE)))
def test_only_what_is_allowed_changes(cluster: Cluster, checks: list[str]) -> None:
    after = load(dump_allowing(dump(cluster), checks))
    assert after.allow == tuple(cluster.allow) + tuple(
        check for check in dict.fromkeys(checks) if check not in cluster.allow
    )
    assert dataclasses.replace(after, allow=cluster.allow) == cluster
