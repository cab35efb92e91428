"""The files that make a node: names, keys, settings of sshd and sudo, a feigned module list."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.tools import LabError, output

if TYPE_CHECKING:
    from tests.lab.node import Settings

HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"
DOCKER_DEFAULTS = "etc/default/docker"

SSHD = """\
Port {port}
HostKey {host_key}
PermitRootLogin prohibit-password
PasswordAuthentication {password}
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
DisableForwarding {no_forwarding}
PrintMotd no
Subsystem sftp internal-sftp
"""

SUDOERS = """\
Defaults env_reset
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
{user} ALL=(ALL:ALL) {tag}ALL
"""

# Debian's own script would mount control groups into the machine's; this one keeps its promise:
# `service docker restart` works on a node, with the flags in /etc/default/docker, as does
# `update-rc.d`.
DOCKER_SERVICE = """\
#!/bin/sh
### BEGIN INIT INFO
# Provides:          docker
# Required-Start:    $remote_fs
# Required-Stop:     $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
### END INIT INFO
. /etc/default/docker
pid() { cat /run/docker.pid 2>/dev/null; }
start() {
    kill -0 "$(pid)" 2>/dev/null && return
    setsid dockerd $DOCKER_OPTS </dev/null >>/var/log/docker.log 2>&1 &
}
stop() {
    ending=$(pid) && kill -TERM "$ending" || return 0
    while kill -0 "$ending" 2>/dev/null; do sleep 0.02; done
}
case $1 in
    start | stop) "$1" ;;
    restart) stop && start ;;
    *) echo "Usage: service docker {start|stop|restart}" >&2 && exit 1 ;;
esac
"""

HOSTS = """\
127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
{address} {name}
"""

# A line of /proc/modules, and what stands in for kmod's tools; both say what kmod 30 says.
IP_VS_LINE = "ip_vs 221184 0 - Live 0x0000000000000000"
MODPROBE = """\
#!/bin/sh
# A modprobe that only knows whether ip_vs can be had: {known}.
dry=no name=
for argument; do
    case $argument in
        -n | --dry-run | --show) dry=yes ;;
        -*) ;;
        *) name=${{name:-$argument}} ;;
    esac
done
if [ "$name" != ip_vs ] || [ {known} = missing ]; then
    echo "modprobe: FATAL: Module $name not found in directory /lib/modules/$(uname -r)" >&2
    exit 1
fi
[ -d /sys/module/ip_vs ] || [ $dry = yes ] && exit 0
if [ "$(id -u)" != 0 ]; then
    echo "modprobe: ERROR: could not insert 'ip_vs': Operation not permitted" >&2
    exit 1
fi
mkdir /sys/module/ip_vs
echo live >/sys/module/ip_vs/initstate
echo '{line}' >>/run/lab/modules
"""
MODINFO = """\
#!/bin/sh
# A modinfo that only knows whether ip_vs can be had: {known}.
for name; do :; done
if [ "$name" != ip_vs ] || [ {known} = missing ]; then
    echo "modinfo: ERROR: Module $name not found." >&2
    exit 1
fi
echo "filename:       /lib/modules/$(uname -r)/kernel/net/netfilter/ipvs/ip_vs.ko"
echo "license:        GPL"
echo "depends:        nf_conntrack,libcrc32c"
echo "name:           ip_vs"
"""


def new_host_key(home: Path) -> str:
    """Makes a host key and returns its public half, `ssh-ed25519 AAAA…`."""
    key = home / "host_key"
    for path in (key, home / "host_key.pub", home / "files" / HOST_KEY.lstrip("/")):
        path.unlink(missing_ok=True)
    make_key(key, "")
    shutil.copy(key, home / "files" / HOST_KEY.lstrip("/"))
    return (home / "host_key.pub").read_text().strip()


def make_key(path: Path, comment: str) -> None:
    output("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path))


def docker_defaults(flags: Sequence[str]) -> str:
    return f'DOCKER_OPTS="{" ".join(flags)}"\n'


def write(
    files: Path, settings: Settings, authorized_key: str, docker_flags: Sequence[str]
) -> None:
    """Writes the tree that is laid over the node's root."""

    def put(path: str, content: str, mode: int = 0o644) -> None:
        target = files / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
        target.chmod(mode)

    password = "yes" if settings.password else "no"
    put("etc/hostname", settings.name + "\n")
    put("etc/hosts", HOSTS.format(address=settings.address, name=settings.name))
    put("etc/resolv.conf", "")
    put("etc/machine-id", secrets.token_hex(16) + "\n")
    put("etc/modules", "")
    sshd = SSHD.format(
        port=settings.ssh_port,
        host_key=HOST_KEY,
        password=password,
        no_forwarding="no" if settings.forwarding else "yes",
    )
    put("etc/ssh/sshd_config", sshd)
    put("run/lab/authorized_keys", authorized_key + "\n", 0o600)
    if settings.docker:
        put("etc/init.d/docker", DOCKER_SERVICE, 0o755)
        put(DOCKER_DEFAULTS, docker_defaults(docker_flags))
    if settings.sudo != "none":
        if shutil.which("sudo") is None:
            raise LabError("sudo is not installed on this machine, so its nodes have none")
        tag = "NOPASSWD: " if settings.sudo == "nopasswd" else ""
        put("etc/sudoers", SUDOERS.format(user=settings.user, tag=tag), 0o440)
    if settings.ip_vs != "host":
        known = "missing" if settings.ip_vs == "missing" else "present"
        config = "# CONFIG_IP_VS is not set" if known == "missing" else "CONFIG_IP_VS=m"
        put("run/lab/modules", IP_VS_LINE + "\n" if settings.ip_vs == "loaded" else "")
        put("run/lab/config", config + "\n")
        put("usr/local/sbin/modprobe", MODPROBE.format(known=known, line=IP_VS_LINE), 0o755)
        put("usr/local/sbin/modinfo", MODINFO.format(known=known), 0o755)
