"""What the forms are filled with, from what a Swarm manager told. Pure."""

from __future__ import annotations

from dataclasses import replace

from tests.ui.scenes_dialogs import SWARM, member
from vip_tui.cluster import load
from vip_tui.errors import UnreachableError
from vip_tui.tui import draft as drafts
from vip_tui.tui.draft import Draft
from vip_tui.tui.screens.import_found import should_take_part, taken


def test_only_what_was_chosen_is_taken_in_its_order() -> None:
    cluster = taken(SWARM, (0, 3))
    assert [node.address for node in cluster.nodes] == ["198.18.0.11", "198.18.0.14"]
    assert [node.interface for node in cluster.nodes] == ["eth0", None]
    assert cluster.vip == ()


def test_what_was_typed_is_kept() -> None:
    typed = Draft(nodes="a b", user="eve", vip="198.18.0.77", name="mine", vrid="9", password="x")
    draft = drafts.imported(typed, taken(SWARM, (0, 1)), ("198.18.0.100",))
    assert (draft.vip, draft.name, draft.vrid, draft.password) == ("198.18.0.77", "mine", "9", "x")
    assert (draft.nodes, draft.user) == ("198.18.0.11 198.18.0.12", "eve")


def test_a_cluster_that_is_set_up_anew_keeps_what_the_form_does_not_show() -> None:
    base = load(
        'name = "prod"\nvip = ["198.18.0.9"]\nprobe = "tcp:443"\n'
        '[[node]]\naddress = "a"\n[[node]]\naddress = "b"\n'
    )
    draft = drafts.imported(drafts.from_cluster(base), taken(SWARM, (0, 1)), ())
    cluster = drafts.to_cluster(draft)
    assert (cluster.name, cluster.probe, str(cluster.vip[0])) == ("prod", "tcp:443", "198.18.0.9")
    assert [node.name for node in cluster.nodes] == ["n1", "n2"]


def test_an_imported_cluster_does_not_pass_for_a_saved_one() -> None:
    """The Swarm's cluster is called "swarm"; so may be one that is saved."""
    draft = drafts.imported(Draft(name="swarm"), taken(SWARM, (0, 1)), ())
    assert draft.base is not None and draft.base.name != "swarm"


def test_only_a_fit_node_is_ticked() -> None:
    assert [should_take_part(item) for item in SWARM.nodes] == [True, True, False, False, False]
    assert not should_take_part(replace(member(1), problem=UnreachableError("no")))
    assert not should_take_part(replace(member(1), availability="pause"))
