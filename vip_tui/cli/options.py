"""Options that commands share, and how the way in is made from them."""

from __future__ import annotations

import asyncio
import functools
import inspect
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from vip_tui.cli.opening import Ssh
from vip_tui.cluster import parse_allowed
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
AskPass = Annotated[
    bool, typer.Option("--ask-pass", help="Ask for the login password where a node wants one.")
]
AskSudoPass = Annotated[
    bool, typer.Option("--ask-sudo-pass", help="Ask for the password that a node's sudo wants.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Allow = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="CHECK", help="Go on although this check fails."),
]

T = TypeVar("T")


def allowed(allow: list[str] | None) -> tuple[str, ...]:
    """The check ids that ``--allow`` names; raises InputError for one that cannot be allowed."""
    return tuple(dict.fromkeys(parse_allowed(name) for name in allow or ()))


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


def _ssh(
    identity: Identity = None,
    accept_new: AcceptNew = False,
    ask_pass: AskPass = False,
    ask_sudo_pass: AskSudoPass = False,
) -> Ssh:
    return Ssh(tuple(identity or ()), accept_new, ask_pass, ask_sudo_pass)


def connects(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the SSH options: it is called with one ``ssh``, which holds them."""
    options = inspect.signature(_ssh, eval_str=True).parameters

    @functools.wraps(command)
    def called(**given: Any) -> None:
        ssh = _ssh(**{name: given.pop(name) for name in options})
        command(**given, ssh=ssh)

    signature = inspect.signature(command, eval_str=True)
    own = [one for name, one in signature.parameters.items() if name != "ssh"]
    both = signature.replace(parameters=[*own, *options.values()])
    called.__signature__ = both  # type: ignore[attr-defined]  # inspect.signature() reads it
    return called


def with_fleet(ssh: Ssh, work: Callable[[Fleet], Coroutine[Any, Any, T]]) -> T:
    """Run work that needs connections to its end; Ctrl-C cancels it, and it cleans up first."""

    async def connected() -> T:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal is no reason to hurry
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        from vip_tui.nodes.fleet import Fleet

        async with Fleet(ssh.access) as fleet:
            return await work(fleet)

    try:
        return asyncio.run(connected())
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise InterruptedByOperator("interrupted") from None
