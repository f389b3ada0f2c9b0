"""Warnings and cards (预警、黄牌、红牌): appealed by who got them in time, judged by the manager."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Response

from api.arrival import reader
from api.frame import page
from api.pages.watch import exports
from api.pages.watch.common import PAGE, key_of, may_here, today_of
from api.pages.watch.orders import sees_orders
from api.parameters import cursor, place_of
from api.routers.alarms import RUNGS, card_row
from api.sheets import Sheet, every, workbook
from api.visits import Seen, Sent, Visit, done, form_values, told
from flows import supervision
from flows.record import Desk
from flows.sla import Light
from forms.errors import Invalid, NotFound
from forms.messages import read_act
from forms.supervision import CARD_ACTS, AppealCard, CardState
from infra.store import supervision as store

ROUTER = APIRouter()
STATES = tuple((one.value, one.label) for one in CardState)
LIGHTS = tuple((code, Light(code).label) for code in RUNGS)


def _asked(visit: Visit) -> tuple[str | None, str | None]:
    asked = visit.request.query_params
    rung, state = asked.get("rung", ""), asked.get("state", "")
    return (rung if rung in RUNGS else None), (state if state in dict(STATES) else None)


@ROUTER.get("/watch/cards")
def cards(visit: Seen) -> Response:
    """Warnings and cards within one's walls, the newest first."""
    rung, state = _asked(visit)
    with visit.desk() as seat:
        sees_orders(seat)
        try:
            after = place_of(visit.request.query_params.get("cursor"), int)
        except Invalid:
            after = None
        rows = store.cards(seat.conn, reader(seat), rung=rung, state=state, after=after, limit=PAGE + 1)
        shown = [card_row(seat.conn, row) for row in rows[:PAGE]]
    more = cursor([rows[PAGE - 1]["id"]]) if len(rows) > PAGE else None
    return page(
        visit, "watch/cards.html", rows=shown, rung=rung or "", state=state or "", states=STATES, lights=LIGHTS,
        more=more, cursor=after is not None, path=f"/watch/cards?rung={rung or ''}&state={state or ''}",
    )  # fmt: skip


@ROUTER.get("/watch/cards.xlsx")
def export(visit: Seen) -> Response:
    """The same cards as a spreadsheet."""
    rung, state = _asked(visit)
    with visit.desk() as seat:
        sees_orders(seat)
        scope = reader(seat)

        def rows() -> Iterator[dict[str, Any]]:
            found = every(
                lambda after, limit: store.cards(seat.conn, scope, rung=rung, state=state, after=after, limit=limit),
                lambda row: [row["id"]],
            )
            for row in found:
                yield card_row(seat.conn, row)

        return workbook(f"黄红牌_{today_of(seat):%Y%m%d}", [Sheet("黄红牌", exports.CARDS, rows())])


@ROUTER.get("/watch/cards/{key}")
def read(key: str, visit: Seen) -> Response:
    """One card, with what may be done about it now."""
    with visit.desk() as seat:
        return _page(visit, seat, key_of(key))


def _page(visit: Visit, seat: Desk, key: int, wrong: Invalid | None = None) -> Response:
    row = store.card(seat.conn, reader(seat), key)
    if row is None:
        raise NotFound
    shown = card_row(seat.conn, row)
    errors, summary = told(wrong)
    in_time = shown["appeal_until"] is not None and today_of(seat).isoformat() <= shown["appeal_until"]
    return page(
        visit, "watch/card.html", status=422 if wrong else 200, row=shown,
        may_appeal=in_time and may_here(seat, row, "appeal-card"),
        may_judge=row["state"] in (CardState.APPEALED, CardState.PASSED_UP) and may_here(seat, row, "judge-appeal"),
        outcomes=[(one.value, one.label) for one in (CardState.WITHDRAWN, CardState.REJECTED, CardState.PASSED_UP)
                  if one.value != row["state"]],
        labels=dict(STATES), values=form_values(visit.form), errors=errors, summary=summary,
    )  # fmt: skip


@ROUTER.post("/watch/cards/{key}")
def act(key: str, visit: Sent) -> Response:
    """The appeal, or what became of it, is on the record of the case."""
    kind = visit.text("act")
    body: dict[str, Any] = {"act": kind, "reason": visit.text("reason")}
    if kind == "judge":
        body["outcome"] = visit.text("outcome")
    try:
        with visit.desk() as seat:
            message: Any = read_act(body, CARD_ACTS)
            verb = supervision.appeal if isinstance(message, AppealCard) else supervision.judge
            verb(seat, key_of(key), message)
    except Invalid as wrong:
        with visit.desk() as seat:
            return _page(visit, seat, key_of(key), wrong)
    return done(visit, f"/watch/cards/{key}", "申诉已提交。" if kind == "appeal" else "申诉已处理。")
