"""The measurement of preflight runs and tells what it should; its times are not judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "preflight"


def test_a_small_crowd_prints_the_ratio_to_bare_asyncssh() -> None:
    env = {**os.environ, "PYTHON": sys.executable}
    argv = [str(SCRIPT), "--no-lab", "--nodes", "3", "--crowd-runs", "1"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env=env)
    told = json.loads(done.stdout)
    assert told["bench"] == "preflight" and set(told["targets"]) == {"ssh", "ansible", "bare"}
    assert "lab" not in told
    crowd = told["crowd"]
    assert crowd["nodes"] == 3
    assert crowd["ratio_to_bare"] == pytest.approx(
        crowd["preflight_ms"] / crowd["bare_asyncssh_ms"], abs=0.01
    )
