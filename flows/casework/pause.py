"""Pausing and resuming (暂停、恢复): beside the status, with a kind and a legal ground, as a ledger for the clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flows import access
from flows.arming import workdays_of
from flows.casework.hand import IN_HAND, InHand, must_be_open
from flows.projection import local_day
from flows.record import Desk, issue, record
from forms.errors import Conflict, Invalid
from forms.messages import Resume, Suspend
from forms.vocabulary import CaseStatus, DocumentKind, PauseKind
from infra.clock import SHANGHAI
from infra.store import papers
from infra.store.rows import CaseRow, TaskRow

OF_THE_ACT = frozenset({PauseKind.SUPPLEMENT, PauseKind.ALL_TASKS_PROMISED, PauseKind.ALL_TASKS_STATUTORY})
"""Pauses that other acts begin and end; nobody begins them by hand."""

NEEDS_NOTICE = frozenset(
    {
        PauseKind.HEARING,
        PauseKind.TENDER,
        PauseKind.AUCTION,
        PauseKind.INSPECTION,
        PauseKind.TESTING,
        PauseKind.QUARANTINE,
        PauseKind.APPRAISAL,
        PauseKind.EXPERT_REVIEW,
    }
)
"""Special procedures whose needed time is told to the applicant in writing, 行政许可法 第45条."""


def suspend(desk: Desk, hand: InHand, task: TaskRow | None, message: Suspend) -> None:
    """The task, or the whole case, is paused; a second open pause of one kind is a Conflict.

    The time that a special procedure needs is told to the applicant in writing, 行政许可法 第45条: it names the day by
    which it is to end, Invalid without one.
    """
    case = hand.case
    if task is None:
        access.may(desk.actor, "suspend-case", case=case)
        must_be_open(case)
    else:
        access.may(desk.actor, "suspend", case=case, task=task)
        must_be_open(case)
    if message.kind in OF_THE_ACT:
        raise Invalid.one("/kind", "受理后补正请使用“一次性告知补正”", "use_supplement")
    if message.until is not None and message.until < desk.now.astimezone(SHANGHAI).date():
        raise Invalid.one("/until", "预计恢复日期不能早于今天", "past")
    if message.until is None and message.kind in NEEDS_NOTICE:
        words = f"{message.kind.label}所需时间须书面告知申请人（行政许可法 第45条），请填写预计恢复日期"
        raise Invalid.one("/until", words, "planned_end_required")
    begin_pause(desk, hand, task, message)
    if message.kind in NEEDS_NOTICE:
        issue(
            desk,
            case,
            DocumentKind.SPECIAL_PROCEDURE,
            kind=message.kind.label,
            ground=message.ground,
            until=message.until.isoformat() if message.until else None,
            days=_needed(desk, case, message.until) if message.until else None,
            task=task.title if task else None,
        )


def _needed(desk: Desk, case: CaseRow, until: date) -> int:
    """Return the working days that a special procedure which begins today needs until the day planned."""
    return workdays_of(desk, case.region).count(local_day(desk.now), until)


def begin_pause(desk: Desk, hand: InHand, task: TaskRow | None, message: Suspend) -> None:
    """Write a pause into the ledger and the record."""
    case = hand.case
    if any(
        p["kind"] == message.kind.value and p["task_id"] == (task.id if task else None)
        for p in papers.open_pauses(desk.conn, case.id)
    ):
        raise Conflict(f"已有未结束的“{message.kind.label}”暂停。", code="already_paused")
    record(
        desk,
        case,
        "suspend",
        task=task,
        kind=message.kind.value,
        ground=message.ground,
        reason=message.reason,
        until=message.until.isoformat() if message.until else None,
    )
    papers.insert_pause(
        desk.conn,
        {
            "case_id": case.id,
            "task_id": task.id if task else None,
            "kind": message.kind.value,
            "ground": message.ground,
            "reason": message.reason or "",
            "begun_at": desk.now,
            "planned_end": message.until,
            "begun_by": desk.actor.id,
        },
    )
    if task is not None:
        task.paused = True
        stop_or_go(desk, hand)
    else:
        case.paused = True


def resume(desk: Desk, hand: InHand, task: TaskRow | None, message: Resume) -> None:
    """The pause has ended; what else pauses the task or the case still does."""
    case = hand.case
    if task is None:
        access.may(desk.actor, "resume-case", case=case)
    else:
        access.may(desk.actor, "resume", case=case, task=task)
    end_pause(desk, hand, task, kind=message.kind, reason=message.reason)


def end_pause(
    desk: Desk,
    hand: InHand,
    task: TaskRow | None,
    *,
    kind: PauseKind | None,
    reason: str | None,
    by_act: bool = False,
) -> None:
    """End one pause in the ledger and the record; Conflict where there is none, or several and no kind is named."""
    case, key = hand.case, task.id if task else None
    pauses = papers.open_pauses(desk.conn, case.id)
    mine = [p for p in pauses if p["task_id"] == key and (kind is None or p["kind"] == kind.value)]
    if not by_act:
        mine = [p for p in mine if PauseKind(p["kind"]) not in OF_THE_ACT]
    if not mine:
        raise Conflict("没有可以恢复的暂停；等待补正的，交来补正后自动恢复。", code="not_paused")
    if len(mine) > 1:
        raise Conflict("有几种暂停，请指明恢复哪一种。", code="which_pause", kinds=[p["kind"] for p in mine])
    ended = mine[0]
    if local_day(desk.now) < local_day(ended["begun_at"]):
        raise Conflict("恢复的日期早于暂停开始的日期。", code="before_it_began")
    record(desk, case, "resume", task=task, kind=ended["kind"], reason=reason, begun_at=ended["begun_at"].isoformat())
    papers.end_pauses(desk.conn, [ended["id"]], at=desk.now, by=desk.actor.id)
    left = [p for p in pauses if p["id"] != ended["id"]]
    if task is not None:
        task.paused = any(p["task_id"] == key for p in left)
    stop_or_go(desk, hand)


def stop_or_go(desk: Desk, hand: InHand) -> None:
    """A case is paused by a pause of its own, or because all its tasks in hand are (全部挂起)."""
    case = hand.case
    if case.status != CaseStatus.IN_PROGRESS.value:
        return
    in_hand = [t for t in hand.tasks if t.status in IN_HAND]
    stopped = bool(in_hand) and all(t.paused for t in in_hand)
    if case.paused != stopped:
        case.paused = stopped or any(_is_its_own(p) for p in papers.open_pauses(desk.conn, case.id))
        desk.touch(case)


def _is_its_own(pause: Mapping[Any, Any]) -> bool:
    """Whether somebody paused the case itself; that all its tasks are paused is noted by the clocks."""
    return pause["task_id"] is None and PauseKind(pause["kind"]) not in OF_THE_ACT
