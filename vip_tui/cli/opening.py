"""Opens the TUI, and makes the way in to the nodes; needs no parser of command lines."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vip_tui.errors import InputError

if TYPE_CHECKING:
    from vip_tui.nodes.connection import Access
    from vip_tui.nodes.fleet import Fleet


def open_last(identity: list[Path] | None = None, accept_new: bool = False) -> None:
    """The live panel of the cluster used last, or the wizard where none is saved."""
    from vip_tui.store import Store

    names = Store().names()
    open_tui(names[0] if names else None, None, identity, accept_new)


def open_tui(
    watch: str | None = None,
    setup: str | None = None,
    identity: list[Path] | None = None,
    accept_new: bool = False,
) -> None:
    """Open the TUI on a cluster's live panel, or in the wizard."""
    require_screen()
    gc.disable()  # until the first paint: what is imported stays anyway
    from vip_tui.tui.app import Start, VipApp

    check_identities(identity)

    async def access() -> Access:
        return make_access(identity, accept_new)

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
