"""The command line, run in this process as a script would run it."""

import io
import json
import sys
from typing import Any, NamedTuple

import pytest

from vip_tui.cli import main


class Ended(NamedTuple):
    """How a run of the command line ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What is on stdout, which has to be one JSON document and nothing else."""
        return json.loads(self.out)


class Terminal(io.StringIO):
    """Somebody to ask."""

    def isatty(self) -> bool:
        return True


class Cli:
    """The command line in this process, without a terminal."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch = patch
        self._capture = capture
        patch.setattr(sys, "stdin", io.StringIO())

    def type(self, text: str) -> None:
        """From now on there is a terminal, at which this is typed."""
        self._patch.setattr(sys, "stdin", Terminal(text))

    def __call__(self, *arguments: str) -> Ended:
        self._patch.setattr(sys, "argv", ["vip-tui", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        captured = self._capture.readouterr()
        assert isinstance(caught.value.code, int)
        return Ended(caught.value.code, captured.out, captured.err)

    def answer(self, where: Any, name: str, result: Any) -> None:
        """Let what a command asks of the nodes have this result, or raise it."""

        async def work(*_: object, **__: object) -> Any:
            if isinstance(result, BaseException):
                raise result
            return result

        self._patch.setattr(where, name, work)
