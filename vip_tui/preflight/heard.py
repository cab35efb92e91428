"""What a node heard on the wire while it listened. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard, and what could not be listened to."""
