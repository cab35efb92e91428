"""``check --fix``: what can be mended is shown, asked for, carried out and looked at again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vip_tui.cli import output
from vip_tui.cli.options import confirm, with_fleet
from vip_tui.cluster import Cluster
from vip_tui.errors import VipError
from vip_tui.preflight.gather import gather
from vip_tui.preflight.mend import Mended, mend_all
from vip_tui.preflight.outcome import Preflight
from vip_tui.preflight.remedies import Remedy, remedies

if TYPE_CHECKING:
    from vip_tui.cli.opening import Ssh
    from vip_tui.nodes.fleet import Fleet

QUESTION = "Run these commands?"
WORST_FIRST = (2, 4, 3, 1)  # exit codes, the one that counts first (design, section 8)


def show(found: Sequence[Remedy]) -> None:
    """What would be run on which node, and the way back; aside, as it is not the answer."""
    for remedy in found:
        output.line(f"{remedy.name}  {remedy.title}", "bold", aside=True)
        _commands("", remedy.commands)
        _commands("back", remedy.back)
        for text in (remedy.warning, remedy.barred and f"not from here: {remedy.barred}"):
            if text:
                output.line(f"    ! {text}", "yellow", aside=True)


def _commands(label: str, commands: Sequence[str]) -> None:
    for command in commands:
        for number, text in enumerate(command.splitlines()):
            mark = f"{label or 'run':<6}" if number == 0 else " " * 6
            output.line(f"    {mark}{text}", "dim" if label else "", aside=True)


def fix(cluster: Cluster, ssh: Ssh, yes: bool, as_json: bool) -> int:
    """Check, mend what can be mended, and answer with what is so afterwards; the exit code.

    Raises RefusedError where the operator says no, or where there is nobody to ask.
    """
    before = with_fleet(ssh, lambda fleet: gather(cluster, fleet))
    found = remedies(before)
    if not found:
        output.say("There is nothing that vip-tui can mend.")
        return _answer(before, (), as_json)
    output.preflight(before, aside=True)
    output.say("")
    show(found)
    if not all(remedy.barred for remedy in found):
        confirm(QUESTION, yes)
    after, done = with_fleet(ssh, lambda fleet: carry_out(found, before, fleet))
    return _answer(after, done, as_json)


def _answer(after: Preflight, done: Sequence[Mended], as_json: bool) -> int:
    if as_json:
        fixed = [one.as_dict() for one in done]
        output.document({**output.preflight_document(after), "fixed": fixed})
    else:
        output.preflight(after)
    return exit_code(after, done)


async def carry_out(
    found: Sequence[Remedy], before: Preflight, fleet: Fleet
) -> tuple[Preflight, tuple[Mended, ...]]:
    """Run them, and look at the nodes again that were touched; narrates on stderr."""

    def tell(mended: Mended) -> None:
        remedy, problem = mended.remedy, mended.problem
        head = f"{'✔' if problem is None else '✖'} {remedy.name}: {remedy.title}"
        output.say(f"{head}: {mended.evidence if problem is None else problem}")
        if problem is not None and problem.hint:
            output.say(f"  {problem.hint}")

    work = asyncio.ensure_future(mend_all(found, before.cluster, fleet, tell))
    try:
        done = await asyncio.shield(work)
    except asyncio.CancelledError:
        output.say("Stopping: what is under way on a node is run to its end, nothing more begun.")
        work.cancel()
        await asyncio.wait({work})
        raise
    touched = {remedy.index for remedy in found if not remedy.barred}
    if not touched:
        return before, done
    return await gather(before.cluster, fleet, before=before, only=touched), done


def exit_code(after: Preflight, done: Sequence[Mended]) -> int:
    """By what is so afterwards, and by what could not be mended."""
    problems: list[VipError] = [one.problem for one in done if one.problem is not None]
    codes = {problem.exit_code for problem in problems}
    if after.unreached:
        codes.add(2 if after.bad_input else 3)
    if not after.ok:
        codes.add(1)
    return next((code for code in WORST_FIRST if code in codes), 0)
