"""A risk is accepted of these machines and this VIP, and not of what is typed next."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.build import cluster
from vip_tui.tui.draft import Draft, Field, from_cluster, imported, with_text

ACCEPTED = replace(from_cluster(cluster()), allow=("vip-free",))


def after(field: Field, text: str) -> Draft:
    return with_text(ACCEPTED, field, text)


def test_another_vip_or_other_nodes_are_another_risk() -> None:
    assert after("vip", "198.18.0.7").allow == ()
    assert after("nodes", "198.18.0.11 198.18.0.12").allow == ()
    assert imported(ACCEPTED, cluster(), ()).allow == ()


def test_what_stays_as_it_was_stays_accepted() -> None:
    assert after("vip", f" {ACCEPTED.vip} ").allow == ("vip-free",)
    assert after("name", "prod").allow == ("vip-free",)
