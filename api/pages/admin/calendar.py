"""The calendar (工作日历): a year at a glance, days decided here, a year's notice loaded; open due days follow."""

from __future__ import annotations

import calendar as months
from collections.abc import Callable
from datetime import date
from typing import Any

from fastapi import APIRouter, Response

from api import recounted
from api.frame import page
from api.pages.admin.common import administrator, asked, regions, told
from api.reading import read_json
from api.visits import Seen, Sent, Visit, done
from flows.projection import local_day
from flows.recalendar import change_calendar
from flows.record import Desk
from forms.errors import Conflict, FieldError, Invalid, Problem
from forms.holidays import FIRST_YEAR, LAST_YEAR, read_day, read_year_table
from forms.workdays import SATURDAY
from infra import calendar as room
from infra.calendar import Change
from infra.store import calendar as store

ROUTER = APIRouter()
LARGEST_FILE = 1_000_000
STATES = {"working": True, "off": False, "lift": None}


@ROUTER.get("/admin/calendar")
def year_page(visit: Seen) -> Response:
    """A year with the days that differ, why, and on whose word."""
    with visit.desk() as seat:
        administrator(seat)
        return _page(visit, seat)


def _page(visit: Visit, seat: Desk, wrong: Invalid | None = None) -> Response:
    today = local_day(seat.now)
    said = visit.text("year") or asked(visit, "year")
    year = int(said) if said.isdecimal() and len(said) == 4 and FIRST_YEAR <= int(said) <= LAST_YEAR else today.year
    region = visit.text("region") or asked(visit, "region")
    places = regions(seat)
    if region not in dict(places):
        region = ""
    held = room.current(seat.conn)
    shown = held.page(year, region)
    days = held.workdays(region)
    local = {one.day for one in shown.local}
    return page(
        visit, "admin/calendar.html", status=422 if wrong else 200, year=year, region=region, regions=places,
        shown=shown, months=[_month(year, month, days, local) for month in range(1, 13)], today=today,
        changes=store.changes(seat.conn), values={name: visit.text(name) for name in ("day", "state", "reason")},
        years=(max(year - 1, FIRST_YEAR), min(year + 1, LAST_YEAR)), **told(wrong),
    )  # fmt: skip


def _month(year: int, month: int, days: Any, local: set[date]) -> dict[str, Any]:
    """Return a month as weeks of days, each with how it looks and why."""
    weeks = []
    for week in months.Calendar().monthdatescalendar(year, month):
        weeks.append([_day(day, days, local) if day.month == month else None for day in week])
    return {"month": month, "weeks": weeks}


def _day(day: date, days: Any, local: set[date]) -> dict[str, Any]:
    working, weekend = days.is_working(day), day.weekday() >= SATURDAY
    look = "made-up" if working and weekend else "holiday" if not working and not weekend else "off" if weekend else ""
    return {"day": day.day, "look": f"{look}{' local' if day in local else ''}".strip(), "why": days.why(day)}


@ROUTER.post("/admin/calendar/day")
def decide(visit: Sent) -> Response:
    """A day works or is off here, whatever the notice says; open due days have moved when the answer leaves."""

    def change(seat: Desk) -> Change:
        try:
            day = read_day(visit.text("day"))
        except ValueError as error:
            raise Invalid.one("/day", str(error), "date") from None
        if visit.text("state") not in STATES:
            raise Invalid.one("/state", "请选择上班、放假或者撤销调整", "choice")
        return room.override(
            seat.conn, day, STATES[visit.text("state")], reason=visit.text("reason"), author=seat.actor.name,
            at=seat.now, by=seat.actor.id, region=visit.text("region"),
        )  # fmt: skip

    return _changed(visit, change, lambda made: f"{visit.text('day')} 已调整，{len(made.days)} 天有变动")


@ROUTER.post("/admin/calendar/year")
def load(visit: Sent) -> Response:
    """A year's notice holds; open due days have moved when the answer leaves."""
    given = visit.upload("file")

    def change(seat: Desk) -> Change:
        if given is None:
            raise Invalid.one("/file", "请选择年度日历文件", "required")
        raw = given.file.read(LARGEST_FILE + 1)
        if len(raw) > LARGEST_FILE:
            raise Invalid.one("/file", "文件过大，不是年度日历文件", "too_large")
        try:
            table = read_year_table(read_json(raw.removeprefix(b"\xef\xbb\xbf")))
        except Invalid as wrong:
            raise Invalid([FieldError("/file", one.message, one.code) for one in wrong.errors]) from None
        except Problem:
            raise Invalid.one("/file", "文件不是 JSON，应为年度日历文件", "malformed") from None
        if not visit.text("why"):
            raise Invalid.one("/why", "请写明依据的通知或者理由", "required")
        return room.load_year(
            seat.conn, table, source=(given.filename or "")[:120], author=seat.actor.name, at=seat.now,
            by=seat.actor.id, reason=visit.text("why"),
        )  # fmt: skip

    return _changed(visit, change, lambda made: f"已载入第 {made.version} 版，{len(made.days)} 天有变动")


def _changed(visit: Visit, change: Callable[[Desk], Change], words: Callable[[Change], str]) -> Response:
    """Have the calendar changed and every open due day follow it; say what moved, and apart what was behind."""
    left: list[str] = []
    reason = visit.text("reason") or visit.text("why")
    try:
        made, moved = change_calendar(
            visit.engine, visit.desk, change, reason=reason, tell=lambda tally: left.append(recounted.caught_up(tally))
        )
    except (Invalid, Conflict) as refused:
        detail = FieldError("", refused.detail + "".join(left), refused.code)
        wrong = refused if isinstance(refused, Invalid) else Invalid([detail])
        with visit.desk() as seat:
            administrator(seat)
            return _page(visit, seat, wrong)
    year = f"{made.years[0]}" if made.years else ""
    told_of = f"{''.join(left)}{words(made)}；{recounted.moved(moved)}"
    return done(visit, f"/admin/calendar?year={year}&region={made.region if len(made.region) == 6 else ''}", told_of)
