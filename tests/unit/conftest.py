"""What unit tests share: how Hypothesis searches, and the command line."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.unit.build import cluster
from tests.unit.command_line import Cli
from tests.unit.ssh_doors import Open, opening
from vip_tui.store import Store

# A run in CI must not fail by luck; HYPOTHESIS_PROFILE=search looks for new examples.
settings.register_profile("unit", max_examples=60, deadline=None, database=None, derandomize=True)
settings.register_profile("search", max_examples=2000, deadline=None, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "unit"))


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """The command line without a terminal, and with one saved cluster, ``homelab``."""
    Store().save(cluster())
    return Cli(monkeypatch, capsys)


@pytest.fixture
async def opened(own_home: Path) -> AsyncIterator[Open]:
    """Opens SSH servers whose host keys are known; they are closed with the test."""
    async with opening(own_home) as open_one:
        yield open_one
