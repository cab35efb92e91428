"""An SSH server that runs its commands here, with a sudo that is feigned."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Any

import asyncssh

from vip_tui.cluster import Node

PASSWORD = "Xy7 'quoted' $HOME"

# It notes each password that it reads, and reads no more than it has to, as sudo(8) does.
SUDO = """\
#!/bin/sh
d={folder}
if [ "$1" = -n ]; then
    [ -e $d/free ] || {{ echo "sudo: a password is required" >&2; exit 1; }}
    shift
    ELEVATED=1 exec "$@"
fi
[ "$1 $2 $3 $4" = "-k -S -p " ] || exit 99
shift 4
if ! [ -e $d/free ] && ! {{ [ -e $d/free-but-for-id ] && case "$*" in *become-root*) false; esac; }}
then
    n=0
    while :; do
        IFS= read -r password || {{ echo "sudo: no password was provided" >&2; break; }}
        printf '%s\\n' "$password" >>$d/tried
        [ "$password" = "$(cat $d/password)" ] && n=ok && break
        n=$((n + 1))
        [ $n = 3 ] && break
        echo "Sorry, try again." >&2
    done
    [ $n = ok ] || {{ echo "sudo: $n incorrect password attempts" >&2; exit 1; }}
    [ -e $d/stranger ] && {{ echo "ops is not in the sudoers file." >&2; exit 1; }}
fi
ELEVATED=1 exec "$@"
"""
ID = '#!/bin/sh\n[ -n "$ELEVATED" ] && echo 0 || echo 1000\n'


class Machine:
    """A server whose commands are run here, with a sudo of its own."""

    def __init__(self, folder: Path, user: str) -> None:
        self.folder, self.user = folder, user
        self.lines: list[str] = []
        self._children: dict[asyncio.Task[object], asyncio.subprocess.Process] = {}
        folder.mkdir()
        self.put("password", PASSWORD)
        for name, script in (("sudo", SUDO.format(folder=folder)), ("id", ID)):
            self.put(name, script)
            (folder / name).chmod(0o755)

    def put(self, name: str, text: str = "") -> None:
        (self.folder / name).write_text(text)

    @property
    def tried(self) -> list[str]:
        """The passwords that sudo was told."""
        file = self.folder / "tried"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def node(self) -> Node:
        return Node("127.0.0.1", self.user, self.port)

    async def open(self) -> None:
        class Anybody(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                return False

        key = asyncssh.generate_private_key("ssh-ed25519")
        self.server = await asyncssh.create_server(
            Anybody,
            "127.0.0.1",
            0,
            server_host_keys=[key],
            process_factory=self._run,
            encoding=None,
        )
        self.port = self.server.get_port()

    async def close(self) -> None:
        self.server.close()
        for child in self._children.values():
            child.kill()
        await asyncio.gather(*self._children)
        await self.server.wait_closed()

    async def _run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        line = process.command or ""
        self.lines.append(line)
        environment = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"}
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            "sh", "-c", line, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
        )
        assert child.stdin and child.stdout and child.stderr
        task = asyncio.current_task()
        assert task is not None
        self._children[task] = child
        into = asyncio.create_task(_carry(process.stdin, child.stdin))
        await asyncio.gather(
            _carry(child.stdout, process.stdout), _carry(child.stderr, process.stderr)
        )
        into.cancel()
        status = await child.wait()
        with contextlib.suppress(OSError, asyncssh.Error):
            process.exit(status)
        del self._children[task]


async def _carry(source: Any, sink: Any) -> None:
    with contextlib.suppress(OSError, asyncssh.Error):
        while data := await source.read(4096):
            sink.write(data)
            await sink.drain()
        if isinstance(sink, asyncio.StreamWriter):
            sink.close()
