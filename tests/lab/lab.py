"""A lab of real nodes in the current network namespace: its bridge, registry, keys and end."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import secrets
import signal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.lab import homes, image, node_files
from tests.lab.keeper import SAY_PID, Keeper, Member
from tests.lab.node import BRIDGE, PATH, REGISTRY, Node, Place, Settings
from tests.lab.tools import LabError, output, wait_until

GATEWAY = "198.18.0.1"
FIRST, LAST = 11, 99  # the last octets that nodes have; the rest is free for VIPs
LAB_LINK = re.compile(rf"{BRIDGE}|lab\d+")
REGISTRY_CONFIG = """\
version: 0.1
log: {{level: warn}}
storage:
  filesystem: {{rootdirectory: {storage}}}
  delete: {{enabled: true}}
http: {{addr: "{address}"}}
"""


class Lab:
    """A context manager, or `start` and `close`; all of it dies with the process that holds it.

    `directory` is where labs keep their files, made if need be and removed when empty; `hand` makes
    the one lab that `up` and `down` handle.
    """

    def __init__(self, directory: Path | None = None, *, hand: bool = False) -> None:
        self._root, self._hand = directory or homes.ROOT, hand
        self._keeper: Keeper | None = None
        self._registry: Member | None = None
        self._trusted: dict[str, str] = {}
        self._count = 0
        self._cgroup = ""
        self.nodes: list[Node] = []
        self.home = self._root

    @property
    def key(self) -> Path:
        """The private key that every node's user accepts."""
        return self.home / "key"

    @property
    def stranger_key(self) -> Path:
        """A private key that no node accepts."""
        return self.home / "stranger_key"

    @property
    def known_hosts(self) -> Path:
        return self.home / "known_hosts"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Makes the bridge and the registry; refuses where a packet could leave the machine."""
        _check_isolation()
        self.home, self._keeper, self._cgroup = homes.create(self._root, self._hand)
        try:
            node_files.make_key(self.key, "vip-tui lab")
            node_files.make_key(self.stranger_key, "stranger")
            self.known_hosts.touch()
            _remove_links()
            commands = (
                "link set lo up",
                f"link add {BRIDGE} address 02:00:c6:12:00:01 type bridge mcast_snooping 0",
                f"address add {GATEWAY}/24 dev {BRIDGE}",
                f"link set {BRIDGE} up",
            )
            output("ip", "-batch", "-", text="\n".join(commands))
            image.publish(self.home / "registry")
            self.registry_start()
        except BaseException:
            self.close()
            raise

    def add_node(
        self,
        name: str | None = None,
        *,
        interface: str = "eth0",
        ssh_port: int = 22,
        user: str = "root",
        sudo: str = "none",
        docker_group: bool = False,
        extra_addresses: tuple[str, ...] = (),
        ip_vs: str = "host",
        vendor: str = "QEMU",
        docker: bool = True,
        password: str | None = None,
        forwarding: bool = True,
    ) -> Node:
        """Starts a node; returns when its sshd answers, dockerd may still be on its way."""
        assert sudo in ("none", "nopasswd", "password"), sudo
        assert ip_vs in ("host", "loaded", "loadable", "missing"), ip_vs
        node = self._begin(
            name,
            interface=interface,
            ssh_port=ssh_port,
            user=user,
            sudo=sudo if user != "root" else "none",
            docker_group=docker_group,
            extra_addresses=extra_addresses,
            ip_vs=ip_vs,
            vendor=vendor,
            docker=docker,
            password=(password or secrets.token_urlsafe(9))
            if user != "root" and sudo == "password"
            else None,
            forwarding=forwarding,
        )
        try:
            node.finish()
        except BaseException:
            node.destroy()
            raise
        return node

    def add_nodes(self, count: int, *, ip_vs: str = "host") -> list[Node]:
        """Starts plain nodes side by side; returns when sshd and dockerd answer on all of them."""
        nodes = [self._begin(None, ip_vs=ip_vs) for _ in range(count)]
        for node in nodes:
            node.finish()
        for node in nodes:
            node.wait_docker()
        return nodes

    def _begin(self, name: str | None, **options: Any) -> Node:
        if self._keeper is None:
            raise LabError("the lab is not started")
        index = FIRST + self._count
        if index > LAST:
            raise LabError("198.18.0.0/24 has no more addresses for nodes")
        self._count += 1
        name = name or f"n{self._count}"
        if (self.home / "nodes" / name).exists():
            raise LabError(f"there was a node {name} already")
        place = Place(
            home=self.home,
            hide=self._root,
            keeper=self._keeper.pid,
            cgroup=self._cgroup,
            authorized_key=self.key.with_suffix(".pub").read_text().strip(),
            trust=self._trust,
            forget=self._forget,
        )
        node = Node(place, Settings(name, index, f"198.18.0.{index}", **options))
        self.nodes.append(node)
        node.begin()
        return node

    def _trust(self, node: Node) -> None:
        host = node.address if node.port == 22 else f"[{node.address}]:{node.port}"
        self._trusted[node.name] = f"{host} {node.host_key}\n"
        self._write_known_hosts()

    def _forget(self, node: Node) -> None:
        self.nodes.remove(node)
        self._trusted.pop(node.name, None)
        self._write_known_hosts()

    def _write_known_hosts(self) -> None:
        fresh = self.home / "known_hosts.new"
        fresh.write_text("".join(self._trusted.values()))
        fresh.replace(self.known_hosts)

    def registry_start(self) -> None:
        """Starts the registry and waits until it answers."""
        assert self._keeper is not None
        config = self.home / "registry.yml"
        config.write_text(REGISTRY_CONFIG.format(storage=self.home / "registry", address=REGISTRY))
        argv = [*SAY_PID, "docker-registry", "serve", str(config)]
        log = self.home / "registry.log"
        self._registry = Member(argv, log, self._keeper.pid, {"PATH": PATH})
        wait_until(_registry_answers, f"no answer of the registry; see {log}")

    def registry_stop(self) -> None:
        if self._registry is not None:
            self._registry.end(signal.SIGTERM)
            self._registry = None

    def detach(self) -> None:
        """Lets the lab outlive this process; `tests/lab/down` ends it."""
        assert self._keeper is not None
        self._keeper.detach()

    def close(self) -> None:
        """Ends everything and leaves nothing behind; may be called again."""
        if self._keeper is None:
            return
        with homes.locked(self._root):
            homes.remove(self.home)
        self._keeper.wait()
        self._keeper = None
        for node in self.nodes:
            node.abandon()
        if self._registry is not None:
            self._registry.wait()
            self._registry = None
        self.nodes.clear()
        self._trusted.clear()
        _remove_links()


def _check_isolation() -> None:
    """Refuses a network namespace from which a packet could leave the machine."""
    if os.geteuid() != 0:
        raise LabError("the lab needs root")
    unusable = ("unreachable", "blackhole", "prohibit", "throw")
    for family in ("-4", "-6"):
        routes = output("ip", family, "route", "show", "table", "all", "default").splitlines()
        if ways_out := [route for route in routes if not route.startswith(unusable)]:
            raise LabError(
                f"this network namespace has a default route ({ways_out[0].strip()}):"
                " the lab only starts where there is none, as under `unshare --net`"
            )


def _remove_links() -> None:
    """Removes the bridge and the cables, its own or what a dead lab left in this namespace."""

    def removed() -> bool:
        # A dead node's cable goes by itself, a moment later: perhaps between our look and our grip.
        names = [link["ifname"] for link in json.loads(output("ip", "-json", "link", "show"))]
        ours = [name for name in names if LAB_LINK.fullmatch(name)]
        for name in ours:
            with contextlib.suppress(LabError):
                output("ip", "link", "delete", name)
        return not ours

    wait_until(removed, "the lab's bridge or cables are still there")


def _registry_answers() -> bool:
    host, _, port = REGISTRY.partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    try:
        connection.request("GET", "/v2/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
