"""A failure as text: what is wrong, how we know, what to do next. Pure."""

from __future__ import annotations

from rich.text import Text

from vip_tui.errors import VipError
from vip_tui.tui.theme import BAD, HINT, styled


def problem_text(problem: VipError) -> Text:
    """A failure: title, cause and next step."""
    text = styled(f"✖ {problem.title}\n", f"bold {BAD}")
    if problem.detail:
        text.append(f"{problem.detail}\n", style="not bold")
    if problem.hint:
        text.append(problem.hint, style=f"not bold {HINT}")
    return text


def mistake(error: BaseException | None) -> VipError:
    """A failure that nobody foresaw."""
    detail = f"{type(error).__name__}: {error}"
    return VipError("vip-tui made a mistake", detail, "Start it again; report this.")
