"""Ratings (好差评): listed within one's walls, bad ones followed up; replies are public."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.arrival import reader
from api.calls import Answer, Asked, Public, allowed, sent
from api.parameters import PAGE, Cursor, Limit, Short, page, place_of
from api.rows import SHANGHAI, label, moment
from flows import rating
from flows.access import Actor
from flows.casework import ratings
from flows.projection import local_day
from flows.record import Desk
from forms.errors import Invalid, NotFound
from forms.messages import read_act
from forms.ratings import RATING_ACTS
from forms.vocabulary import Department, RatingState
from infra.store import ratings as store

ROUTER = APIRouter(prefix="/api/v1/ratings", tags=["评价"])
Key = Annotated[int, Path(ge=1, lt=2**63)]


@ROUTER.get("", operation_id="list_ratings", summary="评价")
def list_ratings(
    call: Asked,
    state: Short = None,
    matter: Short = None,
    bad: Annotated[bool | None, Query(title="只看差评")] = None,
    overdue: Annotated[bool, Query(title="只看逾期未联系、未整改的")] = False,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Response:
    """Ratings, the newest first; only who follows them up is told whose they are."""
    if state is not None and state not in set(RatingState):
        raise Invalid.one("?state", f"状态应为{'、'.join(RatingState)}之一", "choice")
    after = place_of(cursor, int)
    with call.desk() as seat:
        allowed(seat, "read-ratings")
        rows = store.within(
            seat.conn,
            reader(seat),
            states=(state,) if state else (),
            bad=bad,
            matter=matter,
            overdue_at=seat.now if overdue else None,
            after=after,
            limit=limit + 1,
        )
        items = [rating_row(row, seat.now, seat.actor) for row in rows]
    return sent(page(items, limit, lambda n: [rows[n]["id"]]))


@ROUTER.get("/published", operation_id="published_ratings", summary="评价回复公示")
def published(call: Public, matter: Short = None, cursor: Cursor = None, limit: Limit = PAGE) -> Response:
    """What bad ratings were replied, the newest first, with nothing that tells whose they were."""
    after = place_of(cursor, int)
    with call.engine.connect() as conn:
        rows = store.published(conn, matter=matter, after=after, limit=limit + 1)
    items = [
        {
            "matter": row["matter"],
            "title": row["case_title"],
            "region": row["region"],
            "grade": row["grade"],
            "grade_label": ratings.said_of(row),
            "reply": row["reply"],
            "closed_on": row["closed_at"].astimezone(SHANGHAI).date().isoformat(),
        }
        for row in rows
    ]
    return sent(page(items, limit, lambda n: [rows[n]["id"]]))


@ROUTER.get("/{key}", operation_id="read_rating", summary="一条评价")
def read_rating(key: Key, call: Asked) -> Response:
    """One rating; who follows it up sees whose it is and what was done."""
    with call.desk() as seat:
        allowed(seat, "read-ratings")
        row = store.one(seat.conn, reader(seat), key)
        if row is None:
            raise NotFound
        return sent(rating_row(row, seat.now, seat.actor))


@ROUTER.post("/{key}/acts", operation_id="act_on_rating", summary="差评整改")
def act(key: Key, call: Asked) -> Response:
    """The follow-up is one act further, and the case's record says so."""
    with call.desk() as seat:
        return call.once(seat, lambda: _acted(call, seat, key))


def _acted(call: Asked, seat: Desk, key: int) -> Answer:
    row = ratings.follow(seat, key, read_act(call.body(), RATING_ACTS))
    return Answer(rating_row(row, seat.now, seat.actor))


def rating_row(row: Mapping[Any, Any], now: datetime, actor: Actor) -> dict[str, Any]:
    """Return a rating as a row; `case` and `history` only for who follows it up."""
    told = ratings.follows(actor, row)
    late, day = row["state"] == RatingState.BAD and row["contact_due"] < now, local_day(now)
    unfixed = row["state"] in _TO_FIX and row["fix_due"] is not None and row["fix_due"] < day
    return {
        "id": row["id"],
        "event": row["event"],
        "grade": row["grade"],
        "grade_label": ratings.said_of(row),
        "bad": rating.is_bad(row["grade"]),
        "comment": row["comment"],
        "state": row["state"],
        "state_label": label(RatingState, row["state"]),
        "matter": row["matter"],
        "title": row["case_title"],
        "region": row["region"],
        "department": row["lead"],
        "department_label": label(Department, row["lead"]),
        "case": row["case_no"] if told else None,
        "application": row["case_no"].rpartition("-")[0] if told else None,
        "rated_at": moment(row["rated_at"]),
        "contact_due": moment(row["contact_due"]),
        "contacted_at": moment(row["contacted_at"]),
        "fix_due": row["fix_due"].isoformat() if row["fix_due"] else None,
        "fixed_at": moment(row["fixed_at"]),
        "called_back_at": moment(row["called_back_at"]),
        "satisfied": row["satisfied"],
        "closed_at": moment(row["closed_at"]),
        "reply": row["reply"],
        "overdue": late or unfixed,
        "history": row["history"] if told else [],
        "may": ratings.acts_of(actor, row),
    }


_TO_FIX = (RatingState.CONTACTED, RatingState.FIX_NOW, RatingState.LEDGER)
