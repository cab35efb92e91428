"""The demo: the program's own TUI, on the embedded cluster and in a throw-away folder."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from vip_tui.cli.opening import require_screen
from vip_tui.demo import MISFORTUNES, EmbeddedCluster

if TYPE_CHECKING:
    from vip_tui.nodes.connection import Access


def list_misfortunes() -> None:
    """What ``--with`` knows."""
    from vip_tui.cli import output

    width = max(map(len, MISFORTUNES))
    for name, text in MISFORTUNES.items():
        output.line(f"{name:<{width}}  {text}")


def run_demo(nodes: int = 3, live: bool = False, misfortunes: tuple[str, ...] = ()) -> None:
    """Run it until the operator quits; nothing of it is left. Raises InputError."""
    require_screen()
    gc.disable()
    from vip_tui.tui.app import Start, VipApp

    with tempfile.TemporaryDirectory(prefix="vip-tui-demo-") as folder:
        embedded = EmbeddedCluster(Path(folder), nodes, misfortunes, deployed=live)

        async def access() -> Access:
            await embedded.start()
            from vip_tui.nodes.connection import Access

            return Access(embedded.store, (embedded.identity,), isolated=True)

        start = Start(cluster=embedded.cluster, live=live, demo=True)
        VipApp(start, access, embedded.store, ended=embedded.close).run()
