"""What holds of a snapshot whatever was observed before, and in whatever order."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import VIP, container, spec
from tests.unit.observe import CLUSTER, LATER, LOST, TIMING, after, full_read
from vip_tui.live import observations as seen
from vip_tui.live.model import Snapshot
from vip_tui.live.state import initial, reduce, settle, snapshot

STATUSES = st.sampled_from(["running", "paused", "restarting", "exited", "created"])
CONTAINERS = st.none() | st.builds(
    lambda n, status, start: replace(container(spec(n), status=status), started_at=start),
    st.integers(1, 3),
    STATUSES,
    st.sampled_from(["2026-11-22T21:00:00Z", "2026-11-22T22:00:00Z"]),
)
VRRP = st.sampled_from(["master", "backup", "fault", None])
INDEX = st.integers(0, 2)
AT = st.floats(0, 100)
OBSERVATIONS = st.one_of(
    st.builds(seen.Connected, AT, INDEX, st.sampled_from(["a", "b", ""])),
    st.builds(seen.Lost, AT, INDEX, st.just(LOST)),
    st.builds(seen.AddressesRead, AT, INDEX, st.sampled_from([frozenset(), frozenset({VIP})])),
    st.builds(seen.AddressChanged, AT, INDEX, st.just(VIP), st.booleans()),
    st.builds(seen.ContainerSeen, AT, INDEX, CONTAINERS),
    st.builds(seen.DockerLost, AT, INDEX, st.just(LOST)),
    st.builds(seen.StateEntered, AT, INDEX, VRRP),
    st.builds(seen.Probed, AT, st.floats(0, 100), st.none() | st.just(0.001)),
    st.builds(seen.ProbeMissing, AT, st.just(LOST)),
)
HISTORIES = st.lists(OBSERVATIONS, max_size=40)


@given(HISTORIES)
def test_healthy_means_exactly_one_holder_that_is_master_and_all_others_backup(
    history: list[seen.Observation],
) -> None:
    for picture in _pictures(history):
        if picture.verdict == "healthy":
            holders = [view for view in picture.nodes if view.holds]
            assert [view.state for view in holders] == ["master"]
            others = [view.state for view in picture.nodes if not view.holds]
            assert others == ["backup"] * 2


def _pictures(history: list[seen.Observation]) -> list[Snapshot]:
    state = initial(CLUSTER, TIMING, 0.0)
    pictures = []
    for observation in history:
        state = reduce(state, observation)
        pictures += [snapshot(state, observation.at), snapshot(state, observation.at + LATER)]
    return pictures


@given(HISTORIES)
def test_the_verdict_is_the_worst_of_the_reasons(history: list[seen.Observation]) -> None:
    for picture in _pictures(history):
        first = picture.reasons[0].verdict if picture.reasons else "healthy"
        assert picture.verdict == first
        assert all(reason.text for reason in picture.reasons)


@given(HISTORIES, st.data())
def test_any_order_of_a_last_full_read_of_all_nodes_ends_in_the_same_verdict(
    history: list[seen.Observation], data: st.DataObject
) -> None:
    reads = [
        full_read(index, data.draw(VRRP), 200.0, data.draw(st.sampled_from([[], [VIP]])))
        for index in (0, 1, 2)
    ]
    order = data.draw(st.permutations([0, 1, 2] * 4))
    probe = seen.Probed(200.0, 0.0, 0.001)
    plain = after(*(one for read in reads for one in read), probe)
    queues = [list(read) for read in reads]
    mixed = after(*history)
    for index in order:
        mixed = reduce(mixed, queues[index].pop(0))
    mixed = settle(reduce(mixed, probe), 201.0)
    one, other = snapshot(settle(plain, 201.0), 5000.0), snapshot(mixed, 5000.0)
    assert (one.verdict, one.holders) == (other.verdict, other.holders)
