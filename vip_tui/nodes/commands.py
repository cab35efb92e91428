"""Every command that vip-tui runs on a node, declared once: its id, its limit, what it needs.

A command is a fixed POSIX ``sh`` script. Arguments reach it as ``$1``, ``$2``… and never as part of
its text; ``$0`` is ``vip-tui:ID``, so that ``ps`` on the node tells what runs there.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Literal

from vip_tui.cluster import Secret

Needs = Literal["user", "docker", "root"]
# How sudo(8) is gone through where it is needed: without a password; with one that is the first
# line of stdin, before a command that reads nothing or one that talks; or by hand, at a terminal.
Sudo = Literal["free", "asks", "asks-talks", "by-hand"]

# Each wrapper turns to sudo only where the account itself may not: see sudo(8), -n.
_WRAPPERS: dict[Needs, str] = {
    "user": "",
    "docker": 'if [ -w /var/run/docker.sock ]; then exec "$@"; else exec sudo -n "$@"; fi',
    "root": 'if [ "$(id -u)" = 0 ]; then exec "$@"; else exec sudo -n "$@"; fi',
}
# The password can reach nobody but sudo, also where that does not ask for it after all: a command
# that reads nothing has no stdin, one that talks gets what follows a line of ours. -k: no earlier
# answer counts, and none is kept. LC_ALL: by sudo's words we tell what went wrong.
GO = "vip-tui: go"
_ASKING = "LC_ALL=C; export LC_ALL; exec sudo -k -S -p '' sh -c '%s' vip-tui \"$@\""
BY_PASSWORD: dict[Sudo, str] = {
    "asks": _ASKING % 'exec "$@" </dev/null',
    "asks-talks": _ASKING % f'while read -r l && [ "$l" != "{GO}" ]; do :; done; l=; exec "$@"',
    "by-hand": 'exec sudo "$@"',
}


def first_lines(password: Secret, sudo: Sudo) -> str:
    """What stdin has to begin with where sudo asks."""
    return f"{password.reveal()}\n" + (f"{GO}\n" if sudo == "asks-talks" else "")


@dataclass(frozen=True, slots=True)
class Command:
    """A remote command. ``limit_s`` is enforced on the node by timeout(1), in seconds."""

    id: str
    script: str
    limit_s: float
    needs: Needs = "user"

    def line(self, *arguments: str, sudo: Sudo = "free") -> str:
        """The shell line for this command with these arguments."""
        words = ["timeout", "-k", "2", f"{self.limit_s:g}"]
        words += ["sh", "-c", self.script.strip(), f"vip-tui:{self.id}", *arguments]
        if wrapper := _WRAPPERS[self.needs] if sudo == "free" else BY_PASSWORD[sudo]:
            words = ["sh", "-c", wrapper, "vip-tui", *words]
        return shlex.join(words)


LOCK_FILE = "/run/vip-tui.lock"


def _take_lock(who: str) -> str:
    """Lines that take the lock on descriptor 9 and leave a name there, or say who has it."""
    return f"""
f={LOCK_FILE}
exec 9<>$f || exit 1
if ! flock -n 9; then echo "locked $(head -c 200 $f)"; exit 75; fi
printf '%s since %s\\n' "{who}" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > $f
""".strip()


# How this account becomes root: by itself, by sudo, by sudo with its password, or not at all.
ROOT_ACCESS = Command(
    "root-access",
    """
[ "$(id -u)" = 0 ] && echo root && exit
[ -w /var/run/docker.sock ] && echo docker
LC_ALL=C; export LC_ALL
if why=$(sudo -n true 2>&1); then echo free
else case $why in *password*|*authentication*) echo asks;; esac; fi
""",
    limit_s=5,
)

# Whether sudo takes a password, tried before anything is run with it.
BECOME_ROOT = Command("become-root", "id -u", limit_s=15, needs="root")

# What the docker check needs to tell why the Engine does not answer.
DOCKER_ACCESS = Command(
    "docker-access",
    """
