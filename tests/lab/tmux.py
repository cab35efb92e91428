"""The real program in a real terminal (tmux), as somebody at the keyboard has it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.tools import LabError, wait_until


class Terminal:
    """A tmux server of the test's own, with one window in which vip-tui runs."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        self._folder = folder
        self._size = size
        self._starts = 0

    @property
    def _socket(self) -> Path:
        """A server that ends takes a moment: each start has one of its own."""
        return self._folder / f"tmux-{self._starts}"

    def _tmux(self, *argv: str) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *argv]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def start(self, *argv: str) -> None:
        self._starts += 1
        width, height = self._size
        program = subprocess.list2cmdline([sys.executable, "-m", "vip_tui", *argv])
        size = ["-x", str(width), "-y", str(height)]
        self._tmux("new-session", "-d", *size, f"env TERM=tmux-256color {program}")

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._tmux("send-keys", key)

    def paste(self, text: str) -> None:
        self._tmux("set-buffer", text)
        self._tmux("paste-buffer", "-p")

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def sees(self, *texts: str, within: float = 20.0) -> None:
        """Wait until all of these are on the screen; the failure shows what was."""
        try:
            wait_until(lambda: all(text in self.screen() for text in texts), "not seen", within)
        except LabError as error:
            pytest.fail(f"{error}: {texts}\n{self.screen()}")

    def end(self) -> None:
        subprocess.run(
            ["tmux", "-S", str(self._socket), "kill-server"], check=False, capture_output=True
        )
