"""What was run on the nodes, as the operator could type it; secrets are hidden before they get in.

Everything here happens on the event loop; the records are frozen, so that a screen may keep them.
"""

from __future__ import annotations

import asyncio
import re
import shlex
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

from vip_tui.cluster import Node
from vip_tui.keepalived.spec import HIDDEN, SECRET_ENVIRONMENT
from vip_tui.nodes.commands import DIAL_STDIO, READ_ADDRESSES, Command
from vip_tui.nodes.text import clean, clean_line

Kind = Literal["ssh", "docker"]
Outcome = Literal["running", "done", "failed", "ended", "given up"]

LIMIT = 1000
_ERROR_LENGTH = 1000
# Where an id says too little, or reads like one of docker's own commands.
_WORDS = {
    "facts": "gather facts",
    "docker-access": "see whether docker may be used",
    "docker-dial-stdio": "docker system dial-stdio",
    "load-ip-vs": "load ip_vs",
    "persist-ip-vs": "persist ip_vs",
}
_ASKS_BY_HAND = re.compile(r"\bsudo (?!-n)")
_TIMED_OUT = 124  # what timeout(1) ends with
_SECRET = re.compile(rf"\b({'|'.join(SECRET_ENVIRONMENT)})=[^\s'\"]+")

E = TypeVar("E", bound=Exception)


@dataclass(frozen=True, slots=True)
class Entry:
    """One remote command. ``way`` is how ssh gets there, ``remote`` what the shell there is given.

    ``outcome``: a stream is ``ended`` by us, a command that we no longer wait for is ``given up``.
    What is asked again and again to see whether the node still answers is one entry, ``times``.
    """

    number: int
    started: float  # wall clock, seconds since 1970; of the first time
    began: float  # monotonic seconds; of the last time
    node: str
    way: str
    kind: Kind
    summary: str
    remote: str
    stream: bool = False
    outcome: Outcome = "running"
    status: int | None = None  # an ssh command's own
    note: str = ""  # why it failed, or what else is worth knowing
    took: float | None = None  # seconds; of the last time
    times: int = 1

    @property
    def line(self) -> str:
        """The line to type here, so that the same runs there."""
        return f"{self.way} -- {shlex.quote(clean(self.remote))}"

    @property
    def hides(self) -> bool:
        """Whether a secret has to be filled in before the line can be used."""
        return HIDDEN in self.remote

    @property
    def unwell(self) -> bool:
        """Whether it did not do what it was asked for."""
        return self.outcome in ("failed", "given up")


