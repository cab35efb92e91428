"""Where clusters, known hosts and journals live: one folder of the user's, atomic 0600 writes."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from vip_tui.cluster import Cluster, dump, dump_allowing, load, parse_name
from vip_tui.errors import InputError, VipError


class Store:
    """The user's folder; ``VIP_TUI_HOME`` puts it elsewhere."""

    def __init__(self, root: Path | None = None) -> None:
        chosen = os.environ.get("VIP_TUI_HOME")
        self.root = root or (
            Path(chosen) if chosen else platformdirs.user_data_path("vip-tui", appauthor=False)
        )

    @property
    def known_hosts(self) -> Path:
        """Host keys that were accepted in vip-tui; the user's own file is never written."""
        return self.root / "known_hosts"

    def journal(self, name: str) -> Path:
        """Where a drill's journal of that name goes (JSON lines)."""
        return self.root / "drills" / f"{name}.jsonl"

    def cluster_path(self, reference: str) -> Path:
        """``CLUSTER`` is a path if it has a ``/`` or ends in ``.toml``, else a saved name."""
        if "/" in reference or reference.endswith(".toml"):
            return Path(reference)
        return self.root / "clusters" / f"{parse_name(reference)}.toml"

    def load(self, reference: str) -> Cluster:
        """Read a cluster file; raises InputError."""
        path = self.cluster_path(reference)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            saved = ", ".join(self.names()) or "none"
            raise InputError(
                f"no cluster {reference!r}",
                f"{path} does not exist",
                f"Saved clusters: {saved}. `vip-tui setup` makes one.",
            ) from None
        except UnicodeDecodeError:
            raise InputError("not a text file", str(path), "Give a cluster file.") from None
        except OSError as error:
            raise InputError("cannot read the cluster file", _why(error), "") from None
        try:
            return load(text)
        except InputError as error:
            raise InputError(f"{path.name}: {error.title}", error.detail, error.hint) from None

    def save(self, cluster: Cluster, reference: str | None = None) -> Path:
        """Write a cluster file, atomically; by default under the cluster's own name."""
        path = self.cluster_path(reference or cluster.name)
        self.write(path, dump(cluster))
        return path

    def remember_allowed(self, reference: str, checks: Sequence[str]) -> Path:
        """Write into a cluster file that these checks are allowed; raises VipError.

        What else is in it stays, as do its owner, its mode, and a link that leads to it.
        """
        path = self.cluster_path(reference).resolve()
        try:
            text, former = path.read_bytes().decode(), path.stat()
        except (OSError, UnicodeDecodeError) as error:
            why = _why(error) if isinstance(error, OSError) else "not a text file"
            raise VipError(f"cannot read {path.name}", why) from None
        load(text)
        try:
            changed = dump_allowing(text, checks)
        except VipError as error:
            raise VipError(f"{error.title} in {path.name}", error.detail, error.hint) from None
        self.write(path, changed, former)
        return path

    def names(self) -> list[str]:
        """The saved clusters, the one used last first."""
        folder = self.root / "clusters"
        paths = [path for path in folder.glob("*.toml") if path.is_file()]
        return [path.stem for path in sorted(paths, key=self._used, reverse=True)]

    @staticmethod
    def _used(path: Path) -> tuple[int, str]:
        return (path.stat().st_mtime_ns, path.stem)

    def touch(self, reference: str) -> None:
        """Remember that this cluster was the last one used, where it is a saved one."""
        path = self.cluster_path(reference)
        if path.parent == self.root / "clusters" and path.exists():
            path.touch()

    def setting(self, name: str) -> str | None:
        """What the operator chose for the screen; None where nothing can be read."""
        value = self._settings().get(name)
        return value if isinstance(value, str) else None

    def _settings(self) -> dict[str, object]:
        try:
            found = json.loads((self.root / "settings.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}  # a setting that cannot be read is one that was not made
        return found if isinstance(found, dict) else {}

    def set_setting(self, name: str, value: str) -> None:
        """Remember a choice, where it is another than before."""
        if self.setting(name) != value:
            settings = {**self._settings(), name: value}
            self.write(self.root / "settings.json", json.dumps(settings) + "\n")

    def append_known_host(self, line: str) -> None:
        """Add one line to our known-hosts file."""
        path = self.known_hosts
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before and not before.endswith("\n"):
            before += "\n"  # else the key would be glued to the last one
        if line not in before.splitlines():
            self.write(path, f"{before}{line}\n")

    def write(self, path: Path, text: str, former: os.stat_result | None = None) -> None:
        """Write a file so that it is there whole or not at all.

        It is for its owner only, or has the owner and the mode of the former one.
        """
        try:
            make_folder(path.parent)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    stream.write(text)
                    stream.flush()
                    os.fsync(stream.fileno())
                    _belong(stream.fileno(), former)
                Path(temporary).replace(path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise VipError(
                f"cannot write {path.name}", _why(error), "Look at its folder."
            ) from None


def make_folder(path: Path) -> None:
    """Make a folder and those above it, for their owner only; raises OSError."""
    for folder in (*reversed(path.parents), path):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)


def _belong(handle: int, former: os.stat_result | None) -> None:
    if former is None:
        os.fchmod(handle, 0o600)
        return
    for uid, gid in ((-1, former.st_gid), (former.st_uid, -1)):
        with contextlib.suppress(PermissionError):  # only root gives files away
            os.fchown(handle, uid, gid)
    os.fchmod(handle, stat.S_IMODE(former.st_mode))


def _why(error: OSError) -> str:
    return f"{error.filename or ''}: {error.strerror or error!r}".lstrip(": ")
