"""A drill's report as text: the outcome first, the outage drawn against its bound. Pure."""

from __future__ import annotations

from rich.text import Text

from vip_tui.drill.report import DrillReport
from vip_tui.drill.safety import MARGIN_S
from vip_tui.tui.theme import BAD, FAINT, GOOD, HINT, OUTCOMES, WARN, labelled

_LABEL = 9  # columns before a bar
_FIGURE = 10  # columns after it


def report_text(report: DrillReport, width: int = 78) -> Text:
    """The whole report, for a screen of this many columns."""
    parts = [_headline(report), _bars(report, width), _story(report), _timeline(report)]
    return Text("\n\n").join(part for part in parts if part)


def _headline(report: DrillReport) -> Text:
    text = Text()
    text.append(labelled(OUTCOMES, report.outcome))
    if report.outage_s is not None:
        text.append(f"   {_ms(report.outage_s)} without the VIP", style="bold")
    for reason in report.reasons:
        text.append("\n→ ", style=WARN)
        text.append(reason.removeprefix("the drill is refused: "))
    return text


def _bars(report: DrillReport, width: int) -> Text:
    """The outage beneath what the timers allow, on one scale."""
    if report.outage_s is None or report.bound_s is None:
        return Text()
    allowed = report.bound_s + MARGIN_S
    room = max(10, min(60, width - _LABEL - _FIGURE - 4))
    scale = room / max(allowed, report.outage_s)
    within = report.outage_s <= allowed
    rows = [
        ("outage", report.outage_s, GOOD if within else BAD),
        ("timers", report.bound_s, HINT),
        ("allowed", allowed, FAINT),
    ]
    return Text("\n").join(
        Text.assemble(
            f"{name:<{_LABEL}}", (f"{bar(length * scale):<{room}}", style), f" {_ms(length):>8}"
        )
        for name, length, style in rows
    )


def _story(report: DrillReport) -> Text:
    if not (report.source and report.timeline):
        return Text()
    text = Text(f"{report.source} was stopped; ")
    if report.target is not None:
        text.append(f"{report.target} took the VIP. ")
    elif report.outcome == "aborted":
        text.append("the drill ended before it was seen who took the VIP. ")
    else:
        text.append("nobody took the VIP. ", style=f"bold {BAD}")
    if report.restored:
        text.append(f"{report.source} is back as {report.back_as or 'backup'}.")
    else:
        text.append(f"{report.source} was NOT seen to come back.", style=f"bold {BAD}")
    if report.resolution_s is not None:
        asked = f"Asked by {report.probe}, every {report.resolution_s * 1000:.0f} ms."
        text.append(f"\n{asked}", style=FAINT)
    return text


def _timeline(report: DrillReport) -> Text:
    lines = []
    for at, what in report.timeline:
        lines.append(Text.assemble((f"{at:+8.3f} s  ", FAINT), what))
    return Text("\n").join(lines)


def bar(length: float) -> str:
    """A bar of this many columns, to a half of one; never nothing for something."""
    halves = max(round(length * 2), 1 if length > 0 else 0)
    return "━" * (halves // 2) + "╸" * (halves % 2)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
