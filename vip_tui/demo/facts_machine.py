"""What a simulated host says of the machine itself: identity, system, clock, disks."""

from __future__ import annotations

from collections.abc import Callable

from vip_tui.demo.host import Host

SECTIONS: dict[str, Callable[[Host], str]] = {}