s=/var/run/docker.sock
command -v dockerd >/dev/null 2>&1 || command -v docker >/dev/null 2>&1 && echo installed
[ -S $s ] && echo socket
[ -r $s ] && [ -w $s ] && echo permitted
LC_ALL=C; export LC_ALL
if why=$(sudo -n true 2>&1); then echo sudo
else case $why in *password*|*authentication*) echo asks;; esac; fi
""",
    limit_s=5,
)

# Docker's own proxy of its socket, for accounts that reach it only by sudo.
DIAL_STDIO = Command("docker-dial-stdio", "exec docker system dial-stdio", 86_400, "docker")

LOAD_IP_VS = Command("load-ip-vs", "modprobe ip_vs", limit_s=15, needs="root")

# modules-load.d(5) where there is such a folder, else the older /etc/modules (modules(5)), which
# systemd does not read.
PERSIST_IP_VS = Command(
    "persist-ip-vs",
    """
[ ! -d /run/systemd/system ] || mkdir -p /etc/modules-load.d
if [ -d /etc/modules-load.d ]; then
  f=/etc/modules-load.d/ip_vs.conf
  grep -qsx ip_vs $f || printf 'ip_vs\\n' >> $f
else
  grep -qsx ip_vs /etc/modules || printf 'ip_vs\\n' >> /etc/modules
fi
""",
    limit_s=5,
    needs="root",
)

# The hostname, the addresses as the kernel has them, then every change of them. It ends with its
# stdin; each line written to it is echoed, which tells a quiet stream from a dead one.
FOLLOW_ADDRESSES = Command(
    "follow-addresses",
    """
cat /proc/sys/kernel/hostname
ip -o monitor address & p=$!
ip -o addr show
echo ==
kill -0 $p 2>/dev/null || echo "== unsupported"
while read -r beat; do kill -0 $p 2>/dev/null || exit 1; echo "== $beat"; done
kill $p
""",
    limit_s=3600,
)

READ_ADDRESSES = Command("read-addresses", "ip -o addr show", limit_s=5)

# Removes a VIP that a killed keepalived left behind.
DELETE_ADDRESS = Command(
    "delete-address",
    'ip addr del "$1" dev "$2" || ! ip -o addr show dev "$2" | grep -qF " $1 "',
    limit_s=5,
    needs="root",
)

# Arms the way back before a drill's fault: $1 is the container, $2 the seconds after which the
# revert runs by itself, $3 who holds the lock. Descriptor 9 is the lock, 8 a pipe without a name;
# both are inherited by the revert, which alone keeps the lock: until it has run or was called off.
# The script ends with its stdin: "disarm" calls the revert off, our death runs it at once.
# A start is no use while the stop is still under way, so the revert keeps at it for longer than
# the ten seconds that a stop may take; on a container that runs, a start does nothing.
ARM_START = Command(
    "arm-start",
    f"""
{_take_lock("$3")}
d=$(mktemp -d) && mkfifo "$d/pipe" && exec 8<>"$d/pipe" && rm -rf "$d" || exit 1
setsid sh -c '
  why=$(timeout "$2" head -n 1 <&8)
  [ "$why" = disarm ] && exit 0
  n=0
  while [ $n -lt 15 ]; do docker start "$1" >/dev/null 2>&1; n=$((n + 1)); sleep 1; done
' vip-tui:revert-start "$1" "$2" </dev/null >/dev/null 2>&1 &
r=$!
exec 9>&-
trap '' HUP PIPE
echo "armed $r"
why=gone
while read -r word; do
  case $word in disarm) why=disarm; break;; *) echo "== $word";; esac
done
echo $why >&8
wait $r
echo "$why"
""",
    limit_s=900,
    needs="root",
)

# Holds the lock for $1, until its stdin ends.
HOLD_LOCK = Command(
    "hold-lock",
    f"""
{_take_lock("$1")}
echo held
while read -r word; do :; done
""",
    limit_s=3600,
    needs="root",
)

# Whether an earlier drill or apply still holds the lock, and who.
READ_LOCK = Command(
    "read-lock",
    f"""
f={LOCK_FILE}
[ -e $f ] || {{ echo free; exit 0; }}
exec 9<$f
if flock -n 9; then echo free; else echo "locked $(head -c 200 $f)"; fi
""",
    limit_s=5,
    needs="root",
)
