"""The commands of the remedies: each mends one thing, is idempotent, and can be taken back.

Their arguments are plain words, so that ``typed`` can show the very line that is run.
"""

from __future__ import annotations

import re

from vip_tui.nodes.commands import Command

# Addresses, and the names of interfaces, chains and the like: nothing that a shell would read.
_PLAIN = re.compile(r"(?:--|/)?[A-Za-z0-9_][A-Za-z0-9_.:/@+-]*")
_PARAMETER = re.compile(r'"\$(\d)"|\$(\d)')
RULE_COMMENT = "vip-tui"  # by which the firewall's rules of ours are told from others


def plain(word: str) -> bool:
    """Whether a word may be an argument of these commands."""
    return _PLAIN.fullmatch(word) is not None


def typed(script: str, *arguments: str) -> str:
    """A script as an operator can type it on the node: with the arguments in place."""
    for word in arguments:
        if not plain(word):
            raise ValueError(f"not a plain word: {word!r}")
    return _PARAMETER.sub(lambda found: arguments[int(found[1] or found[2]) - 1], script.strip())


# The recipe's line, which modules(5) and modules-load.d(5) do not understand, becomes the bare name
# that they want. The new file is written beside the old one, and takes its place at once. $1 is it.
RECIPES_LINE = re.compile(r"(?:\S*/)?modprobe\s+ip[_-]vs")
MEND_MODULES = Command(
    "mend-modules",
    r"""
t=
f=$(readlink -f "$1") && t=$(mktemp "$f.XXXXXX") && cp -p "$f" "$t" &&
sed 's|^[[:space:]]*\([^[:space:]]*/\)*modprobe[[:space:]]\{1,\}ip[_-]vs[[:space:]]*$|ip_vs|' \
  "$f" >"$t" &&
mv "$t" "$f" || { rm -f "$t"; false; }
""",
    limit_s=5,
    needs="root",
)


def _service(systemd: str, openrc: str, sysv: str) -> str:
    """The lines that ask the machine's own service manager, whichever it has."""
    return f"""
if [ -d /run/systemd/system ]; then {systemd}
elif command -v rc-service >/dev/null; then {openrc}
else {sysv}; fi
""".strip()


START_DOCKER = Command(
    "start-docker",
    _service("systemctl start docker", "rc-service docker start", "service docker start"),
    limit_s=90,
    needs="root",
)
STOP_DOCKER_LINES = _service(
    "systemctl stop docker.socket docker", "rc-service docker stop", "service docker stop"
)
ENABLE_DOCKER = Command(
    "enable-docker",
    _service(
        "systemctl enable docker", "rc-update add docker default", "update-rc.d docker enable"
    ),
    limit_s=20,
    needs="root",
)
DISABLE_DOCKER_LINES = _service(
    "systemctl disable docker", "rc-update del docker default", "update-rc.d docker disable"
)

# Which processes are called keepalived, in containers and outside: none may hold an address that is
# taken for a stale one. No fork for each process: a busy node has a thousand.
FIND_KEEPALIVED = Command(
    "find-keepalived",
    """
for d in /proc/[0-9]*; do
  read -r name 2>/dev/null <"$d/comm" && [ "$name" = keepalived ] && echo "${d#/proc/}"
done
true
""",
    limit_s=10,
    needs="root",
)

# Each lets the advertisements of one peer in, or those for it out, before any rule that drops them.
# nft: $1 family, $2 table, $3 chain, $4 saddr or daddr, $5 the peer. One rule for each peer: of a
# set iptables-nft(8) reads nothing, and would show and save a rule that matches everybody [seen].
OPEN_NFT = Command(
    "open-nft",
    f'nft insert rule "$1" "$2" "$3" ip "$4" "$5" ip protocol 112 accept comment {RULE_COMMENT}',
    limit_s=10,
    needs="root",
)
# iptables: $1 table, $2 chain, $3 --source or --destination, $4 the peer. Its older home in the
# kernel has a command of its own, where there are both.
_INSERT = f'-w 5 -t "$1" -I "$2" -p 112 "$3" "$4" -m comment --comment {RULE_COMMENT} -j ACCEPT'
LEGACY = "$(command -v iptables-legacy || echo iptables)"
OPEN_IPTABLES = Command("open-iptables", f"iptables {_INSERT}", limit_s=10, needs="root")
OPEN_LEGACY = Command("open-legacy", f"{LEGACY} {_INSERT}", limit_s=10, needs="root")
# ufw(8) and firewalld keep a rule that they are told of, and would drop one behind their back.
# ufw: $1 and $2 are "in from" or "out to", $3 the peer; it knows VRRP from version 0.36.2 on.
OPEN_UFW = Command(
    "open-ufw",
    f'ufw prepend allow "$1" proto vrrp "$2" "$3" comment {RULE_COMMENT}',
    limit_s=30,
    needs="root",
)
# firewalld.richlanguage(5); $1 is the interface, whose zone decides, $2 the peer.
_RICH_RULE = r"""
z=$(firewall-cmd --get-zone-of-interface="$1" 2>/dev/null || firewall-cmd --get-default-zone)
r="rule family=\"ipv4\" source address=\"$2\" protocol value=\"vrrp\" accept"
firewall-cmd -q --zone="$z" --{verb}-rich-rule="$r" &&
firewall-cmd -q --permanent --zone="$z" --{verb}-rich-rule="$r"
""".strip()
OPEN_FIREWALLD = Command(
    "open-firewalld", _RICH_RULE.replace("{verb}", "add"), limit_s=30, needs="root"
)
CLOSE_FIREWALLD_LINES = _RICH_RULE.replace("{verb}", "remove")
