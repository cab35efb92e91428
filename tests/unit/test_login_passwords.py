"""Passwords and a node's own questions: asked once, tried on one node first, cleaned, in time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.unit.ssh_doors import Door, Open, Person, access, enter, refusal, write_key
from vip_tui.nodes import reasons
from vip_tui.nodes.fleet import Fleet
from vip_tui.nodes.reasons import AuthRefused


async def test_a_password_is_asked_once_and_tried_on_one_node_first(opened: Open) -> None:
    doors = [await opened(password="hunter2") for _ in range(4)]
    person = Person("wrong", "hunter2")
    way = access(ask=person)
    assert await enter(way, *doors) == [None] * 4
    assert person.again == [False, True]
    tried = sorted(door.passwords for door in doors)
    assert tried == [*[["hunter2"]] * 3, ["wrong", "hunter2"]]
    assert await enter(way, *doors) == [None] * 4
    assert len(person.questions) == 2


async def test_three_wrong_passwords_reach_one_node_alone(opened: Open) -> None:
    doors = [await opened(password="hunter2") for _ in range(4)]
    person = Person("a", "b", "c")
    problems = await enter(access(ask=person), *doors)
    assert all(isinstance(problem, AuthRefused) for problem in problems)
    assert all("its password: it was refused 3 times" in str(problem) for problem in problems)
    assert sorted(door.passwords for door in doors) == [[], [], [], ["a", "b", "c"]]


async def test_a_node_with_another_password_is_tried_once_and_never_again(opened: Open) -> None:
    first, other = await opened(password="hunter2"), await opened(password="another")
    way = access(ask=Person("hunter2"))
    assert await enter(way, first) == [None]
    for _ in range(3):
        assert "its password: it is refused here" in str(await refusal(way, other))
    assert other.passwords == ["hunter2"]


async def test_a_password_that_was_changed_is_asked_for_anew_once_something_new_begins(
    opened: Open,
) -> None:
    door = await opened(password="hunter2")
    person = Person("hunter2", "hunter3")
    way = access(ask=person)
    assert await enter(way, door) == [None]
    door.password = "hunter3"
    await refusal(way, door)
    way.secrets.ask_again()
    assert await enter(way, door) == [None]
    assert door.passwords == ["hunter2", "hunter2", "hunter3"]


async def test_no_password_is_given_to_a_node_that_takes_a_key(
    opened: Open, own_home: Path
) -> None:
    key = write_key(own_home / ".ssh" / "id_ed25519")
    keyed, passworded = await opened(keys=(key,), password="x"), await opened(password="hunter2")
    assert await enter(access(ask=Person("hunter2")), keyed, passworded) == [None, None]
    assert keyed.passwords == []


async def test_where_nobody_may_ask_for_a_password_the_option_is_named(opened: Open) -> None:
    door = await opened(password="hunter2")
    person = Person()
    way = access(ask=person, may_ask=frozenset({"passphrase"}))
    problem = await refusal(way, door)
    assert "--ask-pass" in problem.hint and "ssh-copy-id" in problem.hint
    assert (person.questions, door.passwords) == ([], [])


# --- keyboard-interactive


async def test_a_node_that_asks_for_the_password_in_its_own_words(opened: Open) -> None:
    doors = [await opened(prompts=(("Password: ", False, "hunter2"),)) for _ in range(2)]
    person = Person("hunter2")
    assert await enter(access(ask=person), *doors) == [None, None]
    assert [question.kind for question in person.questions] == ["password"]
    assert [door.answers for door in doors] == [[["hunter2"]]] * 2


@pytest.mark.parametrize(
    "prompt", ["One-time password (OATH) for `root': ", "Enter PASSCODE: ", "New password: "]
)
async def test_the_password_is_no_answer_to_another_question(opened: Open, prompt: str) -> None:
    door = await opened(prompts=((prompt, False, "123456"),))
    person = Person("123456")
    assert await enter(access(ask=person), door) == [None]
    assert [(one.kind, one.title) for one in person.questions] == [("prompt", prompt.strip())]
    assert door.answers == [["123456"]]


async def test_each_user_has_a_password_of_his_own(opened: Open) -> None:
    ops, root = await opened(password="of ops"), await opened(password="of root")
    person = Person("of ops", "of root")
    async with Fleet(access(ask=person)) as fleet:
        await fleet.connection(ops.node())
        await fleet.connection(root.node(user="root"))
    assert [one.title for one in person.questions] == ["Password of ops", "Password of root"]
    assert (ops.passwords, root.passwords) == (["of ops"], ["of root"])


async def test_a_nodes_own_questions_are_cleaned_and_shown_as_it_says(opened: Open) -> None:
    prompts = (("\x1b[2JName\u202e: ", True, "ops"), ("Code [/x]: ", False, "123456"))
    door = await opened(prompts=prompts, instructions="Take \x1b]0;x\x07your\ntoken")
    person = Person("ops", "123456")
    assert await enter(access(ask=person), door) == [None]
    name, code = person.questions
    assert (name.kind, name.title, name.echo) == ("prompt", "Name:", True)
    assert (code.title, code.echo) == ("Code [/x]:", False)
    assert "Take your token" in name.detail
    assert f"127.0.0.1:{door.port} asks" in name.detail


async def test_a_wrong_answer_is_asked_again_and_a_third_is_the_last(opened: Open) -> None:
    door = await opened(prompts=(("Code: ", False, "123456"),))
    person = Person("1", "2", "123456")
    assert await enter(access(ask=person), door) == [None]
    assert person.again == [False, True, True]
    door.answers.clear()
    await refusal(access(ask=Person("1", "2", "3")), door)
    assert door.answers == [["1"], ["2"], ["3"]]


async def test_a_question_that_nobody_answers_is_told(opened: Open) -> None:
    door = await opened(prompts=(("Code: ", False, "123456"),))
    problem = await refusal(access(ask=Person(None)), door)
    assert "it asked 'Code:'" in problem.detail
    nobody = await refusal(access(may_ask=frozenset()), door)
    assert "--ask-pass" in nobody.hint
    assert door.answers == []


async def test_who_leaves_a_question_is_not_asked_it_at_each_new_attempt(opened: Open) -> None:
    door = await opened(prompts=(("Code: ", False, "123456"),))
    person = Person(None, "123456")
    way = access(ask=person)
    for _ in range(2):
        await refusal(way, door)
    assert len(person.questions) == 1
    way.secrets.ask_again()
    assert await enter(way, door) == [None]


async def test_no_time_runs_while_the_operator_thinks(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reasons, "CONNECT_TIMEOUT_S", 0.5)
    doors = [await opened(prompts=(("Code: ", False, "123456"),)) for _ in range(2)]
    assert await enter(access(ask=Person("123456", "123456", takes_s=0.8)), *doors) == [None, None]


async def test_a_node_that_is_silent_is_given_up_in_time(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reasons, "CONNECT_TIMEOUT_S", 0.2)

    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(nothing, "127.0.0.1", 0)
    door = Door(port=server.sockets[0].getsockname()[1])
    (problem,) = await enter(access(), door)
    server.close()
    assert "does not answer" in str(problem)
