"""The end of a cluster; what comes after it has to deploy anew, so it is the last file."""

from __future__ import annotations

from tests.scenarios.world import World


def removed(world: World, *options: str) -> dict[str, str]:
    """Runs `remove` and tells what it says of which node."""
    document = world.run("remove", "--yes", *options).expect(0).document
    assert document["ok"] is True
    assert all(node["evidence"] for node in document["nodes"])
    return {node["name"]: node["outcome"] for node in document["nodes"]}


def test_remove_takes_one_node_then_all_also_a_vip_that_a_kill_left(trio: World) -> None:
    first, successor, other = trio.master, *trio.backups
    before = {name: trio.run_of(name) for name in (successor, other)}
    assert removed(trio, "--node", first) == {first: "removed"}
    assert trio.containers(first) == []
    assert trio.wait_holders(1, timeout=3) == [successor]
    assert {name: trio.run_of(name) for name in (successor, other)} == before

    trio.backend.docker("kill", successor)
    assert set(trio.wait_holders(2)) == {successor, other}
    assert removed(trio) == {first: "absent", successor: "removed", other: "removed"}
    for _ in range(2):
        assert [trio.containers(name) for name in trio.names] == [[], [], []]
        assert trio.backend.holders() == []
        assert not trio.answers(0.3)
        assert removed(trio) == dict.fromkeys(trio.names, "absent")
