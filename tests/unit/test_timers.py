"""The timers are the RFCs' (3768 section 6.1; 9568 section 6.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_tui.keepalived import timers

PRIORITIES = st.integers(1, 254)


@pytest.mark.parametrize(
    ("priority", "seconds"),
    [(254, 2 / 256), (200, 0.21875), (150, 0.4140625), (100, 0.609375), (1, 255 / 256)],
)
def test_version_2_skews_by_priority_alone(priority: int, seconds: float) -> None:
    assert timers.skew_time(priority, advert_s=1.0) == pytest.approx(seconds)
    assert timers.skew_time(priority, advert_s=5.0) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("priority", "advert_s", "seconds"),
    [
        (254, 0.1, 0.00078125),
        (150, 0.1, 0.04140625),
        (150, 1.0, 0.4140625),
        (100, 0.03, 0.01828125),
    ],
)
def test_version_3_skews_by_priority_and_interval(
    priority: int, advert_s: float, seconds: float
) -> None:
    assert timers.skew_time(priority, advert_s, version=3) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("priority", "advert_s", "version", "seconds"),
    [(150, 1.0, 2, 3.4140625), (100, 1.0, 2, 3.609375), (253, 0.1, 3, 0.301171875)],
)
def test_a_master_is_lost_after_three_intervals_and_the_skew(
    priority: int, advert_s: float, version: int, seconds: float
) -> None:
    found = timers.master_down_interval(priority, advert_s, version)
    assert found == pytest.approx(seconds)


def test_a_clean_stop_costs_the_skew_of_the_best_backup() -> None:
    assert timers.clean_stop_bound((150, 100), 1.0) == pytest.approx(0.4140625)


def test_an_election_takes_as_long_as_its_slowest_node() -> None:
    assert timers.election_limit((200, 150, 100), 1.0) == pytest.approx(3.609375)


@given(PRIORITIES, PRIORITIES, st.floats(0.01, 40), st.sampled_from([2, 3]))
def test_a_higher_priority_never_waits_longer(
    one: int, other: int, advert_s: float, version: int
) -> None:
    low, high = sorted((one, other))
    assert timers.skew_time(high, advert_s, version) <= timers.skew_time(low, advert_s, version)


@given(PRIORITIES, st.floats(0.01, 40), st.sampled_from([2, 3]))
def test_a_clean_good_bye_is_never_slower_than_a_loss(
    priority: int, advert_s: float, version: int
) -> None:
    skew = timers.skew_time(priority, advert_s, version)
    assert 0 < skew < timers.master_down_interval(priority, advert_s, version)
