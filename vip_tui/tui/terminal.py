"""The terminal's driver: Textual's own, which also stands a stop from outside and a hang-up.

Source: termio(7) of SIGHUP and SIGCONT, setpgid(2): where a terminal hangs up, its foreground
processes get both.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver


class TerminalDriver(LinuxDriver):
    """Textual takes every SIGCONT for the end of its own Ctrl-Z, and starts a second time.

    Its first reader of keys is then forgotten, never told to end, and keeps the program alive.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Never to be debugged: Textual then writes every key, passwords too, into keys.log."""
        super().__init__(app, debug=False, mouse=mouse, size=size)

    def resume_application_mode(self) -> None:
        if not os.isatty(self.fileno):
            return  # hung up: there is nothing to resume on
        if self._key_thread is not None and self._key_thread.is_alive():
            self.suspend_application_mode()
        super().resume_application_mode()

    def write(self, data: str) -> None:
        # Writing to a terminal that is gone ends the writer; a full queue would block for ever.
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().write(data)

    def close(self) -> None:
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().close()

    def let_go_if_hung_up(self) -> None:
        """Where the terminal is gone, read no more of it: its end would be read without pause."""
        if os.isatty(self.fileno):
            return
        self.disable_input()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
