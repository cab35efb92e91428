"""The stand-in for osixia/keepalived:2.0.20, written straight into a registry's storage."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

from tests.lab.tools import LabError, output

REPOSITORY = "osixia/keepalived"
TAG = "2.0.20"
SOURCES = Path(__file__).parent / "image"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = [f"PATH={PATH}", "LANG=en_US.UTF-8", "LANGUAGE=en_US:en", "LC_ALL=en_US.UTF-8"]
CREATED = "2020-06-15T13:31:23Z"
MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"


class Layer:
    """A tar in memory; parent directories come by themselves."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._tar = tarfile.TarFile(fileobj=self._buffer, mode="w")
        self._directories: set[str] = set()

    def directory(self, path: str, mode: int = 0o755) -> None:
        path = path.strip("/")
        if not path or path in self._directories:
            return
        self.directory(path.rpartition("/")[0])
        self._directories.add(path)
        entry = tarfile.TarInfo(path)
        entry.type, entry.mode = tarfile.DIRTYPE, mode
        self._tar.addfile(entry)

    def file(self, path: str, content: bytes, mode: int = 0o644) -> None:
        self.directory(path.rpartition("/")[0])
        entry = tarfile.TarInfo(path.strip("/"))
        entry.size, entry.mode = len(content), mode
        self._tar.addfile(entry, io.BytesIO(content))

    def link(self, path: str, target: str) -> None:
        self.directory(path.rpartition("/")[0])
        entry = tarfile.TarInfo(path.strip("/"))
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        self._tar.addfile(entry)

    def bytes(self) -> bytes:
        self._tar.close()
        return self._buffer.getvalue()


def libraries(binary: str) -> list[str]:
    """The files that the dynamic linker would load for a binary."""
    words = output("ldd", binary).split()
    return sorted({word for word in words if word.startswith("/")})


def base_layer() -> Layer:
    layer = Layer()
    for path in ("proc", "sys", "dev", "run", "root", "etc/keepalived", "usr/local/etc/keepalived"):
        layer.directory(path)
    layer.directory("tmp", 0o1777)
    layer.link("var/run", "/run")
    layer.file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
    layer.file("etc/group", b"root:x:0:\n")
    layer.file("bin/busybox", Path("/bin/busybox").read_bytes(), 0o755)
    for applet in output("busybox", "--list").split():
        if applet != "busybox":
            layer.link(f"bin/{applet}", "busybox")
    return layer


def keepalived_layer(binary: str) -> Layer:
    layer = Layer()
    layer.file("usr/local/sbin/keepalived", Path(binary).read_bytes(), 0o755)
    for library in libraries(binary):
        layer.file(library, Path(library).read_bytes(), 0o755)
    return layer


def scripts_layer() -> Layer:
    layer = Layer()
    for tool in ("run", "python-list"):
        layer.file(f"container/tool/{tool}", (SOURCES / tool).read_bytes(), 0o755)
    service = SOURCES / "service"
    for source in sorted(service.rglob("*")):
        if source.is_file():
            mode = 0o755 if source.suffix == ".sh" else 0o644
            name = source.relative_to(service)
            layer.file(f"container/service/keepalived/{name}", source.read_bytes(), mode)
    return layer


def publish(storage: Path, tag: str = TAG) -> None:
    """Writes the image into a registry's storage directory (distribution's layout, version 2)."""
    binary = "/usr/sbin/keepalived"
    for needed in (binary, "/bin/busybox"):
        if not Path(needed).exists():
            raise LabError(f"{needed} is missing: the stand-in image is made of it")
    root = storage / "docker/registry/v2"
    repository = root / "repositories" / REPOSITORY

    def blob(content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        directory = root / "blobs/sha256" / digest[:2] / digest
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "data").write_bytes(content)
        return digest

    def refer(place: str, digest: str) -> None:
        directory = repository / place
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "link").write_text(f"sha256:{digest}")

    def descriptor(kind: str, content: bytes) -> dict[str, object]:
        digest = blob(content)
        refer(f"_layers/sha256/{digest}", digest)
        return {"mediaType": kind, "size": len(content), "digest": f"sha256:{digest}"}

    tars = [layer.bytes() for layer in (base_layer(), keepalived_layer(binary), scripts_layer())]
    history = [
        {"created": CREATED, "created_by": text}
        for text in ("base (vip-tui lab)", "keepalived (vip-tui lab)", "ADD service (vip-tui lab)")
    ]
    settings = {"Env": ENVIRONMENT, "Entrypoint": ["/container/tool/run"], "Cmd": None}
    config = {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine),
        "os": "linux",
        "created": CREATED,
        "config": settings,
        "rootfs": {
            "type": "layers",
            "diff_ids": [f"sha256:{hashlib.sha256(tar).hexdigest()}" for tar in tars],
        },
        "history": history,
    }
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": descriptor(CONFIG_TYPE, json.dumps(config).encode()),
            "layers": [
                descriptor(LAYER_TYPE, gzip.compress(tar, compresslevel=1, mtime=0)) for tar in tars
            ],
        }
    ).encode()
    digest = blob(manifest)
    refer(f"_manifests/revisions/sha256/{digest}", digest)
    refer(f"_manifests/tags/{tag}/current", digest)
    refer(f"_manifests/tags/{tag}/index/sha256/{digest}", digest)
