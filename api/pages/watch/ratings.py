"""Bad ratings followed up (差评整改): contacted, put right or explained, called back, replied to in public."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Response

from api.arrival import reader
from api.frame import page
from api.pages.watch import exports
from api.pages.watch.common import PAGE, key_of
from api.pages.watch.orders import may_anywhere
from api.parameters import cursor, place_of
from api.routers.ratings import rating_row
from api.sheets import Sheet, every, workbook
from api.visits import Seen, Sent, Visit, done, form_values, told
from flows.casework import calling, ratings
from flows.projection import local_day
from flows.record import Desk
from flows.refusal import refusal
from forms.errors import Invalid, NotFound
from forms.messages import read_act
from forms.ratings import RATING_ACTS
from forms.vocabulary import RatingState
from infra.store import people
from infra.store import ratings as store

ROUTER = APIRouter()
STATES = tuple((one.value, one.label) for one in RatingState)
TITLES = {
    "contact": "联系核实",
    "fix-now": "立行立改",
    "ledger": "建立台账",
    "explain": "解释说明",
    "appeal": "申诉",
    "judge": "复核",
    "fix": "整改完成",
    "call-back": "回访",
    "close": "公开回复并办结",
    "uphold": "复核：申诉成立",
    "reject": "复核：申诉不成立",
}
"""Act → what its button says."""


def _asked(visit: Visit) -> tuple[str, bool, bool]:
    asked = visit.request.query_params
    state = asked.get("state", "") if asked.get("state", "") in dict(STATES) else ""
    return state, asked.get("all") == "1", asked.get("overdue") == "1"


def _fetch(visit: Visit, seat: Desk, after: Any, limit: int) -> list[Any]:
    state, everything, overdue = _asked(visit)
    return store.within(
        seat.conn, reader(seat), states=(state,) if state else (), bad=None if everything else True,
        overdue_at=seat.now if overdue else None, after=after, limit=limit,
    )  # fmt: skip


@ROUTER.get("/watch/ratings")
def listed(visit: Seen) -> Response:
    """Ratings within one's walls, the newest first; bad ones unless all are asked for."""
    state, everything, overdue = _asked(visit)
    with visit.desk() as seat:
        _sees(seat)
        try:
            after = place_of(visit.request.query_params.get("cursor"), int)
        except Invalid:
            after = None
        rows = _fetch(visit, seat, after, PAGE + 1)
        shown = [rating_row(row, seat.now, seat.actor) for row in rows[:PAGE]]
    more = cursor([rows[PAGE - 1]["id"]]) if len(rows) > PAGE else None
    path = f"/watch/ratings?state={state}" + "&all=1" * everything + "&overdue=1" * overdue
    return page(
        visit, "watch/ratings.html", rows=shown, state=state, states=STATES, everything=everything, overdue=overdue,
        more=more, cursor=after is not None, path=path,
    )  # fmt: skip


@ROUTER.get("/watch/ratings.xlsx")
def export(visit: Seen) -> Response:
    """The same ratings as a spreadsheet; whose they are stands only where the reader follows them up."""
    with visit.desk() as seat:
        _sees(seat)
        names = people.region_names(seat.conn)

        def rows() -> Iterator[dict[str, Any]]:
            for row in every(lambda after, limit: _fetch(visit, seat, after, limit), lambda row: [row["id"]]):
                shown = rating_row(row, seat.now, seat.actor)
                moments = {name: row[name] for name in ("rated_at", "contact_due", "contacted_at", "fixed_at",
                                                        "called_back_at", "fix_due")}  # fmt: skip
                yield shown | moments | {"region": names.get(row["region"], row["region"])}

        return workbook(f"评价_{local_day(seat.now):%Y%m%d}", [Sheet("评价", exports.RATINGS, rows())])


def _sees(seat: Desk) -> None:
    if not may_anywhere(seat, "read-ratings"):
        raise refusal("read-ratings")


@ROUTER.get("/watch/ratings/{key}")
def read(key: str, visit: Seen) -> Response:
    """One rating with what was done about it, and what may be done now."""
    with visit.desk() as seat:
        return _page(visit, seat, key_of(key))


@ROUTER.post("/watch/ratings/{key}/telephone")
def telephone(key: str, visit: Sent) -> Response:
    """The number to call, shown this once; who saw it is on record."""
    with visit.desk() as seat:
        number = calling.telephone(seat, key_of(key))
        return _page(visit, seat, key_of(key), number=number)


def _page(visit: Visit, seat: Desk, key: int, wrong: Invalid | None = None, number: str | None = None) -> Response:
    _sees(seat)
    row = store.one(seat.conn, reader(seat), key)
    if row is None:
        raise NotFound
    errors, summary = told(wrong)
    return page(
        visit, "watch/rating.html", status=422 if wrong else 200, row=rating_row(row, seat.now, seat.actor),
        number=number, titles=TITLES, values=form_values(visit.form), errors=errors, summary=summary,
        tried=visit.text("act"),
    )  # fmt: skip


@ROUTER.post("/watch/ratings/{key}")
def act(key: str, visit: Sent) -> Response:
    """The follow-up is one act further."""
    kind = visit.text("act")
    body: dict[str, Any] = {"act": kind, ("reply" if kind == "close" else "words"): visit.text("words")}
    if kind == "ledger" and visit.text("until"):
        body["until"] = visit.text("until")
    if kind == "judge":
        body["outcome"] = visit.text("outcome")
    if kind == "call-back":
        body["satisfied"] = {"yes": True, "no": False}.get(visit.text("satisfied"))
    try:
        with visit.desk() as seat:
            ratings.follow(seat, key_of(key), read_act(body, RATING_ACTS))
    except Invalid as wrong:
        with visit.desk() as seat:
            return _page(visit, seat, key_of(key), _named(wrong))
    return done(visit, f"/watch/ratings/{key}", f"已{TITLES.get(kind, '办理')}。")


def _named(wrong: Invalid) -> Invalid:
    """Name the reply as the page's one field of words."""
    return Invalid([type(one)(one.field.replace("/reply", "/words"), one.message, one.code) for one in wrong.errors])
