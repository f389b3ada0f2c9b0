"""The administrator's first page (系统管理概览): how many of what, what was changed last, what the calendar lacks."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.frame import page
from api.pages.admin.common import administrator
from api.pages.admin.records import about
from api.visits import Seen
from flows.projection import local_day
from flows.registry import matters
from infra import clock
from infra.calendar import calendar
from infra.store import administration as store
from infra.store import sessions

ROUTER = APIRouter()
LATEST = 10
NEXT_YEAR_FROM = 11
"""From this month on the notice for the next year is to be expected."""


@ROUTER.get("/admin")
def home(visit: Seen) -> Response:
    """What an administrator sees first."""
    with visit.desk() as seat:
        administrator(seat)
        today = local_day(seat.now)
        idle = sessions.Idle(visit.settings.session_idle_minutes)
        counts = store.counts(seat.conn) | {
            "sessions": sessions.count(seat.conn, clock.machine(), idle),
            "matters": len(matters()),
        }
        missing = today.year + 1 in calendar(seat.conn).provisional_years
        changes = [{**row, "about": about(row["subject"])} for row in store.notes(seat.conn, limit=LATEST)]
    return page(
        visit,
        "admin/home.html",
        counts=counts,
        today=today,
        provisional=missing and today.month >= NEXT_YEAR_FROM,
        changes=changes,
    )
