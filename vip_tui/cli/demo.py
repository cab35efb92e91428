"""The demo: the program's own TUI, on the embedded cluster and in a throw-away folder."""

from __future__ import annotations

import gc
import os
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
    """Run it until the operator quits; nothing of it is left. Raises VipError."""
    gc.disable()
    with tempfile.TemporaryDirectory(prefix=f"vip-tui-{os.getpid()}-demo-") as folder:
        embedded = EmbeddedCluster(Path(folder), nodes, misfortunes, deployed=live)
        require_screen()
        from vip_tui.store import Store
        from vip_tui.tui.app import THEME_SETTING, Start, VipApp

        async def access() -> Access:
            await embedded.start()
            from vip_tui.nodes.connection import Access

            return Access(embedded.store, (embedded.identity,), isolated=True)

        if theme := Store().setting(THEME_SETTING):
            embedded.store.set_setting(THEME_SETTING, theme)
        start = Start(cluster=embedded.cluster, live=live, demo=True)
        app = VipApp(start, access, embedded.store, ended=embedded.close)
        app.run()
    if app.return_code:
        raise SystemExit(app.return_code)
