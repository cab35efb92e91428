"""What the operator gave to get in with, on top of ssh's own configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from vip_tui.nodes.asking import KINDS, Asker, Kind
from vip_tui.nodes.keys import KeyFiles
from vip_tui.nodes.secrets import Secrets
from vip_tui.store import Store


@dataclass(frozen=True, slots=True)
class Access:
    """How to get in, and what was found out about that in this run.

    ``isolated`` uses the store and the identities alone: nothing of ``~/.ssh``, and no agent.
    ``ask`` asks the operator, for what they ``may_ask`` for; one Access asks nothing twice.
    """

    store: Store
    identities: tuple[Path, ...] = ()
    accept_new: bool = False
    isolated: bool = False
    ask: Asker | None = None
    may_ask: frozenset[Kind] = KINDS
    secrets: Secrets = field(default_factory=Secrets, repr=False, compare=False)
    key_files: KeyFiles = field(default_factory=KeyFiles, repr=False, compare=False)

    def asker(self, kind: Kind) -> Asker | None:
        """Who asks for such a secret, or None where nobody can be asked."""
        return self.ask if kind in self.may_ask else None
