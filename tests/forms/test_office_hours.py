"""Office hours: minutes of mornings and afternoons on working days, and nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.office_hours import CHINA, USUAL, OfficeHours
from forms.workdays import Workdays
from infra.calendar import built_in

DAYS: Workdays = built_in().workdays()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-09-18T10:00", 60, "2026-09-18T11:00"),
        ("2026-09-18T10:00", 195, "2026-09-18T14:45"),  # over noon
        ("2026-09-18T16:00", 195, "2026-09-20T11:15"),  # Saturday is off, Sunday 20 September is worked
        ("2026-09-18T07:00", 30, "2026-09-18T09:30"),
        ("2026-09-18T12:30", 30, "2026-09-18T14:00"),
        ("2026-09-24T16:59", 2, "2026-09-28T09:01"),  # 中秋节 lies between
        ("2026-09-18T10:00", 24 * 60, "2026-09-22T16:00"),
    ],
)
def test_minutes_pass_only_while_offices_are_open(start: str, minutes: int, end: str) -> None:
    assert USUAL.after(at(start), minutes, DAYS) == at(end)
    assert USUAL.between(at(start), at(end), DAYS) == minutes


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 30)),
    minutes=st.integers(1, 3000),
    spans=st.sampled_from(["09:00-12:00 13:30-17:00", "08:30-17:30", "08:00-11:30 14:00-18:00", "09:00-09:01"]),
)
def test_hours_agree_with_counting_minute_by_minute(start: datetime, minutes: int, spans: str) -> None:
    hours, begun = OfficeHours.read(spans), start.replace(second=0, microsecond=0, tzinfo=CHINA)
    minutes = min(minutes, 5 * hours.minutes)
    end = hours.after(begun, minutes, DAYS)
    counted, moment = 0, begun
    while counted < minutes:
        clock = moment.timetz().replace(tzinfo=None)
        counted += DAYS.is_working(moment.date()) and any(opens <= clock < closes for opens, closes in hours.spans)
        moment += timedelta(minutes=1)
    assert end == moment
    assert sum(passed for _, passed in hours.by_day(begun, end, DAYS)) == minutes


@pytest.mark.parametrize(
    "wrong", ["", "9-12", "12:00-09:00", "09:00-12:00 11:00-17:00", "09:00-12:00 12:00-17:00", "x"]
)
def test_hours_that_overlap_or_run_backwards_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        OfficeHours.read(wrong)


def test_the_closing_minute_is_in_time_and_an_off_day_has_closed() -> None:
    assert not USUAL.after_closing(at("2026-09-18T17:00"), DAYS)
    assert USUAL.after_closing(at("2026-09-18T17:00:01"), DAYS)
    assert USUAL.after_closing(at("2026-09-19T10:00"), DAYS)
    assert not USUAL.after_closing(at("2026-09-20T06:00"), DAYS) and DAYS.is_working(date(2026, 9, 20))
