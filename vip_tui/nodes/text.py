"""Remote text is hostile: it is cleaned here once, where it enters."""

from __future__ import annotations

import re
from typing import Any

MAX_LENGTH = 1_000_000

# ECMA-48 control sequences, OSC and other string sequences, then what is left of C0, C1 and DEL.
_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x9c|\x1b\\)?"
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Marks that turn the direction of text can make one line read as another (CVE-2021-42574).
_DIRECTION = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str | bytes) -> str:
    """Text without escapes, control characters (but newline and tab) and direction marks."""
    if isinstance(text, bytes):
        text = text[:MAX_LENGTH].decode("utf-8", errors="replace")
    else:
        # Half a surrogate pair, as JSON may carry, can be neither shown nor written.
        text = text[:MAX_LENGTH].encode("utf-8", errors="replace").decode()
    text = text.replace("\r\n", "\n")
    return _DIRECTION.sub("", _CONTROLS.sub("", _SEQUENCES.sub("", text)))


def clean_line(text: str | bytes, limit: int = 400) -> str:
    """The same as one line of at most ``limit`` characters."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def clean_all(value: Any) -> Any:
    """Every text in a JSON value, cleaned; also the names of its fields."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean_all(key): clean_all(item) for key, item in value.items()}
    return [clean_all(item) for item in value] if isinstance(value, list) else value


def parse_hostname(text: str) -> str:
    """A hostname that can be shown and compared; other characters become dashes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text.strip())[:63]
