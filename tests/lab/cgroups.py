"""The control groups that a lab's containers leave in every hierarchy, version 1 and 2."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from tests.lab.tools import wait_until


def parents(name: str) -> Iterator[Path]:
    """The group of this name in each mounted hierarchy that has it."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount_point, kind, *_ = line.split()
        if kind in ("cgroup", "cgroup2") and (Path(mount_point) / name).is_dir():
            yield Path(mount_point) / name


def thaw(name: str) -> None:
    """A frozen process (`docker pause`) does not even die of SIGKILL under version 1."""
    for parent in parents(name):
        for control, value in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
            for path in parent.rglob(control):
                with contextlib.suppress(OSError):
                    path.write_text(value)


def remove(name: str) -> None:
    """Removes the groups, deepest first, once their last processes are reaped."""
    wait_until(lambda: _removed(name), f"control group {name} is still in use", timeout=10)


def _removed(name: str) -> bool:
    done = True
    for parent in parents(name):
        for directory, _, _ in os.walk(parent, topdown=False):
            try:
                Path(directory).rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                done = False
    return done
