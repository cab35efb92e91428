"""A failure tells its title, cause and next step, and how a command ends with it."""

import pytest

from vip_tui import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.VipError, 1),
        (errors.InputError, 2),
        (errors.UnreachableError, 3),
        (errors.RefusedError, 4),
        (errors.InterruptedByOperator, 130),
    ],
)
def test_each_kind_of_failure_has_the_exit_code_of_the_contract(
    kind: type[errors.VipError], code: int
) -> None:
    assert kind("title").exit_code == code


def test_the_json_error_has_title_detail_and_hint() -> None:
    problem = errors.VipError("no VIP", "the list is empty", "Give one.")
    assert problem.as_dict() == {
        "title": "no VIP",
        "detail": "the list is empty",
        "hint": "Give one.",
    }


@pytest.mark.parametrize(
    ("problem", "text"),
    [(errors.VipError("a", "b", "c"), "a: b"), (errors.VipError("a", hint="c"), "a")],
)
def test_as_text_a_failure_is_its_title_and_cause(problem: errors.VipError, text: str) -> None:
    assert str(problem) == text
