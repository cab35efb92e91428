"""One node: a process tree with its own name, network, file system, sshd and dockerd."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.lab import cgroups, node_files
from tests.lab.keeper import Member
from tests.lab.tools import LabError, output, wait_until

INIT = Path(__file__).parent / "node_init.sh"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BRIDGE = "br-lab"
REGISTRY = "198.18.0.1:5000"


@dataclass(frozen=True)
class Place:
    """What a node has to know of the lab that it is in."""

    home: Path
    hide: Path  # the directory of all labs, which no node may look into
    keeper: int
    cgroup: str
    authorized_key: str
    trust: Callable[[Node], None]  # writes the node's present host key into the known hosts
    forget: Callable[[Node], None]  # takes the node off the lab's list and known hosts


@dataclass(frozen=True)
class Settings:
    name: str
    index: int
    address: str
    interface: str = "eth0"
    ssh_port: int = 22
    user: str = "root"
    sudo: str = "none"
    docker_group: bool = False
    extra_addresses: tuple[str, ...] = ()
    ip_vs: str = "host"
    vendor: str = "QEMU"
    docker: bool = True
    password: str | None = None
    forwarding: bool = True


class Node:
    """Made by the lab; `begin` and `finish` are a start in halves, so many can start at once."""

    def __init__(self, place: Place, settings: Settings) -> None:
        self._place, self._settings = place, settings
        self.name, self.address, self.port = settings.name, settings.address, settings.ssh_port
        self.user, self.interface = settings.user, settings.interface
        self.password = settings.password
        self.home = place.home / "nodes" / settings.name
        self.link = f"lab{settings.index}"  # its end at the bridge
        self.host_key = ""
        self._member: Member | None = None

    @property
    def pid(self) -> int:
        """The node's first process, as the machine sees it."""
        assert self._member is not None
        return self._member.pid

    def begin(self) -> None:
        for name in ("memory", "docker"):
            (self.home / name).mkdir(parents=True)
        key, flags = self._place.authorized_key, self._docker_flags()
        node_files.write(self.home / "files", self._settings, key, flags)
        self.host_key = node_files.new_host_key(self.home)
        given = self._settings
        groups = ["docker"] * given.docker_group
        addresses = (f"{given.address}/24", *given.extra_addresses)
        env = {
            "PATH": PATH,
            "NODE_HOME": str(self.home),
            "NODE_HIDE": str(self._place.hide),
            "NODE_NAME": given.name,
            "NODE_INTERFACE": given.interface,
            "NODE_ADDRESSES": " ".join(addresses),
            "NODE_USER": given.user,
            "NODE_GROUPS": ",".join(groups),
            "NODE_PASSWORD": given.password or "",
            "NODE_IP_VS": given.ip_vs,
            "NODE_VENDOR": given.vendor,
            "NODE_DOCKER": "yes" if given.docker else "no",
        }
        namespaces = ["--net", "--mount", "--uts", "--pid", "--ipc", "--propagation", "slave"]
        argv = ["unshare", *namespaces, "--fork", "--kill-child", "sh", str(INIT)]
        self._member = Member(argv, self.home / "init.log", self._place.keeper, env)
        mac = f"02:00:c6:12:00:{given.index:02x}"
        commands = (
            f"link add {self.link} type veth"
            f" peer name {given.interface} address {mac} netns {self.pid}",
            f"link set {self.link} master {BRIDGE} up",
        )
        output("ip", "-batch", "-", text="\n".join(commands))
        self._member.write_line("go")

    def finish(self) -> None:
        assert self._member is not None
        self._member.read_line()
        if self._settings.docker:
            self.run("/etc/init.d/docker", "start")
        self._start_sshd()
        self._place.trust(self)

    def run(
        self,
        *argv: str,
        check: bool = True,
        input: str | None = None,  # noqa: A002 - named as in subprocess.run
        timeout: float = 30,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command as root inside the node, not over SSH; `timeout` in seconds."""
        namespaces = ["--net", "--mount", "--uts", "--pid", "--ipc"]
        enter = ["nsenter", "--target", str(self.pid), *namespaces]
        done = subprocess.run(
            # Where the time is up, nsenter is killed, and the command has to go with it.
            [*enter, "--", "setpriv", "--pdeathsig", "KILL", "--", *argv],
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "USER": "root"},
            check=False,
        )
        if check and done.returncode:
            failure = subprocess.CalledProcessError(done.returncode, argv, done.stdout, done.stderr)
            failure.add_note(f"{self.name}: {done.stdout}{done.stderr}")
            raise failure
        return done

    def docker(
        self,
        *argv: str,
        check: bool = True,
        input: str | None = None,  # noqa: A002 - named as in subprocess.run
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        return self.run("docker", *argv, check=check, input=input, timeout=timeout)

    def addresses(self) -> set[str]:
        """The IPv4 and IPv6 addresses now on its interfaces, without those of the loopback."""
        links = json.loads(self.run("ip", "-json", "address", "show").stdout)
        return {
            info["local"] for link in links if link["ifname"] != "lo" for info in link["addr_info"]
        }

    def _end(self, pid_file: str, signal_name: str) -> None:
        """Signals a daemon and waits until it is gone."""
        script = 'read -r pid <"$1"; kill "-$2" "$pid"; while kill -0 "$pid"; do sleep 0.02; done'
        self.run("sh", "-c", script, "sh", pid_file, signal_name)

    def _docker_flags(self) -> list[str]:
        return [
            "--iptables=false",
            "--ip6tables=false",
            "--bridge=none",
            f"--registry-mirror=http://{REGISTRY}",
            f"--insecure-registry={REGISTRY}",
            "--exec-opt=native.cgroupdriver=cgroupfs",
            f"--cgroup-parent=/{self._place.cgroup}/{self.name}",
        ]

    def _docker_answers(self) -> bool:
        # The socket is reached through the node's root in /proc, without a process of its own.
        try:
            with socket.socket(socket.AF_UNIX) as plain:
                plain.settimeout(5)
                plain.connect(f"/proc/{self.pid}/root/run/docker.sock")
                plain.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
                response = http.client.HTTPResponse(plain)
                response.begin()
                return response.status == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_docker(self, timeout: float = 30) -> None:
        wait_until(self._docker_answers, f"{self.name}: no answer of dockerd", timeout)

    def docker_start(self, *flags: str) -> None:
        """Starts dockerd, with more flags if need be (`--live-restore`), and waits for it."""
        defaults = node_files.docker_defaults([*self._docker_flags(), *flags])
        self.run("tee", f"/{node_files.DOCKER_DEFAULTS}", input=defaults)
        self.run("/etc/init.d/docker", "start")
        self.wait_docker()

    def docker_stop(self) -> None:
        """Ends dockerd cleanly, as a service manager would; its containers end with it."""
        self.run("/etc/init.d/docker", "stop")

    def docker_kill(self) -> None:
        """Kills dockerd; where it runs without live-restore, its next start ends the containers."""
        self._end("/run/docker.pid", "KILL")

    def docker_pause(self) -> None:
        self._signal_docker(signal.SIGSTOP)

    def docker_resume(self) -> None:
        self._signal_docker(signal.SIGCONT)

    def _signal_docker(self, signum: signal.Signals) -> None:
        script = 'read -r pid </run/docker.pid; kill "-$1" "$pid"'
        self.run("sh", "-c", script, "sh", str(int(signum)))

    def _start_sshd(self) -> None:
        self.run("/usr/sbin/sshd", "-E", "/var/log/sshd.log")
        wait_until(self._sshd_answers, f"{self.name}: no answer of sshd")

    def _sshd_answers(self) -> bool:
        try:
            with socket.create_connection((self.address, self.port), timeout=5) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def sshd_stop(self) -> None:
        """Ends the listener; sessions that are open stay open, as with `systemctl stop ssh`."""
        self._end("/run/sshd.pid", "TERM")

    def sshd_start(self) -> None:
        self._start_sshd()

    def new_host_key(self, update_known_hosts: bool = False) -> None:
        """Gives the node another host key, as a reinstalled machine has."""
        self.host_key = node_files.new_host_key(self.home)
        self.run("tee", node_files.HOST_KEY, input=(self.home / "host_key").read_text())
        self.sshd_stop()
        self.sshd_start()
        if update_known_hosts:
            self._place.trust(self)

    def cut(self, carrier: bool = False) -> None:
        """Silence in both directions: the cable pulled, or with `carrier` the switch gone deaf."""
        if carrier:
            output("bridge", "link", "set", "dev", self.link, "state", "0")
        else:
            output("ip", "link", "set", self.link, "down")

    def heal(self) -> None:
        output("ip", "link", "set", self.link, "up")
        wait_until(self._forwards, f"{self.name}'s port of the bridge does not come up")

    def _forwards(self) -> bool:
        """Whether the bridge took the port back, which it does once there is a carrier."""
        try:
            output("bridge", "link", "set", "dev", self.link, "state", "3")
        except LabError:
            return False
        return True

    def destroy(self) -> None:
        """Ends the node as a power cut does; only its disk stays until the lab closes."""
        if self._member is None:
            return
        self._place.forget(self)
        cgroups.thaw(f"{self._place.cgroup}/{self.name}")
        # The cable first: a namespace's interfaces outlive its last process by a moment.
        with contextlib.suppress(LabError):
            output("ip", "link", "delete", self.link)
        self._member.end(signal.SIGKILL)
        self._member = None

    def abandon(self) -> None:
        """Lets go of a node that died with its lab."""
        if self._member is not None:
            self._member.wait()
            self._member = None
