"""The container of one node: put in place, and brought back. Every step may be repeated."""

from __future__ import annotations

from vip_tui.deploy.plan import NodePlan
from vip_tui.errors import RefusedError, VipError
from vip_tui.keepalived.spec import ASIDE_NAME, CLUSTER_LABEL, CONTAINER_NAME, ContainerState
from vip_tui.nodes.engine import Engine


async def clear_aside(engine: Engine, node: NodePlan) -> None:
    """Remove what an interrupted apply left aside; raises RefusedError where it is not ours."""
    left = await engine.inspect(ASIDE_NAME)
    if left is None:
        return
    if left.labels.get(CLUSTER_LABEL) != dict(node.target.spec.labels)[CLUSTER_LABEL]:
        detail = f"{left.image}, id {left.id[:12]}"
        hint = "Rename or remove it on the node."
        raise RefusedError(f"{ASIDE_NAME} on {node.name} is not ours", detail, hint)
    await take_away(engine, ASIDE_NAME)


async def set_aside(engine: Engine, node: NodePlan) -> None:
    """Keep the former container, renamed and stopped, until the new one has proven itself."""
    former = await engine.inspect(CONTAINER_NAME)
    if former is None:
        return  # it is aside already
    if CLUSTER_LABEL in former.labels:
        await clear_aside(engine, node)
    await engine.rename(CONTAINER_NAME, ASIDE_NAME)
    await engine.stop(ASIDE_NAME)
    await engine.set_restart(ASIDE_NAME, "no")


async def take_away(engine: Engine, name: str) -> None:
    """Stop, then remove: keepalived takes the VIP off the interface only where it may end."""
    await engine.stop(name)
    await engine.remove(name)


async def put_in_place(engine: Engine, node: NodePlan) -> None:
    """Create or start the container that is wanted."""
    if node.container_action == "start":
        there = await engine.inspect(CONTAINER_NAME)
        if there is not None and there.status == "paused":
            await engine.unpause(CONTAINER_NAME)
            return
    else:
        if node.container_action == "create":
            await clear_aside(engine, node)
        await engine.create(CONTAINER_NAME, node.target.spec)
    await engine.start(CONTAINER_NAME)


async def bring_back(engine: Engine, name: str, former: ContainerState | None) -> str:
    """Make the node run what it ran before; returns what was seen afterwards, or raises."""
    there = await engine.inspect(CONTAINER_NAME)
    if there is not None and (former is None or there.id != former.id):
        await take_away(engine, CONTAINER_NAME)
        there = None
    if former is None:
        return "no container, as before"
    if there is None:
        await engine.rename(former.id, CONTAINER_NAME)
    await engine.set_restart(CONTAINER_NAME, former.restart)
    if former.status in ("running", "restarting"):
        await engine.start(CONTAINER_NAME)
    elif former.status in ("exited", "created", "dead"):
        await engine.stop(CONTAINER_NAME)
    seen = await engine.inspect(CONTAINER_NAME)
    if seen is None or seen.id != former.id or seen.running != former.running:
        state = seen.status if seen else "absent"
        raise VipError(f"{name} is not as it was", f"the container is {state}")
    return f"container {seen.id[:12]} {seen.status}, as before"
