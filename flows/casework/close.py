"""How a case ends otherwise than by decision, and what comes after (撤回、作废、送达、重新办理、加办)."""

from __future__ import annotations

from flows import access
from flows.access import SYSTEM
from flows.casework.advance import advance, derive_application, settle_open
from flows.casework.hand import OPEN, InHand, must_be_open
from flows.casework.pause import stop_or_go
from flows.policy import Join
from flows.projection import local_day
from flows.record import Desk, issue, record
from forms.errors import Conflict
from forms.messages import AddTask, Deliver, Reopen, Void, Withdraw
from forms.vocabulary import CaseStatus, DocumentKind, TaskStatus
from infra.numbers import case_number, task_number
from infra.store import issued, papers, work
from infra.store.rows import CaseRow, TaskRow

MAX_CASES = 35
MAX_TASKS = 99


def withdraw(desk: Desk, hand: InHand, message: Withdraw) -> None:
    """The applicant has taken the application for this matter back, before it was decided."""
    access.may(desk.actor, "withdraw", case=hand.case)
    if hand.case.status == CaseStatus.IN_PROGRESS.value and any(t.decides and t.decided_at for t in hand.tasks):
        raise Conflict("已经作出决定，不能再撤回申请。", code="already_decided")
    hand.case.reason_code = "withdrawn"
    record(desk, hand.case, "withdraw", reason=message.reason)
    settle_open(desk, hand, reason="申请人撤回", listed=True)
    issue(desk, hand.case, DocumentKind.WITHDRAWAL, reason_code="withdrawn", reason=message.reason)
    derive_application(desk, hand)
    advance(desk, hand)


def void(desk: Desk, hand: InHand, message: Void) -> None:
    """The case is void because its data are wrong; the manager says why."""
    access.may(desk.actor, "void", case=hand.case)
    hand.case.reason_code = message.reason_code
    record(desk, hand.case, "void", reason=message.reason, reason_code=message.reason_code)
    settle_open(desk, hand, reason="办件作废", listed=True)
    issue(desk, hand.case, DocumentKind.VOID_RECORD, reason_code=message.reason_code, reason=message.reason)
    derive_application(desk, hand)
    advance(desk, hand)


def deliver(desk: Desk, hand: InHand, message: Deliver) -> None:
    """The result is in the applicant's hands, with a return receipt (送达回证), 行政许可法 第44条."""
    access.may(desk.actor, "deliver", case=hand.case)
    record(desk, hand.case, "deliver", kind=message.kind, reason=message.reason)
    issue(
        desk,
        hand.case,
        DocumentKind.DELIVERY,
        kind=message.kind,
        reason=message.reason,
        outcome=hand.case.outcome,
        delivered_by=desk.actor.name,
    )
    _list_file(desk, hand)
    derive_application(desk, hand)


def _list_file(desk: Desk, hand: InHand) -> None:
    """What makes up the file of a delivered case is listed for the archive (归档清单), the end of its record named."""
    case = hand.case
    there = [row for row in papers.materials_of(desk.conn, case.application_id) if case.matter in row["matters"]]
    given = [*issued.on_case(desk.conn, case), *(row for row in desk.sheet.documents if row["case_id"] == case.id)]
    issue(
        desk,
        case,
        DocumentKind.ARCHIVE_LIST,
        materials=[{"title": row["title"], "state": row["state"]} for row in there],
        documents=[{"no": row["no"], "kind": row["kind"], "on": local_day(row["at"]).isoformat()} for row in given],
        events=case.chain_seq,
        record_hash=case.chain_hash.hex(),
        received_on=local_day(case.received_at).isoformat(),
        closed_on=local_day(case.closed_at).isoformat() if case.closed_at is not None else None,
        outcome=case.outcome,
    )


