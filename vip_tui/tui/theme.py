"""The look: two themes, and a word, a glyph and a colour for each state; colour is never alone.

Texts name their colours (``good``, ``bad``…); what a name looks like comes from the theme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rich.style import Style
from rich.text import Text
from rich.theme import Theme as Styles
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

GOOD, WARN, BAD, HINT, UNSURE, FAINT = "good", "warn", "bad", "hint", "unsure", "faint"
BADGE = "badge"

DARK = Theme(
    name="vip-dark",
    primary="#5fafd7",
    secondary="#87afaf",
    accent="#d7af5f",
    foreground="#d5d9dd",
    background="#14181c",
    surface="#1b2026",
    panel="#232a31",
    success="#7fbf6f",
    warning="#e0a94f",
    error="#e8746c",
    dark=True,
    variables={"unsure": "#c08fd0", "hint": "#6fb7cf"},
)
LIGHT = Theme(
    name="vip-light",
    primary="#1f6f9f",
    secondary="#4f7373",
    accent="#8f6210",
    foreground="#22282e",
    background="#f7f7f4",
    surface="#eeeeea",
    panel="#e2e4e2",
    success="#2f7a2a",
    warning="#96600a",
    error="#b3302a",
    dark=False,
    variables={"unsure": "#7a3f94", "hint": "#1f6f8f"},
)

# The terminal's own 16 colours, on whatever background it has.
_ANSI = BUILTIN_THEMES["ansi-dark"]
SIXTEEN = replace(
    _ANSI,
    name="vip-16",
    primary="ansi_cyan",
    accent="ansi_yellow",
    variables={
        **_ANSI.variables,
        "unsure": "ansi_magenta",
        "hint": "ansi_cyan",
        "border": "ansi_cyan",
        "footer-key-foreground": "ansi_yellow",
    },
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
    "unchanged": ("·", FAINT),
    "running": ("▶", "bold"),
    "failed": ("✖", f"bold {BAD}"),
    "undone": ("↶", WARN),
    "unknown": ("?", UNSURE),
}
OUTCOMES: dict[str, tuple[str, str]] = {
    "passed": ("✔", f"bold {GOOD}"),
    "failed": ("✖", f"bold {BAD}"),
    "inconclusive": ("?", f"bold {UNSURE}"),
    "aborted": ("✖", f"bold {WARN}"),
    "refused": ("✖", f"bold {WARN}"),
}

# Where Textual's own themes have no such variable, the nearest they have.
_VARIABLES = {
    GOOD: ("text-success", "success"),
    WARN: ("text-warning", "warning"),
    BAD: ("text-error", "error"),
    HINT: ("hint", "text-primary", "primary"),
    UNSURE: ("unsure", "text-accent", "accent"),
}
_FAINT = 0.42  # how far what is less important fades into the background


def styles(variables: Mapping[str, str]) -> Styles:
    """The named styles of texts, from a theme's variables; each also bold, and not bold."""
    colours = {}
    for name, sources in _VARIABLES.items():
        colours[name] = next(variables[source] for source in sources if source in variables)
    found = {name: Color.parse(value) for name, value in colours.items()}
    foreground, background = (Color.parse(variables[it]) for it in ("foreground", "background"))
    made = {name: Style(color=colour.rich_color) for name, colour in found.items()}
    if foreground.ansi is None and background.ansi is None:
        made[FAINT] = Style(color=foreground.blend(background, _FAINT).rich_color)
    else:
        made[FAINT] = Style(dim=True)
    bold = {f"bold {name}": style + Style(bold=True) for name, style in made.items()}
    plain = {f"not bold {name}": style + Style(bold=False) for name, style in made.items()}
    badge = {BADGE: made[WARN] + Style(bold=True, reverse=True)}
    return Styles({**made, **bold, **plain, **badge})


def styled(text: str, style: str = "") -> Text:
    """A text in one style; as a span, because Textual does not look up the name of a base style."""
    return Text.assemble((text, style))


def labelled(table: dict[str, tuple[str, str]], word: str, upper: bool = True) -> Text:
    """A state as glyph and word, in its colour."""
    glyph, style = table.get(word, ("?", UNSURE))
    return styled(f"{glyph} {word.upper() if upper else word}", style)


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
