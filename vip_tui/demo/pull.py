"""What Docker says while it pulls the image: layer by layer, about a second and a half in all."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from typing import Any

from vip_tui.demo.clock import Clock, pause

LAYERS = (27_100_000, 18_600_000, 22_400_000, 3_400_000, 12_200)  # bytes
STEPS = 5
TOTAL_S = 1.5
_MARKS = 50  # the width of Docker's own bar


def digest_of(image: str) -> str:
    """The digest that the registry knows an image by."""
    return "sha256:" + hashlib.sha256(image.encode()).hexdigest()


async def pulling(image: str, there: bool, clock: Clock) -> AsyncGenerator[dict[str, Any], None]:
    """The JSON lines of ``POST /images/create``; an image that is there has nothing to load."""
    name, _, tag = image.rpartition(":")
    yield {"status": f"Pulling from {name}", "id": tag}
    digest = digest_of(image).removeprefix("sha256:")
    ids = [digest[at * 12 : at * 12 + 12] for at in range(len(LAYERS))]
    if not there:
        for id_ in ids:
            yield {"status": "Pulling fs layer", "progressDetail": {}, "id": id_}
        rest = TOTAL_S / (STEPS * (len(LAYERS) + 1))
        async for line in _load(ids, clock, rest):
            yield line
    state = "Image is up to date" if there else "Downloaded newer image"
    yield {"status": f"Digest: sha256:{digest}"}
    yield {"status": f"Status: {state} for {image}"}


async def _load(
    ids: list[str], clock: Clock, rest_s: float
) -> AsyncGenerator[dict[str, Any], None]:
    """All layers come side by side; they are unpacked one after the other, as Docker does."""
    for step in range(1, STEPS + 1):
        for id_, size in zip(ids, LAYERS, strict=True):
            yield _progress("Downloading", id_, size * step // STEPS, size)
        await pause(clock, rest_s)
    for id_ in ids:
        yield {"status": "Download complete", "progressDetail": {}, "id": id_}
    for id_, size in zip(ids, LAYERS, strict=True):
        for step in range(1, STEPS + 1):
            yield _progress("Extracting", id_, size * step // STEPS, size)
            await pause(clock, rest_s)
        yield {"status": "Pull complete", "progressDetail": {}, "id": id_}


def _progress(status: str, id_: str, current: int, total: int) -> dict[str, Any]:
    done = _MARKS * current // total
    bar = "=" * max(0, done - 1) + ">" if done < _MARKS else "=" * _MARKS + ">"
    text = f"[{bar:<{_MARKS}}]  {_size(current):>7}/{_size(total)}"
    detail = {"current": current, "total": total}
    return {"status": status, "progressDetail": detail, "progress": text, "id": id_}


def _size(count: int) -> str:
    return f"{count / 1e6:.4g}MB" if count >= 1e6 else f"{count / 1e3:.4g}kB"