def add_task(desk: Desk, hand: InHand, message: AddTask) -> TaskRow:
    """One more task stands on the case, in any department; with `task` that one waits for the opinion."""
    case = hand.case
    access.may(desk.actor, "add-task", case=case, seats=[t for t in hand.tasks if t.status in OPEN])
    must_be_open(case)
    position = max((t.position for t in hand.tasks), default=0) + 1
    if position > MAX_TASKS:
        raise Conflict("该办件的任务已达上限。", code="too_many_tasks")
    asking = hand.task(message.task) if message.task else None
    if asking is not None and asking.status not in OPEN:
        raise Conflict("征求意见的任务已经办结。", code="already_decided")
    task = TaskRow(
        id=None,
        no=task_number(case.no, position),
        case_id=case.id,
        position=position,
        matter=case.matter,
        step=f"ad_hoc_{position}",
        title=message.reason,
        department=message.department.value,
        region=case.region,
        status=TaskStatus.BLOCKED.value,
        join_policy=Join().data(),
        ad_hoc=True,
        mandatory=asking.mandatory if asking is not None else message.kind == "blocking",
        blocking=asking.blocking if asking is not None else True,
        opened_at=desk.now,
    )
    record(
        desk,
        case,
        "add-task",
        department=message.department.value,
        task_no=task.no,
        title=message.reason,
        asked_by=asking.no if asking else None,
        kind=message.kind,
    )
    if asking is not None:
        policy = dict(asking.join_policy)
        policy["besides"] = [*policy.get("besides", []), task.step]
        asking.join_policy, asking.after = policy, [*asking.after, task.step]
        desk.touch(asking)
    hand.tasks.append(task)
    desk.sheet.new_tasks.append(task)
    record(desk, case, "open", task=task, actor=SYSTEM)
    stop_or_go(desk, hand)
    return task


def reopen(desk: Desk, hand: InHand, message: Reopen) -> CaseRow:
    """A case that is over lives on as a new, linked one at 待预审; the old one stays as it ended."""
    old = hand.case
    access.may(desk.actor, "reopen", case=old)
    _catch_up(desk, hand)
    if any(c.reopens == old.id for c in hand.family):
        raise Conflict("该办件已经重新办理。", code="already_reopened")
    position = max(c.position for c in hand.family) + 1
    if position > MAX_CASES:
        raise Conflict("该申请的办件已达上限。", code="too_many_cases")
    new = CaseRow(
        id=work.next_case_key(desk.conn),
        no=case_number(old.application_no, position),
        application_id=old.application_id,
        position=position,
        matter=old.matter,
        title=old.title,
        region=old.region,
        lead=old.lead,
        kind=old.kind,
        status="draft",
        received_at=desk.now,
        fate=old.fate,
        form=old.form,
        plan=old.plan,
        computed=old.computed,
        subject_key=_subject_of(desk, old),
        reopens=old.id,
    )
    desk.sheet.new_cases.append(new)
    record(desk, new, "receive", reason=message.reason, reopens=old.no)
    record(desk, old, "reopen", reason=message.reason, reason_code=message.reason_code, new_case=new.no)
    issue(desk, old, DocumentKind.REOPENING, reason=message.reason, reason_code=message.reason_code, new_case=new.no)
    papers.copy_secrets(desk.conn, old.application_id, old.position, new.position)
    hand.family.append(new)
    derive_application(desk, hand)
    return new


def _catch_up(desk: Desk, hand: InHand) -> None:
    """The family holds the cases too that a colleague reopened while this act waited for the lock."""
    known = {case.id for case in hand.family}
    hand.family += [case for case in work.lock_application(desk.conn, hand.case.application_id) if case.id not in known]


def _subject_of(desk: Desk, case: CaseRow) -> bytes | None:
    """Return the subject that the old case stood for, unless another open case stands for it already."""
    if case.subject_key is not None:
        other = papers.subject_in_hand(desk.conn, case.matter, case.subject_key)
        if other is not None:
            raise Conflict("该人员已有同一事项正在办理。", code="duplicate_open", case=other)
    return case.subject_key
