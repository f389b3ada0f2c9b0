"""What a department decides (部门办理): verdicts through the levels, sent back, retracted, forwarded."""

from __future__ import annotations

from typing import Any

from flows import access
from flows.casework.advance import advance, derive_application, settle_open
from flows.casework.hand import IN_HAND, InHand
from flows.casework.inbox import give, not_held_by_another, not_signed_before
from flows.joins import fallen_with, leaning, ready
from flows.record import Desk, issue, record
from forms.errors import Conflict, FieldError, Invalid, NotAllowed
from forms.messages import Approve, Forward, Refuse, Retract, SendBack
from forms.vocabulary import CaseStatus, DocumentKind, TaskStatus
from infra.store import people
from infra.store.rows import TaskRow

_AT_WORK = frozenset({TaskStatus.PENDING.value, TaskStatus.RECEIVED.value, TaskStatus.REVIEWING.value})
_SPOKEN = frozenset({TaskStatus.APPROVED.value, TaskStatus.REFUSED.value})


def approve(desk: Desk, hand: InHand, task: TaskRow, message: Approve, *, basis: str | None = None) -> None:
    """The level's verdict is positive; the last level's is the department's decision and the case moves on at once.

    Where it ends the case after its promise it explains the delay. `basis` is the rule that the system decides by.
    """
    items = {item.code: item.value for item in message.items}
    _check_results(desk, hand, task, items)
    hand.explains, hand.explanation = desk.actor.kind == "officer", message.explanation
    _speak(desk, hand, task, "approve", {"reason": message.reason, "basis": basis}, items)


def refuse(desk: Desk, hand: InHand, task: TaskRow, message: Refuse) -> None:
    """The level's verdict is negative, with reason, basis and remedies, 行政许可法 第38条; the last level's decides."""
    said = {
        "reason_code": message.reason_code,
        "reason": message.reason,
        "basis": message.basis,
        "remedies": message.remedies,
    }
    hand.explains, hand.explanation = desk.actor.kind == "officer", message.explanation
    _speak(desk, hand, task, "refuse", said, {})


def _check_results(desk: Desk, hand: InHand, task: TaskRow, items: dict[str, str]) -> None:
    """Take results that the plan knows; one that names the office of a later task must name one that exists."""
    known = (task.wants or {}).get("results", {})
    errors = [
        FieldError(f"/items/{place}/code", "没有这一结果项", "unknown_field")
        for place, code in enumerate(items)
        if code not in known
    ]
    for later in hand.tasks if items else ():
        source = (later.wants or {}).get("office_from", "")
        step, _, code = source.partition(".")
        if step != task.step or code not in items:
            continue
        office = people.find_office(desk.conn, later.department, later.region, items[code])
        if office is None:
            place = list(items).index(code)
            errors.append(
                FieldError(f"/items/{place}/value", f"本地没有“{items[code]}”这一{known[code]}", "unknown_office")
            )
        else:
            items[code] = office["name"]
    if errors:
        raise Invalid(errors)


def _speak(desk: Desk, hand: InHand, task: TaskRow, verdict: str, said: dict[str, Any], items: dict[str, str]) -> None:
    """Take a verdict at the task's present level, from somebody who has not spoken on it before."""
    _decidable(hand, task)
    actor = desk.actor
    if actor.kind == "officer":
        access.may_speak(actor, task)
        not_held_by_another(desk, task)
        not_signed_before(desk, task)
    final = task.level >= task.levels or actor.kind == "system"
    said = {key: value for key, value in said.items() if value is not None}
    opinion = {"level": task.level, "act": verdict, "officer": actor.name, **said, "items": items}
    if actor.absent_name:
        opinion["stands_for"] = actor.absent_name
    if actor.kind == "officer" and task.officer_id is None:
        give(desk, task, actor)
    act = verdict if final else {"approve": "endorse", "refuse": "object"}[verdict]
    record(
        desk,
        hand.case,
        act,
        task=task,
        level=task.level,
        items=items or None,
        **said,
    )
    task.verdict = _verdict(task, [*(task.verdict or {}).get("opinions", []), opinion])
    task.signers = [*task.signers, actor.id] if actor.id is not None else task.signers
    task.check_state = None
    if not final:
        task.level += 1
        task.officer_id = task.officer_name = None
        return
    task.outcome = "approved" if verdict == "approve" else "refused"
    task.decided_at = desk.now
    advance(desk, hand)


