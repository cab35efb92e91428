"""What a simulated host says of itself: each section of the facts script, by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vip_tui.demo import facts_machine, facts_network
from vip_tui.demo.host import Host
from vip_tui.demo.session import FACT_MARK, UnknownCommand


def gather(host: Host, names: Sequence[str]) -> str:
    """The script's output; raises UnknownCommand for a section that nobody simulates."""
    parts = []
    for name in names:
        if name not in SECTIONS:
            raise UnknownCommand(f"facts: {name}")
        text = SECTIONS[name](host)
        parts.append(f"{FACT_MARK}{name}\n" + (f"{text}\n" if text else ""))
    return "".join(parts)


def _account(host: Host) -> str:
    return "\n".join([str(host.uid), host.user, *(["sudo"] if host.sudo and host.uid else [])])


def _ip_vs(host: Host) -> str:
    if host.ip_vs == "loaded":
        return "loaded\nloaded\nloadable"
    return "loadable" if host.ip_vs == "loadable" else "modprobe"


SECTIONS: dict[str, Callable[[Host], str]] = {
    "hostname": lambda host: host.hostname,
    "account": _account,
    "addresses": lambda host: "\n".join(host.address_lines()),
    "links": lambda host: "\n".join(host.link_lines()),
    "ip_vs": _ip_vs,
    "ip_vs_persisted": lambda host: "ip_vs" if host.ip_vs_persisted else "",
    **facts_machine.SECTIONS,
    **facts_network.SECTIONS,
}
