"""What the kernel can do and how it is set: ip_vs, sysctl. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vip_tui.nodes.text import clean_line
from vip_tui.preflight.facts.script import Section

IpVs = Literal["loaded", "loadable", "built-in", "missing", "unknown"]

# Only what the module loader added has the file initstate: of what is built in, sysfs shows the
# parameters alone. The kernel's configuration is asked only where modprobe(8) does not say yes.
SECTIONS = (
    Section(
        "ip_vs",
        r"""
k=; { read -r k </proc/sys/kernel/osrelease; } 2>/dev/null
if [ -e /sys/module/ip_vs/initstate ] || grep -qs '^ip_vs ' /proc/modules; then echo loaded
elif [ -d /sys/module/ip_vs ] || grep -qs '/ip_vs\.ko' "/lib/modules/$k/modules.builtin"; then
  echo built-in
elif modprobe -n ip_vs >/dev/null 2>&1 || modinfo ip_vs >/dev/null 2>&1; then echo loadable
else
  if command -v modinfo >/dev/null || ! modprobe -n ip_vs 2>&1 | grep -qi option; then
    command -v modprobe >/dev/null && echo modprobe
  fi
  if [ -r /proc/config.gz ]; then gzip -dc /proc/config.gz 2>/dev/null
  else cat "/boot/config-$k" "/lib/modules/$k/config" 2>/dev/null; fi | grep -w CONFIG_IP_VS
  [ -n "$k" ] && [ ! -d "/lib/modules/$k" ] && echo "no-folder $k"
fi
true""",
    ),
    # Each line about ip_vs of the lists that are loaded at boot, with its file: modules-load.d(5),
    # and modules(5), which systemd reads only where a link in modules-load.d leads to it.
    Section(
        "ip_vs_persisted",
        """
[ -d /run/systemd/system ] && echo systemd
grep -Hs 'ip[_-]vs' /etc/modules /etc/modules-load.d/*.conf /run/modules-load.d/*.conf \\
  /usr/local/lib/modules-load.d/*.conf /usr/lib/modules-load.d/*.conf /lib/modules-load.d/*.conf
true""",
    ),
    Section(
        "sysctl",
        """
(cd /proc/sys/net/ipv4 2>/dev/null &&
exec grep -s . ip_nonlocal_bind conf/*/arp_ignore conf/*/arp_announce conf/*/rp_filter)
true""",
    ),
)

_LINE = 200  # characters of a line that are looked at
NONLOCAL_BIND = ("", "ip_nonlocal_bind")
_NAME = r"ip[_-]vs(?:[_-]\w+)?"  # its schedulers, ip_vs_rr and the like, bring it along
_MODULE = re.compile(_NAME)
_BY_COMMAND = re.compile(rf"(?:\S*/)?(?:modprobe|insmod)\s+(?:\S+\s+)*{_NAME}(?:\s.*)?")
_SETTING = re.compile(r"(?:conf/([^/\s]+)/)?([a-z_]+):(\d{1,4})")
ETC_MODULES = "/etc/modules"


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line of a list of modules that is a command: such a list takes bare names."""

    file: str
    line: str


@dataclass(frozen=True, slots=True)
class KernelFacts:
    """What the script said of the kernel, on top of whether it has ip_vs.

    ``settings`` are those of net.ipv4, by interface (none for those of all) and name.
    """

    config: str = ""  # the line CONFIG_IP_VS of the kernel's configuration, where it is at hand
    without_folder: str = ""  # the running kernel's release, where it has no folder of modules
    persisted_in: tuple[str, ...] = ()  # the files that load ip_vs at boot
    broken_lines: tuple[BrokenLine, ...] = ()
    settings: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def effective(self, interface: str, name: str) -> int | None:
        """The setting that counts on an interface: the higher one of its own and ``all``'s.

        So it is for arp_ignore, arp_announce and rp_filter (kernel, ip-sysctl.rst).
        """
        own, common = self.settings.get((interface, name)), self.settings.get(("all", name))
        return None if own is None or common is None else max(own, common)


def parse_ip_vs(text: str) -> IpVs:
    """What the ip_vs section's words mean."""
    words = set(text.split())
    if "loaded" in words:
        return "loaded"
    if "built-in" in words or "CONFIG_IP_VS=y" in words:
        return "built-in"
    if "loadable" in words:
        return "loadable"
    unset = "# CONFIG_IP_VS is not set" in text.splitlines()
    return "missing" if "modprobe" in words or unset else "unknown"


def parse_kernel(parts: Mapping[str, str]) -> KernelFacts:
    """The sections of this module as facts."""
    module = parts.get("ip_vs", "")
    config = re.search(r"^(CONFIG_IP_VS=\w|# CONFIG_IP_VS is not set)$", module, re.MULTILINE)
    folder = re.search(r"^no-folder (\S{1,100})$", module, re.MULTILINE)
    lists = parts.get("ip_vs_persisted", "")
    return KernelFacts(
        config=config[1] if config else "",
        without_folder=folder[1] if folder else "",
        persisted_in=_persisted_in(lists),
        broken_lines=_broken_lines(lists),
        settings=_settings(parts.get("sysctl", "")),
    )


def _lines(text: str) -> list[tuple[str, str]]:
    """The files and their lines, without comments."""
    split = [line.partition(":") for line in text.splitlines() if line.startswith("/")]
    found = [(file, line.strip()[:_LINE]) for file, _, line in split]
    return [(file, line) for file, line in found if line and line[0] not in "#;"]


def _persisted_in(text: str) -> tuple[str, ...]:
    systemd = "systemd" in text.splitlines()
    files = [
        file
        for file, line in _lines(text)
        # Only /etc/modules takes arguments behind the name, and systemd does not read it itself.
        if _MODULE.fullmatch(line if file != ETC_MODULES else line.split()[0])
        and not (systemd and file == ETC_MODULES)
    ]
    return tuple(clean_line(file) for file in dict.fromkeys(files))


def _broken_lines(text: str) -> tuple[BrokenLine, ...]:
    found = [(file, line) for file, line in _lines(text) if _BY_COMMAND.fullmatch(line)]
    in_modules = {line for file, line in found if file == ETC_MODULES}
    # Debian's modules-load.d/modules.conf is a link to /etc/modules: the same line once more.
    once = [(file, line) for file, line in found if file == ETC_MODULES or line not in in_modules]
    return tuple(BrokenLine(clean_line(file), line) for file, line in once)


def _settings(text: str) -> dict[tuple[str, str], int]:
    matches = [_SETTING.fullmatch(line) for line in text.splitlines()]
    return {(match[1] or "", match[2]): int(match[3]) for match in matches if match}
