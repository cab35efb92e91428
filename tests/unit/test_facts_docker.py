"""Whether Docker starts at boot, asked for real, of a machine that is a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.build import captured
from tests.unit.test_facts_script import ask, put, shells
from vip_tui.preflight import facts
from vip_tui.preflight.facts.docker import parse_docker_service

SYSTEMD = "run/systemd/system/x"
OPENRC = "run/openrc/x"
WANTS = "etc/systemd/system/multi-user.target.wants/docker.service"
UNIT = "usr/lib/systemd/system/docker.service"
SNAP = "etc/systemd/system/multi-user.target.wants/snap.docker.dockerd.service"


@shells
@pytest.mark.parametrize(
    ("files", "at_boot", "told_by"),
    [
        ((SYSTEMD, WANTS, UNIT), True, WANTS),
        ((SYSTEMD, UNIT), False, UNIT),
        (
            (SYSTEMD, "etc/systemd/system/docker.service"),
            False,
            "etc/systemd/system/docker.service",
        ),
        # Asked for by its socket alone: nobody asks at boot.
        ((SYSTEMD, UNIT, "etc/systemd/system/sockets.target.wants/docker.socket"), False, UNIT),
        ((SYSTEMD, SNAP), True, SNAP),
        ((SYSTEMD,), None, ""),
        # What System V would have done counts no more where there is systemd.
        ((SYSTEMD, UNIT, "etc/rc2.d/S01docker"), False, UNIT),
        ((OPENRC, "etc/runlevels/default/docker", "etc/init.d/docker"), True, "default/docker"),
        ((OPENRC, "etc/init.d/docker"), False, "etc/init.d/docker"),
        ((OPENRC,), None, ""),
        (("etc/rc2.d/S01docker", "etc/rc0.d/K01docker"), True, "etc/rc2.d/S01docker"),
        (("etc/rc2.d/K01docker",), False, "etc/rc2.d/K01docker"),
        (("etc/rc0.d/K01docker",), None, ""),
        ((), None, ""),
    ],
)
def test_the_links_that_start_docker_are_found(
    tmp_path: Path, shell: list[str], files: tuple[str, ...], at_boot: bool | None, told_by: str
) -> None:
    for file in files:
        put(tmp_path, file)
    text = ask("docker_service", tmp_path, shell)
    service = parse_docker_service({"docker_service": text})
    assert service.at_boot is at_boot, text
    assert service.told_by.endswith(told_by)


@shells
def test_a_link_that_leads_nowhere_starts_nothing(tmp_path: Path, shell: list[str]) -> None:
    put(tmp_path, SYSTEMD)
    (tmp_path / WANTS).parent.mkdir(parents=True)
    (tmp_path / WANTS).symlink_to("/no/such/docker.service")
    text = ask("docker_service", tmp_path, shell)
    assert parse_docker_service({"docker_service": text}).at_boot is None


@pytest.mark.parametrize("system", ["debian-12", "ubuntu-24.04", "alpine-3.20", "rhel-9"])
def test_on_plain_systems_it_starts_at_boot(system: str) -> None:
    assert facts.parse(captured(f"{system}.txt")).docker.at_boot is True
