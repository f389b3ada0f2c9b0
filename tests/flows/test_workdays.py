"""Working days against what the notices say, and against a day-by-day count."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forms.workdays import DayKind, OutOfCalendar, Workdays
from infra.calendar import built_in

GOLDEN = json.loads((Path(__file__).parent / "golden_days.json").read_text())
DAY = timedelta(days=1)
CALENDAR = built_in().workdays()

days = st.dates(date(2023, 1, 1), date(2030, 12, 31))
moved = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 3, 31)), st.booleans(), max_size=25)


def ident(case: dict[str, object]) -> str:
    return f"{case.get('start', case.get('after'))}+{case.get('n', case.get('through'))}"


@pytest.mark.parametrize("case", GOLDEN["due"], ids=ident)
def test_a_limit_ends_on_the_day_that_follows_from_the_notice(case: dict[str, object]) -> None:
    start, due = date.fromisoformat(str(case["start"])), date.fromisoformat(str(case["due"]))
    assert CALENDAR.add(start, int(str(case["n"]))) == due, case["about"]
    assert CALENDAR.count(start, due) == case["n"]
    assert not CALENDAR.rests_on_provisional(start, due)
    assert case["notices"]


@pytest.mark.parametrize("case", GOLDEN["count"], ids=ident)
def test_the_days_between_are_those_of_the_notice(case: dict[str, object]) -> None:
    after, through = date.fromisoformat(str(case["after"])), date.fromisoformat(str(case["through"]))
    assert CALENDAR.count(after, through) == case["count"], case["about"]
    assert CALENDAR.count(through, after) == -int(str(case["count"]))


def test_there_are_the_nine_known_answers_and_forty_more_from_three_years() -> None:
    assert len(GOLDEN["due"]) >= 49
    assert {case["start"][:4] for case in GOLDEN["due"]} >= {"2024", "2025", "2026"}


def slow_count(calendar: Workdays, start: date, end: date) -> int:
    n = 0
    while start < end:
        start += DAY
        kind = calendar.named.get(start)
        n += start.weekday() < 5 if kind is None else kind.working
    return n


@given(days, st.integers(0, 400))
@example(date(2026, 12, 31), 1)
def test_counting_is_counting_one_day_after_the_other(start: date, more: int) -> None:
    end = start + more * DAY
    assert CALENDAR.count(start, end) == slow_count(CALENDAR, start, end)


@given(days, st.integers(1, 60))
def test_the_nth_day_is_the_first_by_which_n_days_have_passed(start: date, n: int) -> None:
    due = CALENDAR.add(start, n)
    assert slow_count(CALENDAR, start, due) == n
    assert slow_count(CALENDAR, start, due - DAY) == n - 1


@given(moved, st.dates(date(2026, 1, 1), date(2026, 2, 28)), st.integers(1, 15))
def test_whatever_days_are_moved_adding_and_counting_agree(named: dict[date, bool], start: date, n: int) -> None:
    calendar = Workdays.over(2026, 2026, {day: DayKind(working, "x") for day, working in named.items()})
    due = calendar.add(start, n)
    assert calendar.is_working(due)
    assert slow_count(calendar, start, due) == n
    assert calendar.between(start + DAY, due) == tuple(
        day for k in range((due - start).days) if calendar.is_working(day := start + (k + 1) * DAY)
    )


@given(days, st.integers(0, 40), st.integers(0, 40))
def test_a_limit_in_two_parts_ends_where_the_whole_does(start: date, first: int, second: int) -> None:
    assert CALENDAR.add(CALENDAR.add(start, first), second) == CALENDAR.add(start, first + second)


@given(days, days, days)
def test_spans_add_up(a: date, b: date, c: date) -> None:
    assert CALENDAR.count(a, b) + CALENDAR.count(b, c) == CALENDAR.count(a, c)


@given(days, st.integers(1, 40))
def test_counting_back_finds_the_latest_day_from_which_so_many_are_left(due: date, n: int) -> None:
    due = CALENDAR.next_working(due)
    day = CALENDAR.add(due, -n)
    assert CALENDAR.count(day, due) == n
    assert CALENDAR.count(day - DAY, due) == n + 1


def test_no_days_after_a_day_is_that_day() -> None:
    assert CALENDAR.add(date(2026, 10, 3), 0) == date(2026, 10, 3)


def test_a_deadline_on_a_day_off_moves_to_the_next_working_day() -> None:
    assert CALENDAR.next_working(date(2026, 10, 3)) == date(2026, 10, 8)
    assert CALENDAR.next_working(date(2026, 9, 20)) == date(2026, 9, 20)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 9, 20), "调休上班"),
        (date(2026, 9, 25), "中秋节"),
        (date(2026, 10, 3), "国庆节"),
        (date(2026, 10, 8), "工作日"),
        (date(2026, 10, 11), "周末"),
    ],
)
def test_every_day_says_why_it_counts_or_not(day: date, why: str) -> None:
    assert CALENDAR.why(day) == why


def test_a_count_is_provisional_as_soon_as_it_goes_over_a_day_of_an_unknown_year() -> None:
    last = date(2026, 12, 31)
    assert not CALENDAR.rests_on_provisional(date(2026, 12, 1), last)
    assert CALENDAR.rests_on_provisional(last, last + DAY)
    assert CALENDAR.rests_on_provisional(last + DAY, last)
    assert not CALENDAR.rests_on_provisional(last + DAY, last + DAY)


@pytest.mark.parametrize("ask", [
    lambda: CALENDAR.count(date(2026, 1, 1), date(2100, 1, 1)),
    lambda: CALENDAR.is_working(date(2003, 12, 31)),
    lambda: CALENDAR.add(date(2099, 12, 30), 5),
    lambda: CALENDAR.add(date(2004, 1, 2), -5),
    lambda: CALENDAR.add(date(2100, 1, 1), 0),
])  # fmt: skip
def test_outside_its_years_a_calendar_does_not_guess(ask) -> None:
    with pytest.raises(OutOfCalendar, match="2004—2099"):
        ask()
