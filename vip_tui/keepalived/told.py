"""Values out of JSON that somebody else wrote: of another type than expected, empty. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def text(value: Any) -> str:
    """A text; empty where it is none."""
    return value if isinstance(value, str) else ""


def table(value: Any) -> Mapping[str, Any]:
    """An object; empty where it is none."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> Sequence[Any]:
    """An array; empty where it is none."""
    return value if isinstance(value, list) else []


def number(value: Any) -> int:
    """A whole number; 0 where it is none."""
    return value if isinstance(value, int) else 0
