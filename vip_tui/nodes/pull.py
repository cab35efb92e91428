"""What Docker says while it pulls an image, as one line for all layers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vip_tui.nodes.text import clean_line

_HAVE = ("Download complete", "Extracting", "Pull complete", "Already exists", "Verifying Checksum")
_DONE = ("Pull complete", "Already exists")


class PullProgress:
    """Adds up the layers' events (Docker Engine API, ``POST /images/create``)."""

    def __init__(self) -> None:
        self._status: dict[str, str] = {}
        self._bytes: dict[str, tuple[int, int]] = {}
        self._said = "pulling"

    def take(self, event: Mapping[str, Any]) -> str:
        """The line that tells where the pull is after this event."""
        layer, status = event.get("id"), str(event.get("status") or "")
        if not isinstance(layer, str) or status.startswith("Pulling from"):
            self._said = clean_line(status, 60) or self._said
            return self._line()
        self._status[layer] = status
        detail = event.get("progressDetail")
        if status == "Downloading" and isinstance(detail, Mapping):
            current, total = detail.get("current"), detail.get("total")
            if isinstance(current, int) and isinstance(total, int) and total > 0:
                self._bytes[layer] = (min(current, total), total)
        elif status in _HAVE and layer in self._bytes:
            total = self._bytes[layer][1]
            self._bytes[layer] = (total, total)
        return self._line()

    def _line(self) -> str:
        if not self._status:
            return self._said
        done = sum(status in _DONE for status in self._status.values())
        text = f"{done} of {len(self._status)} layers"
        have = sum(current for current, _ in self._bytes.values())
        total = sum(size for _, size in self._bytes.values())
        if total:
            text += f", {have / 1e6:.1f} of {total / 1e6:.1f} MB"
        return text
