"""How an account becomes root on a node: by itself, by sudo(8), by sudo with its password."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from vip_tui.cluster import Node, Secret
from vip_tui.nodes.access import Access
from vip_tui.nodes.asking import Question
from vip_tui.nodes.commands import BECOME_ROOT, ROOT_ACCESS, Command, Needs
from vip_tui.nodes.reasons import SudoRefused
from vip_tui.nodes.secrets import Unsaid
from vip_tui.nodes.text import clean_line

SUDO_PASSWORD = "sudo password"  # noqa: S105 - what it is called among the secrets
_WRONG = re.compile(r"incorrect (password|authentication)|sorry, try again", re.IGNORECASE)
_OTHERWISE = (
    "or log in as root, or allow sudo without a password: visudo, `USER ALL=(ALL) NOPASSWD: ALL`."
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a remote command answered; text is cleaned already."""

    status: int
    output: str
    errors: str


# Runs a command as it is, with what sudo is to be told.
Runs = Callable[[Command, Secret | None], Awaitable[Result]]


class Elevation:
    """What is known of that on one connection; found out when it is first needed."""

    def __init__(self, node: Node, user: str, access: Access | None, run: Runs) -> None:
        self._node, self._user = node, user
        self._access = access
        self._run = run
        self._where = f"{user}@{node.endpoint}"
        self._ways: frozenset[str] | None = frozenset({"root"}) if user == "root" else None
        self._secret: Secret | None = None
        self._finding_out = asyncio.Lock()

    def told(self, ways: set[str]) -> None:
        """It was seen already how far this account gets (the words of ROOT_ACCESS)."""
        self._ways = frozenset(ways)

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody to be asked for it."""
        return self._access is not None and self._access.asker("sudo") is not None

    async def password(self, needs: Needs) -> Secret | None:
        """What sudo has to be told for such a command; None where it asks nothing.

        Raises SudoRefused where the password is not to be had, or not the right one.
        """
        if needs == "user":
            return None
        async with self._finding_out:
            if self._ways is None:
                self._ways = await self._found_out()
            if "asks" not in self._ways or needs in self._ways:
                return None
            if self._secret is None:
                self._secret = await self._verified()
            return self._secret

    async def _found_out(self) -> frozenset[str]:
        result = await self._run(ROOT_ACCESS, None)
        if result.status:  # its script ends well, whatever sudo says: so it was ended by its limit
            detail = clean_line(result.errors) or f"it ended with {result.status}"
            hint = "Try `sudo -n true` there by hand."
            raise SudoRefused(f"sudo on {self._node.label} does not answer", detail, hint)
        return frozenset(result.output.split())

    async def _verified(self) -> Secret:
        asker = self._access.asker("sudo") if self._access is not None else None
        if self._access is None or asker is None:
            raise SudoRefused(
                f"{self._user} has to give sudo a password on {self._node.label}",
                "sudo -n: a password is required",
                f"Give --ask-sudo-pass, {_OTHERWISE}",
            )
        why = f"{self._where} needs it to become root, and so may others. "
        question = Question(
            "sudo",
            f"sudo password of {self._user}",
            f"{why}It is kept in memory for this run only.",
        )
        try:
            return await self._access.secrets.shared(
                f"{SUDO_PASSWORD} of {self._user}", self._where, asker, question, self._taken
            )
        except Unsaid as unsaid:
            hint = f"Give the right one when it is asked for, {_OTHERWISE}"
            title = f"no root on {self._node.label}"
            raise SudoRefused(title, f"its sudo password: {unsaid}", hint) from None

    async def _taken(self, password: Secret) -> bool:
        result = await self._run(BECOME_ROOT, password)
        if result.status == 0:
            return True
        if _WRONG.search(result.errors):
            return False
        detail = clean_line(result.errors) or f"sudo ended with {result.status}"
        hint = "Look at the node's sudoers(5)."
        raise SudoRefused(f"sudo refuses {self._user} on {self._node.label}", detail, hint)

    def check(self, result: Result) -> None:
        """Raise SudoRefused where a password that was right before has been changed meanwhile."""
        if result.status and self._secret is not None and _WRONG.search(result.errors):
            self._secret = None
            if self._access is not None:
                self._access.secrets.wrong(f"{SUDO_PASSWORD} of {self._user}", self._where)
            title = f"sudo on {self._node.label} no longer takes the password"
            raise SudoRefused(
                title, clean_line(result.errors), "Run it again, and give the new one."
            )
