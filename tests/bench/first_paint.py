"""From exec to the first frame on a terminal: vip-tui against an empty Textual app.

Every run is a program of its own in a real pseudo-terminal that answers no query. The first frame
is there when the bytes written so far show a text of the first screen. Runs are interleaved, so
that a busy moment of the machine meets all of them.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLUMNS, LINES = 80, 24
LIMIT_S = 30.0
TARGET = 1.3
HEAVY = ("asyncssh", "docker", "cryptography", "requests", "icmplib", "tomlkit")

# CSI, OSC, DCS and friends, and the short escapes (ECMA-48): what is left is what one can read.
ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\)|[ -/]*[0-~])", re.DOTALL
)
# A line of `python -X importtime`, which goes to the same terminal.
IMPORTED = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)")


@dataclass(frozen=True)
class Program:
    """What is started, and the text that its first frame shows."""

    name: str
    argv: tuple[str, ...]
    marker: str


EMPTY = Program("empty", ("tests/bench/empty_app.py",), "Nothing but this marker")
SETUP = Program("setup", ("-m", "vip_tui", "setup"), "Nodes")
DEMO = Program("demo", ("-m", "vip_tui", "demo"), "Nodes")


@dataclass(frozen=True)
class Paint:
    """One start: seconds to the first frame, and all that was written until then."""

    took: float
    written: str


@dataclass
class Figures:
    """The measurements of one program, in seconds."""

    program: Program
    took: list[float] = field(default_factory=list)

    @property
    def median_ms(self) -> float:
        return round(1000 * statistics.median(self.took), 1)


def readable(written: str) -> str:
    """The text without what only moves the cursor, colours or asks."""
    return ESCAPES.sub("", written)


def paint(program: Program, folder: Path, *flags: str) -> Paint:
    """Start a program and wait for its first frame; it is killed then.

    Raises RuntimeError where it ends, or half a minute passes, without one.

    ``folder`` becomes its home, store and temporary folder.
    """
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    env = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "VIP_TUI_HOME": str(folder / "store"),
    }
    argv = [sys.executable, *flags, *program.argv]
    began = time.perf_counter()
    process = subprocess.Popen(
        argv, stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, env=env, start_new_session=True
    )
    try:
        os.close(slave)
        return _first_frame(program, master, began)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(master)


def _first_frame(program: Program, master: int, began: float) -> Paint:
    written = b""
    while (left := began + LIMIT_S - time.perf_counter()) > 0:
        if not select.select([master], [], [], left)[0]:
            break
        try:
            written += os.read(master, 65536)
        except OSError:  # Linux says so where the other end is closed
            break
        at = time.perf_counter()
        text = written.decode(errors="replace")
        if program.marker in readable(IMPORTED.sub("", text)):
            return Paint(at - began, text)
    said = readable(written.decode(errors="replace"))[-2000:]
    raise RuntimeError(f"{program.name} never showed {program.marker!r}: {said}")


def programs() -> list[Program]:
    """What is measured: the demo only where this version has one."""
    command = [sys.executable, "-m", "vip_tui", "demo", "--help"]
    has_demo = subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    return [EMPTY, SETUP, *([DEMO] if has_demo else [])]


def imports(program: Program, folder: Path) -> dict[str, object]:
    """What was imported before the first frame: how many modules, which heavy ones, the slowest."""
    written = paint(program, folder, "-X", "importtime").written
    found = [(int(own), name) for own, _, name in IMPORTED.findall(written)]
    names = {name for _, name in found}
    slowest = sorted(found, reverse=True)[:10]
    return {
        "modules": len(names),
        "heavy": [name for name in HEAVY if name in names],
        "own_ms": round(sum(own for own, _ in found) / 1000, 1),
        "slowest_ms": {name: round(own / 1000, 1) for own, name in slowest},
    }


def measure(runs: int) -> dict[str, object]:
    """The whole measurement as the JSON document."""
    folder = Path(tempfile.mkdtemp(prefix="vip-tui-bench-"))
    try:
        figures = [Figures(program) for program in programs()]
        for one in figures:  # compiles what is not compiled yet, and fills the disk's cache
            paint(one.program, folder)
        for _ in range(runs):
            for one in figures:
                one.took.append(paint(one.program, folder).took)
        imported = {one.program.name: imports(one.program, folder) for one in figures}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    empty = figures[0].median_ms
    return {
        "bench": "first-paint",
        "runs": runs,
        "target": TARGET,
        "ratio": {one.program.name: round(one.median_ms / empty, 3) for one in figures[1:]},
        "median_ms": {one.program.name: one.median_ms for one in figures},
        "all_ms": {
            one.program.name: [round(1000 * took, 1) for took in one.took] for one in figures
        },
        "imported_at_first_paint": imported,
        "machine": {
            "cpus": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
            "python": sys.version.split()[0],
            "textual": version("textual"),
            "terminal": f"{COLUMNS}x{LINES}",
        },
    }


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="first-paint", description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="starts of each program (9)")
    print(json.dumps(measure(parser.parse_args(argv).runs), indent=2))
    return 0
