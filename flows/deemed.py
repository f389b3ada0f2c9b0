"""Deemed acts (视为、期满): what the law or the office's rule makes of time that has passed, done by the system.

Each in a transaction of its own, so that one bad case never stops the others; asked by the state of things, never by an
alarm, so that a night's downtime costs nothing but time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Engine

from flows.access import SYSTEM
from flows.arming import silence_of, workdays_of
from flows.casework import decide, supplement
from flows.casework.hand import IN_HAND, InHand, take
from flows.casework.intake import deem_accepted
from flows.clockwork import reproject_case
from flows.desks import desk
from flows.projection import local_day
from flows.record import Desk, issue
from flows.sla import Clock, Light
from forms.errors import Problem
from forms.messages import Approve, Lapse
from forms.vocabulary import CaseStatus, DocumentKind, PauseKind, TaskStatus
from infra import clock, database
from infra.store import limits, statement, watch
from infra.store.watch import Over

log = logging.getLogger(__name__)

CHUNK = 200
DEEMED_AGREEMENT = "超时默认"
NOTICE_OVER = "公示期满，未收到异议（公示期满自动通过）"


def _accept(desk: Desk, hand: InHand, over: Over) -> None:
    """The intake clock has run out: accepted from the day of receipt, 行政许可法 第32条第一款第（四）项.

    That is the law for licences; for any other matter only where it says so itself, on its own basis.
    """
    if hand.case.status == CaseStatus.SUBMITTED.value and silence_of(hand.case.plan) is not None:
        deem_accepted(desk, hand)


def _lapse(desk: Desk, hand: InHand, over: Over) -> None:
    """The applicant's deadline has passed: 补正不来, as good as withdrawn (安阳市政务服务条例 第24条、第36条).

    Of promised papers the office may have set that the case is refused instead.
    """
    supplement.lapse(desk, hand, Lapse(act="lapse", reason="申请人逾期未补正，系统按期满处理"))


def _end_notice(desk: Desk, hand: InHand, over: Over) -> None:
    """The public notice is over and nobody objected (an objection pauses or refuses the step)."""
    task = hand.task(over.subject)
    if (task.wants or {}).get("special") != PauseKind.PUBLIC_NOTICE or task.paused:
        return
    if task.status in (TaskStatus.PENDING.value, TaskStatus.RECEIVED.value):
        decide.approve(desk, hand, task, Approve(act="approve", reason=NOTICE_OVER))


def _end_task(desk: Desk, hand: InHand, over: Over) -> None:
    """A task's own limit is passed: nothing follows, but for an opinion whose silence a document makes agreement."""
    task = hand.task(over.subject)
    document = (task.wants or {}).get("deemed_agree")
    if not document or task.paused or task.status not in IN_HAND:
        return
    if local_day(desk.now) >= workdays_of(desk, hand.case.region).add(over.due_on, 1):
        said = Approve(act="approve", reason=f"{DEEMED_AGREEMENT}（{document}）：期限届满未提出意见，视为同意")
        decide.approve(desk, hand, task, said, basis=f"{DEEMED_AGREEMENT}：{document}")
        issue(
            desk,
            hand.case,
            DocumentKind.DEEMED_AGREEMENT,
            task=task.title,
            department=task.department,
            due=over.due_on.isoformat(),
            basis=document,
        )


def _pass_checkpoint(desk: Desk, hand: InHand, over: Over) -> None:
    """A checkpoint of a service is over with its day, once whoever serves was reminded; the light goes back."""
    row = next((x for x in limits.running_on(desk.conn, hand.case.id) if x["id"] == over.limit_id), None)
    if row is None or Light.AMBER.value not in row["fired"]:
        return
    statement.write(desk.conn, [limits.checkpoint_passed(hand.case.id, desk.now, over.limit_id, over.due_on)])
    reproject_case(desk, hand.case)


DEEMED: Final[Mapping[str, Callable[[Desk, InHand, Over], None]]] = {
    Clock.INTAKE.value: _accept,
    Clock.SUPPLEMENT.value: _lapse,
    Clock.GAP.value: _lapse,
    Clock.SPECIAL.value: _end_notice,
    Clock.PROMISED.value: _end_task,
    Clock.CHECKPOINT.value: _pass_checkpoint,
}


def deem(matter: str, engine: Engine | None = None) -> int:
    """Do what time has done on a matter's cases; return on how many. What fails is logged and tried again next time."""
    done, after = 0, 0
    engine = engine or database.engine()
    with engine.connect() as conn:
        today = local_day(clock.now(conn))
    while True:
        with engine.connect() as conn:
            rows = watch.over(conn, matter, today, after=after, chunk=CHUNK)
        for over in rows:
            done += _deem_one(over, engine)
        if len(rows) < CHUNK:
            return done
        after = rows[-1].limit_id


def _deem_one(over: Over, engine: Engine) -> bool:
    try:
        with desk(SYSTEM, engine=engine) as seat:
            DEEMED[over.clock](seat, take(seat, over.case_no), over)
            return bool(seat.sheet.events)
    except Problem as problem:
        log.warning("the deemed act on %s was refused: %s", over.case_no, problem.code)
    except Exception:
        log.exception("the deemed act on %s failed; it is tried again with the next pass", over.case_no)
    return False
