"""Preflight against what it could be: a plain ssh, an Ansible playbook, bare asyncssh.

On the lab: three nodes, against one `ssh node true` and against a playbook that gathers the same
facts (tests/bench/gather_facts.yml). On loopback: a hundred embedded nodes in a process of their
own, against bare asyncssh that connects to the same hundred and runs the same one command.
Runs are interleaved. The listening on the wire is timed apart, and not in these figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import asyncssh

from tests.bench.servers import VIP as CROWD_VIP
from tests.lab import Lab
from vip_tui.cluster import Cluster, Node, parse_vip
from vip_tui.nodes.connection import Access
from vip_tui.nodes.fleet import Fleet
from vip_tui.preflight import facts
from vip_tui.preflight.gather import gather, learn
from vip_tui.store import Store

ROOT = Path(__file__).parents[2]
PLAYBOOK = Path(__file__).with_name("gather_facts.yml")
VIP = "198.18.0.200"
TARGETS = {"ssh": 1.5, "ansible": 20.0, "bare": 2.0}
INSIDE = "VIP_TUI_BENCH_INSIDE"


def timed(work: Callable[[], object]) -> float:
    """How long a call took, in seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


async def clocked(work: Awaitable[object]) -> float:
    """How long something took, in seconds."""
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def ms(times: list[float]) -> float:
    """The median in milliseconds."""
    return round(1000 * statistics.median(times), 1)


# --- three nodes of the lab


async def preflight(cluster: Cluster, access: Access) -> tuple[float, float]:
    """One preflight over new connections: its seconds, and those of the listening."""
    async with Fleet(access) as fleet:
        outcome = await gather(cluster, fleet)
    if outcome.unreached:
        raise RuntimeError(str(outcome.unreached[0].problem))
    return outcome.elapsed_s, outcome.listen_s


def of_the_lab(runs: int, ansible: str | None) -> dict[str, object]:
    """Preflight, ssh and Ansible on three real nodes."""
    with Lab() as lab, tempfile.TemporaryDirectory(prefix="vip-tui-bench-") as folder:
        nodes = lab.add_nodes(3)
        store = Store(Path(folder))
        shutil.copy(lab.known_hosts, store.known_hosts)
        access = Access(store, (lab.key,), isolated=True)
        members = tuple(Node(node.address, user="root") for node in nodes)
        cluster = Cluster("bench", (parse_vip(VIP),), members)
        options = ["-F", "none", "-i", str(lab.key), "-o", f"UserKnownHostsFile={lab.known_hosts}"]
        ssh = ["ssh", *options, f"root@{nodes[0].address}", "true"]
        play = _playbook(ansible, Path(folder), [node.address for node in nodes], options)
        plain: list[float] = []
        checked: list[float] = []
        listened: list[float] = []
        played: list[float] = []
        subprocess.run(ssh, check=True)
        asyncio.run(preflight(cluster, access))
        for number in range(runs):
            plain.append(timed(lambda: subprocess.run(ssh, check=True)))
            elapsed, listen = asyncio.run(preflight(cluster, access))
            checked.append(elapsed)
            listened.append(listen)
            if play is not None and number < 3:  # it is slow enough to be told from three
                played.append(timed(play))
    told: dict[str, object] = {
        "preflight_ms": ms(checked),
        "ssh_true_ms": ms(plain),
        "listen_ms": ms(listened),
        "ratio_to_ssh": round(ms(checked) / ms(plain), 2),
        "all_preflight_ms": [round(1000 * took, 1) for took in checked],
    }
    if played:
        told |= {
            "ansible_ms": ms(played),
            "ansible_by_preflight": round(ms(played) / ms(checked), 1),
        }
    return told


def _playbook(
    ansible: str | None, folder: Path, addresses: list[str], options: list[str]
) -> Callable[[], object] | None:
    """The call that plays the playbook, in Ansible's quickest settings."""
    if ansible is None:
        return None
    inventory = folder / "inventory"
    inventory.write_text("".join(f"{address} ansible_user=root\n" for address in addresses))
    env = {
        **os.environ,
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_FORKS": "20",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_SSH_EXTRA_ARGS": " ".join(options),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp"),
        "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=5s",
    }

    def play() -> object:
        argv = [ansible, "-i", str(inventory), str(PLAYBOOK)]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stdout[-3000:] + done.stderr[-1000:])
        return done

    return play


