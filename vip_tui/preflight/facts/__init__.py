"""Facts of a node, gathered in one round trip."""

from vip_tui.preflight.facts.host import (
    GATHER,
    GATHER_AS_ROOT,
    REREAD,
    SECTIONS,
    HostFacts,
    parse,
)
from vip_tui.preflight.facts.kernel import IpVs, KernelFacts, parse_ip_vs
from vip_tui.preflight.facts.links import (
    Address,
    parse_address_line,
    parse_addresses,
    parse_links,
)
from vip_tui.preflight.facts.machine import MachineFacts
from vip_tui.preflight.facts.network import NetworkFacts
from vip_tui.preflight.facts.script import MARK, sections

__all__ = [
    "GATHER",
    "GATHER_AS_ROOT",
    "MARK",
    "REREAD",
    "SECTIONS",
    "Address",
    "HostFacts",
    "IpVs",
    "KernelFacts",
    "MachineFacts",
    "NetworkFacts",
    "parse",
    "parse_address_line",
    "parse_addresses",
    "parse_ip_vs",
    "parse_links",
    "sections",
]
