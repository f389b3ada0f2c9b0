"""A year's holidays as the notice gives them (节假日安排): the public year file, read with everything wrong at once.

The format is that of the public year tables made from the State Council's notices:
`{year, papers, days: [{name, date, isOffDay}]}`. A file is named after the notice's year, not the days':
the notice for a year may move days of the December before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from forms.errors import FieldError, Invalid

FIRST_YEAR, LAST_YEAR = 2004, 2099
STATUTORY = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
LONGEST_NAME = 100
DECEMBER = 12
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day that a notice names: off with the festival's name, or a working day made up for it (调休上班)."""

    day: date
    name: str
    working: bool


@dataclass(frozen=True, slots=True)
class YearTable:
    """What one year's notices say: the days that differ, and the addresses of the notices."""

    year: int
    days: tuple[Holiday, ...]
    papers: tuple[str, ...] = ()

    def as_file(self) -> list[dict[str, Any]]:
        """Return the days as the year file writes them."""
        return [{"name": one.name, "date": one.day.isoformat(), "isOffDay": not one.working} for one in self.days]

    def unnamed(self) -> tuple[str, ...]:
        """Return the festivals of 全国年节及纪念日放假办法 第2条 for which the table has no day off."""
        off = "、".join(one.name for one in self.days if not one.working)
        return tuple(name for name in STATUTORY if name.removesuffix("节") not in off)


def read_day(text: str) -> date:
    """Return the date written `2026-09-18`; ValueError, in Chinese, for anything else."""
    if _DATE.fullmatch(text) is None:
        raise ValueError(f"日期“{text[:40]}”应写成 2026-09-18 这样")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"没有 {text} 这一天") from None


def read_year_table(data: object) -> YearTable:
    """Return the year table in a decoded year file; Invalid, with everything that is wrong, where there is any."""
    if not isinstance(data, dict):
        raise Invalid.one("", "日历文件应为一个JSON对象，含 year、papers、days", "type")
    wrong: list[FieldError] = []
    year, papers, listed = data.get("year"), data.get("papers", []), data.get("days")
    if not isinstance(year, int) or isinstance(year, bool) or not FIRST_YEAR <= year <= LAST_YEAR:
        wrong.append(FieldError("/year", f"年份（year）应为 {FIRST_YEAR}—{LAST_YEAR} 的整数", "range"))
        year = None
    if not isinstance(papers, list) or not all(isinstance(one, str) for one in papers):
        wrong.append(FieldError("/papers", "通知网址（papers）应为文字列表", "type"))
        papers = []
    if not isinstance(listed, list):
        wrong.append(FieldError("/days", "日期（days）应为列表", "type"))
        listed = []
    elif not listed:
        wrong.append(FieldError("/days", "文件没有列出任何日期：该年通知尚未公布，仍按暂定计算", "required"))
    days = [day for place, one in enumerate(listed) if (day := _holiday(place, one, year, wrong)) is not None]
    seen: dict[date, int] = {}
    for place, one in enumerate(days):
        if one.day in seen:
            wrong.append(FieldError(f"/days/{place}/date", f"{one.day} 列出了两次", "duplicate"))
        seen[one.day] = place
    if wrong or year is None:
        raise Invalid(wrong, "日历文件有误：" + "；".join(one.message for one in wrong))
    return YearTable(year, tuple(sorted(days, key=lambda one: one.day)), tuple(papers))


def _holiday(place: int, data: object, year: int | None, wrong: list[FieldError]) -> Holiday | None:
    at, found = f"/days/{place}", len(wrong)
    if not isinstance(data, dict):
        wrong.append(FieldError(at, f"第 {place + 1} 项应为 name、date、isOffDay", "type"))
        return None
    name, text, off = data.get("name"), data.get("date"), data.get("isOffDay")
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        wrong.append(FieldError(f"{at}/name", f"第 {place + 1} 项缺少节日名称（name）", "required"))
    if not isinstance(off, bool):
        wrong.append(FieldError(f"{at}/isOffDay", f"第 {place + 1} 项的 isOffDay 应为 true 或 false", "type"))
    try:
        day = read_day(text if isinstance(text, str) else "")
    except ValueError as error:
        wrong.append(FieldError(f"{at}/date", f"第 {place + 1} 项：{error}", "date"))
        return None
    if year is not None and day.year != year and (day.year, day.month) != (year - 1, DECEMBER):
        wrong.append(FieldError(f"{at}/date", f"{day} 不属于 {year} 年的通知", "year"))
    if len(wrong) > found or not isinstance(name, str):
        return None
    return Holiday(day, name.strip(), not off)
