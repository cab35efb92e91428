"""The whole walk, typed into the real program in a real terminal (tmux), on real nodes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab import Lab, Node
from tests.lab.tmux import Terminal
from tests.lab.tools import wait_until

pytestmark = pytest.mark.lab

VIP = "198.18.0.100"


@pytest.fixture(params=[(80, 24), (120, 40)], ids=["80x24", "120x40"])
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, request.param)
    yield terminal
    terminal.end()


@pytest.fixture
def trio(lab: Lab) -> Iterator[list[Node]]:
    nodes = lab.add_nodes(3)
    yield nodes
    for node in nodes:
        node.destroy()


def holders(nodes: list[Node]) -> list[str]:
    return [node.name for node in nodes if VIP in node.addresses()]


def running(node: Node) -> bool:
    answer = node.docker("inspect", "-f", "{{.State.Running}}", "keepalived")
    return answer.stdout.strip() == "true"


def test_from_an_empty_start_to_a_finished_drill(
    lab: Lab, trio: list[Node], terminal: Terminal, own_home: Path
) -> None:
    first, second, third = trio
    terminal.start("--identity", str(lab.key))
    terminal.sees("▶ Nodes", "Which machines share the VIP?")

    # A wrong address is named while it is typed; a pasted list is taken.
    terminal.type("198.18.0.999")
    terminal.sees("not an address")
    terminal.press("C-u")
    terminal.paste(f"{first.address},\n{second.address}\n{third.address}")
    terminal.sees("priority 200", "priority 150", "priority 100")
    terminal.press("Enter")

    terminal.sees("▶ VIP")
    terminal.type(first.address)
    terminal.sees("VIP is a node's own address")
    terminal.press("C-u")
    terminal.type(VIP)
    terminal.press("Enter")

    # Nobody has seen the host keys: their fingerprints are shown, and accepted together.
    terminal.sees("Nobody has seen these host keys yet", "Accept these 3 keys")
    assert not (own_home / "vip-tui" / "known_hosts").exists()
    terminal.press("Tab", "Enter")
    terminal.sees("Nothing stands in the way")
    for node in trio:
        assert node.host_key.split()[1] in (own_home / "vip-tui" / "known_hosts").read_text()
    terminal.press("Enter")

    terminal.sees("▶ Review", "create keepalived, priority 200")
    assert not any("keepalived" in node.docker("ps", "-a").stdout for node in trio)
    terminal.press("Enter")

    # Deployed, and the live panel opens by itself.
    terminal.sees("HEALTHY", "MASTER", "answers", f"held by {first.name}", within=60)
    assert holders(trio) == [first.name]

    terminal.press("f")
    terminal.sees(f"Failover drill: stop {first.name}", f"Type {first.name} to go on")
    terminal.type(first.name)
    terminal.press("Enter")
    terminal.sees("PASSED", "without the VIP", f"{first.name} is back as backup", within=60)
    assert holders(trio) == [second.name]
    wait_until(lambda: running(first), "the stopped node is not back", 5)
    terminal.press("Enter")
    terminal.sees("HEALTHY", f"held by {second.name}")

    # The next start opens the same cluster's panel.
    terminal.press("q")
    wait_until(lambda: not screen_or_nothing(terminal.screen).strip(), "it did not quit", 10)
    terminal.end()
    terminal.start("--identity", str(lab.key))
    terminal.sees("homelab", "HEALTHY", f"held by {second.name}")
    saved = (own_home / "vip-tui" / "clusters").iterdir()
    assert [path.name for path in saved] == ["homelab.toml"]


def screen_or_nothing(screen: Callable[[], str]) -> str:
    """The screen, or nothing where the terminal has ended with its program."""
    try:
        return screen()
    except subprocess.CalledProcessError:
        return ""
