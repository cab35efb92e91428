"""Where clusters are kept, and that nobody else can read them."""

import os
import stat
from pathlib import Path

import pytest

from tests.unit.build import PASSWORD, cluster
from vip_tui.cluster import Secret
from vip_tui.errors import InputError, VipError
from vip_tui.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data" / "vip-tui")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_environment_says_where_the_folder_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VIP_TUI_HOME", str(tmp_path / "elsewhere"))
    assert Store().root == tmp_path / "elsewhere"


def test_without_it_the_folder_is_under_the_users_home(
    monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    monkeypatch.delenv("VIP_TUI_HOME")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert Store().root.is_relative_to(own_home)


def test_a_saved_cluster_is_the_one_that_is_loaded(store: Store) -> None:
    wanted = cluster(password=Secret(PASSWORD))
    store.save(wanted)
    assert store.load("homelab") == wanted


def test_a_file_is_readable_by_its_owner_only_whatever_the_umask(store: Store) -> None:
    former = os.umask(0)
    try:
        path = store.save(cluster())
    finally:
        os.umask(former)
    assert mode(path) == 0o600


def test_every_folder_that_the_store_makes_is_its_owners_only(store: Store) -> None:
    former = os.umask(0o022)
    try:
        path = store.save(cluster())
    finally:
        os.umask(former)
    assert {folder.name: oct(mode(folder)) for folder in (path.parent, store.root)} == {
        "clusters": "0o700",
        "vip-tui": "0o700",
    }


def test_a_write_that_fails_leaves_the_former_file_and_no_scraps(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store.save(cluster())
    before = path.read_text()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device", "the disk")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VipError, match="No space left on device"):
        store.save(cluster(vrid=99))
    assert path.read_text() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["homelab.toml"]


def test_an_interrupted_write_leaves_no_scraps(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.save(cluster())
    assert list((store.root / "clusters").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VipError, match=r"cannot write homelab\.toml") as caught:
        Store(tmp_path / "file").save(cluster())
    assert caught.value.detail


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("homelab", "ROOT/clusters/homelab.toml"),
        ("home.lab", "ROOT/clusters/home.lab.toml"),
        ("homelab.toml", "homelab.toml"),
        ("./homelab", "homelab"),
        ("/etc/vip/homelab", "/etc/vip/homelab"),
        ("clusters/homelab.toml", "clusters/homelab.toml"),
    ],
)
def test_a_reference_is_a_path_with_a_slash_or_toml_else_a_name(
    store: Store, reference: str, path: str
) -> None:
    assert store.cluster_path(reference) == Path(path.replace("ROOT", str(store.root)))


@pytest.mark.parametrize("reference", ["..", "-x", "a b", ""])
def test_a_reference_that_is_neither_is_refused(store: Store, reference: str) -> None:
    with pytest.raises(InputError, match="not a name"):
        store.cluster_path(reference)


def test_a_cluster_is_loaded_by_its_path(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    store.save(cluster(), str(path))
    assert store.load(str(path)) == cluster()


def test_a_cluster_that_is_not_there_names_those_that_are(store: Store) -> None:
    store.save(cluster())
    with pytest.raises(InputError, match="no cluster 'office'") as caught:
        store.load("office")
    assert "homelab" in caught.value.hint


def test_without_any_cluster_the_hint_says_none(store: Store) -> None:
    with pytest.raises(InputError) as caught:
        store.load("office")
    assert "Saved clusters: none" in caught.value.hint


def test_the_cluster_used_last_comes_first(store: Store) -> None:
    for age, name in enumerate(("one", "two", "three")):
        path = store.save(cluster(name=name))
        os.utime(path, (1000 - age, 1000 - age))
    assert store.names() == ["one", "two", "three"]
    store.touch("three")
    assert store.names() == ["three", "one", "two"]


def test_without_a_folder_there_are_no_clusters(store: Store) -> None:
    assert store.names() == []


def test_what_is_no_cluster_file_is_not_listed(store: Store) -> None:
    folder = store.save(cluster()).parent
    (folder / "notes.txt").write_text("")
    (folder / "folder.toml").mkdir()
    assert store.names() == ["homelab"]


def test_touching_a_file_elsewhere_leaves_it_alone(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    store.save(cluster(), str(path))
    os.utime(path, (1000, 1000))
    store.touch(str(path))
    assert path.stat().st_mtime == 1000


def test_a_file_that_cannot_be_read_says_why(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    with pytest.raises(InputError, match="cannot read the cluster file") as caught:
        store.load(str(folder))
    assert "directory" in caught.value.detail


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_says_why(store: Store) -> None:
    path = store.save(cluster())
    path.chmod(0)
    with pytest.raises(InputError, match="Permission denied"):
        store.load("homelab")


def test_a_file_that_is_no_text_is_told(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not a text file"):
        store.load(str(path))


def test_what_is_wrong_in_a_file_is_said_with_its_name(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("vips = []")
    with pytest.raises(InputError, match=r"mine\.toml: unknown key 'vips'"):
        store.load(str(path))


def test_a_host_key_is_remembered_once(store: Store) -> None:
    for line in ("n1 ssh-ed25519 AAAA", "n2 ssh-ed25519 BBBB", "n1 ssh-ed25519 AAAA"):
        store.append_known_host(line)
    lines = store.known_hosts.read_text().splitlines()
    assert lines == ["n1 ssh-ed25519 AAAA", "n2 ssh-ed25519 BBBB"]
    assert mode(store.known_hosts) == 0o600


def test_a_host_key_is_a_line_of_its_own_behind_one_without_an_end(store: Store) -> None:
    store.append_known_host("n1 ssh-ed25519 AAAA")
    store.known_hosts.write_text("n1 ssh-ed25519 AAAA")
    store.append_known_host("n2 ssh-ed25519 BBBB")
    assert store.known_hosts.read_text() == "n1 ssh-ed25519 AAAA\nn2 ssh-ed25519 BBBB\n"


def test_journals_lie_in_a_folder_of_their_own(store: Store) -> None:
    assert store.journal("homelab-1") == store.root / "drills" / "homelab-1.jsonl"


BY_HAND = """\
name = "homelab"  # by hand
vip = ["198.18.0.100"]

[[node]]
address = "198.18.0.11"

[[node]]
address = "198.18.0.12"
"""


@pytest.fixture
def by_hand(tmp_path: Path) -> Path:
    """A cluster file of the operator's own, which others may read, behind a link."""
    path = tmp_path / "files" / "homelab.toml"
    path.parent.mkdir()
    path.write_text(BY_HAND)
    path.chmod(0o644)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    return link


def test_what_is_allowed_is_written_into_the_file_itself(store: Store, by_hand: Path) -> None:
    assert store.remember_allowed(str(by_hand), ["clock"]) == by_hand.resolve()
    assert by_hand.is_symlink()
    assert mode(by_hand.resolve()) == 0o644
    assert store.load(str(by_hand)).allow == ("clock",)
    assert "# by hand" in by_hand.read_text()


def test_lines_of_windows_stay_as_they_are(store: Store, by_hand: Path) -> None:
    by_hand.write_bytes(BY_HAND.replace("\n", "\r\n").encode())
    store.remember_allowed(str(by_hand), ["clock"])
    text = by_hand.read_bytes()
    assert b"# by hand\r\n" in text and b"[[node]]\r\naddress" in text
    assert store.load(str(by_hand)).allow == ("clock",)


def test_a_saved_cluster_remembers_too(store: Store) -> None:
    path = store.save(cluster())
    store.remember_allowed("homelab", ["clock", "cloud"])
    assert store.load("homelab").allow == ("clock", "cloud")
    assert mode(path) == 0o600


@pytest.mark.parametrize("text", ["name = ", "name = 'x'", None])
def test_a_file_that_is_none_is_not_written(text: str | None, store: Store, by_hand: Path) -> None:
    if text is None:
        by_hand.resolve().unlink()
    else:
        by_hand.write_text(text)
    with pytest.raises(VipError):
        store.remember_allowed(str(by_hand), ["clock"])
    assert text is None or by_hand.read_text() == text
