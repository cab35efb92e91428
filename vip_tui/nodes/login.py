"""One login: what is offered to the server, what it asks, and what it would have taken."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import asyncssh

from vip_tui.cluster import Secret
from vip_tui.nodes.asking import Question
from vip_tui.nodes.keys import KeyFile, Pair
from vip_tui.nodes.secrets import TRIES
from vip_tui.nodes.text import clean, clean_line

# What sshd and PAM's modules ask for where they mean the password of the account, and nothing else:
# a one-time password or a passcode is another question.
_PASSWORD_PROMPT = re.compile(
    r"\s*(?:\([^()\s]+@[^()\s]+\)\s*|\S+'s\s+)?(?:(?:unix|ldap|kerberos)\s+)?"
    r"password(?:\s+for\s+[^:]+)?\s*:?\s*",
    re.IGNORECASE,
)

Answer = Callable[[Question], Awaitable[Secret | None]]


class Login(asyncssh.SSHClient):
    """What asyncssh asks while it logs in; afterwards it tells what the server wanted.

    ``answer`` is asked what the server asks in its own words (RFC 4256), where anybody can be.
    """

    def __init__(
        self,
        label: str,
        keys: Sequence[KeyFile],
        password: Secret | None = None,
        answer: Answer | None = None,
    ) -> None:
        self.wanted: list[KeyFile] = []  # locked, and the server would take them
        self.wants_password = False
        self.password_used = False
        self.answered = False  # what it asked in its own words
        self.left_out = ""  # what it asked so and nobody answered
        self._label = label
        self._keys = keys
        self._password = password
        self._answer = answer
        self._challenges = 0
        self._rounds = 0

    # --- keys

    def pairs(self) -> list[Pair]:
        """The keys to offer; a locked one comes last, and is only asked about."""
        pairs: list[Pair] = []
        for key in self._keys:
            if key.private is not None:
                pairs.append((key.private, key.certificate) if key.certificate else key.private)
        for key in self._keys:
            if key.locked and key.public is not None:
                half = key.certificate or key.public.export_public_key()
                pairs += asyncssh.load_keypairs(
                    [(str(key.path), half)],
                    passphrase=self._want,  # type: ignore[arg-type]  # it takes a callable too
                )
        return pairs

    def _want(self, path: str) -> None:
        """The server takes this key, whose passphrase nobody has said yet."""
        self.wanted += [key for key in self._keys if key.path == Path(path)]

    # --- passwords

    def password_auth_requested(self) -> str | None:
        """The server takes passwords; ours is given once, as it is refused if it asks again."""
        self.wants_password = True
        if self._password is None or self.password_used:
            return None
        self.password_used = True
        return self._password.reveal()

    def kbdint_auth_requested(self) -> str | None:
        """The server asks in its own words, and again where an answer was wrong."""
        self._rounds += 1
        self._challenges = 0
        over = self.left_out or self._rounds > TRIES
        return None if over else ""

    async def kbdint_challenge_received(
        self,
        name: str,
        instructions: str,
        lang: str,  # noqa: ARG002 - asyncssh's name
        prompts: Sequence[tuple[str, bool]],
    ) -> list[str] | None:
        """Answer all prompts, or none."""
        if len(prompts) == 1 and not prompts[0][1] and _PASSWORD_PROMPT.fullmatch(prompts[0][0]):
            password = self.password_auth_requested()
            return None if password is None else [password]
        answers: list[Secret] = []  # revealed at the end: an error shall not show them
        why = clean_line(f"{self._label} asks it. {clean(name)} {clean(instructions)}")
        again = self._rounds > 1 and not self._challenges
        self._challenges += 1
        for text, echo in prompts:
            title = clean_line(text, 200) or "Its question has no words"
            said = None
            if self._answer is not None:
                said = await self._answer(Question("prompt", title, why, echo, again))
            if said is None:
                self.left_out = title
                return None
            answers.append(said)
        self.answered = True
        return [answer.reveal() for answer in answers]
