"""Orders of supervision (督办单): listed within one's walls, answered by their office, closed by the manager."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.arrival import reader
from api.calls import Answer, Asked, allowed, sent
from api.parameters import NUMBER, PAGE, Cursor, Limit, Short, page, place_of
from api.rows import label, moment
from flows import supervision
from flows.projection import local_day
from flows.record import Desk
from forms.errors import NotFound
from forms.messages import read_act, read_message
from forms.supervision import ORDER_ACTS, AnswerOrder, OpenOrder, OrderState
from forms.vocabulary import Department
from infra.store import supervision as store

ROUTER = APIRouter(prefix="/api/v1/orders", tags=["督办"])
OrderNo = Annotated[str, Path(pattern=NUMBER, title="督办单编号")]


@ROUTER.get("", operation_id="list_orders", summary="督办单")
def list_orders(
    call: Asked,
    state: Short = None,
    overdue: Annotated[bool, Query(title="只看逾期未回复的")] = False,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Response:
    """Orders, the newest first; each says whether its answer is late."""
    after = place_of(cursor, int)
    with call.desk() as seat:
        day = local_day(seat.now)
        rows = store.orders(seat.conn, reader(seat), day, state=state, overdue=overdue, after=after, limit=limit + 1)
    return sent(page([order_row(row, day) for row in rows], limit, lambda n: [rows[n]["id"]]))


@ROUTER.post("", operation_id="open_order", summary="发出督办单", status_code=201)
def open_order(call: Asked) -> Response:
    """The office that has the case or task in hand has to answer."""
    with call.desk() as seat:
        allowed(seat, "open-order")
        return call.once(seat, lambda: _opened(call, seat))


def _opened(call: Asked, seat: Desk) -> Answer:
    row = order_row(supervision.open_order(seat, read_message(OpenOrder, call.body())), local_day(seat.now))
    return Answer(row, 201, location=f"/api/v1/orders/{row['no']}")


@ROUTER.get("/{no}", operation_id="read_order", summary="一份督办单")
def read_order(no: OrderNo, call: Asked) -> Response:
    """One order with its answer and result."""
    with call.desk() as seat:
        row = store.order(seat.conn, reader(seat), no)
        if row is None:
            raise NotFound
        return sent(order_row(row, local_day(seat.now)))


@ROUTER.post("/{no}/acts", operation_id="act_on_order", summary="回复、办结督办单")
def act(no: OrderNo, call: Asked) -> Response:
    """The answer or the result is on the record of the case."""
    with call.desk() as seat:
        return call.once(seat, lambda: _acted(call, seat, no))


def _acted(call: Asked, seat: Desk, no: str) -> Answer:
    message: Any = read_act(call.body(), ORDER_ACTS)
    verb = supervision.answer if isinstance(message, AnswerOrder) else supervision.close
    return Answer(order_row(verb(seat, no, message), local_day(seat.now)))


def order_row(row: Mapping[Any, Any], day: date) -> dict[str, Any]:
    """Return an order as a row; `overdue` where the answer is late, or came late."""
    answered = local_day(row["replied_at"]) if row["replied_at"] is not None else day
    return {
        "no": row["no"],
        "subject": row["subject"],
        "case": row["case_no"],
        "application": row["case_no"].rpartition("-")[0],
        "matter": row["matter"],
        "title": row["task_title"] or row["case_title"],
        "step": row["step"],
        "region": row["region"],
        "department": row["department"],
        "department_label": label(Department, row["department"]),
        "content": row["content"],
        "rule": row["rule"],
        "state": row["state"],
        "state_label": label(OrderState, row["state"]),
        "sent_at": moment(row["sent_at"]),
        "reply_due": row["reply_due"].isoformat(),
        "overdue": answered > row["reply_due"] and (row["replied_at"] is not None or row["state"] == OrderState.OPEN),
        "reply": row["reply"],
        "replied_by": row["replied_by"],
        "replied_at": moment(row["replied_at"]),
        "result": row["result"],
        "closed_by": row["closed_by"],
        "closed_at": moment(row["closed_at"]),
    }
