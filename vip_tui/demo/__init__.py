"""The embedded cluster of ``vip-tui demo`` and of the tests: nothing is ever executed."""

from vip_tui.demo.embedded import EmbeddedCluster
from vip_tui.demo.misfortunes import MISFORTUNES

__all__ = ["MISFORTUNES", "EmbeddedCluster"]
