"""Measures of the offices (效能指标): rates from counts, in any cut, for the board, the joint meeting and the monthly
dispatch (平发〔2022〕22号 第7条第（二）项).

A rate whose denominator is nothing is None, never nought.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from flows.projection import local_day
from flows.rating import FIX_DAYS
from forms.scope import Scope
from infra.calendar import calendar
from infra.store import measures as store
from infra.store import people, ratings, trips
from infra.store.period import Cut, Period

Counts = Mapping[str, Any]
BEFORE = timedelta(days=3 * 366)
"""How far before the period working days are known, so that what began long ago is measured too."""


def _share(part: str, whole: str) -> Callable[[Counts], float | None]:
    return lambda counts: round(float(counts[part] / counts[whole]), 4) if counts[whole] else None


def _given(name: str, places: int = 0) -> Callable[[Counts], Any]:
    return lambda counts: round(float(counts[name]), places) if places else int(counts[name])


RATES: Final[Mapping[str, Callable[[Counts], Any]]] = {
    "received": _given("received"),
    "closed": _given("closed"),
    "on_time_rate": lambda c: round(1 - c["late"] / c["closed"], 4) if c["closed"] else None,
    "late": _given("late"),
    "statutory_breach": _given("statutory_breach"),
    "deemed_acceptance_count": _given("deemed_acceptances"),
    "average_working_days": lambda c: round(float(c["worked"] / c["closed"]), 2) if c["closed"] else None,
    "first_pass_rate": _share("first_pass", "closed"),
    "supplement_rounds_over_one": _given("many_supplements"),
    "compression": lambda c: round(float(1 - c["taken"] / c["by_law"]), 4) if c["by_law"] else None,
    "instant_share": _share("instant", "closed"),
    "pause_share": _share("paused", "worked"),
    "extension_rate": _share("extended", "closed"),
    "returned_dispatch_rate": _share("returned", "given_out"),
    "returned_dispatch_hours": lambda c: round(float(c["return_hours"]), 1) if c["return_hours"] else None,
    "auto_verified_share": _share("confirmed", "checked"),
    "online_share": _share("online", "received"),
    "materials_per_case": lambda c: round(float(c["brought"] / c["received"]), 2) if c["received"] else None,
    "trips_per_case": lambda c: round(float(c["trips"] / c["delivered"]), 2) if c["delivered"] else None,
    "rated": _given("rated"),
    "bad_rating_rate": _share("rated_bad", "rated"),
    "contacted_in_time_rate": _share("contacted_in_time", "to_contact"),
    "rectified_in_time_rate": _share("fixed_in_time", "to_fix"),
    "called_back_rate": _share("called_back", "rated_bad"),
    "unpaid": _given("unpaid"),
    "unpaid_days": lambda c: round(float(c["unpaid_days"]), 1) if c["unpaid"] else None,
    "unpaid_longest": _given("unpaid_longest"),
}
"""Measure → how it follows from the counts. What is paid in advance and not settled (预拨未清算) is not measured: this
platform pays nothing before it is decided."""


def measure(
    conn: Connection, scope: Scope, first: date, last: date, now: datetime, *, by: str | None, matter: str | None = None
) -> dict[str, Any]:
    """Return every measure for each value of the cut `by`, what is open by light, and each step's average days."""
    period, today = _period(conn, scope, first, last, now, (by,), matter), local_day(now)
    counts = _counts(conn, period, now)[by]
    lights: dict[str, dict[str, int]] = defaultdict(dict)
    for row in store.standing(conn, period, today):
        lights[row["cut"]][row["light"]] = row["open"]
    return {
        "items": [{**_rates(cut, counts), "open_by_light": lights[cut]} for cut in sorted({*counts, *lights})],
        "steps": [
            {
                "matter": row["matter"],
                "step": row["step"],
                "title": row["title"],
                "department": row["department"],
                "decided": row["decided"],
                "average_working_days": round(float(row["average"]), 2),
            }
            for row in store.steps(conn, period)
        ],
    }


def rates(
    conn: Connection,
    scope: Scope,
    first: date,
    last: date,
    now: datetime,
    *,
    cuts: Sequence[Cut],
    matter: str | None = None,
) -> dict[Cut, list[dict[str, Any]]]:
    """Return every measure for each value of each cut, and nothing else; the cases are read once for all cuts."""
    counts = _counts(conn, _period(conn, scope, first, last, now, cuts, matter), now)
    return {by: [_rates(cut, counts[by]) for cut in sorted(counts[by])] for by in cuts}


def _period(
    conn: Connection, scope: Scope, first: date, last: date, now: datetime, cuts: Sequence[Cut], matter: str | None
) -> Period:
    return Period(scope, first, last, tuple(cuts), calendars(conn, first, max(last, local_day(now))), matter)


def _counts(conn: Connection, period: Period, now: datetime) -> dict[Cut, dict[str, dict[str, Any]]]:
    """Return the counts by cut and its values."""
    today = local_day(now)
    counts: dict[Cut, dict[str, dict[str, Any]]] = {by: defaultdict(lambda: defaultdict(int)) for by in period.cuts}
    for rows in (
        store.closed(conn, period),
        store.received(conn, period),
        trips.made(conn, period),
        store.passed(conn, period, today),
        store.checked(conn, period),
        store.dispatched(conn, period),
        store.unpaid(conn, period, today),
        ratings.rated(conn, period, now, FIX_DAYS),
    ):
        for row in rows:
            counts[row["by"]][row["cut"]] |= {name: row[name] or 0 for name in row if name not in _WHOSE}
    return counts


_WHOSE = ("by", "cut", "others")


def _rates(cut: str, counts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {"cut": cut, **{name: rate(counts[cut]) for name, rate in RATES.items()}}


def calendars(conn: Connection, first: date, last: date) -> dict[str, list[date]]:
    """Return the working days of every region that is open, around the period."""
    found = {}
    for region in people.region_codes(conn):
        workdays = calendar(conn, region)
        found[region] = [day for day in workdays.days if first - BEFORE <= day <= last]
    return found
