"""The cluster file: TOML to Cluster and back. Pure; ``store`` reads and writes the file itself."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

from vip_tui.cluster import parse
from vip_tui.cluster.model import (
    CHECK_IDS,
    NEVER_ALLOWED,
    Cluster,
    Node,
    Secret,
    Vip,
    check_cluster,
)
from vip_tui.errors import InputError, VipError

Reader = Callable[[Any], Any]


def _text(parser: Callable[[str], Any]) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, str):
            raise InputError("not a text", repr(value), "Put it in quotes.")
        return parser(value)

    return read


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError("not a truth value", repr(value), "Give true or false.")
    return value


def _milliseconds(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 10 <= value <= 40_000:
        raise InputError("advertisement interval out of range", repr(value), "Give 10 to 40000 ms.")
    return value


def _profile(value: str) -> str:
    if value == "recipe":
        return value
    if value == "fast":
        hint = 'Use profile = "recipe".'
        raise InputError("the fast profile is not in this version", "", hint)
    raise InputError("no such profile", repr(value), 'Give "recipe".')


def _vips(value: Any) -> tuple[Vip, ...]:
    return tuple(_text(parse.parse_vip)(item) for item in _list(value))


def _checks(value: Any) -> tuple[str, ...]:
    return tuple(_text(parse_allowed)(item) for item in _list(value))


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise InputError("not a list", repr(value), 'Write it as ["…"].')


def parse_allowed(text: str) -> str:
    """The id of a check that may be allowed; raises InputError that names the nearest one."""
    if text in NEVER_ALLOWED:
        detail = "nothing can be deployed on a node that does not let us in"
        raise InputError(f"{text} cannot be allowed", detail, "Mend it, or leave the node out.")
    if text in CHECK_IDS:
        return text
    raise InputError("no such check", repr(text), _nearest(text, CHECK_IDS))


CLUSTER_KEYS: Mapping[str, Reader] = {
    "name": _text(parse.parse_name),
    "vip": _vips,
    "profile": _text(_profile),
    "image": _text(parse.parse_image),
    "vrid": parse.parse_vrid,
    "password": _text(parse.parse_password),
    "preempt": _boolean,
    "advert_ms": _milliseconds,
    "track": _text(parse.parse_track),
    "probe": _text(parse.parse_probe),
    "allow": _checks,
}
NODE_KEYS: Mapping[str, Reader] = {
    "address": _text(parse.parse_address),
    "user": _text(parse.parse_user),
    "port": parse.parse_port,
    "name": _text(parse.parse_name),
    "priority": parse.parse_priority,
    "interface": _text(parse.parse_interface),
    "vrrp_address": _text(parse.parse_ip),
}
FAST_ONLY = ("preempt", "advert_ms", "track")


def load(text: str) -> Cluster:
    """A cluster file's text as a Cluster; raises InputError that names the key."""
    import tomllib  # a start without a cluster file does not need it

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError("not a TOML file", str(error), "Mend that line.") from None
    tables = document.pop("node", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InputError("node is not a list of tables", "", "Write each node under [[node]].")
    values = _read(document, CLUSTER_KEYS, "", ("name", "vip"), ("node",))
    for key in FAST_ONLY:
        if key in values and values.get("profile", "recipe") == "recipe":
            raise InputError(f"{key} belongs to the fast profile", "", "Take it out of the file.")
    nodes = tuple(
        Node(**_read(table, NODE_KEYS, f"node {number}: ", ("address",)))
        for number, table in enumerate(tables, start=1)
    )
    cluster = Cluster(**values, nodes=nodes)
    check_cluster(cluster)
    return cluster


def _read(
    table: Mapping[str, Any],
    keys: Mapping[str, Reader],
    where: str,
    required: tuple[str, ...],
    elsewhere: tuple[str, ...] = (),
) -> dict[str, Any]:
    values = {}
    for key, value in table.items():
        if key not in keys:
            hint = _nearest(key, (*keys, *elsewhere))
            raise InputError(f"{where}unknown key {key!r}", "", hint)
        try:
            values[key] = keys[key](value)
        except InputError as error:
            raise InputError(f"{where}{key}: {error.title}", error.detail, error.hint) from None
    for key in required:
        if key not in values:
            raise InputError(f"{where}{key} is missing", "", f"Add {key} = …")
    return values


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."


def dump(cluster: Cluster) -> str:
    """A Cluster as a cluster file's text; what is left open or is the default is left out."""
    import tomlkit  # only where a file is written: reading is tomllib's

    document = tomlkit.document()
    for key, value in _plain(cluster, CLUSTER_KEYS).items():
        document[key] = value
    tables = tomlkit.aot()
    for node in cluster.nodes:
        table = tomlkit.table()
        table.update(_plain(node, NODE_KEYS))
        tables.append(table)
    document["node"] = tables
    return tomlkit.dumps(document)


def dump_allowing(text: str, checks: Sequence[str]) -> str:
    """A cluster file's text with these checks allowed too; its comments and order stay.

    Raises InputError for what is no cluster file, VipError where its list cannot be extended: what
    was written is read back, as tomlkit loses the end of a list behind some comments.
    """
    before = load(text)
    new = [check for check in dict.fromkeys(checks) if check not in before.allow]
    try:
        changed = _allowing(text, new)
        after = load(changed)
    except (ValueError, InputError):  # tomlkit's ParseError is a ValueError
        changed, after = "", None
    if after != dataclasses.replace(before, allow=(*before.allow, *new)):
        detail = "its list is written in a way that vip-tui cannot extend"
        raise VipError("cannot add to allow", detail, "Add it by hand.")
    return changed


def _allowing(text: str, checks: Sequence[str]) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    if "allow" not in document:
        document = tomlkit.parse(_with_line(text, "allow = []", document.keys() - {"node"}))
    allowed: Any = document["allow"]
    for check in checks:
        allowed.append(check)
    return tomlkit.dumps(document)


def _with_line(text: str, line: str, keys: Set[str]) -> str:
    """The text with a line more, behind the last of these keys."""
    import tomllib

    lines = re.findall(r"[^\n]*\n|[^\n]+", text)  # splitlines() cuts within comments too
    for number in range(1, len(lines) + 1):
        try:
            if keys <= tomllib.loads("".join(lines[:number])).keys():
                break
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value
    before = "".join(lines[:number]).rstrip(" \t\r\n")
    return f"{before}\n{line}\n{''.join(lines[number:])}"


def _plain(thing: Cluster | Node, keys: Mapping[str, Reader]) -> dict[str, Any]:
    defaults = {field.name: field.default for field in dataclasses.fields(thing)}
    plain = {}
    for key in keys:
        value = getattr(thing, key)
        if value == defaults[key]:
            continue
        if isinstance(value, Secret):
            value = value.reveal()
        elif isinstance(value, tuple):
            value = [str(item) for item in value]
        elif not isinstance(value, str | int | bool):
            value = str(value)
        plain[key] = value
    return plain
