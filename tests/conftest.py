"""What all tests share: a home of their own, and the lab where it can run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import Lab

REQUIRE_LAB = os.environ.get("VIP_TUI_REQUIRE_LAB") == "1"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the user's clusters, SSH settings or agent."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(mode=0o700, parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("VIP_TUI_HOME", str(home / "vip-tui"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return home


def pytest_configure() -> None:
    """In the background SIGINT is ignored, and every vip-tui that we start would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares nodes; skip what needs the lab where there is none, and say why."""
    for item in items:
        if item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.xdist_group("lab"))
        elif item.path.parent.name == "scenarios":
            item.add_marker(pytest.mark.xdist_group("embedded"))
    if REQUIRE_LAB:
        return
    why = os.environ.get("VIP_TUI_NO_LAB", "it was not started by tests/run")
    for item in items:
        if item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.skip(reason=f"needs the lab: {why}"))


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Real nodes, made for this run and gone with it."""
    with Lab() as lab:
        yield lab
