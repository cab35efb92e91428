"""The way in to all nodes of a run: through which jump hosts, and what they can share."""

from __future__ import annotations

from vip_tui.cluster import Node
from vip_tui.errors import InputError, UnreachableError
from vip_tui.nodes.access import Access
from vip_tui.nodes.entrance import Entrance, Ssh
from vip_tui.nodes.host_keys import KnownHosts
from vip_tui.nodes.jump_hosts import Chain, JumpHosts, Lease
from vip_tui.nodes.ssh_config import JumpHost, Settings, settings_of

MOST_HOPS = 8


class WayIn:
    """Knows the known hosts, and holds the connections to jump hosts."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._known = KnownHosts(access.store, access.isolated)
        self._jumps = JumpHosts(self._enter_jump)

    async def enter(self, node: Node) -> tuple[Ssh, Lease]:
        """Connect and log in; whoever closes the connection releases the lease then.

        Raises a VipError that says what stands in the way, on which machine, and what to do.
        """
        settings = await settings_of(node, self._access)
        lease = await self._jumps.lease(await self._chain(settings))
        try:
            return await self._entered(settings, lease.ssh), lease
        except BaseException:
            await lease.release()
            raise

    async def _chain(self, settings: Settings, depth: int = 0) -> Chain:
        """The jump hosts before a machine; before the first there may be more, as in ssh(1)."""
        if not settings.hops:
            return ()
        if depth == MOST_HOPS:
            title = f"no end of jump hosts before {settings.node.label}"
            detail = f"more than {MOST_HOPS}, each behind the next"
            raise InputError(title, detail, "Look at ProxyJump in ~/.ssh/config.")
        first = await settings_of(settings.hops[0], self._access)
        if (first.host, first.port) == (settings.host, settings.port):
            return ()  # what "Host *" says is not meant for the jump host itself
        return (*await self._chain(first, depth + 1), *settings.hops)

    async def _enter_jump(self, host: JumpHost, tunnel: Ssh | None) -> Ssh:
        try:
            return await self._entered(await settings_of(host, self._access), tunnel)
        except UnreachableError as problem:
            problem.on_the_way = True
            raise

    async def _entered(self, settings: Settings, tunnel: Ssh | None) -> Ssh:
        return await Entrance(settings, tunnel, self._access, self._known).enter()
