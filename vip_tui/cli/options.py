"""Options that commands share, and how the way in is made from them."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from vip_tui.cluster import parse_check_id
from vip_tui.errors import InputError, InterruptedByOperator, RefusedError

if TYPE_CHECKING:
    from vip_tui.nodes.connection import Access
    from vip_tui.nodes.fleet import Fleet

ClusterName = Annotated[
    str, typer.Argument(metavar="CLUSTER", help="A cluster file, or the name of a saved cluster.")
]
Identity = Annotated[
    list[Path] | None,
    typer.Option("--identity", "-i", metavar="FILE", help="An SSH private key to log in with."),
]
AcceptNew = Annotated[
    bool, typer.Option("--accept-new", help="Trust host keys that nobody has seen before.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Allow = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="CHECK", help="Go on although this check fails."),
]

T = TypeVar("T")


def check_identities(identity: list[Path] | None) -> None:
    """Raise InputError for an identity file that is not there."""
    for path in identity or ():
        if not path.is_file():
            hint = "Give the private key's path."
            raise InputError("no such identity file", str(path), hint)


def make_access(identity: list[Path] | None, accept_new: bool) -> Access:
    """The way in; asyncssh is imported only now."""
    from vip_tui.nodes.connection import Access
    from vip_tui.store import Store

    return Access(Store(), tuple(identity or ()), accept_new)


def make_fleet(identity: list[Path] | None, accept_new: bool) -> Fleet:
    """The connections' owner; asyncssh and docker are imported only now."""
    from vip_tui.nodes.fleet import Fleet

    check_identities(identity)
    return Fleet(make_access(identity, accept_new))


def allowed(allow: list[str] | None) -> tuple[str, ...]:
    """The check ids that ``--allow`` names; raises InputError for one that does not exist."""
    return tuple(parse_check_id(name) for name in allow or ())


def confirm(question: str, yes: bool) -> None:
    """Ask on the terminal; raises RefusedError for a no, or where nobody can be asked."""
    if not yes and _ask(f"{question} [y/N] ").lower() not in ("y", "yes"):
        raise RefusedError("not confirmed", "you said no")


def confirm_typed(consequence: str, word: str) -> None:
    """For what can cost an outage: the word itself has to be typed."""
    if _ask(f"{consequence}\nType {word} to go on: ") != word:
        raise RefusedError("not confirmed", f"{word} was not typed")


def require_terminal() -> None:
    """Raise RefusedError where there is nobody to ask."""
    if not sys.stdin.isatty():
        raise RefusedError("not confirmed", "there is no terminal to ask on", "Give --yes.")


def require_screen() -> None:
    """Raise InputError where there is no terminal to draw on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        hint = "Run it in a terminal, or use check, plan, apply, status, drill, remove."
        raise InputError("the TUI needs a terminal", "", hint)


def _ask(question: str) -> str:
    require_terminal()
    typer.echo(question, nl=False, err=True)
    return sys.stdin.readline().strip()


def with_fleet(
    identity: list[Path] | None, accept_new: bool, work: Callable[[Fleet], Coroutine[Any, Any, T]]
) -> T:
    """Run work that needs connections to its end; Ctrl-C cancels it, and it cleans up first."""

    async def connected() -> T:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal is no reason to hurry
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        async with make_fleet(identity, accept_new) as fleet:
            return await work(fleet)

    try:
        return asyncio.run(connected())
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise InterruptedByOperator("interrupted") from None
