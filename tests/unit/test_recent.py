"""The last minute of the probe: one bar for about each second, none where nobody answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_tui.live.watch import RECENT_S, recent
from vip_tui.nodes.probe import Answer


def bars(*at: float, now: float) -> list[float | None]:
    return list(recent([Answer(moment, moment / 1000) for moment in reversed(at)], now))


def test_nothing_was_asked_yet() -> None:
    assert bars(now=100.0) == []


def test_an_answer_each_second_is_a_bar_each() -> None:
    assert bars(97.0, 98.0, 99.0, now=99.5) == [0.097, 0.098, 0.099]


def test_a_second_that_was_missed_is_empty() -> None:
    assert bars(95.0, 97.0, 98.0, now=98.5) == [0.095, None, 0.097, 0.098]


def test_a_silence_that_goes_on_grows() -> None:
    assert bars(95.0, now=96.5) == [0.095]
    assert bars(95.0, now=97.5) == [0.095, None]
    assert bars(95.0, now=98.5) == [0.095, None, None]


def test_many_answers_in_a_second_are_one_bar_of_the_slowest() -> None:
    found = bars(*[98.0 + step / 100 for step in range(100)], now=99.0)
    assert len(found) == 2
    assert found[-1] == pytest.approx(0.09899)


@pytest.mark.parametrize("jitter", [0.0, 0.01, 0.04])
def test_a_probe_that_keeps_its_second_is_never_shown_as_missing(jitter: float) -> None:
    moments = [index + jitter * (-1) ** index for index in range(200)]
    assert None not in bars(*moments, now=199.8)


@given(
    st.lists(st.floats(0, 500), max_size=400).map(sorted),
    st.floats(500, 600),
)
def test_there_are_never_more_bars_than_have_room(moments: list[float], now: float) -> None:
    found = bars(*moments, now=now)
    assert len(found) <= RECENT_S
    assert bool(found) == bool(moments)
