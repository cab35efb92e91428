"""Keys to log in with: default ones, locked ones, an agent's; what is asked, and how often."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.ssh_doors import Open, Person, access, enter, refusal, write_key
from vip_tui.nodes.reasons import AuthRefused


async def test_default_keys_are_tried_as_ssh_does(opened: Open, own_home: Path) -> None:
    key = write_key(own_home / ".ssh" / "id_ed25519")
    door = await opened(keys=(key,))
    assert await enter(access(), door) == [None]


async def test_a_locked_key_is_not_asked_for_where_another_one_does(
    opened: Open, own_home: Path
) -> None:
    write_key(own_home / ".ssh" / "id_ed25519", "open sesame")
    key = write_key(own_home / ".ssh" / "id_rsa", algorithm="ecdsa-sha2-nistp256")
    door = await opened(keys=(key,))
    person = Person()
    assert await enter(access(ask=person), door) == [None]
    assert person.questions == []


async def test_a_locked_key_that_the_node_does_not_want_is_not_asked_for(
    opened: Open, own_home: Path
) -> None:
    write_key(own_home / ".ssh" / "id_ed25519", "open sesame", public=False)
    door = await opened(keys=(write_key(own_home / "other"),))
    person = Person()
    await refusal(access(ask=person), door)
    assert person.questions == []
    assert len(door.offered) == 1, "its public half is readable, and was offered"


LOCKED = pytest.mark.parametrize(
    ("form", "public", "algorithm"),
    [
        ("openssh", True, "ssh-ed25519"),
        ("openssh", False, "ssh-ed25519"),
        ("openssh", False, "ecdsa-sha2-nistp256"),
        ("pkcs8-pem", True, "ssh-ed25519"),
        ("pkcs8-pem", False, "ssh-ed25519"),
        ("pkcs1-pem", False, "ecdsa-sha2-nistp256"),
    ],
)


@LOCKED
async def test_a_passphrase_is_asked_once_for_all_nodes(
    opened: Open, own_home: Path, form: str, public: bool, algorithm: str
) -> None:
    path = own_home / "key"
    key = write_key(path, "open sesame", public, form, algorithm)
    doors = [await opened(keys=(key,)) for _ in range(5)]
    person = Person("wrong", "open sesame")
    way = access(path, ask=person)
    assert await enter(way, *doors) == [None] * 5
    assert person.again == [False, True]
    first = person.questions[0]
    assert (first.kind, first.title, first.echo) == ("passphrase", "Passphrase of ~/key", False)
    assert await enter(way, *doors) == [None] * 5, "in the next loop, and without a question"


async def test_three_wrong_passphrases_are_enough_for_all_nodes(
    opened: Open, own_home: Path
) -> None:
    key = write_key(own_home / "key", "open sesame")
    doors = [await opened(keys=(key,)) for _ in range(3)]
    person = Person("a", "b", "c")
    problems = await enter(access(own_home / "key", ask=person), *doors)
    assert len(person.questions) == 3
    for problem in problems:
        assert isinstance(problem, AuthRefused)
        assert "the passphrase of ~/key: it was refused 3 times" in problem.detail


async def test_who_does_not_say_a_passphrase_is_told_so_and_not_asked_again(
    opened: Open, own_home: Path
) -> None:
    key = write_key(own_home / "key", "open sesame")
    door = await opened(keys=(key,))
    person = Person(None, "open sesame")
    way = access(own_home / "key", ask=person)
    for _ in range(2):
        assert "it was not given" in (await refusal(way, door)).detail
    assert len(person.questions) == 1
    way.secrets.ask_again()
    assert await enter(way, door) == [None]


async def test_where_nobody_can_be_asked_a_locked_key_is_named_with_a_way_out(
    opened: Open, own_home: Path
) -> None:
    key = write_key(own_home / "key", "open sesame")
    problem = await refusal(access(own_home / "key"), await opened(keys=(key,)))
    assert "~/key has a passphrase, and there is nobody to ask" in problem.detail
    assert "`ssh-add ~/key`" in problem.hint


async def test_without_a_passphrase_the_password_is_still_a_way(
    opened: Open, own_home: Path
) -> None:
    key = write_key(own_home / "key", "open sesame")
    door = await opened(keys=(key,), password="hunter2")
    person = Person(None, "hunter2")
    assert await enter(access(own_home / "key", ask=person), door) == [None]
    assert [question.kind for question in person.questions] == ["passphrase", "password"]


async def test_a_file_that_is_no_key_is_named(opened: Open, own_home: Path) -> None:
    (own_home / "notes").write_text("nothing")
    (problem,) = await enter(access(own_home / "notes"), await opened())
    assert "notes is not a private key" in str(problem)


async def test_what_ssh_config_names_and_is_not_there_is_passed_over(
    opened: Open, own_home: Path
) -> None:
    key = write_key(own_home / "work")
    door = await opened(keys=(key,))
    config = own_home / ".ssh" / "config"
    config.write_text("Host *\n  IdentityFile ~/gone\n  IdentityFile ~/work\n")
    assert await enter(access(), door) == [None]


async def test_a_key_in_an_agent_alone_is_named_by_its_public_half(
    opened: Open, own_home: Path
) -> None:
    write_key(own_home / "work")
    (own_home / "work").unlink()
    config = own_home / ".ssh" / "config"
    config.write_text("Host *\n  IdentityFile ~/work.pub\n  IdentitiesOnly yes\n")
    assert "does not let us in" in (await refusal(access(), await opened())).title


@pytest.fixture
def agent(own_home: Path) -> Iterator[Path]:
    """A real agent, and its socket."""
    path = own_home / "agent"
    argv = ["ssh-agent", "-D", "-a", str(path)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL) as running:
        environment = {**os.environ, "SSH_AUTH_SOCK": str(path)}
        asking = ["ssh-add", "-l"]  # ends with 2 where there is no agent (ssh-add(1))
        while subprocess.run(asking, env=environment, capture_output=True).returncode == 2:
            assert running.poll() is None
            time.sleep(0.01)
        yield path
        running.terminate()


NEEDS_AGENT = pytest.mark.skipif(shutil.which("ssh-agent") is None, reason="ssh-agent is missing")


def put_into(agent: Path, key: Path) -> None:
    environment = {**os.environ, "SSH_AUTH_SOCK": str(agent)}
    subprocess.run(["ssh-add", "-q", str(key)], env=environment, check=True)


@NEEDS_AGENT
async def test_a_key_in_the_agent_is_used_and_its_locked_file_not_asked_for(
    opened: Open, own_home: Path, agent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = own_home / ".ssh" / "id_ed25519"
    key = write_key(path)
    put_into(agent, path)
    key.write_private_key(str(path), passphrase="open sesame")
    monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
    person = Person()
    assert await enter(access(ask=person), await opened(keys=(key,))) == [None]
    assert person.questions == []


@NEEDS_AGENT
@pytest.mark.parametrize("named", ["~/agent", "SSH_AUTH_SOCK", "$MY_AGENT", "none"])
async def test_the_agent_that_ssh_config_names_counts(
    opened: Open, own_home: Path, agent: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    key = write_key(own_home / "key")
    put_into(agent, own_home / "key")
    (own_home / ".ssh" / "config").write_text(f"Host *\n  IdentityAgent {named}\n")
    monkeypatch.setenv("SSH_AUTH_SOCK", str(agent) if named == "SSH_AUTH_SOCK" else "/nowhere")
    monkeypatch.setenv("MY_AGENT", str(agent))
    (ended,) = await enter(access(), await opened(keys=(key,)))
    assert (ended is None) == (named != "none")


@NEEDS_AGENT
async def test_of_an_agents_many_keys_only_the_named_one_is_offered(
    opened: Open, own_home: Path, agent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
    keys = [write_key(own_home / f"key{number}") for number in range(4)]
    for number in range(4):
        put_into(agent, own_home / f"key{number}")
        (own_home / f"key{number}").unlink()
    door = await opened(keys=(keys[3],), patience=2)
    problem = await refusal(access(), door)
    assert "Too many authentication failures" in problem.detail
    assert "IdentitiesOnly" in problem.hint
    door.offered.clear()
    only = "Host *\n  IdentitiesOnly yes\n  IdentityFile ~/key3.pub\n"
    (own_home / ".ssh" / "config").write_text(only)
    assert await enter(access(), door) == [None]
    assert {key.get_fingerprint() for key in door.offered} == {keys[3].get_fingerprint()}
