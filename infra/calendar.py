"""The calendar (工作日历): the notices' years, those loaded, and days decided here; the same for every process.

A local day outweighs the notice, a district's its city's. A year without notice is provisional (暂定): Monday to Friday
less the statutory days. The notice for a year may still move days of the December before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from forms.errors import Conflict, Invalid
from forms.holidays import FIRST_YEAR, LAST_YEAR, YearTable
from forms.office_hours import USUAL, OfficeHours
from forms.workdays import SATURDAY, DayKind, Workdays
from infra import holidays
from infra.settings import settings
from infra.store import calendar as store
from infra.store.calendar import LoadedYear, LocalDay, Version

LONGEST_REASON = 200
MOST_PAST = 50
"""Calendars of the past that are kept at hand, for what was judged by them."""
_REGION = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class YearPage:
    """A year as it is shown: where Monday to Friday are off, where weekends work, and on whose word."""

    year: int
    working_days: int
    provisional: bool
    source: str
    papers: tuple[str, ...]
    off_weekdays: tuple[tuple[date, str], ...]
    working_weekends: tuple[tuple[date, str], ...]
    local: tuple[LocalDay, ...]
    loaded: LoadedYear | None


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of the calendar changed, for whoever keeps due dates of `region` and the regions under it.

    `days` count now where they did not, or no more; `settled` is the year that is provisional no more.
    """

    region: str
    days: tuple[date, ...]
    settled: int | None = None
    version: int | None = None

    @property
    def years(self) -> tuple[int, ...]:
        """The years whose due dates may be touched."""
        return tuple(sorted({day.year for day in self.days} | ({self.settled} if self.settled else set())))


@dataclass(slots=True)
class Calendar:
    """Everything that holds at one version, from which each region's working days are made once."""

    version: Version = (0, 0)
    years: dict[int, LoadedYear] = field(default_factory=dict)
    local: tuple[LocalDay, ...] = ()
    hours: OfficeHours = USUAL
    _made: dict[tuple[str, ...], Workdays] = field(default_factory=dict, repr=False)

    def workdays(self, region: str = "") -> Workdays:
        """Return the working days of a region, "" for those who have none."""
        covering = self._covering(region)
        if covering not in self._made:
            self._made[covering] = self._make(covering)
        return self._made[covering]

    def page(self, year: int, region: str = "") -> YearPage:
        """Return a year as it is shown; Invalid for a year outside the calendar."""
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Invalid.one("/year", f"日历只有 {FIRST_YEAR}—{LAST_YEAR} 年", "range")
        days, loaded = self.workdays(region), self.years.get(year)
        working = days.between(date(year, 1, 1), date(year, 12, 31))
        off = [d for d, kind in days.named.items() if d.year == year and d.weekday() < SATURDAY and not kind.working]
        provisional = year in days.provisional_years
        covering = self._covering(region)
        return YearPage(
            year,
            len(working),
            provisional,
            loaded.source if loaded else "全国年节及纪念日放假办法" if provisional else holidays.source(),
            loaded.table.papers if loaded else (),
            tuple((day, days.why(day)) for day in sorted(off)),
            tuple((day, days.why(day)) for day in working if day.weekday() >= SATURDAY),
            tuple(one for one in self.local if one.day.year == year and one.region in covering),
            loaded,
        )

    def _covering(self, region: str) -> tuple[str, ...]:
        """Return the codes that a region lies under and that decided something, the widest first."""
        deciding = {one.region for one in self.local}
        return tuple(code for code in dict.fromkeys(("", f"{region[:2]}0000", f"{region[:4]}00", region))
                     if code in deciding)  # fmt: skip

    def _make(self, covering: tuple[str, ...]) -> Workdays:
        named: dict[date, DayKind] = {}
        known = holidays.known()
        provisional = [year for year in holidays.unknown_years() if year not in self.years]
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            loaded = self.years.get(year)
            table = loaded.table if loaded else known.get(year) or holidays.provisional(year)
            for one in table.days:
                if not one.working:
                    named[one.day] = DayKind(False, one.name)
                else:
                    named[one.day] = DayKind(True, "调休上班" if one.day.weekday() >= SATURDAY else "工作日")
        for code in covering:
            for decided in self.local:
                if decided.region == code:
                    named[decided.day] = DayKind(decided.working, decided.reason)
        return Workdays.over(FIRST_YEAR, LAST_YEAR, named, provisional, self.hours)


