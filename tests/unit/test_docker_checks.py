"""The checks of Docker, container, image, Swarm and versions, in each of their states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.build import (
    DIGEST,
    IMAGE_ID,
    VIP,
    by_hand,
    cluster,
    container,
    docker_facts,
    foreign,
    host,
    learnt,
    spec,
)
from vip_tui.errors import VipError
from vip_tui.nodes.reasons import DockerStopped, EngineError, access_problem
from vip_tui.preflight.checks import check_node
from vip_tui.preflight.docker_facts import Another, Image, InRegistry, Listed, Manager, Swarm
from vip_tui.preflight.facts.docker import DockerService, parse_docker_service
from vip_tui.preflight.learnt import Finding, Learnt

CLUSTER = cluster()
OTHER_ID = IMAGE_ID.replace("c", "d")
OTHER_DIGEST = DIGEST.replace("3", "4")
MANAGERS = (Manager("node1", "198.18.0.11"),)
STRANGERS = (Manager("other1", "198.18.0.71"),)


def found(check: str, one: Learnt, *others: Learnt) -> Finding:
    findings = check_node(CLUSTER, one, (one, *others))
    return next(item for item in findings if item.id == check)


def with_docker(number: int = 1, **changed: Any) -> Learnt:
    return learnt(number, docker=docker_facts(number, **changed))


def with_swarm(number: int = 1, **changed: Any) -> Learnt:
    plain = Swarm("active", True, f"node{number}", "", MANAGERS, "", "active", "ready")
    return with_docker(number, swarm=replace(plain, **changed))


# --- docker


def test_a_docker_that_is_well_says_how_it_is_known() -> None:
    one = learnt(1, facts=host(1, docker=DockerService(True, "/etc/rc2.d/S01docker")))
    item = found("docker", one)
    assert (item.status, item.summary) == ("pass", "Docker 20.10.24 answers")
    assert item.evidence == "log driver json-file; answered in 0.10 s; starts at boot"


def test_what_could_not_be_told_of_the_next_boot_is_said() -> None:
    assert "could not be told" in found("docker", learnt(1)).evidence


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"version": "18.09.1"}, "older than any"),
        ({"version": "1.13.1"}, "older than any"),
        ({"took_s": 3.2}, "it is slow"),
        ({"log_driver": "none"}, "log cannot be read back"),
        ({"log_driver": "syslog", "version": "19.03.15"}, "log cannot be read back"),
        ({"container": container(spec(), log_driver="none")}, "log cannot be read back"),
    ],
)
def test_what_may_be_fine_of_a_docker_is_a_warning(changed: dict[str, Any], words: str) -> None:
    item = found("docker", with_docker(**changed))
    assert item.status == "warn" and words in item.summary
    assert item.evidence and item.remedy and item.fix is None


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "19.03.0"},
        {"version": "29.0.1"},
        {"version": "dev"},
        {"log_driver": "local"},
        {"log_driver": "journald", "version": "19.03.15"},
        {"log_driver": "syslog"},  # read back from its cache since 20.10
        {"container": container(spec()), "log_driver": "none"},  # it has a driver of its own
    ],
)
def test_what_is_fine_of_a_docker_passes(changed: dict[str, Any]) -> None:
    assert found("docker", with_docker(**changed)).status == "pass"


def test_a_docker_that_does_not_start_at_boot_can_be_enabled() -> None:
    service = DockerService(False, "/lib/systemd/system/docker.service")
    item = found("docker", learnt(1, facts=host(1, docker=service)))
    assert (item.status, item.fix) == ("warn", "enable-docker")
    assert "next boot" in item.summary and service.told_by in item.evidence


def test_several_worries_are_all_told() -> None:
    item = found("docker", with_docker(took_s=4.0, log_driver="none"))
    assert "slow" in item.summary and "log cannot be read back" in item.summary
    assert "4.0 s" in item.evidence and "log driver none" in item.evidence


def test_a_rootless_docker_fails() -> None:
    item = found("docker", with_docker(rootless=True))
    assert item.status == "fail" and "rootless" in item.summary
    assert "name=rootless" in item.evidence


@pytest.mark.parametrize(
    ("problem", "fix"),
    [
        (access_problem("n1", {"installed", "permitted"}), "start-docker"),
        (access_problem("n1", set()), None),
        (access_problem("n1", {"installed", "socket"}), None),
        (DockerStopped("Docker on n1 does not answer", "it closed the connection"), "start-docker"),
        (EngineError("Docker on n1 does not answer", "no answer within 6 s"), None),
    ],
)
def test_only_a_docker_that_is_stopped_can_be_started(
    problem: EngineError, fix: str | None
) -> None:
    item = found("docker", learnt(1, docker=None, docker_problem=problem))
    assert (item.status, item.fix) == ("fail", fix)
    assert item.summary == problem.title


@pytest.mark.parametrize("check", ["container", "image", "swarm"])
def test_what_docker_would_have_told_is_unknown_because_of_docker(check: str) -> None:
    problem = EngineError("Docker is not running on n1", "no socket", "Start it.")
    item = found(check, learnt(1, docker=None, docker_problem=problem))
    assert (item.status, item.because, item.remedy) == ("unknown", "docker", "Start it.")
    assert "not running" in item.evidence


# --- whether it starts at boot


@pytest.mark.parametrize(
    ("text", "at_boot", "by"),
    [
        ("", None, ""),
        ("there /lib/systemd/system/docker.service\n", False, "/lib/systemd/system/docker.service"),
        (
            "enabled /etc/systemd/system/multi-user.target.wants/docker.service\n"
            "there /lib/systemd/system/docker.service\n",
            True,
            "/etc/systemd/system/multi-user.target.wants/docker.service",
        ),
        (
            "enabled /etc/runlevels/default/docker\nthere /etc/init.d/docker\n",
            True,
            "/etc/runlevels",
        ),
        ("there /etc/rc2.d/K01docker\n", False, "/etc/rc2.d/K01docker"),
        ("enabled\n", None, ""),
    ],
)
def test_whether_docker_starts_at_boot(text: str, at_boot: bool | None, by: str) -> None:
    service = parse_docker_service({"docker_service": text})
    assert service.at_boot is at_boot
    assert service.told_by.startswith(by)


# --- container

NATIVE = replace(host(1).machine, keepalived_outside=("812 in /system.slice/keepalived.service",))
UNTOLD = replace(host(1).machine, keepalived_outside=None)
ASIDE = Listed("c0ffee0123456789", "keepalived-former", "osixia/keepalived:2.0.20", "exited")
CLOCK = "2026-11-22T21:33:00.123456789Z"


def test_a_keepalived_outside_of_docker_fails_and_names_the_process() -> None:
    for one in (
        learnt(1, facts=host(1, machine=NATIVE)),
        learnt(1, container(spec()), host(1, machine=NATIVE)),
        learnt(1, facts=host(1, machine=NATIVE), docker=None),
    ):
        item = found("container", one)
        assert (item.status, item.evidence) == (
            "fail",
            "process 812 in /system.slice/keepalived.service",
        )
        assert "systemctl disable --now keepalived" in item.remedy


def test_without_a_look_outside_of_docker_nothing_passes() -> None:
    for one in (
        learnt(1, facts=host(1, machine=UNTOLD)),
        learnt(1, host=None, host_problem=VipError("too slow", "facts gave no answer")),
    ):
        item = found("container", one)
        assert item.status == "unknown" and "outside Docker" in item.summary
        assert item.remedy or item.evidence


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"status": "exited", "exit_code": 137}, "warn", "it is exited; apply starts it"),
        ({"status": "created"}, "warn", "it is created; apply starts it"),
        ({"status": "paused"}, "warn", "it is paused; apply starts it"),
        ({"status": "restarting", "restarts": 1}, "warn", "again and again"),
        ({"restarts": 7}, "warn", "again and again"),
        ({"restarts": 2}, "pass", "this cluster's"),  # a crash drill leaves one behind
        ({"restarts": 7, "started_at": "2026-11-22T20:00:00Z"}, "pass", "this cluster's"),
        ({"restarts": 7, "started_at": "no time"}, "pass", "this cluster's"),
    ],
)
def test_our_own_container(changed: dict[str, Any], status: str, words: str) -> None:
    ours = container(spec(), **changed)
    item = found("container", with_docker(container=ours, clock=CLOCK))
    assert item.status == status and words in item.summary
    assert item.evidence


def test_a_paused_container_is_unpaused_and_a_stopped_one_started() -> None:
    paused = found("container", with_docker(container=container(spec(), status="paused")))
    stopped = found("container", with_docker(container=container(spec(), status="exited")))
    assert "docker unpause keepalived" in paused.remedy
    assert "docker start keepalived" in stopped.remedy


def test_what_an_interrupted_apply_left_aside_is_told() -> None:
    item = found("container", with_docker(container=container(spec()), aside=ASIDE))
    assert item.status == "warn" and "keepalived-former" in item.summary
    assert "docker rm -f keepalived-former" in item.remedy
    assert "exited" in item.evidence


def test_another_container_that_serves_the_vip_fails_and_one_for_others_is_told() -> None:
    rival = Another("ha_keepalived_1", by_hand({"KEEPALIVED_VIRTUAL_IPS": VIP}))
    item = found("container", with_docker(others=(rival,)))
    assert item.status == "fail" and "ha_keepalived_1" in item.summary
    assert "docker rm -f ha_keepalived_1" in item.remedy
    neighbour = Another("lb", by_hand({"KEEPALIVED_VIRTUAL_IPS": "203.0.113.9"}))
    item = found("container", with_docker(others=(neighbour,)))
    assert (item.status, item.evidence) == ("warn", "lb: VIP 203.0.113.9")


def test_a_foreign_container_comes_before_everything_else_of_docker() -> None:
    rival = Another("lb", by_hand({"KEEPALIVED_VIRTUAL_IPS": VIP}))
    item = found("container", with_docker(container=foreign(), others=(rival,), aside=ASIDE))
    assert item.status == "fail" and "'other'" in item.summary


# --- image

ARM = Image(IMAGE_ID, (DIGEST,), "arm64", "linux")
HAS_IT = InRegistry(DIGEST, ("linux/amd64", "linux/arm64"))
SILENT = InRegistry(problem="no answer within 6 s", answered=False)


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({}, "pass", "on the node"),
        ({"image": Image(IMAGE_ID, (), "386", "linux")}, "pass", "on the node"),
        ({"image": ARM}, "fail", "is for linux/arm64, and the node is linux/amd64"),
        ({"image": replace(ARM, architecture="amd64", os="windows")}, "fail", "windows/amd64"),
        ({"image": replace(ARM, architecture="")}, "unknown", "architecture is not known"),
        ({"architecture": ""}, "unknown", "architecture is not known"),
        ({"image": None, "registry": HAS_IT}, "pass", "apply pulls it"),
        ({"image": None, "registry": InRegistry(DIGEST)}, "pass", "apply pulls it"),
        (
            {"image": None, "registry": replace(HAS_IT, platforms=("linux/arm64",))},
            "fail",
            "for no linux/amd64",
        ),
        (
            {"image": None, "registry": InRegistry(problem="manifest unknown: manifest unknown")},
            "fail",
            "osixia/keepalived:2.0.20 cannot be pulled",
        ),
        ({"image": None, "registry": SILENT}, "unknown", "does not say"),
        ({"image": None}, "unknown", "does not say"),
    ],
)
def test_the_image(changed: dict[str, Any], status: str, words: str) -> None:
    item = found("image", with_docker(**changed))
    assert item.status == status and words in item.summary
    assert item.evidence
    assert status == "pass" or item.remedy


def test_an_image_that_can_be_pulled_is_pulled_on_request() -> None:
    assert found("image", with_docker(image=None, registry=HAS_IT)).fix == "pull-image"
    assert found("image", with_docker(image=None, registry=SILENT)).fix == "pull-image"
    assert found("image", with_docker()).fix is None


def test_the_registry_s_own_words_are_the_evidence() -> None:
    denied = InRegistry(problem="denied: requested access to the resource is denied")
    assert found("image", with_docker(image=None, registry=denied)).evidence == denied.problem
