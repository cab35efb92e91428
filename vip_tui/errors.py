"""The failures that a person sees: each has a title, the cause and the next step."""

from __future__ import annotations

from typing import ClassVar


class VipError(Exception):
    """A failure that is told to the operator.

    ``title`` says what is wrong in a few words, ``detail`` how we know, ``hint`` what to do next.
    ``exit_code`` is what a headless command ends with (design, section 8).
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, title: str, detail: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return ": ".join(part for part in (self.title, self.detail) if part)

    def as_dict(self) -> dict[str, str]:
        """The ``error`` object of the JSON contract."""
        return {"title": self.title, "detail": self.detail, "hint": self.hint}


class InputError(VipError):
    """What was typed or written in a file cannot be used."""

    exit_code = 2


class RefusedError(VipError):
    """Not done, for safety or because the operator said no."""

    exit_code = 4


class UnreachableError(VipError):
    """A node could not be reached or would not let us in.

    ``on_the_way`` where that was not the node itself, but a jump host before it.
    """

    exit_code = 3
    on_the_way = False


class InterruptedByOperator(VipError):  # noqa: N818 - an interruption is not an error
    """The operator pressed Ctrl-C."""

    exit_code = 130