class CommandLog:
    """The last commands; ``version`` grows, and the listeners are called, at each change."""

    def __init__(
        self,
        limit: int = LIMIT,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.version = 0
        self._limit = limit
        self._clock, self._monotonic = clock, monotonic
        self._entries: dict[int, Entry] = {}
        self._asked: dict[tuple[str, str], int] = {}
        self._count = 0
        self._listeners: list[Callable[[], object]] = []

    def entries(self) -> tuple[Entry, ...]:
        """What is remembered, in the order in which it was started."""
        return tuple(self._entries.values())

    def seconds(self, entry: Entry) -> float:
        """How long it took, or takes by now."""
        return self._monotonic() - entry.began if entry.took is None else entry.took

    def subscribe(self, listener: Callable[[], object]) -> None:
        """Call it, on the loop, after every change."""
        self._listeners.append(listener)

    def unsubscribe(self, listener: Callable[[], object]) -> None:
        """Call it no more."""
        self._listeners.remove(listener)

    def at(self, node: str, way: str) -> NodeLog:
        """Where the commands of one connection are noted."""
        return NodeLog(self, node, way)

    def begin(self, entry: Entry, again: bool) -> Entry:
        """Note a command that is being started.

        What is asked ``again`` after a success is noted when it is over: it counts up that success,
        or stands for itself where it fails. Until then it has no number.
        """
        entry = replace(entry, started=self._clock(), began=self._monotonic())
        if again and self._last_success(entry) is not None:
            return entry
        return self._add(entry, again)

    def end(self, entry: Entry, outcome: Outcome, status: int | None, note: str) -> None:
        """Note how a command ended, where it is still remembered."""
        took = self._monotonic() - entry.began
        over = replace(entry, outcome=outcome, status=status, note=note, took=took)
        if entry.number in self._entries:
            self._entries[entry.number] = over
            self._changed()
        elif not entry.number:
            last = self._last_success(entry)
            if last is None or over.unwell:
                self._add(over, again=True)
            else:
                times = last.times + 1
                self._entries[last.number] = replace(
                    last, began=entry.began, took=took, times=times
                )
                self._changed()

    def _last_success(self, entry: Entry) -> Entry | None:
        """The same, asked before, if it was answered the last time."""
        last = self._entries.get(self._asked.get((entry.node, entry.remote), 0))
        return last if last is not None and last.outcome in ("done", "ended") else None

    def _add(self, entry: Entry, again: bool) -> Entry:
        self._count += 1
        entry = replace(entry, number=self._count)
        self._entries[entry.number] = entry
        if again:
            self._asked[entry.node, entry.remote] = entry.number
        if len(self._entries) > self._limit:
            self._forget_one()
        self._changed()
        return entry

    def _forget_one(self) -> None:
        """Forget the oldest, rather one that is over: what runs is wanted on the screen."""
        over = (number for number, entry in self._entries.items() if entry.outcome != "running")
        del self._entries[next(over, next(iter(self._entries)))]

    def _changed(self) -> None:
        self.version += 1
        for listener in self._listeners:
            listener()


class Run:
    """A command under way: told how it ended, at the latest when its ``with`` block does.

    Of a stream the block's own errors say nothing: they are of those who use it.
    """

    def __init__(self, log: CommandLog, entry: Entry, secrets: Iterable[str]) -> None:
        self._log = log
        self._entry = entry
        self._secrets = tuple(secret for secret in secrets if secret)
        self._over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._entry.stream:
            self._end("ended")
        elif isinstance(error, Exception):
            self.failed(error)
        elif isinstance(error, asyncio.CancelledError):
            self._end("given up", note="We no longer waited for it; it may go on there.")
        else:
            self._end("done")

    def exited(self, status: int | None, errors: str = "") -> None:
        """It ended with this status, and wrote this to stderr; None where nobody knows."""
        if self._entry.stream and status == _TIMED_OUT:
            self._end("ended", status, "Its time limit on the node was reached.")
        elif status:
            self._end("failed", status, errors)
        elif status == 0:
            self._end("done", status)

    def answered(self, what: str) -> None:
        """It did well, and this is worth noting."""
        self._end("done", note=what)

    def failed(self, error: E) -> E:
        """It could not be run, or broke; gives the error back, to be raised."""
        self._end("failed", note=str(error) or type(error).__name__)
        return error

    def _end(self, outcome: Outcome, status: int | None = None, note: str = "") -> None:
        if not self._over:
            self._over = True
            self._log.end(self._entry, outcome, status, self._hidden(note))

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = _SECRET.sub(rf"\g<1>={HIDDEN}", clean(text).strip())
        return text if len(text) <= _ERROR_LENGTH else f"{text[: _ERROR_LENGTH - 1]}…"


class NodeLog:
    """The log, for the commands of one connection."""

    def __init__(self, log: CommandLog, node: str, way: str) -> None:
        self._log = log
        self._node = node
        self._way = way
        self.sudo_asks = False  # by hand it would ask at the terminal: ssh(1), -t

    def command(
        self,
        command: Command,
        arguments: Sequence[str],
        line: str,
        stream: bool = False,
        secrets: Iterable[str] = (),
    ) -> Run:
        """A declared command is started with this line, or one that does the same by hand."""
        words = _WORDS.get(command.id, command.id.replace("-", " "))
        summary = " ".join((words, *arguments))
        again = command.id in (READ_ADDRESSES.id, DIAL_STDIO.id)
        return self._begin("ssh", summary, line, stream, secrets, again)

    def docker(
        self,
        words: Sequence[str],
        sudo: bool = False,
        stream: bool = False,
        secrets: Iterable[str] = (),
    ) -> Run:
        """The Engine is asked what this docker command asks; ``secrets`` are kept out of errors."""
        line = shlex.join(["docker", *words])
        remote = f"sudo {'' if self.sudo_asks else '-n '}{line}" if sudo else line
        return self._begin("docker", line, remote, stream, secrets, again=words == ["version"])

    def _begin(
        self,
        kind: Kind,
        summary: str,
        remote: str,
        stream: bool,
        secrets: Iterable[str],
        again: bool,
    ) -> Run:
        short = clean_line(summary, 200)
        way = self._way
        if self.sudo_asks and _ASKS_BY_HAND.search(remote):
            way = f"ssh -t{way.removeprefix('ssh')}"
        entry = Entry(0, 0.0, 0.0, self._node, way, kind, short, remote, stream)
        return Run(self._log, self._log.begin(entry, again), secrets)


def way_to(node: Node, identities: Iterable[Path] = (), known_hosts: Path | None = None) -> str:
    """The ssh command that gets to a node; ``known_hosts`` where the user's own does not count."""
    words = ["ssh"]
    if known_hosts is not None:
        # ssh_config(5): a file's name is quoted, for the blanks in it.
        words += ["-F", "none", "-o", f'UserKnownHostsFile="{known_hosts}"']
        words += ["-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"]
    for path in identities:
        words += ["-i", str(path)]
    if node.port is not None:
        words += ["-p", str(node.port)]
    return shlex.join([*words, f"{node.user}@{node.address}" if node.user else node.address])
