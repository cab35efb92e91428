"""What ssh_config(5) says of jump hosts, as we read it."""

from __future__ import annotations

import pytest

from vip_tui.errors import InputError
from vip_tui.nodes.ssh_config import hops_of


@pytest.mark.parametrize(
    ("text", "hops"),
    [
        ("gateway", [("gateway", None, None)]),
        ("ops@gateway:2222", [("gateway", "ops", 2222)]),
        ("a,b", [("a", None, None), ("b", None, None)]),
        ("ops@[fd00::1]:22, b", [("fd00::1", "ops", 22), ("b", None, None)]),
        ("ssh://ops@gateway:2222/", [("gateway", "ops", 2222)]),
        ("corp\\ops@gateway", [("gateway", "corp\\ops", None)]),
    ],
)
def test_the_words_of_proxy_jump(text: str, hops: list[tuple[str, str | None, int | None]]) -> None:
    assert [(hop.address, hop.user, hop.port) for hop in hops_of(text)] == hops


@pytest.mark.parametrize("text", ["", "a,", "a:b", "@a", "fd00::1", "ssh://"])
def test_what_is_no_jump_host_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a jump host"):
        hops_of(text)
