"""What a simulated host says of what stands between the hosts: routes, firewalls, settings."""

from __future__ import annotations

from collections.abc import Callable

from vip_tui.demo.host import Host

SECTIONS: dict[str, Callable[[Host], str]] = {}
