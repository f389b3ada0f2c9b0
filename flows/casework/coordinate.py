"""Officers among themselves (协同办理): handed to a colleague, urged, copied, an extension proposed; on record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from flows import access
from flows.access import Actor
from flows.arming import workdays_of
from flows.casework.extend import lengthened
from flows.casework.hand import IN_HAND, InHand, must_be_open
from flows.casework.inbox import give, successor
from flows.projection import local_day
from flows.record import Desk, record
from flows.telling import notice, seat
from forms.coordination import Copy, HandOver, ProposeExtension, Urge
from forms.errors import Conflict, Invalid
from forms.vocabulary import Role, TaskStatus
from infra.store import past, people
from infra.store.rows import CaseRow, TaskRow

_HEADS = {"agency": Role.AGENCY_HEAD, "government": Role.GOVERNMENT_HEAD}


def hand_over(desk: Desk, hand: InHand, task: TaskRow, message: HandOver) -> None:
    """A colleague of the same seat who may speak at this level has the task now, and is told so.

    Whoever holds the task may hand it over, and those who lead: its reviewer and approver, the coordinator, the
    manager, who may also give a task out that nobody has claimed.
    """
    if task.officer_id is None or not desk.actor.is_or_stands_for(task.officer_id):
        access.may(desk.actor, "hand-over", case=hand.case, task=task)
    if task.paused and task.status == TaskStatus.PENDING.value:
        raise Conflict("任务正在暂停，请先恢复办理。", code="paused")
    colleague = successor(desk, task, message.officer)
    if colleague.id == task.officer_id:
        raise Conflict(f"该任务已由{colleague.name}承办。", code="already_theirs")
    record(desk, hand.case, "hand-over", task=task, reason=message.reason, to=colleague.name, held_by=task.officer_name)
    give(desk, task, colleague)
    if colleague.id != desk.actor.id:
        _tell(desk, hand.case, "hand-over", task.no, [f"officer:{colleague.id}"],
              f"{desk.actor.name}转交您承办：{task.title}", message.reason)  # fmt: skip


def urge(desk: Desk, hand: InHand, task: TaskRow, message: Urge) -> None:
    """Whoever holds the task, or its seat, has been told to hurry; once per task and office day by the same person."""
    access.may(desk.actor, "urge", case=hand.case)
    if task.status in IN_HAND and _since(desk, hand.case, task.no, "urge"):
        raise Conflict("您今天已经催办过这项任务。", code="already_urged")
    _urge(desk, hand, task, message)


def urge_case(desk: Desk, hand: InHand, message: Urge) -> list[TaskRow]:
    """Every task in hand of the case that the same person has not urged today is urged; return those."""
    access.may(desk.actor, "urge", case=hand.case)
    must_be_open(hand.case)
    in_hand = [task for task in hand.tasks if task.status in IN_HAND]
    if not in_hand:
        raise Conflict("该办件没有正在办理的任务。", code="nothing_to_urge")
    fresh = [task for task in in_hand if not _since(desk, hand.case, task.no, "urge")]
    if not fresh:
        raise Conflict("您今天已经催办过该办件的各项任务。", code="already_urged")
    for task in fresh:
        _urge(desk, hand, task, message)
    return fresh


def _urge(desk: Desk, hand: InHand, task: TaskRow, message: Urge) -> None:
    whom = _holders(hand, task)
    record(desk, hand.case, "urge", task=task, reason=message.reason, held_by=task.officer_name)
    due = f"，应于{task.due_on.isoformat()}前办结" if task.due_on is not None else ""
    _tell(desk, hand.case, "urge", task.no, whom, f"{desk.actor.name}催办：{task.title}",
          message.reason or f"请尽快办理{due}")  # fmt: skip


def _holders(hand: InHand, task: TaskRow) -> list[str]:
    """Return whose turn it is: who holds the task, else its seat; a returned one is the coordinator's."""
    if task.status == TaskStatus.RETURNED.value:
        return [seat(hand.case.region, hand.case.lead, Role.COORDINATOR.value)]
    if task.officer_id is not None:
        return [f"officer:{task.officer_id}"]
    return [seat(task.region, task.department, role.value) for role in access.level_roles(task.level, task.levels)]


