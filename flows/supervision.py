"""Supervision (督办): cards are appealed and judged, orders are opened, answered and closed; all on the record.

The card's office appeals and answers an order within the working days that held when the case was received, usually
three and one (GB/T 39046—2020 表 11 督办单). The manager judges and closes; a card withdrawn no longer counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from flows import access, office_days
from flows.casework.hand import OPEN, InHand, hold
from flows.casework.standing import by_turns
from flows.clockwork import APPLICANTS
from flows.projection import local_day
from flows.record import Desk, record
from flows.sla import Light
from flows.telling import notice, seat
from forms.errors import Conflict, Invalid, NotFound
from forms.supervision import AnswerOrder, AppealCard, CardState, CloseOrder, JudgeAppeal, OpenOrder, OrderState
from forms.vocabulary import CASE_OPEN, CaseStatus, Department, Role, TaskStatus
from infra.calendar import calendar
from infra.numbers import case_of, is_valid, order_number
from infra.store import dossier, notices, supervision, work

RULE = "督办管理者督办（GB/T 39046—2020 表 11）"
"""What an order quotes that no card opened."""

Row = Mapping[Any, Any]


@dataclass(slots=True)
class Place:
    """Where a card or an order lies, for the walls."""

    department: str
    region: str
    office: str | None
    level: int = 1
    levels: int = 1


def appeal_until(conn: Connection, card: Row) -> date:
    """Return the last day on which a card may be appealed."""
    return calendar(conn, card["region"]).add(local_day(card["fired_at"]), office_days.pinned(card, office_days.APPEAL))


def is_card(alarm: Row) -> bool:
    """Whether an alarm is a card: no warning is one, nor that a deadline of the applicant's own is over."""
    return alarm["rung"] != Light.AMBER.value and alarm["clock"] not in APPLICANTS


def said_of(alarm: Row) -> str:
    """Return an alarm in a word: 临期, 黄牌, 红牌; of a deadline of the applicant's own that it is over."""
    light = Light(alarm["rung"])
    return light.label if light is Light.AMBER or is_card(alarm) else "期限已过"


@by_turns
def appeal(desk: Desk, key: int, message: AppealCard) -> Row:
    """The office that got a card says why it is wrong; once, in time."""
    card, hand = _card(desk, key)
    access.may(desk.actor, "appeal-card", case=hand.case, task=seat_of(card))
    if not is_card(card):
        words = "临期提醒不是牌" if Light(card["rung"]) is Light.AMBER else "这是申请人的期限，不对任何单位亮牌"
        raise Conflict(f"{words}，无需申诉。", code="no_card")
    _stands(card, CardState.ISSUED)
    until = appeal_until(desk.conn, card)
    if local_day(desk.now) > until:
        raise Conflict(f"申诉期限为{until.isoformat()}，已经届满。", code="expired", until=until.isoformat())
    said = {"reason": message.reason, "by": desk.actor.name, "at": desk.now.isoformat()}
    _change(desk, card, CardState.APPEALED, said)
    record(desk, hand.case, "appeal-card", department=card["department"], **_named(card), reason=message.reason)
    _tell(desk, card, f"card:{key}:appealed", "申诉待处理", message.reason, _managers(card["region"]))
    return _again(desk, key)


@by_turns
def judge(desk: Desk, key: int, message: JudgeAppeal) -> Row:
    """The appeal has an outcome: the card is withdrawn, with its order; it stands; or it is passed up (上报)."""
    card, hand = _card(desk, key)
    access.may(desk.actor, "judge-appeal", case=hand.case)
    _stands(card, CardState.APPEALED, CardState.PASSED_UP)
    if card["state"] == message.outcome:
        raise Conflict("该申诉已经上报。", code="already_passed_up")
    outcome = CardState(message.outcome)
    judged = {"outcome": outcome.value, "words": message.reason, "by": desk.actor.name, "at": desk.now.isoformat()}
    said = {**card["appeal"], "judgements": [*card["appeal"].get("judgements", []), judged]}
    _change(desk, card, outcome, said)
    record(desk, hand.case, "judge-appeal", **_named(card), outcome=outcome.value, reason=message.reason)
    if outcome is CardState.WITHDRAWN:
        order = supervision.order_of(desk.conn, key)
        if order is not None and order["state"] != OrderState.CLOSED:
            _close(desk, hand, order, "申诉成立，督办单撤销")
    _tell(desk, card, f"card:{key}:{outcome.value}", f"申诉结果：{outcome.label}", message.reason, _office(card))
    return _again(desk, key)


