"""Changes of the cluster file: rolled through the nodes, or cut over."""

from __future__ import annotations

from tests.scenarios.world import World, all_alike, outcomes


def assert_replaced(world: World, before: dict[str, str]) -> None:
    """Every container is a new one, nothing of the old is left, and all is well."""
    assert all(world.container(name)["Id"] != before[name] for name in world.names)
    assert all(world.containers(name) == ["keepalived"] for name in world.names)
    assert world.agreed()
    world.status(0, "healthy")


def test_changed_priorities_are_rolled_through_the_nodes(trio: World) -> None:
    before = {name: trio.container(name)["Id"] for name in trio.names}
    last = trio.backups[-1]
    holder, kept = trio.master, trio.environment(last)
    priorities = [trio.priority(name) - 7 for name in trio.names]
    file = trio.changed(priorities)
    plan = trio.run("plan", file=file).expect(0).document
    assert (plan["kind"], plan["changes"]) == ("rolling", 3)
    for node in plan["nodes"]:
        (step,) = node["steps"]
        assert step["action"] == "replace"
        assert "KEEPALIVED_PRIORITY" in step["summary"]
    applied = trio.run("apply", "--yes", file=file).expect(0).document
    assert outcomes(applied) == all_alike(trio, "replace", "done")
    assert [trio.priority(name) for name in trio.names] == priorities
    assert trio.environment(last) == {**kept, "KEEPALIVED_PRIORITY": str(trio.priority(last))}
    assert_replaced(trio, before)
    others = [name for name in trio.names if name != holder]
    assert [applied["holder"]] == trio.backend.holders() == [max(others, key=trio.priority)]


def test_a_changed_vrid_is_cut_over(trio: World) -> None:
    before = {name: trio.container(name)["Id"] for name in trio.names}
    vrid = int(trio.environment(trio.master)["KEEPALIVED_ROUTER_ID"]) % 255 + 1
    file = trio.changed(vrid=vrid)
    plan = trio.run("plan", file=file).expect(0).document
    assert (plan["kind"], plan["changes"]) == ("cut-over", 3)
    assert "the VIP is down for about" in plan["cost"]
    applied = trio.run("apply", "--yes", file=file).expect(0).document
    assert outcomes(applied) == all_alike(trio, "replace", "done")
    for name in trio.names:
        assert trio.environment(name)["KEEPALIVED_ROUTER_ID"] == str(vrid)
    assert_replaced(trio, before)
    highest = max(trio.names, key=trio.priority)
    assert [applied["holder"]] == trio.backend.holders() == [highest]
