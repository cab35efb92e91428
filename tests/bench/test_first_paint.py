"""The measurement of the first paint runs and tells what it should; its times are not judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import first_paint

SCRIPT = Path(__file__).parent / "first-paint"


def test_one_run_prints_the_ratio_and_what_was_imported() -> None:
    env = {**os.environ, "PYTHON": sys.executable}
    argv = [str(SCRIPT), "--runs", "1"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env=env)
    told = json.loads(done.stdout)
    assert (told["bench"], told["runs"], told["target"]) == ("first-paint", 1, 1.3)
    names = {"empty", *told["ratio"]}
    assert {"setup"} <= set(told["ratio"]) <= {"setup", "demo"}
    assert all(ratio > 0 for ratio in told["ratio"].values())
    assert set(told["median_ms"]) == set(told["all_ms"]) == names
    assert set(told["machine"]) >= {"cpus", "python", "textual"}
    for name in names:
        imported = told["imported_at_first_paint"][name]
        assert imported["modules"] > 100
        assert not {"asyncssh", "docker"} & set(imported["heavy"]), name


def test_what_moves_the_cursor_or_colours_is_not_text() -> None:
    written = "\x1b[?1049h\x1b]0;Nodes\x07\x1b[1;31mNo\x1b[0md\x1b[2;3Hes\x1bP+q\x1b\\\x1b(B!"
    assert first_paint.readable(written) == "Nodes!"


def test_a_program_that_ends_without_a_frame_is_told_with_what_it_said(tmp_path: Path) -> None:
    program = first_paint.Program("broken", ("-c", "raise SystemExit('no screen')"), "Nodes")
    with pytest.raises(RuntimeError, match="never showed 'Nodes': no screen"):
        first_paint.paint(program, tmp_path)
