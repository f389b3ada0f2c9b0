"""The legal clock against a slow oracle that walks day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.sla import (
    Budget,
    Clock,
    Light,
    Runs,
    Stop,
    counted_day,
    due_on,
    explain,
    light_on,
    months_after,
    project,
    rungs_of,
    spent,
    standing,
)
from forms.workdays import DayKind, Workdays

OFF, ON = DayKind(False, "国庆节"), DayKind(True, "调休上班")
NAMED = {
    date(2026, 9, 20): ON,
    date(2026, 9, 25): DayKind(False, "中秋节"),
    date(2026, 10, 10): ON,
    **{date(2026, 10, day): OFF for day in range(1, 8)},
}
CALENDAR = Workdays.over(2025, 2028, NAMED, provisional_years=[2027, 2028])
DAY = timedelta(days=1)
days = st.dates(date(2026, 8, 1), date(2026, 12, 31))


def stops() -> st.SearchStrategy[list[Stop]]:
    closed = st.tuples(days, st.integers(0, 30)).map(lambda x: Stop(x[0], x[0] + x[1] * DAY, "暂停"))
    opened = days.map(lambda day: Stop(day, None, "暂停"))
    return st.tuples(st.lists(closed, max_size=4), st.lists(opened, max_size=1)).map(lambda x: x[0] + x[1])


def counts(day: date, pauses: list[Stop]) -> bool:
    """The slow oracle: a working day that no pause covers."""
    covered = any(s.begun_on < day and (s.ended_on is None or day <= s.ended_on) for s in pauses)
    kind = NAMED.get(day)
    return not covered and (kind.working if kind else day.weekday() < 5)


def reason(day: date, pauses: list[Stop]) -> str:
    """The first pause that covers the day, else what the calendar says of it."""
    covering = [s.why for s in pauses if s.begun_on < day and (s.ended_on is None or day <= s.ended_on)]
    return covering[0] if covering else CALENDAR.why(day)


def walked(start: date, end: date, pauses: list[Stop]) -> int:
    return sum(counts(start + n * DAY, pauses) for n in range(1, (end - start).days + 1))


@given(days, st.integers(1, 25), stops())
@settings(max_examples=300)
def test_the_due_day_is_the_last_day_still_in_time(start: date, n: int, pauses: list[Stop]) -> None:
    due = due_on(Budget(start, n), pauses, CALENDAR)
    if due is None:
        assert walked(start, date(2028, 12, 31), pauses) < n
    else:
        assert walked(start, due, pauses) == n
        assert walked(start, due - DAY, pauses) == n - 1
        assert not standing(Budget(start, n), pauses, CALENDAR, due).passed
        assert standing(Budget(start, n), pauses, CALENDAR, due + DAY).passed


@given(days, days, stops())
@settings(max_examples=300)
def test_spent_days_are_those_an_oracle_walks(start: date, day: date, pauses: list[Stop]) -> None:
    assert spent(Budget(start, 5), pauses, CALENDAR, day) == (walked(start, day, pauses) if day > start else 0)


@given(days, days, days, stops())
@settings(max_examples=200)
def test_spans_add_up(a: date, b: date, c: date, pauses: list[Stop]) -> None:
    a, b, c = sorted((a, b, c))
    whole = spent(Budget(a, 1), pauses, CALENDAR, c)
    assert whole == spent(Budget(a, 1), pauses, CALENDAR, b) + spent(Budget(b, 1), pauses, CALENDAR, c)


@given(days, st.integers(1, 20), days, stops())
@settings(max_examples=200)
def test_pausing_and_resuming_the_same_day_costs_nothing(start: date, n: int, day: date, pauses: list[Stop]) -> None:
    assert due_on(Budget(start, n), [*pauses, Stop(day, day)], CALENDAR) == due_on(Budget(start, n), pauses, CALENDAR)


@given(days, st.integers(1, 20), stops(), days)
@settings(max_examples=200)
def test_the_explanation_sums_to_the_answer(start: date, n: int, pauses: list[Stop], day: date) -> None:
    lines = list(explain(Budget(start, n), pauses, CALENDAR, day))
    assert sum(line.counted for line in lines) == spent(Budget(start, n), pauses, CALENDAR, day)
    assert sum((line.last - line.first).days + 1 for line in lines) == max(0, (day - start).days)


@given(days, stops(), days)
@settings(max_examples=300)
def test_each_day_of_the_working_has_the_reason_an_oracle_gives_and_neighbours_of_one_kind_share_a_line(
    start: date, pauses: list[Stop], day: date
) -> None:
    named = [replace(one, why=f"理由{place % 2}") for place, one in enumerate(pauses)]
    lines = list(explain(Budget(start, 5), named, CALENDAR, day))
    told = [(line.first + n * DAY, bool(line.counted), line.why) for line in lines
            for n in range((line.last - line.first).days + 1)]  # fmt: skip
    walk = [start + n * DAY for n in range(1, (day - start).days + 1)]
    assert told == [(one, counts(one, named), reason(one, named)) for one in walk]
    assert all((a.why, bool(a.counted)) != (b.why, bool(b.counted)) for a, b in pairwise(lines))
    assert all(line.through == walked(start, line.last, named) for line in lines)


@given(days, st.integers(1, 10), st.integers(1, 20))
def test_an_overdue_limit_is_never_cured_by_a_later_pause(start: date, n: int, length: int) -> None:
    budget = Budget(start, n)
    due = due_on(budget, [], CALENDAR)
    assert due is not None
    late = Stop(due + DAY, due + DAY + length * DAY)
    assert due_on(budget, [late], CALENDAR) == due
    assert standing(budget, [late], CALENDAR, due + 2 * DAY).passed


def test_a_stopped_clock_has_no_due_day() -> None:
    stands = standing(Budget(date(2026, 9, 18), 5), [Stop(date(2026, 9, 21), None)], CALENDAR, date(2026, 9, 30))
    assert stands.due_on is None
    assert stands.stopped
    assert stands.spent == 2


def test_resuming_gives_back_exactly_the_remainder() -> None:
    pause = Stop(date(2026, 9, 21), date(2026, 10, 12), "专家评审")
    assert due_on(Budget(date(2026, 9, 18), 5), [pause], CALENDAR) == date(2026, 10, 15)


def shown(budget: Budget, clock: Clock, day: date, *, backed: bool = False, pauses: list[Stop] | None = None) -> Light:
    plan = project(budget, rungs_of(clock, budget.total, backed=backed), pauses or [], CALENDAR)
    stopped = standing(budget, pauses or [], CALENDAR, day).stopped
    return light_on(
        day, amber_on=plan.on(Light.AMBER), yellow_on=plan.on(Light.YELLOW), red_on=plan.on(Light.RED), stopped=stopped
    )


def test_lights_follow_the_remaining_days() -> None:
    budget = Budget(date(2026, 9, 18), 5)
    days = (
        date(2026, 9, 21),
        date(2026, 9, 22),
        date(2026, 9, 24),
        date(2026, 9, 25),
        date(2026, 9, 29),
        date(2026, 9, 30),
        date(2026, 10, 8),
        date(2026, 10, 9),
    )
    assert [shown(budget, Clock.PROMISED, day) for day in days] == [
        Light.GREEN,
        Light.AMBER,
        Light.AMBER,
        Light.YELLOW,
        Light.YELLOW,
        Light.YELLOW,
        Light.RED,
        Light.RED,
    ]


def test_a_one_day_limit_is_amber_from_the_start_of_its_due_day() -> None:
    budget = Budget(date(2026, 9, 18), 1)
    assert shown(budget, Clock.PROMISED, date(2026, 9, 19)) is Light.GREEN
    assert shown(budget, Clock.PROMISED, date(2026, 9, 20)) is Light.AMBER


def test_a_promise_backed_by_law_stays_yellow_until_the_statutory_limit_is_passed() -> None:
    promised, statutory = Budget(date(2026, 9, 1), 5), Budget(date(2026, 9, 1), 20)
    late = date(2026, 10, 13)
    assert shown(promised, Clock.PROMISED, late, backed=True) is Light.YELLOW
    assert shown(statutory, Clock.STATUTORY, date(2026, 9, 23)) is Light.GREEN
    assert shown(statutory, Clock.STATUTORY, late) is Light.RED


def test_a_pause_outshines_amber_but_not_a_card() -> None:
    budget = Budget(date(2026, 9, 18), 5)
    assert shown(budget, Clock.PROMISED, date(2026, 9, 24), pauses=[Stop(date(2026, 9, 23), None)]) is Light.PAUSED
    assert shown(budget, Clock.PROMISED, date(2026, 9, 28), pauses=[Stop(date(2026, 9, 25), None)]) is Light.YELLOW


def test_months_end_on_the_same_day_or_the_months_last_and_move_off_holidays() -> None:
    assert months_after(date(2026, 8, 31), 1) == date(2026, 9, 30)
    assert due_on(Budget(date(2026, 8, 1), 2, runs=Runs.MONTHS), [], CALENDAR) == date(2026, 10, 8)


def test_a_due_day_in_an_unknown_year_is_provisional() -> None:
    assert standing(Budget(date(2026, 12, 28), 10), [], CALENDAR, date(2026, 12, 29)).provisional
    assert not standing(Budget(date(2026, 9, 18), 5), [], CALENDAR, date(2026, 9, 21)).provisional


def test_the_third_counted_day_is_found_behind_two_pauses() -> None:
    pauses = [Stop(date(2026, 9, 1), date(2026, 9, 3)), Stop(date(2026, 9, 2), date(2026, 9, 8))]
    assert counted_day(3, date(2026, 8, 31), pauses, CALENDAR) == date(2026, 9, 10)