@by_turns
def open_order(desk: Desk, message: OpenOrder) -> Row:
    """The manager has sent an order about an open case or task to the office that has it in hand.

    One order at a time for each; a reply is due within the matter's days for it unless another day is named.
    """
    no = message.subject
    found = dossier.case(desk.conn, access.scope(desk.actor), case_of(no)) if is_valid(no) else None
    if found is None:
        raise NotFound
    access.may(desk.actor, "open-order", case=found)
    hand = _lock(desk, found.no)
    department = _in_whose_hands(hand, no)
    already = supervision.unanswered(desk.conn, no)
    if already is not None:
        raise Conflict(f"{no}已有未办结的督办单{already}。", code="already_open", order=already)
    day = local_day(desk.now)
    usual = calendar(desk.conn, hand.case.region).add(day, office_days.pinned(hand.case.plan, office_days.REPLY))
    if message.reply_due is not None and message.reply_due < day:
        raise Invalid.one("/reply_due", "回复期限不能早于今天", "past")
    due = message.reply_due or usual
    order_no = order_number(hand.case.region, day, supervision.next_order(desk.conn))
    supervision.open_order(
        desk.conn, no=order_no, alarm_id=None, case_id=hand.case.id, subject=no, matter=hand.case.matter,
        department=department, region=hand.case.region, content=message.content, rule=RULE, state=OrderState.OPEN.value,
        sent_at=desk.now, reply_due=due,
    )  # fmt: skip
    record(desk, hand.case, "open-order", order=order_no, about=no, department=department, content=message.content,
           reply_due=due.isoformat())  # fmt: skip
    row = _order_again(desk, order_no)
    _tell(desk, row, f"order:{order_no}:opened", f"督办单：{order_no}", message.content, _office(row))
    return row


def _in_whose_hands(hand: InHand, no: str) -> str:
    """Return the department that answers for a case or task now; Conflict where nobody does any more."""
    if no != hand.case.no:
        task = hand.task(no)
        if task.status not in OPEN:
            raise Conflict(f"任务已{TaskStatus(task.status).label}，无需督办。", code="ended")
        return task.department
    if hand.case.status not in CASE_OPEN:
        raise Conflict(f"办件已{CaseStatus(hand.case.status).label}，无需督办。", code="ended")
    return hand.case.lead if hand.case.status == CaseStatus.IN_PROGRESS else Department.WINDOW.value


@by_turns
def answer(desk: Desk, no: str, message: AnswerOrder) -> Row:
    """The office has answered an order; late or not, the day stands beside the day due."""
    order, hand = _order(desk, no)
    access.may(desk.actor, "reply-order", case=hand.case, task=seat_of(order))
    if order["state"] != OrderState.OPEN:
        raise Conflict(f"督办单{OrderState(order['state']).label}。", code="already_answered")
    values = {"reply": message.reply, "replied_by": desk.actor.name, "replied_at": desk.now}
    values["state"] = OrderState.REPLIED.value
    if not supervision.change_order(desk.conn, order["id"], [OrderState.OPEN], **values):
        raise Conflict
    record(desk, hand.case, "reply-order", department=order["department"], order=no, reply=message.reply)
    _tell(desk, order, f"order:{no}:replied", f"督办单已回复：{no}", message.reply, _managers(order["region"]))
    return _order_again(desk, no)


