"""Opens the TUI, and makes the way in to the nodes; needs no parser of command lines."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from vip_tui.errors import InputError, RefusedError

if TYPE_CHECKING:
    from vip_tui.nodes.asking import Kind
    from vip_tui.nodes.connection import Access


@dataclass(frozen=True)
class Ssh:
    """The SSH options of the command line."""

    identity: tuple[Path, ...] = ()
    accept_new: bool = False
    ask_pass: bool = False
    ask_sudo_pass: bool = False

    def check(self) -> None:
        """Raise InputError for an identity file that is not there."""
        for path in self.identity:
            if not path.is_file():
                hint = "Give the private key's path."
                raise InputError("no such identity file", str(path), hint)

    @cached_property
    def access(self) -> Access:
        """The way in, which asks on the terminal: one, so that nothing is asked twice.

        asyncssh is imported only now. Raises RefusedError where there is nobody to be asked.
        """
        self.check()
        from vip_tui.cli.terminal import ask, has_terminal
        from vip_tui.nodes.connection import Access
        from vip_tui.store import Store

        asked = ("--ask-pass",) * self.ask_pass + ("--ask-sudo-pass",) * self.ask_sudo_pass
        if asked and not has_terminal():
            hint = "Run it in a terminal, or log in with a key, and use sudo without a password."
            detail = f"{' and '.join(asked)} would ask on it"
            raise RefusedError("there is no terminal to ask on", detail, hint)
        may_ask: set[Kind] = {"passphrase"}
        if self.ask_pass:
            may_ask |= {"password", "prompt"}
        if self.ask_sudo_pass:
            may_ask.add("sudo")
        asker = ask if has_terminal() else None
        return Access(
            Store(), self.identity, self.accept_new, ask=asker, may_ask=frozenset(may_ask)
        )


def open_last(ssh: Ssh = Ssh()) -> None:
    """The live panel of the cluster used last, or the wizard where none is saved."""
    from vip_tui.store import Store

    names = Store().names()
    open_tui(names[0] if names else None, None, ssh)


def open_tui(watch: str | None = None, setup: str | None = None, ssh: Ssh = Ssh()) -> None:
    """Open the TUI on a cluster's live panel, or in the wizard; it asks what has to be asked."""
    require_screen()
    gc.disable()  # until the first paint: what is imported stays anyway
    from vip_tui.tui.app import Start, VipApp

    ssh.check()

    async def access() -> Access:
        from vip_tui.nodes.connection import Access
        from vip_tui.store import Store

        return Access(Store(), ssh.identity, ssh.accept_new)

    app = VipApp(Start(watch=watch, setup=setup), access)
    if app.run() == "demo":
        from vip_tui.cli.demo import run_demo

        run_demo()
    elif app.return_code:
        raise SystemExit(app.return_code)  # it has told why


def require_screen() -> None:
    """Raise InputError where there is no terminal to draw on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        hint = "Run it in a terminal, or use check, plan, apply, status, drill, remove."
        raise InputError("the TUI needs a terminal", "", hint)
