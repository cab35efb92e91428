"""What keepalived's log says of its VRRP state. Pure.

Wording checked against keepalived 2.0.20 and 2.2.7 (``keepalived/vrrp/vrrp.c``).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal

VrrpState = Literal["master", "backup", "fault"]

_ENTERING = re.compile(r"\((?P<instance>[^)]+)\) Entering (?P<state>MASTER|BACKUP|FAULT) STATE")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z")
_SECRET = re.compile(r"^(?P<head>.*?(?:password|auth_pass)\s*[=:]?\s*)\S.*$", re.IGNORECASE)
_STATES: dict[str, VrrpState] = {"MASTER": "master", "BACKUP": "backup", "FAULT": "fault"}


def entered_state(line: str) -> VrrpState | None:
    """The state that this line says keepalived entered, or None."""
    match = _ENTERING.search(line)
    return _STATES[match["state"]] if match else None


def timestamp_ns(text: str) -> int | None:
    """Docker's RFC 3339 time in nanoseconds since 1970; None where it is none."""
    match = _TIME.match(text)
    if not match:
        return None
    try:
        moment = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1_000_000_000 + int((match[2] or "").ljust(9, "0")[:9])


def since(line: str, started_at: str) -> str | None:
    """The text of a line with Docker's timestamp, where it was written since ``started_at``.

    A restarted container goes on with its old log; what it said before says nothing of now.
    """
    stamp, _, text = line.partition(" ")
    written, started = timestamp_ns(stamp), timestamp_ns(started_at)
    if written is None or started is None or written < started:
        return None
    return text


def redact(line: str) -> str:
    """The line without the password that keepalived's ``--dump-conf`` writes into its log."""
    return _SECRET.sub(r"\g<head>********", line)
