"""Secrets that only the operator knows: what is asked, and who asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from vip_tui.cluster import Secret

Kind = Literal["passphrase", "password", "sudo", "prompt"]
KINDS: frozenset[Kind] = frozenset({"passphrase", "password", "sudo", "prompt"})


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask the operator; texts that a node sent are cleaned already.

    ``passphrase`` is a key file's, ``password`` a login's, ``sudo`` sudo(8)'s, ``prompt`` what a
    node asks in its own words (keyboard-interactive, RFC 4256).
    """

    kind: Kind
    title: str  # what is asked for: "Passphrase of ~/.ssh/id_ed25519"
    detail: str = ""  # why, and what is done with it
    echo: bool = False  # whether the answer may be seen (RFC 4256, section 3.2)
    again: bool = False  # the answer before was refused


# None: the operator does not want to say it.
Asker = Callable[[Question], Awaitable[Secret | None]]
