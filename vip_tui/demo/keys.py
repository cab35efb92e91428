"""The embedded cluster's keys: the one identity that gets in, and the hosts' keys as known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import asyncssh

from vip_tui.cluster import Node
from vip_tui.demo.misfortunes import Scene
from vip_tui.demo.sshd import KEY, Sshd
from vip_tui.nodes.host_keys import known_hosts_line
from vip_tui.store import Store


def write_identity(store: Store, path: Path) -> asyncssh.SSHKey:
    """Make the key that every host accepts, and write it for its owner only."""
    identity = asyncssh.generate_private_key(KEY, comment="vip-tui demo")
    store.write(path, identity.export_private_key().decode())
    return identity


def write_known_hosts(
    store: Store, nodes: Sequence[Node], servers: Sequence[Sshd], scene: Scene
) -> None:
    """Write the hosts' keys, but for those that are unknown or have changed since."""
    lines = []
    for index, (node, server) in enumerate(zip(nodes, servers, strict=True)):
        if index in scene.new_keys:
            continue
        changed = index in scene.wrong_keys
        known = asyncssh.generate_private_key(KEY) if changed else server.key
        lines.append(known_hosts_line(node.address, node.port or 22, known))
    store.write(store.known_hosts, "".join(f"{line}\n" for line in lines))
