"""Host keys that nobody has seen yet: all on one screen, accepted together or one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from vip_tui.errors import VipError
from vip_tui.tui.screens.dialogs import problem_dialog
from vip_tui.tui.screens.dialogs_ticks import TickDialog
from vip_tui.tui.theme import FAINT, styled

if TYPE_CHECKING:
    from vip_tui.nodes.reasons import HostKeyUnknown
    from vip_tui.tui.app import VipApp

# What sshd calls the file of a key (sshd_config(5), HostKey), by how its type begins.
_FILES = (("ssh-ed25519", "ed25519"), ("ecdsa-", "ecdsa"), ("ssh-rsa", "rsa"), ("ssh-dss", "dsa"))


@dataclass(frozen=True, slots=True)
class UnseenKey:
    """A key to be accepted, and which nodes it stands before where it is a jump host's."""

    label: str
    host: str  # as known hosts have it
    kind: str
    fingerprint: str
    line: str  # of the known-hosts file
    on_the_way_to: tuple[str, ...] = ()


def unseen(problems: Iterable[tuple[str, HostKeyUnknown]]) -> tuple[UnseenKey, ...]:
    """Each key once, whatever number of nodes is behind it; ``problems`` by the node's label."""
    keys: dict[str, UnseenKey] = {}
    for node, problem in problems:
        kind, _, fingerprint = problem.fingerprint.rpartition(" ")
        host = problem.line.partition(" ")[0]
        key = UnseenKey(problem.label, host, kind, fingerprint, problem.line)
        key = keys.setdefault(problem.line, key)
        if problem.on_the_way and node not in key.on_the_way_to:
            keys[problem.line] = replace(key, on_the_way_to=(*key.on_the_way_to, node))
    return tuple(keys.values())


class HostKeysDialog(TickDialog):
    """The answer is which of the keys were accepted."""

    def __init__(self, keys: tuple[UnseenKey, ...]) -> None:
        self.keys = keys
        self._files = tuple(dict.fromkeys(_file(key.kind) for key in keys))
        self.EXTRA_LINES = 2 + len(self._files)
        lines = [(_key_words(key), True) for key in keys]
        super().__init__("Nobody has seen these host keys yet", Text(), lines)

    def wording(self, ticked: int, all_of_them: int) -> str:
        if ticked < all_of_them:
            return f"Accept {ticked} of {all_of_them}"
        return "Accept this key" if all_of_them == 1 else f"Accept these {all_of_them} keys"

    def extra(self) -> ComposeResult:
        several = "Compare on each node; Space leaves a key out:"
        text = styled(several if len(self.keys) > 1 else "Compare on the node:", FAINT)
        for file in self._files:
            text.append(f"\nssh-keygen -lf {file}", style=FAINT)
        yield Static(text, id="dialog-foot", markup=False)


def _key_words(key: UnseenKey) -> Group:
    head = styled(key.label, "bold")
    called = _plain(key.host) == _plain(key.label)
    for word in (key.kind,) if called else (key.host, key.kind):
        head.append(f"  {word}", style=f"not bold {FAINT}")
    if key.on_the_way_to:
        head.append(f"\non the way to {', '.join(key.on_the_way_to)}", style=f"not bold {FAINT}")
    return Group(head, Text(key.fingerprint, no_wrap=True, overflow="fold"))


def _plain(address: str) -> str:
    """Without the brackets that known hosts put around an address that has a port."""
    return address.replace("[", "").replace("]", "")


def _file(kind: str) -> str:
    name = next((name for start, name in _FILES if kind.startswith(start)), "*")
    return f"/etc/ssh/ssh_host_{name}_key.pub"


def ask_host_keys(
    app: VipApp,
    problems: Iterable[tuple[str, HostKeyUnknown]],
    then: Callable[[frozenset[str], frozenset[str]], None],
) -> None:
    """Show the keys, and write those that are accepted to our own known hosts.

    ``then`` is told the lines that were accepted, and those that were not.
    """
    keys = unseen(problems)

    def answered(chosen: tuple[int, ...] | None) -> None:
        accepted = frozenset(keys[index].line for index in chosen or ())
        try:
            for line in sorted(accepted):
                app.store.append_known_host(line)
        except VipError as problem:
            app.push_screen(problem_dialog(problem))
            return
        then(accepted, frozenset(key.line for key in keys) - accepted)

    app.push_screen(HostKeysDialog(keys), answered)
