"""What the checks step says above its list, and before it mends or accepts something. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from vip_tui.preflight.catalogue import CATALOGUE
from vip_tui.preflight.learnt import Finding
from vip_tui.preflight.outcome import Preflight
from vip_tui.tui.checks_tree import Tree, accepted, can_accept, in_the_way, obstacles
from vip_tui.tui.theme import BAD, FAINT, GOOD, HINT, WARN, styled

if TYPE_CHECKING:
    from vip_tui.preflight.remedies import Remedy


def asking(names: Sequence[str], answered: int, everyone: bool, again: bool, waited: int) -> Text:
    """What is being waited for; ``names`` are the nodes that are asked."""
    count = len(names)
    if answered == count:
        who = "All nodes have answered" if everyone else f"{_few(names)} answered"
        text = f"{who}; listening on the wire… {waited} s"
    elif answered:
        text = f"{answered} of {count} nodes {'has' if answered == 1 else 'have'} answered"
        text += f"… {waited} s"
    elif everyone:
        text = f"Asking {count} nodes, all at once… {waited} s"
    else:
        text = f"Asking {_few(names)}{' again' if again else ''}… {waited} s"
    return styled(text, "bold")


def mending(names: Sequence[str], waited: int) -> Text:
    """A remedy is being carried out."""
    return styled(f"Mending {_few(names)}… {waited} s", "bold")


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} nodes"


def verdict(outcome: Preflight, made: Tree, mendable: int) -> Text:
    """Whether one may go on, and how: of what stands in the way so many can be mended from here."""
    blocking = [finding for _, finding in in_the_way(outcome)]
    if blocking:
        text = styled(f"✖ {obstacles(outcome)}. ", f"bold {BAD}")
        return text.append(_ways_on(blocking, mendable), style="not bold")
    text = styled("✔ Nothing stands in the way. Enter makes the plan.", f"bold {GOOD}")
    if notes := _notes(outcome, made):
        text.append(f" {notes}", style=f"not bold {FAINT}")
    return text


def _ways_on(blocking: Sequence[Finding], mendable: int) -> str:
    """What the keys can do about it, and that it can be mended by hand."""
    risks = [finding for finding in blocking if can_accept(finding)]
    risk = "the risk" if len(risks) == len(blocking) else "some"
    accept = f"a accepts {risk}" if risks else ""
    mend = "" if not mendable else "m mends" if mendable == len(blocking) else "m mends some"
    if keys := ", ".join(word for word in (mend, accept) if word):
        return f"{keys}; mended by hand, F5."
    return "Mend it, then press F5."


def _notes(outcome: Preflight, made: Tree) -> str:
    """What is not fine all the same."""
    allowed = outcome.cluster.allow
    risks = {entry.finding.id for entry in made.entries if accepted(entry.finding, allowed)}
    counts = {
        "accepted risk": len(risks),
        "warning": made.count("warn"),
        "unknown": made.count("unknown"),
    }
    words = [
        f"{count} {word}{'s' if count > 1 and word != 'unknown' else ''}"
        for word, count in counts.items()
        if count
    ]
    return f"({', '.join(words)})" if words else ""


def took(outcome: Preflight) -> str:
    """How long it took; what had to listen is told apart."""
    return f"asked {outcome.elapsed_s:.1f} s, listened {outcome.listen_s:.1f} s"


def mend_text(remedies: Sequence[Remedy]) -> RenderableType:
    """What would run, where, and the way back."""
    parts: list[RenderableType] = []
    for warning in dict.fromkeys(remedy.warning for remedy in remedies if remedy.warning):
        parts.append(styled(f"▲ {warning}\n", f"bold {WARN}"))
    groups: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for remedy in remedies:
        groups.setdefault((remedy.title, remedy.commands, remedy.back), []).append(remedy.name)
    for (title, commands, back), names in groups.items():
        parts.append(Text(f"On {', '.join(names)}: {title}."))
        parts.append(_lines(commands, f"bold {HINT}"))
        if back:
            parts += [styled("The way back:", FAINT), _lines(back, "")]
        parts.append(Text())
    parts.append(styled("Afterwards it is looked at again.", FAINT))
    return Group(*parts)


def _lines(commands: Sequence[str], style: str) -> Table:
    """Commands, so that one sees where each begins."""
    table = Table.grid(padding=(0, 1))
    for command in commands:
        table.add_row(styled("  $", FAINT), styled(command, style))
    return table


def risk_text(finding: Finding, where: str, name: str) -> Text:
    """What it means to go on with it, in the cluster of this name."""
    why = CATALOGUE[finding.id].why
    summary = finding.summary if where in finding.summary else f"{where}: {finding.summary}"
    text = Text(f"{summary}.\n{why[:1].upper()}{why[1:]}.\n\n")
    text.append(f"From now on {finding.id} stops no deployment of {name}, on whichever node it ")
    text.append("fails: ").append(f'allow = ["{finding.id}"]', style=FAINT)
    return text.append(" in its file. a takes it back.")
