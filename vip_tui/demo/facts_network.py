"""What a simulated host says of what stands between the hosts: links and the firewall."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vip_tui.demo.host import Host

# As Debian's nft lists them: a firewall that does what is usual, and what Docker adds to it.
RULES = """
table inet filter {{
	chain input {{
		type filter hook input priority filter; policy accept;
{input}
	}}

	chain forward {{
		type filter hook forward priority filter; policy drop;
	}}
}}
table ip nat {{
	chain POSTROUTING {{
		type nat hook postrouting priority srcnat; policy accept;
		oifname != "docker0" ip saddr 172.17.0.0/16 counter packets 0 bytes 0 masquerade
	}}
}}
""".strip()
USUAL = ("ct state established,related accept", "ct state invalid drop", 'iifname "lo" accept')


def nft_rules(host: Host) -> str:
    """``nft list ruleset``; what was put before the usual comes first."""
    lines = [*host.firewall, *USUAL]
    return RULES.format(input="\n".join(f"\t\t{line}" for line in lines))


def _firewall(host: Host) -> str:
    return f"== nft\n{nft_rules(host)}\n== iptables\nmissing\n== legacy"


SECTIONS: Mapping[str, Callable[[Host], str]] = {
    "link_kinds": lambda _host: "/sys/class/net/docker0/uevent:DEVTYPE=bridge",
    "firewall": _firewall,
}
# What the same sections say to an account that is not root there.
DENIED: Mapping[str, str] = {
    "firewall": "== nft\ndenied: needs root to run nft list ruleset\n== iptables\nmissing",
}
