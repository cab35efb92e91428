"""What a simulated host does when a remedy's command is run on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from vip_tui.demo.clock import pause
from vip_tui.demo.host import Host
from vip_tui.demo.keepalived import Keepalived
from vip_tui.demo.session import Call, Session
from vip_tui.nodes import mending as declared

DOCKER_START_S = 0.6


async def _mend_modules(host: Host, _session: Session, _call: Call) -> int:
    """The line that did nothing now names the module."""
    host.etc_modules = "ip_vs"
    return 0


async def _start_docker(host: Host, _session: Session, _call: Call) -> int:
    """``systemctl start docker``, which returns when it is up."""
    await pause(host.clock, DOCKER_START_S)
    if host.faults.docker == "down":
        host.faults.docker = "up"
    return 0


async def _enable_docker(host: Host, session: Session, _call: Call) -> int:
    """``systemctl enable docker``."""
    wants = "/etc/systemd/system/multi-user.target.wants/docker.service"
    session.err(f"Created symlink {wants} → /lib/systemd/system/docker.service.\n")
    host.docker_at_boot = True
    return 0


async def _find_keepalived(host: Host, session: Session, _call: Call) -> int:
    """The processes called keepalived, all of which run in containers here."""
    for one in host.docker.containers:
        if isinstance(one.process, Keepalived):
            session.out(f"{one.pid}\n")
    return 0


async def _open_nft(host: Host, session: Session, call: Call) -> int:
    """``nft insert rule``, into the one chain that the machines have for what comes in."""
    *chain, field, peer = call.arguments
    if chain != ["inet", "filter", "input"]:
        session.err("Error: Could not process rule: No such file or directory\n")
        return 1
    comment = f'comment "{declared.RULE_COMMENT}"'
    host.firewall.insert(0, f"ip {field} {peer} ip protocol vrrp accept {comment}")
    return 0


async def _not_found(_host: Host, session: Session, call: Call) -> int:
    """The machines have no firewall but nft's."""
    session.err(f"vip-tui:{call.id}: 1: not found\n")
    return 127


HANDLERS: dict[str, Callable[[Host, Session, Call], Awaitable[int]]] = {
    declared.MEND_MODULES.id: _mend_modules,
    declared.START_DOCKER.id: _start_docker,
    declared.ENABLE_DOCKER.id: _enable_docker,
    declared.FIND_KEEPALIVED.id: _find_keepalived,
    declared.OPEN_NFT.id: _open_nft,
    declared.OPEN_IPTABLES.id: _not_found,
    declared.OPEN_LEGACY.id: _not_found,
    declared.OPEN_UFW.id: _not_found,
    declared.OPEN_FIREWALLD.id: _not_found,
}
