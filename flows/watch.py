"""The watch (电子监察): rungs of limits fire once each and the right people are told; nothing is late in silence.

Amber usually goes to whoever handles the task; a yellow card besides to the section head, the chief representative and
the window; a red one besides to the department's leader, the lead department's coordinator and the manager. What an
office has set instead (`flows.overrides`) is looked up when a rung fires, so that it holds for open cases at once.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine

from flows import office_days, unanswered
from flows.alarms import Alarm, Watched, place_of, told_at, watched
from flows.projection import budget_of, local_day
from flows.sla import Clock, Light, Runs, due_at
from flows.supervision import is_card, said_of
from flows.telling import applicant, notice, seat
from forms.supervision import OrderState
from forms.vocabulary import Role
from infra import clock, database
from infra.announce import announce
from infra.calendar import calendar
from infra.clock import SHANGHAI
from infra.numbers import is_case, order_number
from infra.store import notices, overrides, supervision, watch

log = logging.getLogger(__name__)

CHUNK = 1000
MOST_FAILED = 20
"""Alarms that may fail in one sweep; with more the fault is not theirs."""

WAITING: Final[Mapping[Clock, tuple[str, Sequence[Role]]]] = {
    Clock.RESPONSE: ("超时未签收", (Role.HANDLER, Role.REVIEWER)),
    Clock.DISPATCH: ("退回后超时未分办", (Role.COORDINATOR, Role.REVIEWER)),
    Clock.CHECKPOINT: ("跟踪服务节点到期，请跟踪服务并记录", (Role.HANDLER,)),
}
"""What is said, and to whom, where an alarm only reminds: where nobody takes a task up in time, the ones to act and
their section's head; at a checkpoint of a service, whoever serves."""


