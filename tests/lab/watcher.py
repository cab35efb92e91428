"""Looks for secrets where they must not be: processes' arguments, environments and inputs."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.node import Node

# Before every command of vip-tui on a node: notes its arguments, environment and whole input.
SPY = """\
#!/bin/sh
[ "$1 $4" = "-k sh" ] || exec /usr/bin/timeout "$@" # one that a command begins
{ echo "== $0 $*"; env; } >>/var/log/spy
tee -a /var/log/spy | /usr/bin/timeout "$@"
"""


def spy_on(node: Node) -> None:
    """Every command of vip-tui begins with timeout(1), so that is where the spy sits."""
    node.run("tee", "/usr/local/bin/timeout", input=SPY)
    node.run("chmod", "755", "/usr/local/bin/timeout")
    node.run("sh", "-c", "touch /var/log/spy && chmod 666 /var/log/spy")
    node.run("tee", "-a", "/etc/sudoers", input="Defaults logfile=/var/log/sudo.log\n")


def spied(node: Node) -> str:
    """What the spy saw on a node."""
    return node.run("cat", "/var/log/spy").stdout


class Watcher:
    """Reads arguments and environment of every process of the machine: the nodes' and ours."""

    INTERVAL_S = 0.1

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = {name: secret.encode() for name, secret in secrets.items()}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.seen: set[tuple[str, str, str]] = set()  # which secret, where, in which variable
        self.looks = 0

    def _watch(self) -> None:
        while not self._done.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                for part in ("cmdline", "environ"):
                    self._look(process / part)
            self.looks += 1
            self._done.wait(self.INTERVAL_S)

    def _look(self, file: Path) -> None:
        try:
            text = file.read_bytes()
        except OSError:
            return  # it has ended, or is the kernel's
        for name, secret in self._secrets.items():
            if secret not in text:
                continue
            for word in text.split(b"\0"):
                variable = word.partition(b"=")[0].decode(errors="replace")
                # The lab itself tells a node the password that its user shall have.
                if secret in word and variable != "NODE_PASSWORD":
                    self.seen.add((name, file.name, variable))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()
