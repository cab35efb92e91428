"""What a simulated command reads and writes, and how its line is told from any other. No I/O."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from vip_tui.nodes import commands, listening, mending
from vip_tui.nodes.commands import BY_PASSWORD, Command, Sudo

FACTS = "facts"  # declared in preflight, which the simulation must not know
FACT_MARK = "--8<-- vip-tui "
PREFIX = "vip-tui:"
COMMANDS: Mapping[str, Command] = {
    item.id: item
    for module in (commands, listening, mending)
    for item in vars(module).values()
    if isinstance(item, Command)
}
# How a line goes through sudo, by what its shell is given first.
_SUDO = {text: sudo for sudo, text in BY_PASSWORD.items() if sudo != "by-hand"}
_SECTION = re.compile(rf"^echo '{re.escape(FACT_MARK)}([^']*)'$", re.MULTILINE)


class Session(Protocol):
    """The three streams of a command."""

    def out(self, text: str) -> None:
        """Write to stdout."""

    def err(self, text: str) -> None:
        """Write to stderr."""

    async def line(self) -> str | None:
        """The next line of stdin without its newline; None at its end."""


@dataclass(frozen=True, slots=True)
class Call:
    """A declared command, as it was called."""

    id: str
    arguments: tuple[str, ...]
    sections: tuple[str, ...] = ()  # of FACTS
    sudo: Sudo = "free"


class UnknownCommand(Exception):  # noqa: N818 - what the shell would say
    """Nobody declared this line."""


def understand(line: str) -> Call:
    """Which declared command a line is; raises UnknownCommand where it is none to the letter."""
    try:
        words = shlex.split(line)
    except ValueError:
        raise UnknownCommand(line) from None
    at = next((i for i, word in enumerate(words) if word.startswith(PREFIX)), None)
    if at is None:
        raise UnknownCommand(line)
    name, arguments = words[at].removeprefix(PREFIX), tuple(words[at + 1 :])
    sudo = _SUDO.get(words[2], "free")
    if name == FACTS:
        return Call(name, arguments, tuple(_SECTION.findall(words[at - 1])), sudo)
    command = COMMANDS.get(name)
    if command is None or command.line(*arguments, sudo=sudo) != line:
        raise UnknownCommand(line)
    return Call(name, arguments, sudo=sudo)
