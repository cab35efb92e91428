"""The command line: one command per verb; opens the TUI or runs headless.

Heavy modules are imported where they are used, so that ``--help`` and the first paint are quick.
"""

from __future__ import annotations

import os
import sys

from vip_tui.errors import InputError, VipError


def main() -> None:
    """Run the command line; failures become a message (or JSON) and an exit code."""
    try:
        code = _run(sys.argv[1:])
    except VipError as problem:
        code = _failed(problem)
    except KeyboardInterrupt:
        code = _failed(VipError("interrupted"), 130)
    except Exception as mistake:
        if os.environ.get("VIP_TUI_DEBUG"):
            raise
        detail = f"{type(mistake).__name__}: {mistake}"
        hint = "Please report it, with what VIP_TUI_DEBUG=1 shows."
        code = _failed(VipError("vip-tui made a mistake", detail, hint))
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """Where there is nothing to parse the parser, which takes its time, is not even imported."""
    if arguments == ["demo"]:
        from vip_tui.cli.demo import run_demo

        run_demo()
    elif not arguments:
        from vip_tui.cli.opening import open_last

        open_last()
    elif arguments == ["setup"]:
        from vip_tui.cli.opening import open_tui

        open_tui()
    else:
        return _parsed()
    return 0


def _parsed() -> int:
    import typer

    from vip_tui.cli.commands import app

    try:
        code = app(standalone_mode=False)
    except typer.TyperException as problem:
        hint = "`vip-tui --help` lists the commands and their options."
        return _failed(InputError(problem.format_message(), "", hint), problem.exit_code)
    except typer.Abort:
        return _failed(VipError("interrupted"), 130)
    return code if isinstance(code, int) else 0


def _failed(problem: VipError, code: int | None = None) -> int:
    from vip_tui.cli import output

    output.error(problem, "--json" in sys.argv)
    return problem.exit_code if code is None else code
