"""Private keys: each file is read once for all nodes; one with a passphrase stays locked."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh

from vip_tui.cluster import Secret
from vip_tui.errors import InputError
from vip_tui.nodes.text import clean_line

# What ssh(1) tries where nobody says otherwise, those in hardware first.
DEFAULTS = ("id_ed25519_sk", "id_ecdsa_sk", "id_ed25519", "id_ecdsa", "id_rsa")
_OPENSSH = b"openssh-key-v1\0"  # PROTOCOL.key of OpenSSH
_PEM = "-----BEGIN OPENSSH PRIVATE KEY-----"
_LOCKED = "Passphrase must be specified"  # is how asyncssh begins to say it

Pair = asyncssh.SSHKeyPair | asyncssh.SSHKey | tuple[asyncssh.SSHKey, str]


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What a file holds: a key, a locked one (``locked``), or only the half that is public."""

    path: Path
    private: asyncssh.SSHKey | None = None
    public: asyncssh.SSHKey | None = None
    locked: bool = False

    @property
    def name(self) -> str:
        """The file as the operator would call it."""
        home = Path.home()
        return f"~/{self.path.relative_to(home)}" if home in self.path.parents else str(self.path)

    @property
    def certificate(self) -> str | None:
        """The file of its certificate (ssh-keygen(1), CERTIFICATES), where there is one."""
        path = self.path.with_name(f"{self.path.name}-cert.pub")
        return str(path) if path.is_file() else None


class KeyFiles:
    """The key files of one run, as they are on the disk now."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[object, KeyFile]] = {}
        self._reading = threading.Lock()

    async def read(self, paths: Iterable[Path], strict: bool) -> tuple[KeyFile, ...]:
        """These files; one that is no key is passed over, or with ``strict`` an InputError."""
        found = []
        for path in paths:
            known = self._known(path)
            one = known or await asyncio.to_thread(self._one, path, strict)
            if one is not None:
                found.append(one)
        return tuple(found)

    async def unlock(self, file: KeyFile, passphrase: Secret) -> KeyFile | None:
        """The key itself, from now on for everybody; None where the passphrase is another."""

        def open_it() -> asyncssh.SSHKey | None:
            try:
                return asyncssh.import_private_key(file.path.read_bytes(), passphrase.reveal())
            except ValueError:
                return None
            except Exception as mistake:
                # A traceback may be shown with the variables of its frames, the passphrase too.
                raise mistake.with_traceback(None) from None

        known = self._known(file.path)
        if known is not None and not known.locked:
            return known
        private = await asyncio.to_thread(open_it)
        if private is None:
            return None
        opened = replace(file, private=private, public=private.convert_to_public(), locked=False)
        self._read[file.path] = (_stamp(file.path), opened)
        return opened

    def _known(self, path: Path) -> KeyFile | None:
        stamp, known = self._read.get(path, (None, None))
        return known if known is not None and stamp == _stamp(path) else None

    def _one(self, path: Path, strict: bool) -> KeyFile | None:
        """Read a file, once, however many ask for it: an RSA key takes a tenth of a second."""
        with self._reading:
            if known := self._known(path):
                return known
            try:
                stamp = _stamp(path)
                made = _parsed(path, path.read_bytes())
            except (OSError, ValueError) as error:
                if not strict:
                    return None
                words = error.strerror if isinstance(error, OSError) else str(error)
                hint = "Look at --identity and ~/.ssh/config."
                raise InputError(
                    f"{path} is not a private key", clean_line(words or ""), hint
                ) from None
            self._read[path] = (stamp, made)
            return made


def _stamp(path: Path) -> object:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


def _parsed(path: Path, data: bytes) -> KeyFile:
    """What a file holds; raises ValueError where it is no key at all."""
    try:
        private = asyncssh.import_private_key(data)
    except asyncssh.KeyImportError as error:
        if str(error).startswith(_LOCKED):
            return KeyFile(path, public=_public_half(data) or _beside(path), locked=True)
        # Of a key that an agent or a piece of hardware has, only the public half is in the file.
        return KeyFile(path, public=asyncssh.import_public_key(data))
    return KeyFile(path, private, private.convert_to_public())


def _public_half(data: bytes) -> asyncssh.SSHKey | None:
    """The public half, which OpenSSH's own format keeps readable in a locked file too."""
    try:
        body = data.decode("ascii").strip().removeprefix(_PEM)
        blob = base64.b64decode("".join(body.splitlines()[:-1]))
        if not blob.startswith(_OPENSSH):
            return None
        rest = blob[len(_OPENSSH) :]
        for _ in range(3):  # cipher, key derivation, its options
            _, rest = _string(rest)
        public, _ = _string(rest[4:])  # behind the number of keys, which is one
        algorithm, _ = _string(public)
        return asyncssh.import_public_key(algorithm + b" " + base64.b64encode(public))
    except ValueError:
        return None


def _string(data: bytes) -> tuple[bytes, bytes]:
    """The string that data begins with (RFC 4251, section 5), and what follows it."""
    end = 4 + int.from_bytes(data[:4])
    if len(data) < end:
        raise ValueError("cut short")
    return data[4:end], data[end:]


def _beside(path: Path) -> asyncssh.SSHKey | None:
    try:
        return asyncssh.read_public_key(str(path) + ".pub")
    except (OSError, ValueError):
        return None
