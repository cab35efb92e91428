"""The last minute of the probe: one bar for each second, none where nobody answered."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_tui.live.recent import SECONDS, LastMinute
from vip_tui.nodes.probe import Answer

BEGAN = 1000.0


def answer(asked: float, took: float = 0.001) -> Answer:
    return Answer(BEGAN + asked + took, took)


def bars(*answers: Answer, now: float) -> list[float | None]:
    minute = LastMinute(BEGAN)
    minute.take(sorted(answers, key=lambda one: one.at))
    return list(minute.bars(BEGAN + now))


def test_nothing_was_answered_yet() -> None:
    assert bars(now=100.0) == []


def test_an_answer_each_second_is_a_bar_each() -> None:
    answers = [answer(second + 0.001, second / 1000) for second in (1, 2, 3)]
    assert bars(*answers, now=3.5) == [0.001, 0.002, 0.003]


def test_a_second_that_was_missed_is_empty() -> None:
    assert bars(answer(0.0), answer(1.0), answer(3.0), now=3.5) == [0.001, 0.001, None, 0.001]


def test_a_silence_that_goes_on_grows() -> None:
    assert bars(answer(0.0), now=1.9) == [0.001]
    assert bars(answer(0.0), now=3.0) == [0.001, None]
    assert bars(answer(0.0), now=4.5) == [0.001, None, None]


def test_many_answers_in_a_second_are_one_bar_of_the_slowest() -> None:
    answers = [answer(step / 100, 0.001 + step / 100_000) for step in range(200)]
    assert bars(*answers, now=2.0) == [pytest.approx(0.00199), pytest.approx(0.00299)]


@pytest.mark.parametrize("slow", [0.3, 0.95])
def test_a_slow_answer_is_never_shown_as_a_lost_one(slow: float) -> None:
    chance = random.Random(7)
    answers = [answer(float(second), chance.choice([0.001, slow])) for second in range(120)]
    assert None not in bars(*answers, now=119.9)


def test_a_lost_answer_after_a_slow_one_is_shown() -> None:
    answers = [answer(float(second), 0.9 if second == 4 else 0.001) for second in range(10)]
    del answers[5]
    assert bars(*answers, now=9.5).count(None) == 1


def test_a_drill_s_answers_do_not_take_the_minute_away() -> None:
    minute = LastMinute(BEGAN)
    answers = [answer(float(second)) for second in range(58)]
    minute.take(answers)
    for step in range(200):
        answers.append(answer(58 + step / 100))
        minute.take(answers)
    assert len(minute.bars(BEGAN + 60.0)) == SECONDS


@given(
    st.lists(st.tuples(st.floats(0, 500), st.floats(0, 1)), max_size=200),
    st.floats(500, 600),
)
def test_there_are_never_more_bars_than_have_room(
    moments: list[tuple[float, float]], now: float
) -> None:
    found = bars(*(answer(asked, took) for asked, took in moments), now=now)
    assert len(found) <= SECONDS
    assert bool(found) == bool(moments)
