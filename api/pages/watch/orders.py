"""Orders of supervision (督办单): opened by a manager or a red card, answered by the office, closed by the manager."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Response

from api.arrival import reader
from api.frame import page
from api.pages.watch import exports
from api.pages.watch.common import PAGE, may_here, today_of
from api.parameters import cursor, place_of
from api.routers.orders import order_row
from api.rows import label
from api.sheets import Sheet, every, workbook
from api.visits import Seen, Sent, Visit, done, form_values, told
from flows import access, supervision
from flows.record import Desk
from flows.refusal import refusal
from forms.errors import Invalid, NotFound
from forms.messages import read_act, read_message
from forms.supervision import ORDER_ACTS, AnswerOrder, OpenOrder, OrderState
from forms.vocabulary import Department
from infra.numbers import is_valid
from infra.store import dossier
from infra.store import supervision as store

ROUTER = APIRouter()
STATES = tuple((one.value, one.label) for one in OrderState)


def _asked(visit: Visit) -> tuple[str | None, bool]:
    state = visit.request.query_params.get("state", "")
    return (state if state in dict(STATES) else None), visit.request.query_params.get("overdue") == "1"


@ROUTER.get("/watch/orders")
def orders(visit: Seen) -> Response:
    """Orders within one's walls, the newest first."""
    state, overdue = _asked(visit)
    with visit.desk() as seat:
        sees_orders(seat)
        day = today_of(seat)
        try:
            after = place_of(visit.request.query_params.get("cursor"), int)
        except Invalid:
            after = None
        rows = store.orders(seat.conn, reader(seat), day, state=state, overdue=overdue, after=after, limit=PAGE + 1)
        may_open = may_anywhere(seat, "open-order")
    more = cursor([rows[PAGE - 1]["id"]]) if len(rows) > PAGE else None
    return page(
        visit, "watch/orders.html", rows=[order_row(row, day) for row in rows[:PAGE]], state=state or "",
        overdue=overdue, states=STATES, more=more, cursor=after is not None, may_open=may_open,
        path=f"/watch/orders?state={state or ''}" + ("&overdue=1" if overdue else ""),
    )  # fmt: skip


def sees_orders(seat: Desk) -> None:
    """Raise NotAllowed for whoever has no part in any order: neither watches nor answers."""
    if not (may_anywhere(seat, "reply-order") or may_anywhere(seat, "close-order") or may_anywhere(seat, "read-board")):
        raise refusal("read-board")


def may_anywhere(seat: Desk, act: str) -> bool:
    """Whether the officer holds a role for `act` anywhere."""
    return any(seat.actor.has(role) for role, _ in access.ACTS[act])


@ROUTER.get("/watch/orders.xlsx")
def export(visit: Seen) -> Response:
    """The same orders as a spreadsheet."""
    state, overdue = _asked(visit)
    with visit.desk() as seat:
        sees_orders(seat)
        day, scope = today_of(seat), reader(seat)

        def rows() -> Iterator[dict[str, Any]]:
            found = every(
                lambda after, limit: store.orders(
                    seat.conn, scope, day, state=state, overdue=overdue, after=after, limit=limit
                ),
                lambda row: [row["id"]],
            )
            for row in found:
                yield order_row(row, day) | {"sent": row["sent_at"], "due": row["reply_due"]}

        return workbook(f"督办单_{day:%Y%m%d}", [Sheet("督办单", exports.ORDERS, rows())])


@ROUTER.get("/watch/orders/new")
def ask(visit: Seen) -> Response:
    """The form of an order about the case or task named in the address."""
    with visit.desk() as seat:
        if not may_anywhere(seat, "open-order"):
            raise refusal("open-order")
        no = visit.request.query_params.get("subject", "")[:80].strip().upper()
        about = _about(seat, no)
    return page(visit, "watch/order_new.html", values={"subject": no}, about=about, errors={}, summary=[])


def _about(seat: Desk, no: str) -> str:
    """Return what the number stands for, "" where it is none that one may see."""
    if not is_valid(no):
        return ""
    task = dossier.task(seat.conn, reader(seat), no)
    if task is not None:
        return f"{task.title}（{label(Department, task.department)}）"
    case = dossier.case(seat.conn, reader(seat), no)
    return case.title if case is not None else ""


@ROUTER.post("/watch/orders")
def open_order(visit: Sent) -> Response:
    """The order is on its way to the office that has to answer."""
    body = {"subject": visit.text("subject").upper(), "content": visit.text("content")}
    if visit.text("reply_due"):
        body["reply_due"] = visit.text("reply_due")
    try:
        with visit.desk() as seat:
            if not may_anywhere(seat, "open-order"):
                raise refusal("open-order")
            row = supervision.open_order(seat, read_message(OpenOrder, body))
    except NotFound:
        wrong = Invalid.one("/subject", "没有这个办件或者任务，或者您无权查看", "not_found")
        return _again(visit, wrong)
    except Invalid as wrong:
        return _again(visit, wrong)
    return done(visit, f"/watch/orders/{row['no']}", "督办单已发出。")


def _again(visit: Visit, wrong: Invalid) -> Response:
    errors, summary = told(wrong)
    return page(
        visit, "watch/order_new.html", status=422, values=form_values(visit.form), about="", errors=errors,
        summary=summary,
    )  # fmt: skip


@ROUTER.get("/watch/orders/{no}")
def read(no: str, visit: Seen) -> Response:
    """One order, with what may be done about it now."""
    with visit.desk() as seat:
        return _page(visit, seat, no)


def _page(visit: Visit, seat: Desk, no: str, wrong: Invalid | None = None) -> Response:
    row = store.order(seat.conn, reader(seat), no) if len(no) < 64 else None
    if row is None:
        raise NotFound
    errors, summary = told(wrong)
    return page(
        visit, "watch/order.html", status=422 if wrong else 200, row=order_row(row, today_of(seat)),
        may_reply=row["state"] == OrderState.OPEN and may_here(seat, row, "reply-order"),
        may_close=row["state"] == OrderState.REPLIED and may_here(seat, row, "close-order"),
        values=form_values(visit.form), errors=errors, summary=summary,
    )  # fmt: skip


@ROUTER.post("/watch/orders/{no}")
def act(no: str, visit: Sent) -> Response:
    """The reply or the result is on the record."""
    kind = visit.text("act")
    body = {"act": kind, "reply" if kind == "reply" else "result": visit.text("words")}
    try:
        with visit.desk() as seat:
            if len(no) >= 64:
                raise NotFound
            message: Any = read_act(body, ORDER_ACTS)
            verb = supervision.answer if isinstance(message, AnswerOrder) else supervision.close
            verb(seat, no, message)
    except Invalid as wrong:
        words = Invalid([type(one)("/words", one.message, one.code) for one in wrong.errors])
        with visit.desk() as seat:
            return _page(visit, seat, no, words)
    return done(visit, f"/watch/orders/{no}", "已回复。" if kind == "reply" else "督办单已办结。")
