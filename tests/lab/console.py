"""The operator at the command line: cluster files, runs of vip-tui, and what they ended with."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.lab.lab import Lab
from tests.lab.node import Node
from tests.lab.tools import LabError


@dataclass(frozen=True)
class Ended:
    """What one run of vip-tui ended with; `took` is in seconds."""

    argv: tuple[str, ...]
    code: int
    out: str
    err: str
    took: float

    def expect(self, code: int) -> Self:
        """Fails with all that was said where it ended otherwise."""
        assert self.code == code, f"exit {code} was expected of:\n{self}"
        return self

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise AssertionError(f"stdout is not one JSON document: {error}\n{self}") from None

    def __str__(self) -> str:
        return f"{' '.join(self.argv)}\nexit {self.code}, {self.took:.1f} s\n{self.out}\n{self.err}"


class Running:
    """A run that is under way; it is killed with the block that it was started for."""

    def __init__(
        self,
        argv: Sequence[str],
        words: tuple[str, ...],
        env: Mapping[str, str],
        answers: Mapping[str, str] | None = None,
    ) -> None:
        self._words = words
        self._began = time.monotonic()
        with contextlib.ExitStack() as stack:
            its_own = {} if answers is None else stack.enter_context(typing_at(answers))
            self._popen = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=dict(env),
                **its_own,
            )
        self._out: list[str] = []
        self._err: list[str] = []
        self._said = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in ((self._popen.stdout, self._out), (self._popen.stderr, self._err))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: Any, lines: list[str]) -> None:
        with stream:
            for line in stream:
                with self._said:
                    lines.append(line)
                    self._said.notify_all()
        with self._said:
            self._said.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kills it where it still runs."""
        if self._popen.poll() is None:
            self._popen.kill()
        self.end(10)

    def wait_for(self, *starts: str, timeout: float = 30) -> float:
        """Waits for a line of stderr that starts so; returns when it came (monotonic seconds)."""

        def said() -> bool:
            return any(line.startswith(starts) for line in self._err)

        with self._said:
            self._said.wait_for(lambda: said() or not self._readers[1].is_alive(), timeout)
            if not said():
                raise LabError(f"no line {' or '.join(starts)} in: {''.join(self._err)}")
        return time.monotonic()

    def send(self, signum: signal.Signals) -> None:
        self._popen.send_signal(signum)

    def end(self, timeout: float = 60) -> Ended:
        """Waits until it has ended; where it does not, it is killed and the error says so."""
        try:
            code = self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
            tail = "".join(self._err)[-2000:]
            raise LabError(f"{' '.join(self._words)} runs on after {timeout:g} s: {tail}") from None
        took = time.monotonic() - self._began
        for reader in self._readers:
            reader.join(5)
        return Ended(self._words, code, "".join(self._out), "".join(self._err), took)


@contextlib.contextmanager
def typing_at(answers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """What gives a process a terminal of its own, where each question gets its answer typed."""
    ours, theirs = os.openpty()

    def take() -> None:
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    def type_answers() -> None:
        shown = ""
        with contextlib.suppress(OSError):  # the process has ended, and its terminal with it
            while True:
                shown += os.read(ours, 4096).decode()
                for question, answer in answers.items():
                    if question in shown:
                        shown = ""
                        os.write(ours, f"{answer}\n".encode())
        os.close(ours)

    yield {"start_new_session": True, "preexec_fn": take, "pass_fds": (theirs,)}
    os.close(theirs)
    threading.Thread(target=type_answers, daemon=True).start()


class Console:
    """One operator with a home of their own, who knows every node's host key but the strangers'."""

    def __init__(self, lab: Lab, directory: Path, *, strangers: Sequence[Node] = ()) -> None:
        self._lab, self._directory, self._strangers = lab, directory, strangers
        self.answers: Mapping[str, str] | None = (
            None  # what is typed at a terminal, if there is one
        )
        self.home = directory / "operator"
        (self.home / ".ssh").mkdir(mode=0o700, parents=True)
        self.env = {
            **os.environ,
            "HOME": str(self.home),
            "VIP_TUI_HOME": str(self.home / "vip-tui"),
            "LANG": "C.UTF-8",
        }
        self.env.pop("SSH_AUTH_SOCK", None)

    def cluster(
        self,
        nodes: Sequence[Node | Mapping[str, object]],
        vip: str,
        *,
        name: str = "lab",
        priorities: Sequence[int] = (),
        **keys: object,
    ) -> Path:
        """Writes a cluster file; a node is one of the lab's, or the keys of its table."""
        lines = [f"name = {json.dumps(name)}", f"vip = {json.dumps([vip])}"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
        for index, node in enumerate(nodes):
            table = dict(described(node) if isinstance(node, Node) else node)
            if priorities:
                table["priority"] = priorities[index]
            lines += ["", "[[node]]"]
            lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
        path = self._directory / f"{name}.toml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def start(self, verb: str, *words: object, identity: Path | None = None) -> Running:
        """Starts `vip-tui VERB …` with the lab's key, or another."""
        unknown = {node.address for node in self._strangers}
        lines = self._lab.known_hosts.read_text().splitlines(keepends=True)
        known = [line for line in lines if line.split()[0] not in unknown]
        (self.home / ".ssh/known_hosts").write_text("".join(known))
        said = (verb, *map(str, words))
        argv = [sys.executable, "-m", "vip_tui", *said, "--identity"]
        argv.append(str(identity or self._lab.key))
        return Running(argv, ("vip-tui", *said), self.env, self.answers)

    def run(
        self, verb: str, *words: object, identity: Path | None = None, timeout: float = 60
    ) -> Ended:
        """Runs `vip-tui VERB …` to its end."""
        with self.start(verb, *words, identity=identity) as running:
            return running.end(timeout)


def described(node: Node, **more: object) -> dict[str, object]:
    """A node's table in a cluster file; what is the default is left out."""
    table: dict[str, object] = {"address": node.address, "user": node.user, **more}
    if node.port != 22:
        table["port"] = node.port
    return table
