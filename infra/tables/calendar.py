"""The calendar as offices keep it (工作日历): years loaded from notices, days of their own; both only ever added.

`author` is the officer's name, or the account at the command line where no officer is named.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from infra.tables import columns as c


class CalendarYear(SQLModel, table=True):
    """A year's notice as it was loaded (年度日历), in the year file's words; the latest version of a year holds."""

    __tablename__ = "calendar_years"
    __table_args__ = (UniqueConstraint("year", "version"),)

    id: int | None = c.key()
    year: int
    version: int
    source: str = c.text()
    papers: list[str] = c.json()
    days: list[dict[str, Any]] = c.json()
    reason: str = c.text("")
    loaded_by: int | None = c.big(null=True, foreign_key="officers.id")
    author: str = c.text()
    loaded_at: datetime = c.moment(null=False)


class CalendarOverride(SQLModel, table=True):
    """A day decided here (本地调整): a typhoon day, a region's own day off; the latest row of a day and region holds.

    `region` "" is everywhere, a city's code its districts too; `working` NULL lifts what stood before.
    """

    __tablename__ = "calendar_overrides"
    __table_args__ = (Index("calendar_overrides_day", "day", "region", "id"),)

    id: int | None = c.key()
    day: date
    region: str = c.text("")
    working: bool | None = None
    reason: str = c.text()
    by: int | None = c.big(null=True, foreign_key="officers.id")
    author: str = c.text()
    at: datetime = c.moment(null=False)


class CalendarFollowed(SQLModel, table=True):
    """Which calendar all due dates follow (已重算的日历): one row; where another is in force they lag behind."""

    __tablename__ = "calendar_followed"

    id: int | None = c.key()
    fingerprint: str = c.text()
    at: datetime = c.moment(null=False)
