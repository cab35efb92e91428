"""What commands print: one JSON document, or text for people; narration goes to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from vip_tui.errors import VipError

if TYPE_CHECKING:
    from vip_tui.deploy.plan import Plan
    from vip_tui.live.model import Snapshot
    from vip_tui.preflight.learnt import Finding
    from vip_tui.preflight.outcome import Preflight

WIDEST = 100  # longer lines are hard to read


def say(text: str) -> None:
    """Narration: progress, on stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(text))


def line(text: str, style: str = "", aside: bool = False) -> None:
    """One line of the answer, on stdout; ``aside`` puts it on stderr."""
    Console(stderr=aside, highlight=False, soft_wrap=True).print(Text(text, style=style))


def document(content: object) -> None:
    """The one JSON document, on stdout."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def error(problem: VipError, as_json: bool) -> None:
    """A failure: title, cause and next step."""
    if as_json:
        document({"error": problem.as_dict()})
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble(("✖ ", "bold red"), (problem.title, "bold")))
    for part, style in ((problem.detail, ""), (problem.hint, "cyan")):
        for text in part.splitlines():
            console.print(Text(f"  {text}", style=style))


def preflight(outcome: Preflight, aside: bool = False) -> None:
    """All findings; broken to the terminal's width where there is one."""
    from vip_tui.cli.findings import text_of

    stream = sys.stderr if aside else sys.stdout
    width = min(Console(stderr=aside).width, WIDEST) if stream.isatty() else None
    for text, style in text_of(outcome, width):
        line(text, style, aside)


def preflight_document(outcome: Preflight) -> dict[str, object]:
    """The ``check`` document of the JSON contract."""

    def told(found: Iterable[Finding]) -> list[dict[str, object]]:
        return [
            {
                **item.as_dict(),
                "accepted": item.status == "fail" and item.id in outcome.cluster.allow,
            }
            for item in found
        ]

    return {
        "ok": outcome.ok,
        "elapsed_s": round(outcome.elapsed_s, 3),
        "listen_s": round(outcome.listen_s, 3),
        "nodes": [
            {"name": name, "address": one.node.endpoint, "findings": told(findings)}
            for name, one, findings in zip(
                outcome.names, outcome.learnt, outcome.findings, strict=True
            )
        ],
        "cluster": told(outcome.across),
    }


def plan(made: Plan, aside: bool = False) -> None:
    """The plan, node by node, with the shell commands that would do the same."""
    for node in made.nodes:
        line(node.name, "bold", aside)
        for step in node.steps:
            line(f"  {'·' if step.action == 'leave' else '→'} {step.summary}", "", aside)
            for command in step.commands:
                for text in command.splitlines():
                    line(f"      {text}", "dim", aside)
    line(f"{made.kind}: {made.cost}" if made.changes else "Nothing to do.", "bold", aside)


def status_document(picture: Snapshot) -> dict[str, object]:
    """The ``status`` document of the JSON contract."""
    return {
        "verdict": picture.verdict,
        "reasons": [
            {
                "verdict": reason.verdict,
                "text": reason.text,
                "evidence": reason.evidence,
                "remedy": reason.remedy,
            }
            for reason in picture.reasons
        ],
        "holders": list(picture.holders),
        "nodes": [
            {
                "name": node.name,
                "address": node.address,
                "state": node.state,
                "holds": list(node.holds),
                "priority": node.priority,
            }
            for node in picture.nodes
        ],
        "probe": {
            "answers": None if not picture.probe.asked else picture.probe.took is not None,
            "silent_s": picture.probe.silent,
            "problem": picture.probe.problem.as_dict() if picture.probe.problem else None,
        },
    }


def status(picture: Snapshot) -> None:
    """The cluster's state for people."""
    good = picture.verdict == "healthy"
    line(f"{'✔' if good else '✖'} {picture.verdict.upper()}", "bold green" if good else "bold red")
    for reason in picture.reasons:
        line(f"  {reason.verdict}: {reason.text}")
        for text in (reason.evidence, reason.remedy):
            if text:
                line(f"      {text}", "dim")
    for node in picture.nodes:
        held = ", ".join(node.holds) or "–"
        priority = node.priority if node.priority is not None else "?"
        line(f"  {node.name:<14} {node.address:<20} {node.state:<12} {priority!s:>4}  {held}")
