"""The first minute: the program on the embedded cluster, as somebody who has just found it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.command import CommandPalette

from tests.ui.waiting import Looker, looking
from vip_tui.demo import EmbeddedCluster
from vip_tui.demo.misfortunes import SUDO_PASSWORD
from vip_tui.nodes.connection import Access
from vip_tui.tui.app import Start, VipApp
from vip_tui.tui.screens import dialogs
from vip_tui.tui.screens.drill import DrillScreen
from vip_tui.tui.screens.live import LiveScreen
from vip_tui.tui.screens.wizard import WizardScreen
from vip_tui.tui.widgets.deploy_steps import DeployStep
from vip_tui.tui.widgets.rail import CHECKS as CHECKS_STEP

Open = Callable[..., AbstractAsyncContextManager[Looker]]


@pytest.fixture
def demo(tmp_path: Path) -> Open:
    """Opens the demo as the command line does, and checks that it left nothing undeclared."""

    @asynccontextmanager
    async def opened(
        *misfortunes: str, live: bool = False, size: tuple[int, int] = (80, 24)
    ) -> AsyncIterator[Looker]:
        embedded = EmbeddedCluster(tmp_path, 3, misfortunes, deployed=live)

        async def access() -> Access:
            await embedded.start()
            return Access(embedded.store, (embedded.identity,), isolated=True)

        start = Start(cluster=embedded.cluster, live=live, demo=True)
        app = VipApp(start, access, embedded.store, ended=embedded.close)
        async with looking(app, size) as looker:
            yield looker
        assert embedded.unknown_commands == []

    return opened


async def to_checks(looker: Looker) -> None:
    await looker.press("enter", "enter")
    wizard = looker.app.screen
    assert isinstance(wizard, WizardScreen)
    await looker.until(lambda: wizard.step == CHECKS_STEP and wizard.checks.outcome, "no outcome")


async def open_row(looker: Looker, words: str) -> None:
    """Go to the row that says so, and open it where that has not been done."""
    wizard = looker.app.screen
    assert isinstance(wizard, WizardScreen)
    rows = wizard.checks.list
    await looker.until(lambda: any(words in row.plain for row in rows.rows), f"no {words}")
    row = next(row for row in rows.rows if words in row.plain)
    rows.go_to(row.key)
    if row.opens is False:
        await looker.press("space")


async def test_enter_and_the_drill_key_walk_to_a_report(demo: Open) -> None:
    async with demo() as looker:
        await looker.sees("Which machines share the VIP?", "DEMO")
        await to_checks(looker)
        await looker.sees("Nothing stands in the way", "DEMO")
        await looker.press("enter")
        await looker.sees("12 changes, on nodes without keepalived")
        await looker.press("enter")
        await looker.until(lambda: isinstance(looker.app.screen, LiveScreen), "no panel")
        await looker.sees("HEALTHY", "DEMO", "held by n1", "✔ answers")
        await looker.press("f")  # the word is typed, and it goes on by itself
        await looker.sees("In the demo n1 is typed for you")
        await looker.until(lambda: isinstance(looker.app.screen, DrillScreen), "no drill")
        await looker.sees("PASSED", "n2 took the VIP", "n1 is back as backup", "DEMO")
        report = looker.app.screen.report  # type: ignore[attr-defined]
        assert report.bound_s == pytest.approx(106 / 256)
        assert -0.02 < report.outage_s - report.bound_s < 0.25


async def test_whoever_types_in_the_demo_decides(demo: Open) -> None:
    async with demo(live=True) as looker:
        await looker.sees("HEALTHY", "✔ answers")
        await looker.press("f")
        await looker.sees("In the demo n1 is typed for you")
        await looker.press("backspace")
        await looker.sees("Type n1 to go on:")
        await looker.press("escape")
        await looker.until(lambda: isinstance(looker.app.screen, LiveScreen), "no panel")


async def test_enters_that_were_typed_ahead_are_for_one_dialog_only(demo: Open) -> None:
    async with demo(live=True) as looker:
        await looker.sees("HEALTHY", "✔ answers")
        panel = looker.app.screen
        await looker.press("f")
        await looker.sees("In the demo n1 is typed for you")
        for _ in range(3):
            looker.app.post_message(events.Key("enter", "\r"))
        await looker.sees("PASSED")
        assert looker.app.screen_stack[-2] is panel
        await looker.press("enter")
        await looker.until(lambda: looker.app.screen is panel)


async def test_the_count_down_waits_while_something_else_is_shown(
    demo: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "TYPED_FOR_YOU_S", 1)
    async with demo(live=True) as looker:
        await looker.sees("HEALTHY", "✔ answers")
        await looker.press("f")
        await looker.sees("In the demo n1 is typed for you")
        dialog = looker.app.screen
        await looker.press("ctrl+p")
        await looker.until(lambda: isinstance(looker.app.screen, CommandPalette))
        await asyncio.to_thread(time.sleep, 1.5)  # nothing happens: that cannot be awaited
        assert dialog in looker.app.screen_stack
        await looker.press("escape")
        await looker.sees("PASSED")


async def test_a_deployment_that_is_stopped_before_it_begins_ends_too(demo: Open) -> None:
    async with demo("slow-node") as looker:
        await to_checks(looker)
        await looker.press("enter", "enter")
        await looker.sees("Deploying. Esc stops")
        await looker.press("escape")
        await looker.sees("Stop deploying?")
        await looker.press("right", "enter")
        await looker.sees("stopped by the operator", "Nothing was changed")
        await looker.press("ctrl+q")
        await looker.until(lambda: not looker.app.is_running)


async def test_the_panel_opens_when_the_wizard_is_looked_at_again(demo: Open) -> None:
    async with demo() as looker:
        await to_checks(looker)
        await looker.press("enter", "enter")
        await looker.sees("waiting for it to become master")
        wizard = looker.app.screen
        assert isinstance(wizard, WizardScreen)
        await looker.press("f9")
        await looker.sees("Command log")
        await looker.until(lambda: wizard.deployment.report is not None, "not deployed")
        assert "Command log" in looker.text
        await looker.press("escape")
        await looker.sees("HEALTHY")


async def test_the_demo_reads_nothing_of_the_user_s_own_ssh(
    demo: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True, exist_ok=True)
    touched = home / "touched"
    (home / ".ssh" / "config").write_text(f"Host *\n  ProxyCommand touch {touched}\n  Port 1\n")
    (home / ".ssh" / "known_hosts").write_text("not a line of such a file\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(home / "agent"))
    async with demo("new-host-key") as looker:
        await looker.press("enter", "enter")
        await looker.sees("Nobody has seen these host keys yet")
        await looker.press("right", "enter")
        await looker.sees("Nothing stands in the way")
    assert not touched.exists()


async def test_esc_in_mid_drill_restores(demo: Open) -> None:
    async with demo(live=True) as looker:
        await looker.sees("HEALTHY", "✔ answers")
        await looker.press("f")
        await looker.sees("In the demo n1 is typed for you")
        await looker.press("enter")
        await looker.sees("has let go of the VIP")
        await looker.press("escape")
        await looker.sees("ABORTED", "n1 is back as backup")
        await looker.press("enter")
        await looker.sees("HEALTHY", "✔ answers")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
async def test_a_closed_terminal_in_mid_drill_restores(demo: Open, number: signal.Signals) -> None:
    signal.signal(number, signal.SIG_DFL)  # under nohup(1) it would be ignored, as it should
    async with demo(live=True) as looker:
        await looker.sees("HEALTHY", "✔ answers")
        await looker.press("f", "enter")
        await looker.sees("has let go of the VIP")
        drill = looker.app.screen
        assert isinstance(drill, DrillScreen)
        worker = next(worker for worker in looker.app.workers if worker.group == "drill")
        os.kill(os.getpid(), number)
        await asyncio.gather(worker.wait(), return_exceptions=True)
        assert worker.is_cancelled
        await looker.until(lambda: drill.report is not None, "no report")
        assert drill.report is not None and drill.report.restored
    looker.app.ended_well()  # the last resort would end the tests


async def test_esc_in_mid_deployment_rolls_back(demo: Open) -> None:
    async with demo() as looker:
        await to_checks(looker)
        await looker.press("enter", "enter")
        await looker.sees("waiting for it to become master")
        await looker.press("escape")
        await looker.sees("Stop deploying?")
        await looker.press("right", "enter")
        await looker.sees("Rolled back: the nodes are as they were.")
        deploy = looker.app.screen.query_one(DeployStep)
        assert deploy.report is not None and deploy.report.rolled_back


async def test_a_container_that_is_stopped_by_hand_is_seen_at_once(demo: Open) -> None:
    async with demo(live=True) as looker:
        await looker.sees("HEALTHY", "✔ answers")
        screen = looker.app.screen
        assert isinstance(screen, LiveScreen) and screen.watcher is not None
        engine = await screen.watcher.fleet.engine(screen.cluster.nodes[2])
        await engine.stop("keepalived")
        await looker.sees("DEGRADED", "n3 cannot take over", "docker start keepalived")
        await looker.press("f")
        await looker.sees("No drill can run now", "degraded")


Told = dict[str, tuple[str, ...]]
CHECKS: Told = {
    "slow-node": ("but slowly", "Look at the node's load"),
    "ip-vs-missing": ("this kernel has no ip_vs", "linux-modules-extra"),
    "docker-down": ("Docker is not running", "systemctl start docker"),
    "docker-hangs": ("no answer within", "systemctl restart docker"),
    "no-permission": ("neither root nor may use sudo", "NOPASSWD"),
    "wrong-host-key": ("has changed", "ssh-keygen -R"),
    "no-key": ("does not let us in", "ssh-copy-id"),
    "node-down": ("refuses SSH", "Is sshd running there"),
    "vip-in-use": ("the VIP is in use on the wire", "Find that machine"),
    "vrid-in-use": ("198.18.0.77 advertises VRID 100", "vrid = 101"),
    "firewall": ("IP protocol 112 (VRRP) from n1, n3 is dropped", "ip protocol vrrp drop"),
    "slow-link": ("more than 5 ms between n1 and n2", "low-latency link"),
    "foreign-container": ("a foreign container is called keepalived", "docker rm -f keepalived"),
    "broken-modules-line": ("a line in /etc/modules does nothing", "put the bare name ip_vs"),
    "cloud": ("Amazon EC2", "There: a Network Load Balancer"),
    "clock-skew": ("ahead of this machine's clock", "chrony"),
    "disk-full": ("no room to pull the image", "docker system df"),
    "no-interface": ("no interface is in the subnet", "Give a VIP of the nodes' subnet"),
    "image-unknown": ("cannot be pulled", "manifest unknown"),
    "image-architecture": ("is for linux/arm64", "Name an image for it"),
    "image-differs": ("the nodes do not have the same", "name the image by its digest"),
    "drained": ("drained: it runs no service", "leave it out"),
    "docker-disabled": ("does not start at the next boot", "systemctl enable docker"),
}


@pytest.mark.parametrize(("misfortune", "words"), CHECKS.items())
async def test_a_misfortune_is_told_by_the_checks(
    demo: Open, misfortune: str, words: tuple[str, ...]
) -> None:
    async with demo(misfortune) as looker:
        await to_checks(looker)
        await open_row(looker, words[0])
        await looker.sees(*words)


async def test_an_unknown_host_key_is_asked_for_and_accepted(demo: Open) -> None:
    async with demo("new-host-key") as looker:
        await looker.press("enter", "enter")
        await looker.sees("Nobody has seen these host keys yet", "SHA256:")
        await looker.press("right", "enter")
        await looker.sees("Nothing stands in the way")


async def test_a_sudo_password_is_asked_for_and_used(demo: Open) -> None:
    async with demo("sudo-password") as looker:
        await looker.press("enter", "enter")
        await looker.sees("sudo password of operator", "It is kept in memory for this run only")
        await looker.press(*"wrong", "enter")
        await looker.sees("The answer before was refused")
        await looker.press(*SUDO_PASSWORD, "enter")
        await looker.sees("Nothing stands in the way")
        assert SUDO_PASSWORD not in looker.text


DEPLOY: Told = {
    "split-brain": ("the cluster is", "They do not hear each other", "Rolled back"),
    "pull-fails": ("cannot pull", "i/o timeout", "Check the image's name", "Rolled back"),
    "hostile-output": ("driver failed", "[/x]", "[@click=app.bell]", "Rolled back"),
}


@pytest.mark.parametrize(("misfortune", "words"), DEPLOY.items())
async def test_a_misfortune_is_told_by_the_deployment(
    demo: Open, misfortune: str, words: tuple[str, ...]
) -> None:
    async with demo(misfortune) as looker:
        await to_checks(looker)
        await looker.press("enter", "enter")
        await looker.sees(*words)
        assert not set("\x1b\x9b\x07") & set(looker.text)


LIVE: Told = {
    "split-brain": ("SPLIT-BRAIN", "They do not hear each other", "IP protocol 112"),
    "stale-vip": (
        "STALE-VIP",
        "n1 holds 198.18.0.100 but its keepalived is stopped",
        "ip addr del",
    ),
    "docker-down": ("UNKNOWN", "Docker is not running", "systemctl start docker"),
    "node-down": ("DEGRADED", "refuses SSH", "Is sshd running there"),
}


@pytest.mark.parametrize(("misfortune", "words"), LIVE.items())
async def test_a_misfortune_is_told_by_the_panel(
    demo: Open, misfortune: str, words: tuple[str, ...]
) -> None:
    async with demo(misfortune, live=True, size=(120, 40)) as looker:
        await looker.sees(*words)


async def test_no_misfortune_is_without_a_test() -> None:
    from vip_tui.demo import MISFORTUNES

    told = {*CHECKS, *DEPLOY, *LIVE, "new-host-key", "sudo-password"}
    assert set(MISFORTUNES) == told
