"""Docker as a service of the machine: what only the machine itself can tell of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vip_tui.nodes.text import clean_line
from vip_tui.preflight.facts.script import Section

# The links that make a service start at boot, of systemd.unit(5), OpenRC and System V; no fork.
# A socket unit alone starts Docker when somebody asks for it, which at boot nobody does.
SECTIONS = (
    Section(
        "docker_service",
        r"""
says() { [ -e "$2" ] && echo "$1 $2"; }
if [ -d /run/systemd/system ]; then
  for r in /etc/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
    for f in $r/*.wants/docker.service $r/*.requires/docker.service $r/*.wants/snap.docker*.service
    do says enabled "$f"; done
    says there $r/docker.service
  done
elif [ -d /run/openrc ] || [ -d /etc/runlevels ]; then
  for f in /etc/runlevels/*/docker; do says enabled "$f"; done
  says there /etc/init.d/docker
else
  for f in /etc/rc[2345].d/S[0-9][0-9]docker; do says enabled "$f"; done
  for f in /etc/rc[2345].d/K[0-9][0-9]docker; do says there "$f"; done
fi
true""",
    ),
)


@dataclass(frozen=True, slots=True)
class DockerService:
    """Whether Docker starts at boot, None where that could not be told; and what tells it."""

    at_boot: bool | None = None
    told_by: str = ""


def parse_docker_service(parts: Mapping[str, str]) -> DockerService:
    """The section of this module as facts."""
    text = parts.get("docker_service", "")
    for word, at_boot in (("enabled", True), ("there", False)):
        if match := re.search(rf"^{word} (/.+)$", text, re.MULTILINE):
            return DockerService(at_boot, clean_line(match[1]))
    return DockerService()
