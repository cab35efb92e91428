"""The words of docker's own command for what is asked of the Engine through the SDK. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

_LONG_ID = re.compile(r"[0-9a-f]{64}")

# What asks the same as a method of the SDK, and what the method's options are there; those that
# concern only the SDK have no flag.
_DOCKER = {
    "server_version": ("version",),
    "info": ("info",),
    "nodes": ("node", "ls"),
    "containers": ("ps",),
    "inspect_container": ("inspect",),
    "inspect_image": ("image", "inspect"),
    "inspect_distribution": ("manifest", "inspect"),
    "pull": ("pull",),
    "start": ("start",),
    "stop": ("stop",),
    "remove_container": ("rm",),
    "unpause": ("unpause",),
    "rename": ("rename",),
    "update_container": ("update",),
    "logs": ("logs",),
    "events": ("events",),
}
_FLAGS: dict[str, Callable[..., list[str]]] = {
    "all": lambda _: ["--all"],
    "timeout": lambda seconds: ["-t", str(seconds)],
    "force": lambda _: ["-f"],
    "v": lambda _: ["-v"],
    "follow": lambda _: ["-f"],
    "timestamps": lambda _: ["-t"],
    "tail": lambda lines: ["--tail", str(lines)],
    "restart_policy": lambda policy: [f"--restart={policy['Name']}"],
    "filters": lambda wanted: [
        word for key, value in wanted.items() for word in ("--filter", f"{key}={value}")
    ],
}


def docker_words(
    method: str, arguments: Sequence[object], options: Mapping[str, object]
) -> list[str]:
    """The words after ``docker`` that ask what this call of the SDK asks."""
    words = list(_DOCKER[method])
    for name, value in options.items():
        if name in _FLAGS:
            words += _FLAGS[name](value)
    for argument in map(str, arguments):
        words.append(argument[:12] if _LONG_ID.fullmatch(argument) else argument)
    return words
