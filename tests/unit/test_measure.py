"""The outage is the longest time without an answer, on a monotonic clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_tui.drill.measure import Gap, gaps, longest

STEP = 0.01


def steady(start: float, end: float) -> list[float]:
    """An answer every 10 ms."""
    return [start + STEP * n for n in range(round((end - start) / STEP) + 1)]


def spans(found: list[Gap]) -> list[tuple[float, float]]:
    return [(round(gap.start, 6), round(gap.end, 6)) for gap in found]


def test_answers_without_a_pause_have_no_gap() -> None:
    answers = steady(0, 2)
    assert gaps(answers, STEP, 0, 2) == []
    assert longest(answers, STEP, 0, 2) is None


def test_a_pause_is_a_gap_from_the_last_answer_before_it_to_the_first_after_it() -> None:
    answers = [*steady(0, 1), *steady(1.42, 2)]
    assert spans(gaps(answers, STEP, 0, 2)) == [(1.0, 1.42)]
    gap = longest(answers, STEP, 0, 2)
    assert gap is not None
    assert gap.length == pytest.approx(0.42)


def test_the_longest_gap_comes_first() -> None:
    answers = [*steady(0, 0.5), *steady(0.6, 1), *steady(1.3, 1.5), *steady(1.7, 2)]
    assert spans(gaps(answers, STEP, 0, 2)) == [(1.0, 1.3), (1.5, 1.7), (0.5, 0.6)]


@pytest.mark.parametrize(("late", "found"), [(1.9, 0), (2.1, 1)])
def test_one_answer_that_is_a_little_late_is_no_gap(late: float, found: int) -> None:
    answers = [*steady(0, 1), *steady(1 + late * STEP, 1.5)]
    assert len(gaps(answers, STEP, 0, 1.5)) == found


def test_a_gap_that_has_not_ended_reaches_to_the_end() -> None:
    assert spans(gaps(steady(0, 1), STEP, 0, 3)) == [(1.0, 3.0)]


def test_where_nobody_ever_answered_the_whole_time_is_one_gap() -> None:
    assert gaps([], STEP, 1, 3) == [Gap(1, 3)]


def test_a_gap_that_had_begun_before_the_first_answer_counts_from_the_start() -> None:
    # Else an outage whose last answer came just before the window would measure as none at all.
    assert spans(gaps(steady(0.42, 1), STEP, 0, 1)) == [(0.0, 0.42)]


def test_answers_outside_the_window_do_not_count() -> None:
    answers = [*steady(0, 0.5), *steady(1, 2), *steady(2.5, 3)]
    assert gaps(answers, STEP, 1, 2) == []


ANSWERS = st.lists(st.floats(0, 10), max_size=60).map(sorted)


@given(ANSWERS)
def test_nobody_answers_inside_a_gap(answers: list[float]) -> None:
    for gap in gaps(answers, STEP, 0, 10):
        assert not [at for at in answers if gap.start < at < gap.end]


@given(ANSWERS)
def test_gaps_are_longer_than_two_intervals_and_fit_the_window(answers: list[float]) -> None:
    found = gaps(answers, STEP, 0, 10)
    assert all(gap.length > 2 * STEP for gap in found)
    assert sum(gap.length for gap in found) <= 10 + 1e-9
    assert [gap.length for gap in found] == sorted((gap.length for gap in found), reverse=True)


@given(ANSWERS)
def test_every_moment_is_near_an_answer_or_in_a_gap(answers: list[float]) -> None:
    found = gaps(answers, STEP, 0, 10)
    for moment in (0.1 * n for n in range(101)):
        near = any(abs(at - moment) <= 2 * STEP for at in (0.0, *answers, 10.0))
        assert near or any(gap.start <= moment <= gap.end for gap in found)


@given(ANSWERS, st.floats(-1000, 1000).map(round))
def test_the_clocks_zero_does_not_matter(answers: list[float], shift: int) -> None:
    moved = [at + shift for at in answers]
    one, other = gaps(answers, 0.5, 0, 10), gaps(moved, 0.5, shift, 10 + shift)
    lengths = [gap.length for gap in one if abs(gap.length - 1) > 1e-6]
    assert [gap.length for gap in other if abs(gap.length - 1) > 1e-6] == pytest.approx(lengths)
