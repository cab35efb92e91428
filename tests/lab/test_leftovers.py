"""However a lab ends, it leaves no process, mount, namespace, control group or file."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.tools import wait_until

pytestmark = pytest.mark.lab

HERE = Path(__file__).parent
# A lab with a frozen container, the hardest thing to kill, whose holder waits to be killed.
HOLDER = """
import sys, time
from pathlib import Path
from tests.lab import Lab
lab = Lab(Path(sys.argv[1]))
lab.start()
nodes = lab.add_nodes(1)
nodes[0].docker("run", "--detach", "--name=frozen", "--net=host", "--entrypoint=sleep",
                "osixia/keepalived:2.0.20", "1000")
nodes[0].docker("pause", "frozen")
print(*(node.pid for node in nodes), flush=True)
time.sleep(1000)
"""


def namespaces(pids: list[int]) -> set[int]:
    return {Path(f"/proc/{pid}/ns/net").stat().st_ino for pid in pids}


def members(networks: set[int]) -> list[str]:
    """The processes that live in one of these network namespaces."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "ns/net").stat().st_ino in networks:
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it ended while we looked
    return found


def machine() -> dict[str, set[str]]:
    """What a lab could leave on the machine, apart from processes."""
    groups = {str(path) for path in Path("/sys/fs/cgroup").rglob("vip-tui-lab-*")}
    netns = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True).stdout
    mounts = Path("/proc/mounts").read_text().splitlines()
    return {"cgroups": groups, "netns": set(netns.splitlines()), "mounts": set(mounts)}


def run(script: str, root: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "VIP_TUI_LAB": str(root)}
    argv = (str(HERE / script), *argv)
    return subprocess.run(argv, capture_output=True, text=True, env=env, check=False)


def gone(networks: set[int]) -> None:
    wait_until(lambda: not members(networks), f"left: {members(networks)}", timeout=5)


def test_down_leaves_nothing_of_up(tmp_path: Path) -> None:
    root, before = tmp_path / "labs", machine()
    up = run("up", root, "2")
    try:
        assert up.returncode == 0, up.stderr
        networks = namespaces([int(pid) for pid in re.findall(r"--target (\d+)", up.stdout)])
        keeper = re.search(r"--net=/proc/(\d+)/ns/net", up.stdout)
        assert keeper is not None
        networks |= namespaces([int(keeper[1])])
        assert len(networks) == 3
        again = run("up", root, "1")
        assert (again.returncode, "is up already" in again.stderr) == (1, True)
    finally:
        down = run("down", root)
    assert (down.returncode, down.stderr) == (0, "")
    gone(networks)
    assert machine() == before
    assert not root.exists()
    assert run("down", root).returncode == 0


def test_down_mends_an_up_that_was_killed_on_the_way(tmp_path: Path) -> None:
    root, before = tmp_path / "labs", machine()
    env = {**os.environ, "VIP_TUI_LAB": str(root)}
    with subprocess.Popen([str(HERE / "up"), "3"], env=env, stdout=subprocess.DEVNULL) as up:
        wait_until(lambda: any(root.glob("lab-hand/nodes/n2")), "no node is on its way")
        networks = namespaces([up.pid])
        up.kill()
    assert run("down", root).returncode == 0
    gone(networks)
    assert machine() == before
    assert not root.exists()


def test_a_killed_holder_takes_all_with_it(tmp_path: Path) -> None:
    root, before = tmp_path / "labs", machine()
    argv = ["unshare", "--net", sys.executable, "-c", HOLDER, str(root)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=HERE.parents[1]) as holder:
        assert holder.stdout is not None
        pids = [int(pid) for pid in holder.stdout.readline().split()]
        networks = namespaces([holder.pid, *pids])
        holder.send_signal(signal.SIGKILL)
    assert run("down", root).returncode == 0
    gone(networks)
    assert machine() == before
    assert not root.exists()