def fire(matter: str, engine: Engine | None = None) -> int:
    """Raise every rung of a matter that is reached, each with its notices in one transaction; return how many.

    A limit whose alarm cannot be raised is logged and left to the next sweep; it holds up no other.
    """
    raised, chunk = 0, CHUNK
    failed: set[int] = set()
    engine = engine or database.engine()
    while True:
        taken: list[int] = []
        try:
            with engine.begin() as conn:
                now = clock.now(conn)
                today = local_day(now)
                taken = watch.take(conn, matter, today, now, chunk=chunk, but=failed)
                alarms = watch.fire(conn, _reached(conn, taken, now), today, now)
                tell(conn, alarms, now)
            announce(engine, {_case_of(alarm["subject"]) for alarm in alarms})
        except Exception:
            if not taken or len(failed) >= MOST_FAILED:
                raise
            if len(taken) == 1:
                failed.update(taken)
                log.exception("the alarm of limit %d failed; it is tried again with the next sweep", taken[0])
            chunk = max(1, len(taken) // 8)
        else:
            if not taken:
                return raised
            raised += len(alarms)
            chunk = min(CHUNK, chunk * 2)


def _case_of(subject: str) -> str:
    """Return the number of the case that a case's or task's number tells."""
    return subject if is_case(subject) else subject.rpartition("-")[0]


def _reached(conn: Connection, taken: list[int], now: datetime) -> list[int]:
    """Leave out what the office hours as they are now (a typhoon day since then) have come due later."""
    later = set()
    for row in watch.in_hours(conn, taken):
        due = due_at(budget_of(row), calendar(conn, row["region"]))
        if due is not None and due >= now and due != row["due_at"]:
            watch.put_off(conn, row["id"], due, due.date())
            later.add(row["id"])
    return [key for key in taken if key not in later]


def tell(conn: Connection, alarms: Sequence[Mapping[Any, Any]], now: datetime) -> None:
    """Put a notice of each alarm before everybody who is to know, each once; a red card opens its order (督办单)."""
    cards = [alarm for alarm in alarms if is_card(alarm)]
    set_by_office = overrides.values(conn, {alarm["matter"] for alarm in alarms}) if alarms else {}
    told = [_recipients(alarm, set_by_office.get(alarm["matter"], {})) for alarm in alarms]
    led = [alarm for alarm, roles in zip(alarms, told, strict=True) if Role.COORDINATOR in roles]
    wanted = {alarm["limit_id"] for alarm in (*cards, *led)}
    behind = supervision.limits_behind(conn, wanted) if wanted else {}
    leads = {key: limit["lead"] for key, limit in behind.items()}
    rows = []
    for alarm, roles in zip(alarms, told, strict=True):
        rows += _to_officers(alarm, roles, leads.get(alarm["limit_id"]), now)
    for card in cards:
        limit = behind[card["limit_id"]]
        if card["rung"] == Light.YELLOW.value and card["clock"] == Clock.PROMISED.value and limit["ended_on"] is None:
            rows += _to_applicant(card, now)
    notices.put(conn, rows)
    red = [card for card in cards if card["rung"] == Light.RED.value]
    day = local_day(now)
    until: dict[tuple[str, int], date] = {}
    orders = []
    for card in red:
        limit = behind[card["limit_id"]]
        place = card["region"], office_days.pinned(limit, office_days.REPLY)
        if place not in until:
            until[place] = calendar(conn, place[0]).add(day, place[1])
        orders.append(_order(card, limit, now, until[place]))
    supervision.open_orders(conn, orders)


def _recipients(alarm: Mapping[Any, Any], value: Mapping[str, Any]) -> Sequence[Role]:
    """Return who is told of an alarm: as the office has set it for this kind of limit, else as usual.

    What a newer release no longer knows of a setting does not silence an alarm.
    """
    what, light = Clock(alarm["clock"]), Light(alarm["rung"])
    if what in WAITING:
        return WAITING[what][1]
    kind = watched(what, of_task=not is_case(alarm["subject"]))
    if kind is None:
        return told_at(Watched.STEP, light)
    try:
        told = Alarm.read((value.get("alarms") or {}).get(kind, {})).told
    except ValueError:
        told = None
    return told_at(kind, light, told) or told_at(kind, light)


def _to_officers(
    alarm: Mapping[Any, Any], roles: Sequence[Role], lead: str | None, now: datetime
) -> list[dict[str, Any]]:
    light, what = Light(alarm["rung"]), Clock(alarm["clock"])
    said = WAITING[what][0] if what in WAITING else said_of(alarm)
    title = f"{said}：{alarm['subject']}（{what.label}）"
    content = {
        "subject": alarm["subject"],
        "rung": light.value,
        "clock": what.value,
        "reached_on": alarm["reached_on"].isoformat(),
    }
    rows = []
    for role in roles:
        addressee = seat(alarm["region"], place_of(role, alarm["department"], lead), role.value)
        key = f"alarm:{alarm['limit_id']}:{light.value}:{addressee}"
        rows.append(notice(key, addressee, title, content, case_id=alarm["case_id"], at=now))
    return rows


def _to_applicant(card: Mapping[Any, Any], now: datetime) -> list[dict[str, Any]]:
    """A case that is later than promised is told to whom it was promised, 优化营商环境条例 第36条."""
    if not is_case(card["subject"]):
        return []
    text = f"您申请的办件{card['subject']}超过了承诺办结时限，已对办理单位发出黄牌督办；办结时将向您说明原因。"
    content = {"kind": "delay", "case": card["subject"], "text": text}
    addressee = applicant(card["subject"].rpartition("-")[0])
    key = f"alarm:{card['limit_id']}:yellow:{addressee}"
    return [notice(key, addressee, "办件延误告知", content, case_id=card["case_id"], at=now)]


def _order(card: Mapping[Any, Any], limit: Mapping[Any, Any], now: datetime, until: date) -> dict[str, Any]:
    """Return the order that a red card opens: to its office, to be answered by that day."""
    days = given(limit) if limit["days"] and limit["due_at"] is None else ""
    due = f"应于{_said(limit)}前办结" if limit["due_on"] is not None else ""
    what = f"“{limit['what']}”" if limit["what"] else ""
    return {
        "no": order_number(card["region"], local_day(now), card["id"]),
        "alarm_id": card["id"],
        "case_id": card["case_id"],
        "subject": card["subject"],
        "matter": card["matter"],
        "department": card["department"],
        "region": card["region"],
        "content": f"{card['subject']}{what}超过{Clock(card['clock']).label}{days}，{due}。"
        "请说明原因、整改情况和办结日期。",
        "rule": limit["basis"] or f"参考时限：超过承诺办结日{_grace(limit['rungs'])}个工作日",
        "state": OrderState.OPEN.value,
        "sent_at": now,
        "reply_due": until,
    }


def given(limit: Mapping[str, Any]) -> str:
    """Say how much time a stored limit gave in all: 10日, 2个月."""
    if limit["runs"] != Runs.MONTHS:
        return f"{limit['days'] + limit['extension']}日"
    return f"{limit['days']}个月" + (f"又{limit['extension']}个工作日" if limit["extension"] else "")


def _grace(rungs: Sequence[Mapping[str, Any]]) -> int:
    """Return how many working days after its due day a limit turned red."""
    return max((rung["after"] or 0 for rung in rungs if rung["light"] == Light.RED.value), default=0)


def _said(limit: Mapping[Any, Any]) -> str:
    moment = limit["due_at"]
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment is not None else limit["due_on"].isoformat()


def ready_matters(conn: Connection) -> list[str]:
    """Return the matters on which time has something to do now."""
    now = clock.now(conn)
    today = local_day(now)
    return sorted(
        {
            *watch.matters_with_rungs(conn, today, now),
            *watch.matters_with_over(conn, today),
            *unanswered.waiting(conn, today),
        }
    )
