"""Office hours (办公时间) as values: minutes are counted within mornings and afternoons of working days, nowhere else.

The law's limits count whole working days; what an office owes another, 签收 or 退回分办, counts these hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from forms.workdays import Workdays

CHINA = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When offices are open on a working day, in China's time: spans that follow one another (上午、下午)."""

    spans: tuple[tuple[time, time], ...]

    @classmethod
    @lru_cache(maxsize=64)
    def read(cls, text: str) -> OfficeHours:
        """Read "09:00-12:00 13:30-17:00"; ValueError for hours that overlap, run backwards or are none."""
        spans = []
        for part in text.split():
            opens, _, closes = part.partition("-")
            spans.append((time.fromisoformat(opens), time.fromisoformat(closes)))
        flat = [moment for span in spans for moment in span]
        if not flat or flat != sorted(set(flat)):
            raise ValueError("办公时间应为先后相接的时段，如 09:00-12:00 13:30-17:00")
        return cls(tuple(spans))

    @property
    def minutes(self) -> int:
        """Return the minutes of a whole working day."""
        return sum(_minutes(opens, closes) for opens, closes in self.spans)

    def after_closing(self, moment: datetime, workdays: Workdays) -> bool:
        """Whether the offices' day is over at that moment, or there is none: an off day, or past the closing time."""
        local = moment.astimezone(CHINA)
        closes = datetime.combine(local.date(), self.spans[-1][1], CHINA)
        return not workdays.is_working(local.date()) or local > closes

    def after(self, start: datetime, minutes: int, workdays: Workdays) -> datetime:
        """Return the moment at which that many open minutes have passed since `start`."""
        left = timedelta(minutes=minutes)
        for opens, closes in self._open_since(start, workdays):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        raise AssertionError  # the calendar ends with OutOfCalendar before

    def between(self, start: datetime, end: datetime, workdays: Workdays) -> int:
        """Return the whole open minutes from `start` to `end`."""
        return sum(minutes for _, minutes in self.by_day(start, end, workdays))

    def by_day(self, start: datetime, end: datetime, workdays: Workdays) -> Iterator[tuple[date, int]]:
        """Yield every day from `start` to `end` with its open minutes between the two, off days with none."""
        first, last = start.astimezone(CHINA), end.astimezone(CHINA)
        day = first.date()
        while day <= last.date():
            spans = self._on(day, workdays)
            passed = (max(min(closes, last) - max(opens, first), timedelta()) for opens, closes in spans)
            yield day, sum(passed, timedelta()) // MINUTE
            day += timedelta(days=1)

    def _open_since(self, start: datetime, workdays: Workdays) -> Iterator[tuple[datetime, datetime]]:
        local = start.astimezone(CHINA)
        day = local.date()
        while True:
            for opens, closes in self._on(day, workdays):
                if closes > local:
                    yield max(opens, local), closes
            day += timedelta(days=1)

    def _on(self, day: date, workdays: Workdays) -> list[tuple[datetime, datetime]]:
        if not workdays.is_working(day):
            return []
        return [
            (datetime.combine(day, opens, CHINA), datetime.combine(day, closes, CHINA)) for opens, closes in self.spans
        ]


def _minutes(opens: time, closes: time) -> int:
    return (closes.hour - opens.hour) * 60 + closes.minute - opens.minute


USUAL = OfficeHours.read("09:00-12:00 13:30-17:00")
"""The hours where no others are set: six and a half a day."""