# --- a hundred embedded nodes


async def bare(ports: list[int], identity: str, known: str) -> None:
    """What asyncssh itself takes to log in and run one command on each."""

    async def one(port: int) -> None:
        async with asyncssh.connect(
            "127.0.0.1",
            port,
            username="root",
            client_keys=[identity],
            known_hosts=known,
            config=None,
            agent_path=None,
        ) as connection:
            await connection.run(facts.GATHER.line(), check=True)

    await asyncio.gather(*map(one, ports))


async def crowd(cluster: Cluster, access: Access) -> None:
    """Preflight of all nodes but the listening."""
    async with Fleet(access) as fleet:
        learnt = await asyncio.gather(
            *(learn(node, cluster.image, fleet) for node in cluster.nodes)
        )
    for one in learnt:
        if problem := one.problem or one.host_problem or one.docker_problem:
            raise RuntimeError(str(problem))


def of_a_crowd(number: int, runs: int) -> dict[str, object]:
    """Preflight of many nodes against bare asyncssh to the same."""
    with tempfile.TemporaryDirectory(prefix="vip-tui-bench-") as folder:
        servers = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.servers", str(number), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        try:
            assert servers.stdout is not None
            told = json.loads(servers.stdout.readline())
            store = Store(Path(folder))
            access = Access(store, (Path(told["identity"]),), isolated=True)
            member = Node("127.0.0.1", user="root")
            members = tuple(replace(member, port=port) for port in told["ports"])
            cluster = Cluster("crowd", (parse_vip(CROWD_VIP),), members)
            known = str(store.known_hosts)
            plain: list[float] = []
            checked: list[float] = []
            asyncio.run(bare(told["ports"][:2], told["identity"], known))
            for _ in range(runs):
                plain.append(asyncio.run(clocked(bare(told["ports"], told["identity"], known))))
                checked.append(asyncio.run(clocked(crowd(cluster, access))))
        finally:
            servers.communicate()
    return {
        "nodes": number,
        "preflight_ms": ms(checked),
        "bare_asyncssh_ms": ms(plain),
        "ratio_to_bare": round(ms(checked) / ms(plain), 2),
    }


def find_ansible(wanted: bool, folder: Path) -> str | None:
    """The ansible-playbook to measure, installed for this run alone."""
    if not wanted:
        return None
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "ansible-core"]
    subprocess.run(pip, check=True, stdout=sys.stderr)
    return str(folder / "bin" / "ansible-playbook")


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="preflight", description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="preflights on the lab (9)")
    parser.add_argument("--nodes", type=int, default=100, help="embedded nodes (100)")
    parser.add_argument("--crowd-runs", type=int, default=5, help="preflights of those (5)")
    parser.add_argument("--no-ansible", action="store_true", help="leave Ansible out")
    parser.add_argument("--no-lab", action="store_true", help="leave the lab out")
    parser.add_argument("--ansible", default="", help="an ansible-playbook that is there already")
    given = parser.parse_args(argv)
    document: dict[str, object] = {"bench": "preflight", "targets": TARGETS}
    with tempfile.TemporaryDirectory(prefix="vip-tui-ansible-") as folder:
        if not given.no_lab:
            wanted = not given.no_ansible and not given.ansible
            if wanted and INSIDE not in os.environ:
                given.ansible = find_ansible(wanted, Path(folder)) or ""
            if INSIDE not in os.environ:
                return _isolated(given)
            document["lab"] = of_the_lab(given.runs, given.ansible or None)
        if given.nodes:
            document["crowd"] = of_a_crowd(given.nodes, given.crowd_runs)
    document["machine"] = {
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": sys.version.split()[0],
        "asyncssh": asyncssh.__version__,
    }
    print(json.dumps(document, indent=2))
    return 0


def _isolated(given: argparse.Namespace) -> int:
    """Run again in a network without a way out, where the lab may live."""
    inner = [sys.executable, "-m", "tests.bench", "preflight"]
    inner += ["--runs", str(given.runs), "--nodes", str(given.nodes)]
    inner += ["--crowd-runs", str(given.crowd_runs)]
    inner += ["--ansible", given.ansible] if given.ansible else ["--no-ansible"]
    shell = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "bench", *inner]
    return subprocess.run(shell, env=os.environ | {INSIDE: "1"}, cwd=ROOT, check=False).returncode