_known: WeakKeyDictionary[Engine, Calendar] = WeakKeyDictionary()
_past: WeakKeyDictionary[Engine, dict[Version, Calendar]] = WeakKeyDictionary()
_built_in = Calendar()


def built_in() -> Calendar:
    """Answer the calendar that needs no database: the known notices, other years provisional."""
    return _built_in


def calendar_version(conn: Connection) -> Version:
    """Answer up to where the calendar was changed; equal versions of one database are equal calendars."""
    return store.latest(conn)


def fingerprint(conn: Connection) -> str:
    """Answer what tells the calendar in force from any other: this release's notices, what was loaded and decided."""
    years, overrides = store.latest(conn)
    return f"{holidays.source()}; {max(holidays.known())}; {years}; {overrides}"


def lags(conn: Connection) -> bool:
    """Whether due dates may follow another calendar than the one in force: a change was not carried to its end."""
    return store.followed(conn) != fingerprint(conn)


def current(conn: Connection, version: Version | None = None) -> Calendar:
    """Answer the calendar that holds now in this transaction, read again only where it was changed.

    Its `version` is given where this transaction has asked for it already.
    """
    kept, hours = _known.get(conn.engine), OfficeHours.read(settings().office_hours)
    if kept is None or kept.hours != hours or kept.version != (version or store.latest(conn)):
        kept = _known[conn.engine] = Calendar(*store.standing(conn), hours)
    return kept


def calendar(conn: Connection, region: str = "") -> Workdays:
    """Answer the working days of a region (six digits), "" for what holds everywhere."""
    return current(conn).workdays(region)


def calendar_at(conn: Connection, version: Version | None, region: str = "") -> Workdays:
    """Answer the working days of a region as they were at a version; as they are now where none is told."""
    now = current(conn)
    if version is None or version == now.version:
        return now.workdays(region)
    past = _past.setdefault(conn.engine, {})
    if version not in past:
        if len(past) >= MOST_PAST:
            past.clear()
        past[version] = Calendar(*store.standing(conn, version), now.hours)
    return past[version].workdays(region)


def load_year(
    conn: Connection,
    table: YearTable,
    *,
    source: str,
    author: str,
    at: datetime,
    by: int | None = None,
    reason: str = "",
) -> Change:
    """Have `table` hold for its year, as a new version; nothing is added where it already holds word for word."""
    reason = reason and _reason(reason)
    store.lock(conn)
    before = current(conn)
    held = before.years.get(table.year)
    if held is not None and held.table == table:
        return Change("", (), version=held.version)
    version = held.version + 1 if held else 1
    store.add_year(conn, LoadedYear(table, version, source, reason, author, at), by)
    settled = table.year if table.year in before.workdays().provisional_years else None
    return Change("", _difference(before, current(conn), ""), settled, version)


def override(
    conn: Connection,
    day: date,
    working: bool | None,
    *,
    reason: str,
    author: str,
    at: datetime,
    by: int | None = None,
    region: str = "",
) -> Change:
    """Have a day work or be off here whatever the notice says; None lifts that again.

    Invalid for a missing reason, an unknown region, a day outside the calendar; Conflict where it already stands so.
    """
    reason = _reason(reason)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid.one("/day", f"日历只有 {FIRST_YEAR}—{LAST_YEAR} 年", "range")
    if region and (_REGION.fullmatch(region) is None or not store.knows_region(conn, _prefix(region))):
        raise Invalid.one("/region", f"没有区划 {region[:20]}", "unknown_region")
    store.lock(conn)
    before = current(conn)
    stands = next((one for one in before.local if (one.day, one.region) == (day, region)), None)
    if stands is None and working is None:
        raise Conflict(f"{day} 没有可以撤销的调整。")
    if stands is not None and stands.working is working:
        raise Conflict(f"{day} 已由{stands.author}调整为{'上班' if working else '放假'}（{stands.reason}）。")
    store.add_override(conn, day, region, working, reason, author, by, at)
    return Change(region, _difference(before, current(conn), region))


def _difference(before: Calendar, after: Calendar, region: str) -> tuple[date, ...]:
    return tuple(sorted(set(before.workdays(region).days) ^ set(after.workdays(region).days)))


def _prefix(region: str) -> str:
    """Return what the codes of a region and all under it begin with (GB/T 2260: province, city, district)."""
    return region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region


def _reason(said: str) -> str:
    said = said.strip()
    if not said or len(said) > LONGEST_REASON or not said.isprintable():
        raise Invalid.one("/reason", f"请写明调整的理由，不超过{LONGEST_REASON}个字", "required")
    return said
