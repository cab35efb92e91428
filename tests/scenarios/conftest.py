"""Fixtures of the scenarios: the same cluster, embedded and on the lab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import Lab, LabError
from tests.scenarios.backend import Backend, EmbeddedBackend, LabBackend
from tests.scenarios.world import World, make_world, walk

LAB_VIP = "198.18.0.145"


def make_backend(request: pytest.FixtureRequest, folder: Path) -> Backend:
    """The backend that the fixture's parameter names."""
    if request.param == "embedded":
        return EmbeddedBackend(folder / "cluster")
    lab: Lab = request.getfixturevalue("lab")
    return LabBackend(lab, folder, LAB_VIP)


@pytest.fixture(scope="session", params=["embedded", pytest.param("lab", marks=[pytest.mark.lab])])
def deployed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Three nodes on which the first steps were walked; shared by all scenarios."""
    folder = tmp_path_factory.mktemp(f"scenarios-{request.param}")
    with pytest.MonkeyPatch.context() as patch:
        # The looks read no settings of the user's either.
        patch.setenv("HOME", str(folder))
        patch.delenv("SSH_AUTH_SOCK", raising=False)
        backend = make_backend(request, folder)
        try:
            world = make_world(backend, folder)
            try:
                world.first = walk(world)
                yield world
            finally:
                world.close()
        finally:
            backend.close()


@pytest.fixture
def world(deployed: World) -> Iterator[World]:
    """That cluster as it is; what the embedded one did not know fails the test."""
    yield deployed
    assert deployed.backend.complaints() == []


@pytest.fixture
def trio(world: World) -> World:
    """That cluster with one master and two backups, whatever an earlier test did to it."""
    try:
        world.mend()
    except LabError as error:
        pytest.fail(f"the shared cluster is not well before this test: {error}")
    return world
