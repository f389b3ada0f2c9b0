"""What a manager's board is told (督办看板): weeks and steps in numbers, counted by the offices' own calendars."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from flows.measures import RATES, calendars
from forms.scope import Scope
from infra.store import bottleneck
from infra.store import measures as store
from infra.store.period import Period

WEEKS = 12


def weeks(conn: Connection, scope: Scope, today: date, *, matter: str | None = None) -> list[dict[str, Any]]:
    """Return the last twelve weeks, Monday to Sunday, the present one last: received, closed, late, on_time_rate."""
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    period = Period(scope, first, today, ("week",), calendars(conn, first, today), matter)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in store.kept(conn, period):
        counts[row["cut"]] |= {"closed": row["closed"], "late": row["late"]}
    for row in store.taken_in(conn, period):
        counts[row["cut"]]["received"] = row["received"]
    found = []
    for number in range(WEEKS):
        monday = first + timedelta(weeks=number)
        year, week, _ = monday.isocalendar()
        told = counts[f"{year}-W{week:02d}"]
        closed, late = told["closed"], told["late"]
        found.append({
            "first": monday,
            "last": min(monday + timedelta(days=6), today),
            "received": told["received"],
            "closed": closed,
            "late": late,
            "on_time_rate": RATES["on_time_rate"](told),
        })  # fmt: skip
    return found


def on_time(
    conn: Connection, scope: Scope, first: date, last: date, *, matter: str | None = None
) -> list[dict[str, Any]]:
    """Return per lead department: closed, late, on_time_rate, average_working_days of what was closed in the period."""
    period = Period(scope, first, last, ("department",), calendars(conn, first, last), matter)
    return [
        {
            "cut": row["cut"],
            "closed": row["closed"],
            "late": row["late"],
            "on_time_rate": RATES["on_time_rate"](row),
            "average_working_days": RATES["average_working_days"](row),
        }
        for row in store.kept(conn, period)
    ]


def days_of_steps(
    conn: Connection, scope: Scope, first: date, last: date, *, matter: str | None = None
) -> list[dict[str, Any]]:
    """Return where days were spent, step by step: average working days waited, worked, paused, and their sum."""
    period = Period(scope, first, last, (None,), calendars(conn, first, last), matter)
    found = []
    for row in bottleneck.days_of_steps(conn, period):
        days = {name: round(float(row[name]), 2) for name in ("waiting", "working", "paused")}
        found.append({**row, **days, "days": round(sum(days.values()), 2)})
    return found
