"""What `--help` costs: no heavy module is imported before it is needed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"textual", "asyncssh", "docker", "icmplib", "requests", "cryptography"}
ROOT = Path(__file__).parents[2]
REPORT = """
import json, runpy, sys
sys.argv = ["vip-tui", *json.loads(sys.argv[1])]
try:
    runpy.run_module("vip_tui", run_name="__main__")
except SystemExit as end:
    code = end.code
names = sorted({name.partition(".")[0] for name in sys.modules})
print("\\n" + json.dumps({"code": code, "modules": names}))
"""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["drill", "--help"], ["check"], ["check", "office", "--json"]],
    ids=" ".join,
)
def test_no_heavy_module_is_imported_for(arguments: list[str], own_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REPORT, json.dumps(arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["code"] == (2 if arguments[0] == "check" else 0)
    assert HEAVY & set(told["modules"]) == set()


def test_help_names_every_command_of_this_version() -> None:
    argv = [sys.executable, "-m", "vip_tui", "--help"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=True)
    for command in ("setup", "watch", "check", "plan", "apply", "status", "drill", "remove"):
        assert f"\n  {command}" in done.stdout
