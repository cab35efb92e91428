"""Options that commands share, and how the way in is made from them."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from vip_tui.cli.opening import make_fleet
from vip_tui.cluster import parse_check_id
from vip_tui.errors import InterruptedByOperator, RefusedError

if TYPE_CHECKING:
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
