"""Cards (预警、黄牌、红牌): listed within one's walls, appealed by who got them, judged by the manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from sqlalchemy import Connection

from api.arrival import reader
from api.calls import Answer, Asked, sent
from api.parameters import PAGE, Cursor, Limit, Short, page, place_of
from api.rows import label, moment, span
from flows import supervision
from flows.clockwork import APPLICANTS
from flows.record import Desk
from flows.sla import Clock, Light
from forms.errors import Invalid, NotFound
from forms.messages import read_act
from forms.supervision import CARD_ACTS, AppealCard, CardState
from forms.vocabulary import Department
from infra.store import supervision as store

ROUTER = APIRouter(prefix="/api/v1/alarms", tags=["督办"])
RUNGS = (Light.AMBER.value, Light.YELLOW.value, Light.RED.value)
CardKey = Annotated[int, Path(ge=1, le=2**63 - 1, title="牌的编号")]


@ROUTER.get("", operation_id="list_alarms", summary="预警和黄红牌")
def list_alarms(
    call: Asked, rung: Short = None, state: Short = None, case: Short = None, cursor: Cursor = None, limit: Limit = PAGE
) -> Response:
    """Warnings and cards, the newest first."""
    if rung is not None and rung not in RUNGS:
        raise Invalid.one("?rung", f"应为{'、'.join(RUNGS)}之一", "choice")
    after = place_of(cursor, int)
    with call.desk() as seat:
        rows = store.cards(seat.conn, reader(seat), rung=rung, state=state, case=case, after=after, limit=limit + 1)
        items = [card_row(seat.conn, row) for row in rows]
    return sent(page(items, limit, lambda n: [rows[n]["id"]]))


@ROUTER.get("/{key}", operation_id="read_alarm", summary="一张牌")
def read_alarm(key: CardKey, call: Asked) -> Response:
    """One warning or card."""
    with call.desk() as seat:
        row = store.card(seat.conn, reader(seat), key)
        if row is None:
            raise NotFound
        return sent(card_row(seat.conn, row))


@ROUTER.post("/{key}/acts", operation_id="act_on_alarm", summary="申诉、处理申诉")
def act(key: CardKey, call: Asked) -> Response:
    """The appeal, or what became of it, is on the record of the case."""
    with call.desk() as seat:
        return call.once(seat, lambda: _acted(call, seat, key))


def _acted(call: Asked, seat: Desk, key: int) -> Answer:
    message: Any = read_act(call.body(), CARD_ACTS)
    verb = supervision.appeal if isinstance(message, AppealCard) else supervision.judge
    return Answer(card_row(seat.conn, verb(seat, key, message)))


def card_row(conn: Connection, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a card as a row, with the last day on which it may be appealed."""
    appealable = supervision.is_card(row) and row["state"] == CardState.ISSUED
    return {
        "id": row["id"],
        "no": row["subject"],
        "case": row["case_no"],
        "application": row["case_no"].rpartition("-")[0],
        "matter": row["matter"],
        "title": row["task_title"] or row["case_title"],
        "step": row["step"],
        "region": row["region"],
        "department": row["department"],
        "department_label": label(Department, row["department"]),
        "rung": row["rung"],
        "rung_label": supervision.said_of(row),
        "card": supervision.is_card(row),
        "applicants": row["clock"] in APPLICANTS,
        "clock": row["clock"],
        "clock_label": label(Clock, row["clock"]),
        "what": row["what"],
        "days": row["days"] + row["extension"],
        "span": span(row["days"] + row["extension"], row["runs"]),
        "basis": row["basis"],
        "due": row["due_on"].isoformat() if row["due_on"] is not None else None,
        "due_at": moment(row["due_at"]),
        "reached_on": row["reached_on"].isoformat(),
        "fired_at": moment(row["fired_at"]),
        "state": row["state"],
        "state_label": label(CardState, row["state"]),
        "appeal_until": supervision.appeal_until(conn, row).isoformat() if appealable else None,
        "appeal": row["appeal"],
        "order": row["order_no"],
    }
