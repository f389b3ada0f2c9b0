"""Working days (工作日) as values: a calendar that counts and adds by bisection, and never asks what day it is.

The State Council's notice decides, make-up weekends included (全国年节及纪念日放假办法 第6条、第7条); days are counted
from the day after the event (民法典 第201条), holidays do not count (行政许可法 第82条).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from forms.office_hours import USUAL, OfficeHours

DAY = timedelta(days=1)
SATURDAY = 5


class OutOfCalendar(ValueError):
    """超出日历的年份范围。"""

    def __init__(self, day: date | None = None, years: tuple[int, int] | None = None) -> None:
        """Say which years there are; `day` is the one that lies outside, or from which counting ran out of them."""
        self.day = day
        super().__init__(f"超出日历的年份范围（{years[0]}—{years[1]} 年）。" if years else self.__doc__)


@dataclass(frozen=True, slots=True)
class DayKind:
    """Why a day counts or does not (日历依据): the words for people, e.g. 国庆节 or 调休上班."""

    working: bool
    why: str


_WORKDAY, _WEEKEND = DayKind(True, "工作日"), DayKind(False, "周末")


@dataclass(frozen=True, slots=True)
class Workdays:
    """A calendar over whole years: which days are working days, why, and which years are still provisional.

    Days outside `first`..`last` raise OutOfCalendar: an unknown year is made provisional by the calendar's maker.
    `memo` is for whoever counts by it to note what they have counted; it is no part of what the calendar says.
    """

    first: date
    last: date
    days: tuple[date, ...] = field(repr=False)
    named: Mapping[date, DayKind] = field(default_factory=dict, repr=False)
    provisional_years: frozenset[int] = field(default_factory=frozenset, repr=False)
    hours: OfficeHours = USUAL
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def over(
        cls,
        first_year: int,
        last_year: int,
        named: Mapping[date, DayKind],
        provisional_years: Iterable[int] = (),
        hours: OfficeHours = USUAL,
    ) -> Workdays:
        """Make the calendar of whole years from the days that differ from Monday to Friday."""
        first, last = date(first_year, 1, 1), date(last_year, 12, 31)
        days = []
        for number in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(number)
            kind = named.get(day)
            if day.weekday() < SATURDAY if kind is None else kind.working:
                days.append(day)
        return cls(first, last, tuple(days), dict(named), frozenset(provisional_years), hours)

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day."""
        self._check(day)
        return self._kind(day).working

    def count(self, start: date, end: date) -> int:
        """Return the working days after `start` up to and including `end`; negative where `end` is earlier."""
        return self._count_through(end) - self._count_through(start)

    def add(self, start: date, n: int) -> date:
        """Return the `n`-th working day after `start`, the day itself for n = 0.

        For n < 0 it is the latest working day from which `count` is `n` less. OutOfCalendar where the years end before.
        """
        if n == 0:
            self._check(start)
            return start
        place = self._count_through(start) + n - 1
        if not 0 <= place < len(self.days):
            raise self._outside(start)
        return self.days[place]

    def next_working(self, day: date) -> date:
        """Return the day itself if offices work, else the next day on which they do (民法典 第203条)."""
        return day if self.is_working(day) else self.add(day, 1)

    def between(self, first: date, last: date) -> tuple[date, ...]:
        """Return the working days from `first` to `last`, both included."""
        self._check(first)
        return self.days[bisect_left(self.days, first) : self._count_through(last)]

    def why(self, day: date) -> str:
        """Return why a day counts or does not, in the words of the notice."""
        return self._kind(day).why

    def stretches(self, first: date, last: date) -> Iterator[tuple[date, date, int, str]]:
        """Cut the days from `first` to `last`, both included, where offices begin or cease to work or the why changes.

        Each stretch comes with its first and last day, how many of its days offices work (all or none), and why.
        """
        self._check(first)
        self._check(last)
        begun, kind = first, self._kind(first)
        for number in range(first.toordinal() + 1, last.toordinal() + 1):
            day = date.fromordinal(number)
            if (next_kind := self._kind(day)) is not kind and next_kind != kind:
                yield begun, day - DAY, (day - begun).days * kind.working, kind.why
                begun, kind = day, next_kind
        yield begun, last, ((last - begun).days + 1) * kind.working, kind.why

    def is_provisional(self, day: date) -> bool:
        """Whether the State Council's notice for the day's year is not known yet (暂定)."""
        return day.year in self.provisional_years

    def rests_on_provisional(self, start: date, end: date) -> bool:
        """Whether counting between the two, the earlier day left out, goes over days of a provisional year."""
        earlier, later = sorted((start, end))
        if earlier == later:
            return False
        return not self.provisional_years.isdisjoint(range((earlier + DAY).year, later.year + 1))

    def _kind(self, day: date) -> DayKind:
        return self.named.get(day) or (_WORKDAY if day.weekday() < SATURDAY else _WEEKEND)

    def _count_through(self, day: date) -> int:
        self._check(day)
        return bisect_right(self.days, day)

    def _check(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise self._outside(day)

    def _outside(self, day: date) -> OutOfCalendar:
        return OutOfCalendar(day, (self.first.year, self.last.year))
