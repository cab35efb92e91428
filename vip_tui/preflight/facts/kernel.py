"""What the kernel can do and how it is set: ip_vs, sysctl. Pure."""

from __future__ import annotations

from typing import Literal

from vip_tui.preflight.facts.script import Section

IpVs = Literal["loaded", "loadable", "missing", "unknown"]

SECTIONS = (
    Section(
        "ip_vs",
        """
grep -qs '^ip_vs ' /proc/modules && echo loaded
[ -d /sys/module/ip_vs ] && echo loaded
if modprobe -n ip_vs >/dev/null 2>&1 || modinfo ip_vs >/dev/null 2>&1; then echo loadable
elif command -v modinfo >/dev/null || ! modprobe -n ip_vs 2>&1 | grep -qi option; then
  command -v modprobe >/dev/null && echo modprobe
fi
true""",
    ),
    Section(
        "ip_vs_persisted",
        """
cat /etc/modules /etc/modules-load.d/*.conf 2>/dev/null | grep -x ip_vs
true""",
    ),
)


def parse_ip_vs(text: str) -> IpVs:
    """What the ip_vs section's words mean."""
    words = set(text.split())
    if "loaded" in words:
        return "loaded"
    if "loadable" in words:
        return "loadable"
    return "missing" if "modprobe" in words else "unknown"
