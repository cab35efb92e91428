"""The look: one theme, and a word, a glyph and a colour for each state; colour is never alone."""

from __future__ import annotations

from rich.text import Text
from textual.theme import Theme

GOOD, WARN, BAD, HINT, UNSURE = "#7fbf6f", "#e0a94f", "#e8746c", "#6fb7cf", "#c08fd0"

DARK = Theme(
    name="vip-dark",
    primary="#5fafd7",
    secondary="#87afaf",
    accent="#d7af5f",
    foreground="#d0d4d8",
    background="#14181c",
    surface="#1b2026",
    panel="#232a31",
    success=GOOD,
    warning=WARN,
    error=BAD,
    dark=True,
)

STATES: dict[str, tuple[str, str]] = {
    "master": ("●", f"bold {GOOD}"),
    "backup": ("○", HINT),
    "fault": ("✖", f"bold {BAD}"),
    "stopped": ("✖", BAD),
    "paused": ("‖", WARN),
    "restarting": ("↻", WARN),
    "absent": ("–", BAD),
    "unreachable": ("✖", f"bold {BAD}"),
    "unknown": ("?", UNSURE),
}
VERDICTS: dict[str, tuple[str, str]] = {
    "healthy": ("✔", f"bold {GOOD}"),
    "degraded": ("▲", f"bold {WARN}"),
    "drift": ("▲", f"bold {WARN}"),
    "unknown": ("?", f"bold {UNSURE}"),
    "stale-vip": ("✖", f"bold {BAD}"),
    "no-master": ("✖", f"bold {BAD}"),
    "split-brain": ("✖", f"bold {BAD}"),
}
FINDINGS: dict[str, tuple[str, str]] = {
    "pass": ("✔", GOOD),
    "warn": ("▲", WARN),
    "fail": ("✖", f"bold {BAD}"),
    "unknown": ("?", UNSURE),
}
STEPS: dict[str, tuple[str, str]] = {
    "done": ("✔", GOOD),
    "unchanged": ("·", "dim"),
    "running": ("▶", "bold"),
    "failed": ("✖", f"bold {BAD}"),
    "undone": ("↶", WARN),
    "unknown": ("?", UNSURE),
}


def labelled(table: dict[str, tuple[str, str]], word: str, upper: bool = True) -> Text:
    """A state as glyph and word, in its colour."""
    glyph, style = table.get(word, ("?", UNSURE))
    return Text(f"{glyph} {word.upper() if upper else word}", style=style)


def duration(seconds: float) -> str:
    """A length of time in the two units that matter."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"
