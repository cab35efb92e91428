"""The checks of the Swarm and of versions across the nodes, in each of their states."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.build import DIGEST, IMAGE_ID, learnt
from tests.unit.test_docker_checks import (
    CLUSTER,
    OTHER_DIGEST,
    OTHER_ID,
    SILENT,
    STRANGERS,
    found,
    with_docker,
    with_swarm,
)
from vip_tui.preflight.checks import check_all
from vip_tui.preflight.docker_facts import Image, InRegistry
from vip_tui.preflight.learnt import Finding, Learnt

# --- swarm


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({}, "pass", "manager, active"),
        ({"manager": False}, "pass", "worker, active"),
        ({"availability": "pause"}, "pass", "manager, pause"),
        ({"availability": "drain"}, "warn", "drained"),
        ({"availability": None}, "unknown", "only a manager knows"),
        ({"seen_as": "down"}, "warn", "see it as down"),
        ({"error": "The swarm does not have a leader."}, "warn", "not well"),
        ({"state": "inactive", "manager": False}, "pass", "no Swarm"),
        ({"state": "pending"}, "warn", "still joining"),
        ({"state": "locked"}, "warn", "locked"),
        ({"state": "error", "error": "certificate has expired"}, "warn", "cannot take part"),
    ],
)
def test_the_swarm(changed: dict[str, Any], status: str, words: str) -> None:
    item = found("swarm", with_swarm(**changed))
    assert item.status == status and words in item.summary
    assert item.evidence
    assert status == "pass" or item.remedy


def test_nodes_of_different_swarms_are_told_whose_they_are_not() -> None:
    one, same = with_swarm(1), with_swarm(2)
    other = with_swarm(3, managers=STRANGERS)
    assert found("swarm", one, same).status == "pass"
    item = found("swarm", one, same, other)
    assert (item.status, item.summary) == ("warn", "in another Swarm than n3")
    assert found("swarm", other, one, same).summary == "in another Swarm than n1, n2"


def test_a_node_outside_of_the_others_swarm_is_told() -> None:
    outside = with_swarm(3, state="inactive", managers=())
    item = found("swarm", outside, with_swarm(1), with_swarm(2))
    assert (item.status, item.summary) == ("warn", "not in the Swarm that n1, n2 are in")
    assert found("swarm", with_swarm(1), outside).status == "pass"


# --- versions


def versions(*nodes: Learnt) -> Finding:
    return next(item for item in check_all(CLUSTER, nodes) if item.id == "versions")


def pulls(digest: str, number: int = 2) -> Learnt:
    return with_docker(number, image=None, registry=InRegistry(digest, ("linux/amd64",)))


LOADED = Image(IMAGE_ID, (), "amd64", "linux")  # from a file: no registry is known


@pytest.mark.parametrize(
    "second",
    [
        with_docker(2),
        with_docker(2, image=LOADED),
        with_docker(2, image=Image(OTHER_ID, (DIGEST,), "arm64", "linux"), architecture="arm64"),
        with_docker(2, image=Image(IMAGE_ID, (OTHER_DIGEST,), "amd64", "linux")),
        with_docker(2, version="20.10.5+dfsg1"),
        pulls(DIGEST),
    ],
)
def test_the_same_image_by_id_or_digest_passes(second: Learnt) -> None:
    item = versions(with_docker(1), second)
    assert item.status == "pass"
    assert "n1 20.10.24" in item.evidence


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (with_docker(2, image=Image(OTHER_ID, (OTHER_DIGEST,), "amd64", "linux")), OTHER_DIGEST),
        (with_docker(2, image=Image(OTHER_ID, (), "amd64", "linux")), OTHER_ID),
        (pulls(OTHER_DIGEST), OTHER_DIGEST),
    ],
)
def test_different_images_are_a_warning_with_both(second: Learnt, said: str) -> None:
    item = versions(with_docker(1), second)
    assert item.status == "warn" and "do not have the same" in item.summary
    assert item.evidence == f"n1 {DIGEST[:19]}; n2 {said[:19]}"
    assert "docker pull" in item.remedy


def test_dockers_of_different_majors_are_a_warning() -> None:
    item = versions(with_docker(1), with_docker(2, version="27.3.1"))
    assert (item.status, item.evidence) == ("warn", "n1 20.10.24, n2 27.3.1")


def test_versions_that_were_not_seen_are_unknown() -> None:
    item = versions(with_docker(1), learnt(2, docker=None))
    assert (item.status, item.summary) == ("unknown", "not known of n2")
    blind = with_docker(2, image=None, registry=SILENT)
    item = versions(with_docker(1), blind)
    assert item.status == "unknown" and "n2 unknown" in item.evidence


def test_a_loaded_image_of_another_architecture_can_not_be_compared() -> None:
    loaded = Image(OTHER_ID, (), "arm64", "linux")
    assert versions(with_docker(1), with_docker(2, image=loaded)).status == "unknown"
    assert versions(with_docker(1, image=LOADED), pulls(DIGEST)).status == "unknown"