def copy(desk: Desk, hand: InHand, message: Copy) -> None:
    """A department of the case, or one of its officers, has been told; it opens nothing that was not theirs to see.

    Invalid where the case is none of theirs: who has no part in it is given one by an added task (加办).
    """
    case = hand.case
    access.may(desk.actor, "copy", case=case, seats=hand.tasks)
    theirs = [t for t in hand.tasks if t.department == message.department and t.status != "not_applicable"]
    if not theirs and message.department != case.lead:
        raise Invalid.one("/department", f"{message.department.label}没有参与本办件，请用加办", "not_of_the_case")
    named = _reader(desk, hand, message) if message.officer else None
    record(
        desk, case, "copy", to=message.department.value, reason=message.reason, officer=named.name if named else None
    )
    if named is not None:
        whom = [f"officer:{named.id}"]
    else:
        whom = [seat(t.region, t.department, Role.HANDLER.value) for t in theirs]
        whom += [seat(case.region, case.lead, Role.COORDINATOR.value)] if message.department == case.lead else []
    _tell(desk, case, "copy", case.no, whom, f"{desk.actor.name}抄送：{case.title}", message.reason)


def _reader(desk: Desk, hand: InHand, message: Copy) -> Actor:
    """Return the officer who is copied: one of that department who sees the case already."""
    found = people.officer_by_username(desk.conn, message.officer or "")
    if found is None:
        raise Invalid.one("/officer", "没有这个人员账号，或者已停用", "unknown_officer")
    reader = access.officer(found.id, found.name, found.members, username=found.username)
    sits_there = any(member.department == message.department for member in reader.members)
    if not sits_there or not access.sees(access.scope(reader), hand.case, hand.tasks):
        raise Invalid.one("/officer", "该人员没有参与本办件，请用加办", "not_of_the_case")
    return reader


def propose_extension(desk: Desk, hand: InHand, message: ProposeExtension) -> None:
    """Whoever has the power to lengthen the limit has the proposal, 行政许可法 第42条; the limit stays as it is.

    Conflict where it could not be granted, or nobody here holds the power.
    """
    case = hand.case
    access.may(desk.actor, "propose-extension", case=case)
    lengthened(desk, case, message.kind, message.days)
    role = _HEADS[message.kind]
    department = case.lead if role is Role.AGENCY_HEAD else None
    heads = people.holders(desk.conn, role.value, case.region, department)
    if not heads:
        raise Conflict(f"本地尚未授权{role.label}，不能提请延期。", code="nobody_may")
    if _since(desk, case, case.no, "propose-extension"):
        raise Conflict("您今天已经提请延期。", code="already_proposed")
    record(desk, case, "propose-extension", kind=message.kind, days=message.days, reason=message.reason)
    _tell(desk, case, "propose-extension", case.no, [f"officer:{key}" for key in heads],
          f"{desk.actor.name}提请延期{message.days}个工作日：{case.title}", message.reason)  # fmt: skip


def _since(desk: Desk, case: CaseRow, subject: str, act: str) -> bool:
    """Whether the one at the desk did `act` on `subject` on this office day; a weekend belongs to the day after it."""
    last = past.last_act(desk.conn, case.id, subject, act, desk.actor.id)
    return last is not None and _office_day(desk, case, last) == _office_day(desk, case, desk.now)


def _office_day(desk: Desk, case: CaseRow, moment: datetime) -> date:
    return workdays_of(desk, case.region).next_working(local_day(moment))


def _tell(desk: Desk, case: CaseRow, cause: str, subject: str, whom: Iterable[str], title: str, text: str) -> None:
    """Put notices of a case beside the act, in the same transaction."""
    at = f"{desk.now.timestamp():.6f}:{case.chain_seq}"
    desk.sheet.notices += [
        notice(
            f"{cause}:{subject}:{at}:{addressee}",
            addressee,
            title,
            {"subject": subject, "case": case.no, "text": f"{title}（{subject}）。{text}"},
            case_id=case.id,
            at=desk.now,
        )
        for addressee in dict.fromkeys(whom)
    ]