def _verdict(task: TaskRow, opinions: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the verdict that a task's opinions make: the last one's, with the results that all of them stated."""
    last = opinions[-1]
    stated = dict((task.wants or {}).get("defaults", {}) if last["act"] == "approve" else {})
    for opinion in opinions:
        stated |= opinion.get("items", {})
    said = {key: value for key, value in last.items() if key not in ("level", "officer", "items", "stands_for")}
    return {**said, "items": stated, "opinions": opinions}


def _decidable(hand: InHand, task: TaskRow) -> None:
    if hand.case.status != CaseStatus.IN_PROGRESS.value and not (not task.blocking and task.status in IN_HAND):
        raise Conflict(
            f"办件当前为“{CaseStatus(hand.case.status).label}”，不能再作决定。",
            code="case_closed",
            status=hand.case.status,
        )
    if task.status in _SPOKEN:
        raise Conflict(
            f"该任务已由{task.officer_name or '系统'}作出“{TaskStatus(task.status).label}”意见。",
            code="already_decided",
            status=task.status,
            by=task.officer_name,
        )
    if task.paused or (hand.case.paused and task.decides):
        raise Conflict("任务正在暂停，请先恢复办理。", code="paused")
    if task.status in _AT_WORK and not ready(task, hand.tasks):
        raise Conflict("征求的意见尚未办结，暂不能作决定。", code="waiting")


def send_back(desk: Desk, hand: InHand, task: TaskRow, message: SendBack) -> None:
    """A later level has sent the task back to level one; everybody may speak anew, what was said stays on record."""
    access.may_speak(desk.actor, task)
    not_held_by_another(desk, task)
    if task.level == 1:
        raise Conflict("任务在承办环节，无需退回承办。")
    record(desk, hand.case, "send-back", task=task, reason=message.reason, level=task.level)
    task.level, task.signers = 1, []
    task.officer_id = task.officer_name = None
    task.verdict = {**(task.verdict or {}), "sent_back": message.reason, "sent_back_by": desk.actor.name}


def retract(desk: Desk, hand: InHand, task: TaskRow, message: Retract) -> None:
    """A mis-clicked verdict is taken back by who gave it, while nobody has acted on it."""
    access.may(desk.actor, "retract", case=hand.case, task=task)
    final = task.status in _SPOKEN
    if not final and (task.status != TaskStatus.REVIEWING.value or task.level == 1):
        raise Conflict("该任务还没有可以撤回的意见。", code="nothing_to_retract")
    if final and hand.case.status != CaseStatus.IN_PROGRESS.value:
        raise Conflict("办件已办结，不能撤回；确有错误的请申请重新办理。", code="case_closed")
    if not task.signers or task.signers[-1] != desk.actor.id:
        raise NotAllowed("只能撤回自己作出的意见。")
    if not final and task.officer_id is not None:
        raise Conflict(f"下一环节已由{task.officer_name}签收，不能撤回。", code="acted_on")
    if final:
        _take_back_successors(desk, hand, task)
    level = task.level if final else task.level - 1
    record(
        desk,
        hand.case,
        "retract" if level == 1 else "retract-level",
        task=task,
        reason=message.reason,
        taken_back=(task.verdict or {}).get("act"),
    )
    task.level, task.outcome, task.decided_at = level, None, None
    task.signers = task.signers[:-1]
    opinions = (task.verdict or {}).get("opinions", [])[:-1]
    task.verdict = _verdict(task, opinions) if opinions else None
    give(desk, task, desk.actor)
    advance(desk, hand)


def _take_back_successors(desk: Desk, hand: InHand, task: TaskRow) -> None:
    """Put back what a verdict had moved: tasks it opened wait again, tasks it ended live again.

    Conflict where somebody has acted on one.
    """
    for successor in leaning(task, hand.tasks):
        untouched = successor.status == TaskStatus.PENDING.value and not successor.paused
        if not untouched or successor.officer_id is not None or successor.signers:
            who = successor.officer_name or "有关部门"
            raise Conflict(f"后续任务“{successor.title}”已由{who}办理，不能撤回。", code="acted_on", by=who)
        record(desk, hand.case, "block", task=successor, reason="前置意见已撤回")
        successor.opened_at = successor.check_state = None
    for fallen in fallen_with(task, hand.tasks):
        record(desk, hand.case, "involve", task=fallen, reason="前置意见已撤回")
        fallen.outcome = None


def forward(desk: Desk, hand: InHand, task: TaskRow, message: Forward) -> None:
    """The task has gone to another authority (转报); where the case cannot do without it, it is 转报办结."""
    _decidable(hand, task)
    access.may_speak(desk.actor, task)
    not_held_by_another(desk, task)
    record(desk, hand.case, "forward", task=task, to=message.department, reason=message.reason, basis=message.basis)
    task.outcome, task.decided_at, task.check_state = "forwarded", desk.now, None
    task.officer_id, task.officer_name = desk.actor.id, desk.actor.name
    task.verdict = {
        "act": "forward",
        "reason_code": "forwarded",
        "reason": message.reason,
        "basis": message.basis,
        "to": message.department,
    }
    advance(desk, hand)


def forward_case(desk: Desk, hand: InHand, message: Forward) -> None:
    """The whole case has gone to another authority: 转报办结, with a notice."""
    access.may(desk.actor, "forward-case", case=hand.case)
    hand.case.reason_code = "forwarded"
    record(desk, hand.case, "forward", to=message.department, reason=message.reason, basis=message.basis)
    settle_open(desk, hand, reason="办件已转报")
    issue(
        desk,
        hand.case,
        DocumentKind.FORWARD_NOTICE,
        to=message.department,
        reason=message.reason,
        basis=message.basis,
        reason_code="forwarded",
    )
    derive_application(desk, hand)
    advance(desk, hand)
