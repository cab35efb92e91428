"""A drill is refused where it may not run; what one does is in tests/scenarios."""

import pytest

from tests.lab import look
from tests.lab.conftest import Deployed
from tests.lab.console import Ended

# The drills that are cut short are begun before these, because their end takes a minute.
pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("unattended")]


def assert_refused(trio: Deployed, drill: Ended, *words: str) -> None:
    drill.expect(4)
    document = drill.document
    assert document["outcome"] == "refused"
    reasons = " ".join(document["reasons"])
    assert all(word in reasons for word in words), str(drill)
    assert (document["from"], document["outage_ms"], document["restored"]) == (None, None, False)


def test_a_drill_is_refused_without_a_healthy_backup(trio: Deployed) -> None:
    master, before = trio.master, look.run_of(trio.master)
    look.at_once(lambda node: node.docker("stop", "keepalived"), trio.backups)
    drill = trio.console.run("drill", trio.file, "--yes", "--json")
    assert_refused(trio, drill, "no healthy backup")
    assert look.run_of(master) == before
    assert look.holders(trio.nodes, trio.vip) == [master.name]


def test_a_drill_is_refused_where_a_node_is_out_of_reach(trio: Deployed) -> None:
    master, before = trio.master, look.run_of(trio.master)
    lost = trio.backups[-1]
    lost.sshd_stop()
    try:
        drill = trio.console.run("drill", trio.file, "--yes", "--json")
    finally:
        lost.sshd_start()
    assert_refused(trio, drill, lost.address)
    assert look.run_of(master) == before