@by_turns
def close(desk: Desk, no: str, message: CloseOrder) -> Row:
    """The manager has closed an answered order with a result."""
    order, hand = _order(desk, no)
    access.may(desk.actor, "close-order", case=hand.case)
    if order["state"] == OrderState.CLOSED:
        raise Conflict("督办单已办结。", code="already_closed")
    if order["state"] == OrderState.OPEN:
        raise Conflict("责任单位尚未回复，不能办结。", code="not_answered")
    _close(desk, hand, order, message.result)
    _tell(desk, order, f"order:{no}:closed", f"督办单已办结：{no}", message.result, _office(order))
    return _order_again(desk, no)


def _close(desk: Desk, hand: InHand, order: Row, result: str) -> None:
    values = {"result": result, "closed_by": desk.actor.name, "closed_at": desk.now}
    before = [OrderState.OPEN, OrderState.REPLIED]
    if not supervision.change_order(desk.conn, order["id"], before, state=OrderState.CLOSED.value, **values):
        raise Conflict
    record(desk, hand.case, "close-order", order=order["no"], result=result)


def _card(desk: Desk, key: int) -> tuple[Row, InHand]:
    """Lock the case of a card and return both; NotFound where the card is not the reader's to see."""
    found = supervision.card(desk.conn, access.scope(desk.actor), key)
    if found is None:
        raise NotFound
    hand = _lock(desk, found["case_no"])
    return _again(desk, key), hand


def _order(desk: Desk, no: str) -> tuple[Row, InHand]:
    found = supervision.order(desk.conn, access.scope(desk.actor), no)
    if found is None:
        raise NotFound
    hand = _lock(desk, found["case_no"])
    return _order_again(desk, no), hand


def _lock(desk: Desk, case_no: str) -> InHand:
    """Lock the case of a card; who sees the card writes on the case's record, even where the case is closed to him."""
    family, tasks = work.take(desk.conn, case_no)
    case = next(case for case in family if case.no == case_no)
    return hold(desk, case, family, tasks)


def _again(desk: Desk, key: int) -> Row:
    row = supervision.card(desk.conn, access.scope(desk.actor), key)
    assert row is not None
    return row


def _order_again(desk: Desk, no: str) -> Row:
    row = supervision.order(desk.conn, access.scope(desk.actor), no)
    assert row is not None
    return row


def _stands(card: Row, *states: CardState) -> None:
    if card["state"] not in states:
        raise Conflict(f"该牌{CardState(card['state']).label}。", code="card_state", state=card["state"])


def _change(desk: Desk, card: Row, to: CardState, said: Mapping[str, Any]) -> None:
    if not supervision.change_card(desk.conn, card["id"], card["state"], state=to.value, appeal=dict(said)):
        raise Conflict


def seat_of(row: Row) -> Place:
    """Return where a card or an order lies, for the walls."""
    return Place(row["department"], row["region"], row["office"])


def _named(card: Row) -> dict[str, Any]:
    """Name a card in the record: what it is about, which clock, which colour."""
    return {"about": card["subject"], "clock": card["clock"], "rung": card["rung"]}


def _managers(region: str) -> list[str]:
    return [seat(region, Department.SUPERVISION.value, Role.MANAGER.value)]


def _office(row: Row) -> list[str]:
    if row["department"] == Department.WINDOW:
        return [seat(row["region"], row["department"], Role.WINDOW.value)]
    return [seat(row["region"], row["department"], role.value) for role in (Role.HANDLER, Role.APPROVER)]


def _tell(desk: Desk, row: Row, cause: str, title: str, text: str, whom: list[str]) -> None:
    said = f"{title}：{row['subject']}"
    notices.put(
        desk.conn,
        [
            notice(
                f"{cause}:{desk.now.timestamp():.6f}:{addressee}",
                addressee,
                said,
                {"subject": row["subject"], "text": f"{said}。{text}"},
                case_id=row["case_id"],
                at=desk.now,
            )
            for addressee in whom
        ],
    )
