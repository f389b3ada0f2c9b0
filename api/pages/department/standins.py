"""Stand-ins (代理): who stands in for me and for whom I do; a colleague is named for some days, and taken back.

The head of a department names for its officers, an administrator for everybody: first who is absent, then who
stands in.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.frame import page
from api.parameters import PAGE, cursor, place_of
from api.routers.standins import standin_row
from api.visits import Seen, Sent, Visit, done, form_values, roles_only, told
from flows import standins
from flows.projection import local_day
from flows.record import Desk
from forms.errors import Conflict, Invalid, NotFound
from forms.messages import read_message
from forms.standins import StandInIn
from forms.vocabulary import Role
from infra.store import administration, people
from infra.store.people import OfficerRow

ROUTER = APIRouter()
STAFF = tuple(Role)
_ASKS = ("officer", "absent", "department", "from", "until", "reason")
_MOST = 200
_FOUND = 20


@ROUTER.get("/standins")
def show(visit: Seen, request: Request) -> Response:
    """My stand-ins, the newest first, and the form that names one: for me, or for whom I may name."""
    return _page(visit, absent=request.query_params.get("absent", ""), before=request.query_params.get("cursor"))


def _page(
    visit: Visit,
    *,
    absent: str = "",
    status: int = 200,
    wrong: Invalid | None = None,
    refused: str = "",
    before: str | None = None,
) -> Response:
    with visit.desk() as seat:
        roles_only(seat.actor, *Role)
        rows = standins.visible(seat, before=_before(before), limit=PAGE + 1)
        day = local_day(seat.now)
        facts = _naming(seat, absent.strip()[:64])
    errors, summary = told(wrong)
    return page(
        visit,
        "department/standins.html",
        status=status,
        rows=[standin_row(row, day) for row in rows[:PAGE]],
        next=cursor([rows[PAGE - 1]["id"]]) if len(rows) > PAGE else None,
        cursor=before,
        most_days=standins.MOST_DAYS,
        values=form_values(visit.form) or {"from": day.isoformat()},
        errors=errors,
        summary=summary,
        refused=refused,
        **facts,
    )


def _before(given: str | None) -> int:
    try:
        place = place_of(given, int)
    except Invalid:
        place = None
    return int(place[0]) if place else 2**62


def _naming(seat: Desk, asked: str) -> dict[str, Any]:
    """Return for whom one may name, who it is, and which colleagues there are."""
    headed, everybody = standins.headed(seat.actor), seat.actor.has(Role.ADMINISTRATOR)
    absent, found = _looked_for(seat, asked) if headed or everybody else (None, [])
    if not asked or asked == seat.actor.username or not (headed or everybody):
        absent = people.officer_by_username(seat.conn, seat.actor.username)
    held = standins.departments_of(absent) if absent else []
    seats = [(member[1], member[2]) for member in absent.members if member[1] in held] if absent else []
    return {
        "everybody": everybody,
        "officers": _named(_sitting(seat, headed), but=seat.actor.username),
        "asked": asked,
        "absent": absent if held else None,
        "found": found,
        "other": absent is not None and absent.id != seat.actor.id,
        "colleagues": _named(_sitting(seat, seats), but=absent.username if absent else ""),
        "departments": [(one.value, one.label) for one in held] if len(held) > 1 else [],
    }


def _looked_for(seat: Desk, asked: str) -> tuple[OfficerRow | None, list[tuple[str, str]]]:
    """Return who is meant by an account, or by a name of one alone; of several all of them to choose from."""
    try:
        return standins.absent_of(seat, asked), []
    except Invalid:
        if not seat.actor.has(Role.ADMINISTRATOR):
            return None, []
    rows = administration.find_officers(seat.conn, q=asked, role=None, department=None, limit=_FOUND)
    found = _named([row for row in rows if row["active"]])
    return (standins.absent_of(seat, found[0][0]), []) if len(found) == 1 else (None, found)


def _sitting(seat: Desk, seats: list[tuple[str, str]]) -> list[Any]:
    """Return who sits in these departments and regions."""
    return list(administration.officers(seat.conn, seats=seats, limit=_MOST)) if seats else []


def _named(rows: list[Any], *, but: str = "") -> list[tuple[str, str]]:
    """Return officers as one chooses among them, all but one."""
    return [(row["username"], f"{row['name']}（{row['username']}）") for row in rows if row["username"] != but]


@ROUTER.post("/standins")
def name(visit: Sent) -> Response:
    """The colleague has the absent one's roles on those days; the record will carry both names."""
    wire = {ask: text for ask in _ASKS if (text := visit.text(ask).replace("\r\n", "\n"))}
    absent = visit.text("absent")
    try:
        with visit.desk() as seat:
            row = standins.name(seat, read_message(StandInIn, wire))
            said = f"{row['from_on']} 至 {row['until_on']} {row['absent_name']}的工作由{row['officer_name']}代理。"
    except Invalid as wrong:
        return _page(visit, absent=absent, status=422, wrong=wrong)
    except Conflict as refused:
        return _page(visit, absent=absent, status=409, refused=refused.detail)
    return done(visit, "/standins", said)


@ROUTER.post("/standins/revoke")
def revoke(visit: Sent) -> Response:
    """It holds no longer, from this moment."""
    key = visit.text("key")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        visit.officer()
        raise NotFound
    with visit.desk() as seat:
        row = standins.revoke(seat, int(key))
    return done(visit, "/standins", f"{row['officer_name']}代{row['absent_name']}的代理已撤销。")
