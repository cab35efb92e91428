"""What a simulated host says of itself: each section of the facts script, by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vip_tui.demo import facts_machine, facts_network
from vip_tui.demo.host import Host
from vip_tui.demo.session import FACT_MARK, UnknownCommand


def gather(host: Host, names: Sequence[str], root: bool = True) -> str:
    """The script's output; raises UnknownCommand for a section that nobody simulates."""
    denied = {} if root else facts_network.DENIED
    parts = []
    for name in names:
        if name not in SECTIONS:
            raise UnknownCommand(f"facts: {name}")
        text = denied.get(name) or SECTIONS[name](host)
        parts.append(f"{FACT_MARK}{name}\n" + (f"{text}\n" if text else ""))
    return "".join(parts)


def _account(host: Host) -> str:
    sudo = "" if host.uid == 0 else "sudo" if host.sudo else "asks" if host.sudo_password else ""
    return "\n".join([str(host.uid), host.user, *([sudo] if sudo else [])])


def _docker_service(host: Host) -> str:
    enabled = "/etc/systemd/system/multi-user.target.wants/docker.service"
    there = "there /usr/lib/systemd/system/docker.service"
    return f"enabled {enabled}\n{there}" if host.docker_at_boot else there


SECTIONS: dict[str, Callable[[Host], str]] = {
    "hostname": lambda host: host.hostname,
    "account": _account,
    "addresses": lambda host: "\n".join(host.address_lines()),
    "links": lambda host: "\n".join(host.link_lines()),
    "docker_service": _docker_service,
    **facts_machine.SECTIONS,
    **facts_network.SECTIONS,
}
