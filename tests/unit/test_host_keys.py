"""A line of known_hosts is one that SSH itself finds the key by."""

import shutil
import subprocess
from pathlib import Path

import asyncssh
import pytest

from vip_tui.errors import InputError
from vip_tui.nodes import host_keys
from vip_tui.nodes.host_keys import known_hosts_line
from vip_tui.store import Store

KEY = asyncssh.generate_private_key("ssh-ed25519", comment="root@n1")
PLACES = pytest.mark.parametrize(
    ("host", "port", "name"),
    [
        ("198.18.0.11", 22, "198.18.0.11"),
        ("198.18.0.11", 2222, "[198.18.0.11]:2222"),
        ("fd00::11", 22, "fd00::11"),
        ("fd00::11", 2222, "[fd00::11]:2222"),
        ("manager.example.com", 22, "manager.example.com"),
    ],
)


@PLACES
def test_a_line_names_the_port_where_it_is_not_sshs_own(host: str, port: int, name: str) -> None:
    words = known_hosts_line(host, port, KEY).split()
    assert words[:2] == [name, "ssh-ed25519"]


@PLACES
def test_asyncssh_finds_the_key_by_that_line(host: str, port: int, name: str) -> None:
    known = asyncssh.import_known_hosts(known_hosts_line(host, port, KEY) + "\n")
    trusted = known.match(host, "", port)[0]
    assert [key.get_fingerprint() for key in trusted] == [KEY.get_fingerprint()]


@PLACES
@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is missing")
def test_openssh_finds_the_key_by_that_line(
    host: str, port: int, name: str, tmp_path: Path
) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(known_hosts_line(host, port, KEY) + "\n")
    argv = ["ssh-keygen", "-l", "-F", name, "-f", str(file)]
    done = subprocess.run(argv, capture_output=True, text=True)
    assert KEY.get_fingerprint() in done.stdout


def test_a_line_has_the_public_key_only() -> None:
    assert "PRIVATE" not in known_hosts_line("n1", 22, KEY)
    assert "\n" not in known_hosts_line("n1", 22, KEY)


def test_the_users_own_known_hosts_and_ours_both_count(own_home: Path) -> None:
    (own_home / ".ssh" / "known_hosts").write_text(known_hosts_line("n1", 22, KEY) + "\n")
    store = Store()
    store.append_known_host(known_hosts_line("n2", 22, KEY))
    known = host_keys.read(store)
    assert [len(known.match(name, "", 22)[0]) for name in ("n1", "n2", "n3")] == [1, 1, 0]


def test_a_known_hosts_file_that_cannot_be_read_is_named(own_home: Path) -> None:
    (own_home / ".ssh" / "known_hosts").write_bytes(b"n1 ssh-ed25519 \xff\xfe\n")
    with pytest.raises(InputError, match="known hosts cannot be read") as caught:
        host_keys.read(Store())
    assert str(own_home) in caught.value.detail
