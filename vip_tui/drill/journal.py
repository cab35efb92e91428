"""A drill's journal: JSON lines, each synced to the disk before the next step is taken."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from vip_tui.errors import VipError
from vip_tui.store import Store, make_folder


class Journal:
    """Append-only; a drill that was cut short is one whose last line is not ``ended``."""

    def __init__(self, store: Store, cluster: str) -> None:
        self.started_at = _now()
        stamp = self.started_at.replace(":", "").replace("-", "")
        self.path: Path = store.journal(f"{cluster}-{stamp}-{os.getpid()}")
        self.write("started", cluster=cluster)

    def write(self, step: str, **details: object) -> None:
        """Add one line; raises VipError where it cannot be kept."""
        line = json.dumps({"time": _now(), "step": step, **details}, ensure_ascii=False)
        try:
            make_folder(self.path.parent)
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, f"{line}\n".encode())
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            detail = f"{self.path}: {error.strerror}"
            raise VipError("the drill's journal cannot be written", detail) from None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
