"""Enters one machine: its host key, a login, and what has to be asked for it."""

from __future__ import annotations

from pathlib import Path

import asyncssh

from vip_tui.cluster import Secret
from vip_tui.nodes import reasons
from vip_tui.nodes.access import Access
from vip_tui.nodes.asking import Question
from vip_tui.nodes.host_keys import KnownHosts
from vip_tui.nodes.keys import KeyFile
from vip_tui.nodes.login import Login
from vip_tui.nodes.secrets import Unsaid
from vip_tui.nodes.ssh_config import JumpHost, Settings, config_of
from vip_tui.nodes.text import clean_line

PASSWORD = "password"  # noqa: S105 - what it is called among the secrets
_TOO_MANY = "too many authentication failures"  # sshd_config(5), MaxAuthTries
_KEPT = "It is kept in memory for this run only."

Ssh = asyncssh.SSHClientConnection


class _Refused(Exception):  # noqa: N818 - it is what the server said
    """The server lets nobody in with what was offered."""

    def __init__(self, login: Login, reason: str) -> None:
        super().__init__(reason)
        self.login = login


class Entrance:
    """The way in to one machine, through ``tunnel`` where it lies behind another."""

    def __init__(
        self, settings: Settings, tunnel: Ssh | None, access: Access, known: KnownHosts
    ) -> None:
        self._settings = settings
        self._node = settings.node
        self._tunnel = tunnel
        self._access = access
        self._known = known
        self._keys: tuple[KeyFile, ...] = ()
        self._tried: set[Path] = set()
        self._notes: list[str] = []  # why some way in was not taken
        self._hints: list[str] = []
        self._who = f"{settings.options.username}@{self._node.endpoint}"
        # One user's password is not another's, nor a jump host's that of the nodes behind it.
        hop = " on a jump host" if isinstance(self._node, JumpHost) else ""
        self._secret = f"{PASSWORD} of {settings.options.username}{hop}"

    async def enter(self) -> Ssh:
        """Log in with what there is; where that does not do, with what the operator says."""
        await self._read_keys()
        password = self._access.secrets.proven(self._secret, self._who)
        try:
            return await self._attempt(password)
        except _Refused as error:
            refused = error
        if refused.login.password_used:
            self._access.secrets.wrong(self._secret, self._who)
            password = None
        while (key := self._locked(refused.login)) is not None:
            self._tried.add(key.path)
            if await self._unlocked(key):
                try:
                    return await self._attempt(password)
                except _Refused as error:
                    refused = error
        if refused.login.wants_password:
            return await self._by_password(refused)
        raise self._refusal(refused)

    # --- what has to be asked

    async def _read_keys(self) -> None:
        settings, files = self._settings, self._access.key_files
        self._keys = await files.read(settings.identities, settings.strict)

    def _locked(self, login: Login) -> KeyFile | None:
        """A key that would do if it were not locked; one that we cannot know it of comes last."""
        blind = [key for key in self._keys if key.locked and key.public is None]
        return next((key for key in (*login.wanted, *blind) if key.path not in self._tried), None)

    async def _unlocked(self, key: KeyFile) -> bool:
        """Whether the key can be used now."""
        asker = self._access.asker("passphrase")
        if asker is None:
            self._notes.append(f"{key.name} has a passphrase, and there is nobody to ask for it")
            self._hints.append(f"Add the key to your agent: `ssh-add {key.name}`.")
            return False

        async def taken(passphrase: Secret) -> bool:
            return await self._access.key_files.unlock(key, passphrase) is not None

        name = f"passphrase of {key.name}"
        why = f"{self._node.label} would take this key. {_KEPT}"
        question = Question("passphrase", f"P{name[1:]}", why)
        try:
            await self._access.secrets.shared(name, "", asker, question, taken)
        except Unsaid as unsaid:
            self._notes.append(f"the {name}: {unsaid}")
            return False
        await self._read_keys()
        return True

    async def _by_password(self, refused: _Refused) -> Ssh:
        asker = self._access.asker("password")
        if asker is None:
            self._hints.append("Or give its password: --ask-pass.")
            raise self._refusal(refused)
        opened: list[Ssh] = []

        async def taken(password: Secret) -> bool:
            try:
                opened.append(await self._attempt(password))
            except _Refused as error:
                if error.login.left_out:  # it went on to ask for more than the password
                    raise self._refusal(error) from None
                return False
            return True

        why = f"{self._node.label} wants it, and so may others. {_KEPT}"
        question = Question("password", f"P{self._secret[1:]}", why)
        try:
            await self._access.secrets.shared(self._secret, self._who, asker, question, taken)
        except Unsaid as unsaid:
            self._notes.append(f"its password: {unsaid}")
            raise self._refusal(refused) from None
        return opened[-1]

    async def _answer(self, question: Question) -> Secret | None:
        """Answer what the machine asks in its own words."""
        asker, secrets = self._access.asker("prompt"), self._access.secrets
        if asker is None or secrets.left(self._who):
            return None
        said = await secrets.ask(asker, question)
        if said is None:
            secrets.leave(self._who)
        return said

    def _refusal(self, refused: _Refused) -> reasons.AuthRefused:
        notes = [str(refused), *self._notes]
        hints = list(self._hints)
        if _TOO_MANY in str(refused).lower():
            hints.append(
                "It counts every key that is offered: name the right one with --identity, "
                "and set IdentitiesOnly in ~/.ssh/config."
            )
        if refused.login.left_out:
            notes.append(f"it asked {refused.login.left_out!r}")
            if self._access.asker("prompt") is None:
                hints.append("To answer its questions: --ask-pass.")
        return reasons.auth_refused(self._node, "; ".join(notes), hints)

    # --- connecting

    async def _attempt(self, password: Secret | None) -> Ssh:
        try:
            return await self._connected(password)
        except asyncssh.HostKeyNotVerifiable:
            reason = await self._explained()
        if not (isinstance(reason, reasons.HostKeyUnknown) and self._access.accept_new):
            raise reason
        self._access.store.append_known_host(reason.line)
        try:
            return await self._connected(password)
        except asyncssh.HostKeyNotVerifiable:
            raise await self._explained() from None

    async def _connected(self, password: Secret | None) -> Ssh:
        login = Login(self._node.label, self._keys, password, self._answer)
        try:
            async with self._access.secrets.within(reasons.CONNECT_TIMEOUT_S):
                return await asyncssh.connect(
                    self._settings.host,
                    options=self._settings.options,
                    config=config_of(self._access),
                    tunnel=self._tunnel,
                    known_hosts=self._known.read(),
                    connect_timeout=None,
                    client_factory=lambda: login,
                    client_keys=login.pairs(),
                    **self._agent(),
                )
        except asyncssh.HostKeyNotVerifiable:
            raise
        except asyncssh.PermissionDenied as error:
            if login.answered:
                self._access.secrets.leave(self._who)  # as often as it may be, it was wrong
            raise _Refused(login, clean_line(error.reason)) from None
        except (OSError, UnicodeError, asyncssh.Error, asyncssh.ChannelListenError) as error:
            raise self._unreachable(login, error) from None
        except Exception as mistake:
            # A traceback may be shown with the variables of its frames, the password among them.
            raise mistake.with_traceback(None) from None

    def _agent(self) -> dict[str, object]:
        """The agent, and which of its keys count (ssh_config(5), IdentitiesOnly)."""
        if not self._settings.identities_only:
            return {"agent_path": self._settings.agent_path}
        ours = [key.public.public_data for key in self._keys if key.public is not None]
        path = self._settings.agent_path if ours else None
        return {"agent_path": path, "agent_identities": ours or None}

    def _unreachable(self, login: Login, error: Exception) -> Exception:
        if _TOO_MANY in str(error).lower():
            return self._refusal(_Refused(login, clean_line(str(error))))
        if self._tunnel is not None and isinstance(error, asyncssh.ChannelOpenError):
            return reasons.no_way_through(self._node, clean_line(error.reason))
        return reasons.unreachable(self._node, error)

    async def _explained(self) -> Exception:
        """Why the host key is not accepted."""
        try:
            return await self._known.explain(self._settings, self._tunnel, config_of(self._access))
        except (OSError, UnicodeError, asyncssh.Error, asyncssh.ChannelListenError) as error:
            return reasons.unreachable(self._node, error)
