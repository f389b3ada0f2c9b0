"""The calendar's rows (日历数据): years as loaded, days decided here; added under one lock, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, text

from forms.holidays import Holiday, YearTable
from infra.store.line import Statement, run
from infra.store.work import table
from infra.tables import CalendarOverride, CalendarYear

YEARS, OVERRIDES = table(CalendarYear), table(CalendarOverride)
LOCK = 0x4C42_4341  # one change of the calendar at a time, so that the keys grow in the order of the commits

Version = tuple[int, int]
"""The last loaded year and the last local day by key: equal as long as nothing was added."""


@dataclass(frozen=True, slots=True)
class LoadedYear:
    """A year's table as somebody loaded it."""

    table: YearTable
    version: int
    source: str
    reason: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LocalDay:
    """A day decided here that stands (本地调整)."""

    day: date
    region: str
    working: bool
    reason: str
    author: str
    at: datetime


IN_FORCE = "coalesce((SELECT max(id) FROM calendar_years), 0), coalesce((SELECT max(id) FROM calendar_overrides), 0)"
"""The version of the calendar in force, as two values of SQL."""

VERSION: Statement = (f"SELECT {IN_FORCE}", ())
"""What asks for the version, for who has more to ask in the same journey."""

_STANDING = text(
    """
    SELECT coalesce((SELECT max(id) FROM calendar_years), 0) AS years_at,
           coalesce((SELECT max(id) FROM calendar_overrides), 0) AS overrides_at,
           (SELECT json_agg(y) FROM
               (SELECT DISTINCT ON (year) * FROM calendar_years WHERE id <= coalesce(:years, id)
                ORDER BY year, version DESC) y) AS years,
           (SELECT json_agg(o ORDER BY o.day, o.region) FROM
               (SELECT DISTINCT ON (day, region) * FROM calendar_overrides WHERE id <= coalesce(:overrides, id)
                ORDER BY day, region, id DESC) o
            WHERE o.working IS NOT NULL) AS overrides
    """
)
_CHANGES = text(
    "SELECT loaded_at AS at, author, reason, year, version, source, CAST(NULL AS date) AS day, '' AS region,"
    " CAST(NULL AS boolean) AS working"
    " FROM calendar_years UNION ALL"
    " SELECT at, author, reason, NULL, NULL, '', day, region, working FROM calendar_overrides"
    " ORDER BY at DESC LIMIT :limit"
)
_FOLLOW = text(
    "INSERT INTO calendar_followed (id, fingerprint, at) VALUES (1, :fingerprint, :at)"
    " ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, at = excluded.at"
)
_KNOWN_REGION = text("SELECT 1 FROM regions WHERE active AND starts_with(code, :prefix) LIMIT 1")


def latest(conn: Connection) -> Version:
    """Return up to where the calendar has been changed: two looks at the ends of two keys."""
    years, overrides = run(conn, *VERSION)[0]
    return years, overrides


def standing(
    conn: Connection, at: Version | None = None
) -> tuple[Version, dict[int, LoadedYear], tuple[LocalDay, ...]]:
    """Return what holds, as of one moment, or held at a version: up to where, the loaded years, the local days."""
    row = conn.execute(_STANDING, {"years": at and at[0], "overrides": at and at[1]}).one()
    years = {one["year"]: _loaded_year(one) for one in row.years or ()}
    return (row.years_at, row.overrides_at), years, tuple(_local_day(one) for one in row.overrides or ())


def _loaded_year(row: dict[str, Any]) -> LoadedYear:
    days = (Holiday(date.fromisoformat(one["date"]), one["name"], not one["isOffDay"]) for one in row["days"])
    held = YearTable(row["year"], tuple(days), tuple(row["papers"]))
    at = datetime.fromisoformat(row["loaded_at"])
    return LoadedYear(held, row["version"], row["source"], row["reason"], row["author"], at)


def _local_day(row: dict[str, Any]) -> LocalDay:
    day, at = date.fromisoformat(row["day"]), datetime.fromisoformat(row["at"])
    return LocalDay(day, row["region"], row["working"], row["reason"], row["author"], at)


def followed(conn: Connection) -> str | None:
    """Return the fingerprint of the calendar that all due dates follow, None where none was ever noted."""
    return conn.execute(text("SELECT fingerprint FROM calendar_followed WHERE id = 1")).scalar_one_or_none()


def note_followed(conn: Connection, fingerprint: str, at: datetime) -> None:
    """Note that all due dates follow a calendar now."""
    conn.execute(_FOLLOW, {"fingerprint": fingerprint, "at": at})


def alone(conn: Connection) -> bool:
    """Have the following of the calendar for this session alone; False where another has it."""
    return conn.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK + 1}).scalar_one() is True


def unlock(conn: Connection) -> None:
    """Leave the following of the calendar to others."""
    conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK + 1})


def lock(conn: Connection) -> None:
    """Have the calendar for this transaction alone."""
    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def knows_region(conn: Connection, prefix: str) -> bool:
    """Tell whether an open region's code begins so."""
    return conn.execute(_KNOWN_REGION, {"prefix": prefix}).first() is not None


def add_year(conn: Connection, loaded: LoadedYear, by: int | None) -> None:
    """Add a version of a year; the lock must be held."""
    held = loaded.table
    row = {
        "year": held.year, "version": loaded.version, "source": loaded.source, "papers": list(held.papers),
        "days": held.as_file(), "reason": loaded.reason, "loaded_by": by, "author": loaded.author,
        "loaded_at": loaded.at,
    }  # fmt: skip
    conn.execute(insert(YEARS).values(row))


def add_override(
    conn: Connection, day: date, region: str, working: bool | None, reason: str, author: str, by: int | None,
    at: datetime,
) -> None:  # fmt: skip
    """Add what is decided about a day, None for no more than the notice says; the lock must be held."""
    row = {
        "day": day, "region": region, "working": working, "reason": reason, "author": author, "by": by, "at": at,
    }  # fmt: skip
    conn.execute(insert(OVERRIDES).values(row))


def changes(conn: Connection, limit: int = 30) -> list[Row[Any]]:
    """Return what was loaded and decided, the newest first: at, author, reason, and the year or day it was about."""
    return list(conn.execute(_CHANGES, {"limit": limit}))


def has_tables(conn: Connection) -> bool:
    """Tell whether this database is migrated far enough to hold a calendar."""
    return conn.execute(text("SELECT to_regclass('calendar_overrides') IS NOT NULL")).scalar_one() is True
