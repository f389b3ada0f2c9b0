"""The years known without being told (内置年度): those of this release's notices; of others what the law alone says.

Known years come from `chinesecalendar`'s own tables, which agree with the notices on every day. A year without a
notice has only the thirteen statutory days of 全国年节及纪念日放假办法 (2024) 第2条; no make-up day is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from importlib.metadata import version
from itertools import pairwise

from borax.calendars import LunarDate
from chinese_calendar import get_solar_terms
from chinese_calendar.constants import Holiday as Festival
from chinese_calendar.constants import holidays, workdays

from forms.holidays import DECEMBER, FIRST_YEAR, LAST_YEAR, Holiday, YearTable
from forms.workdays import DAY

NAMES = {
    Festival.new_years_day: "元旦",
    Festival.spring_festival: "春节",
    Festival.tomb_sweeping_day: "清明节",
    Festival.labour_day: "劳动节",
    Festival.dragon_boat_festival: "端午节",
    Festival.mid_autumn_festival: "中秋节",
    Festival.national_day: "国庆节",
    Festival.anti_fascist_70th_day: "抗战胜利纪念日",
}
WORDS = {festival.value: words for festival, words in NAMES.items()}


@cache
def source() -> str:
    """Answer where the known years come from."""
    return f"chinesecalendar {version('chinesecalendar')}"


@cache
def known() -> dict[int, YearTable]:
    """Answer the years with a notice, each with the days that notice names, December's days of the year before too."""
    found: dict[int, list[Holiday]] = defaultdict(list)
    for days, working in ((holidays, False), (workdays, True)):
        for day, festival in days.items():
            of_next = day.month == DECEMBER and festival == Festival.new_years_day.value
            found[day.year + of_next].append(Holiday(day, WORDS[festival], working))
    years = sorted(year for year in found if year >= FIRST_YEAR)
    assert all(later - earlier == 1 for earlier, later in pairwise(years)), "a year is missing in the middle"
    return {year: YearTable(year, tuple(sorted(found[year], key=lambda one: one.day))) for year in years}


@cache
def provisional(year: int) -> YearTable:
    """Answer the statutory days of a year whose notice is not known, those on weekends included."""
    new_year = LunarDate(year, 1, 1).to_solar_date()
    names: dict[date, list[str]] = defaultdict(list)
    for name, first, days in (
        ("元旦", date(year, 1, 1), 1),
        ("春节", new_year - DAY, 4),
        ("清明节", _clear_and_bright(year), 1),
        ("劳动节", date(year, 5, 1), 2),
        ("端午节", LunarDate(year, 5, 5).to_solar_date(), 1),
        ("中秋节", LunarDate(year, 8, 15).to_solar_date(), 1),
        ("国庆节", date(year, 10, 1), 3),
    ):
        for number in range(days):
            names[first + number * DAY].append(name)
    return YearTable(year, tuple(Holiday(day, "、".join(both), False) for day, both in sorted(names.items())))


def unknown_years() -> range:
    """Answer the years after the last notice of this release, up to where the lunar tables end."""
    return range(max(known()) + 1, LAST_YEAR + 1)


def _clear_and_bright(year: int) -> date:
    terms: list[tuple[date, str]] = get_solar_terms(date(year, 4, 1), date(year, 4, 30))
    return next(day for day, term in terms if term == "清明")
