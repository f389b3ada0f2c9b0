"""Questions about working days (工作日问答) as asked at a shell: each is answered in a line, or raises ValueError."""

from __future__ import annotations

from forms.holidays import read_day
from forms.workdays import Workdays

PROVISIONAL = "provisional"
MOST_DIGITS = 5


def due(days: Workdays, start: str, number: str) -> str:
    """Return the day that is so many working days after `start`, marked where a year on the way is provisional."""
    begun = read_day(start)
    if number.startswith("-") and _is_number(number[1:]):
        raise ValueError("工作日数不能为负数")
    if not _is_number(number):
        raise ValueError(f"工作日数“{number[:20]}”应为整数")
    ended = days.add(begun, int(number))
    return f"{ended} {PROVISIONAL}" if days.rests_on_provisional(begun, ended) else f"{ended}"


def count(days: Workdays, after: str, through: str) -> str:
    """Return the working days after one day up to and including another, marked where a year between is provisional."""
    first, last = read_day(after), read_day(through)
    counted = days.count(first, last)
    return f"{counted} {PROVISIONAL}" if days.rests_on_provisional(first, last) else f"{counted}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
