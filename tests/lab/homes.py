"""Where labs keep their files, which labs are alive, and the removal of those that are not."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.lab import cgroups, keeper
from tests.lab.tools import LabError, wait_until

ROOT = Path(os.environ.get("VIP_TUI_LAB") or "/var/lib/vip-tui-lab")
HAND = "lab-hand"  # the one lab that `up` made and `down` ends


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """Labs come and go one at a time; the directory is the lock, and goes when it is empty."""
    while True:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not (root.exists() and os.path.samestat(os.fstat(handle), root.stat())):
                continue  # its last user removed it while we waited
            try:
                yield
            finally:
                with contextlib.suppress(OSError):
                    root.rmdir()
            return
        finally:
            os.close(handle)


@dataclass(frozen=True)
class Record:
    """What a lab's directory says about it, so that any other process can judge and end it."""

    pid: int  # of its keeper
    started: int  # when that started, which tells it from another of that number
    network: int  # the inode of its network namespace
    cgroup: str  # the name of the control groups above its containers'


def create(root: Path, hand: bool) -> tuple[Path, keeper.Keeper, str]:
    """A fresh directory, its keeper, its control group; what dead labs left is removed first."""
    with locked(root):
        sweep(root)
        home = root / (HAND if hand else f"lab-{secrets.token_hex(4)}")
        if home.exists():
            raise LabError(f"a lab is up already in {home}; end it with tests/lab/down")
        network = Path("/proc/self/ns/net").stat().st_ino
        for other in map(read, root.glob("lab-*")):
            if other is not None and other.network == network:
                raise LabError("another lab is up in this network namespace")
        home.mkdir(mode=0o700)
        kept = keeper.Keeper()
        cgroup = f"vip-tui-lab-{secrets.token_hex(4)}"
        record = Record(kept.pid, kept.started, network, cgroup)
        (home / "keeper.json").write_text(json.dumps(asdict(record)))
        return home, kept, cgroup


def read(home: Path) -> Record | None:
    """What is written about a lab, None if its start did not get that far."""
    try:
        return Record(**json.loads((home / "keeper.json").read_text()))
    except (OSError, ValueError):
        return None


def alive(home: Path) -> bool:
    record = read(home)
    return record is not None and keeper.runs(record.pid, record.started)


def sweep(root: Path) -> None:
    """Removes every lab whose keeper is dead."""
    for home in sorted(root.glob("lab-*")):
        if not alive(home):
            remove(home)


def remove(home: Path) -> None:
    """Ends a lab, dead or alive, and removes its control groups and files."""
    if (record := read(home)) is not None:
        keeper.kill(record.pid, record.started)

        def gone() -> bool:
            cgroups.thaw(record.cgroup)
            return keeper.start_time(record.pid) != record.started

        wait_until(gone, f"the processes of {home} do not end")
        cgroups.remove(record.cgroup)
    shutil.rmtree(home)
