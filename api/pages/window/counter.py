"""The counter (窗口台账): what I received today, what waits here, my drafts; search by name or by a number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from api.frame import page
from api.pages.window.seat import regions, seated
from api.parameters import cursor, place_of
from api.rows import SHANGHAI, application_row, case_row
from api.visits import Seen, Sent
from flows.casework import drafts
from flows.casework.secrets import vault
from flows.casework.trace import leave
from flows.projection import local_day
from flows.record import Desk
from flows.registry import matters
from forms.errors import Invalid
from forms.scope import Scope
from forms.vocabulary import CASE_CLOSED, CaseStatus
from infra.numbers import as_printed, is_case
from infra.store import counter

ROUTER = APIRouter()
SHORT = 8
PAGE = 50
WAITING: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "check": ("待预审", "收件后五个工作日内受理或者一次性告知", (CaseStatus.SUBMITTED.value,)),
    "supplement": ("待补正", "等申请人补齐", (CaseStatus.SUPPLEMENT.value,)),
    "deliver": (
        "待送达",
        "办结后十个工作日内送达，电子证照三个工作日内",
        tuple(status.value for status in CASE_CLOSED),
    ),
}
"""What waits at the window: title, what has to be done, states."""
_NUMBERED = re.compile(r"RC-?[0-9]")
_IDENTITY = re.compile(r"[0-9]{15}(?:[0-9]{2}[0-9X])?|[0-9A-Z]{2}[0-9A-HJ-NPQRTUWXY]{16}")
_TAIL = re.compile(r"[0-9]{3}[0-9X]")
_LONGEST = 60


@ROUTER.get("/window")
def today(visit: Seen) -> Response:
    """What is to be done at this window today."""
    with visit.desk() as seat:
        scope = seated(visit, seat)
        names = regions(seat)
        day = local_day(seat.now)
        since = datetime.combine(day, time.min, SHANGHAI)
        assert seat.actor.id is not None
        mine = counter.received_by(seat.conn, scope, seat.actor.id, since)
        lists = [_list(seat, scope, names, which, SHORT) for which in WAITING]
        kept = drafts.mine(seat, limit=SHORT)
        received = _with_cases(seat, scope, mine)
    return page(
        visit,
        "window/counter.html",
        day=day,
        received=received,
        lists=lists,
        drafts=[{**row, "titles": _titles(row["matters"])} for row in kept],
        q="",
    )


def _titles(codes: list[str]) -> str:
    known = matters()
    return "、".join(known[code].title for code in codes if code in known)


def _list(
    seat: Desk, scope: Scope, names: Mapping[str, str], which: str, limit: int, after: list[Any] | None = None
) -> dict[str, Any]:
    title, words, statuses = WAITING[which]
    rows = counter.waiting(seat.conn, scope, statuses, regions=names, after=after, limit=limit + 1)
    day = local_day(seat.now)
    total = counter.count(seat.conn, scope, statuses, regions=names)
    return {
        "which": which,
        "title": title,
        "words": words,
        "total": f"{total - 1}+" if total >= counter.MOST_COUNTED else str(total),
        "rows": [case_row(case, day, applicant=name) for case, name in rows[:limit]],
        "next": cursor(counter.place(rows[limit - 1][0])) if len(rows) > limit else None,
    }


@ROUTER.get("/window/waiting/{which}")
def waiting(which: str, visit: Seen, cursor: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """Everything that waits, the most urgent first."""
    if which not in WAITING:
        return RedirectResponse("/window", 303)
    try:
        after = place_of(cursor, date, int)
    except Invalid:
        after = None
    with visit.desk() as seat:
        scope = seated(visit, seat)
        shown = _list(seat, scope, regions(seat), which, PAGE, after)
    return page(visit, "window/waiting.html", shown=shown, cursor=cursor if after else None)


@ROUTER.get("/window/drafts")
def kept(visit: Seen, cursor: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """All drafts of mine, the last saved first."""
    try:
        after = place_of(cursor, datetime, str)
    except Invalid:
        after = None
    with visit.desk() as seat:
        seated(visit, seat)
        rows = drafts.mine(seat, after=after, limit=PAGE + 1)
    more = len(rows) > PAGE
    return page(
        visit,
        "window/drafts.html",
        drafts=[{**row, "titles": _titles(row["matters"])} for row in rows[:PAGE]],
        next=_place(rows[PAGE - 1]) if more else None,
        cursor=cursor if after else None,
    )


def _place(row: Mapping[str, Any]) -> str:
    return cursor([row["updated_at"], row["id"]])


def _with_cases(seat: Desk, scope: Scope, rows: list[Any]) -> list[dict[str, Any]]:
    cases = counter.matters_of(seat.conn, scope, [row["id"] for row in rows])
    day = local_day(seat.now)
    return [
        application_row(row, cases=[case_row(case, day) for case in cases.get(row["id"], [])], key=row["id"])
        for row in rows
    ]


@ROUTER.get("/window/search")
def where_to_search(visit: Seen) -> Response:
    """The search is asked for by a form: what is searched for never stands in an address."""
    return RedirectResponse("/window", 303)


@ROUTER.post("/window/search")
def search(visit: Sent) -> Response:
    """Applications by name, number, whole identity number or its last four; finding by a number leaves a trace."""
    asked = visit.text("q")[:_LONGEST]
    with visit.desk() as seat:
        scope = seated(visit, seat)
        rows, words = _found(seat, scope, asked)
        found = _with_cases(seat, scope, rows)
    typed = as_printed(asked)
    if len(found) == 1 and is_case(typed):
        exact = [case["no"] for case in found[0]["cases"] if case["no"] == typed]
        if exact:
            return RedirectResponse(f"/window/cases/{exact[0]}", 303)
    return page(visit, "window/found.html", q=asked, found=found, words=words, most=PAGE)


def _found(seat: Desk, scope: Scope, asked: str) -> tuple[list[Any], str]:
    plain = re.sub(r"[\s-]", "", asked).upper()
    if not asked:
        return [], "请输入姓名、编号、证件号码，或者证件号码后四位。"
    typed = as_printed(asked)
    if _NUMBERED.match(typed):
        no = "-".join(typed.split("-")[:5])
        return counter.found(seat.conn, scope, no=no, limit=PAGE), "按编号"
    if _IDENTITY.fullmatch(plain):
        keys = vault().blinds("identity", plain)
        rows, words = counter.found(seat.conn, scope, person_keys=keys, limit=PAGE), "按证件号码"
    elif _TAIL.fullmatch(plain):
        rows, words = counter.found(seat.conn, scope, tail=plain, limit=PAGE), "按证件号码后四位"
    else:
        return counter.found(seat.conn, scope, name=asked, limit=PAGE), "按姓名（单位名称）"
    for row in rows:
        leave(seat, "search", row["id"], row["no"])
    return rows, words
