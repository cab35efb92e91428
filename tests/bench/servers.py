"""Many embedded nodes in a process of their own, for a client that is measured beside it.

`python -m tests.bench.servers NUMBER FOLDER` prints a line of JSON; it serves until stdin ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from vip_tui.demo import embedded

VIP = "198.18.0.254"  # the demo's own would be a node's address among so many


async def serve(number: int, folder: Path) -> None:
    """Serve until stdin ends."""
    embedded.MOST, embedded.VIP = number, VIP
    cluster = embedded.EmbeddedCluster(folder, number)
    await cluster.start()
    try:
        ports = [node.port for node in cluster.cluster.nodes]
        print(json.dumps({"ports": ports, "identity": str(cluster.identity)}), flush=True)
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await cluster.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
