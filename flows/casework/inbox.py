"""How a task lies with people (任务流转): claimed, released, returned and given out again, handed on, checked anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows import access
from flows.access import Actor
from flows.casework.advance import begin
from flows.casework.hand import InHand
from flows.casework.offices import lie_at
from flows.record import Desk, record
from forms.errors import Conflict, FieldError, Invalid, NotAllowed
from forms.messages import Claim, Dispatch, Recheck, Release, Return, Transfer
from infra.store import people
from infra.store.rows import TaskRow


def claim(desk: Desk, hand: InHand, task: TaskRow, message: Claim) -> None:
    """The officer has the task; nobody else decides it until it is released or handed on."""
    access.may_speak(desk.actor, task)
    not_held_by_another(desk, task)
    if task.officer_id is not None:
        whose = "您已经签收了" if task.officer_id == desk.actor.id else f"{task.officer_name}已经签收，您可以代为办理"
        raise Conflict(f"{whose}这项任务。", code="already_yours")
    not_signed_before(desk, task)
    record(desk, hand.case, "claim", task=task)
    give(desk, task, desk.actor)


def release(desk: Desk, hand: InHand, task: TaskRow, message: Release) -> None:
    """The task is back in the department's inbox."""
    access.may(desk.actor, "release", case=hand.case, task=task)
    if task.officer_id is None:
        raise Conflict("这项任务尚未签收。")
    leads = any(m.role in ("approver", "chief") and access.at_seat(m, task) for m in desk.actor.members)
    if not desk.actor.is_or_stands_for(task.officer_id) and not leads:
        raise NotAllowed("只能放回自己签收的任务。")
    record(desk, hand.case, "release", task=task, reason=message.reason, held_by=task.officer_name)
    task.officer_id = task.officer_name = None


def return_(desk: Desk, hand: InHand, task: TaskRow, message: Return) -> None:
    """A task that is not this department's is back with the lead department's coordinator, with the reason."""
    access.may(desk.actor, "return", case=hand.case, task=task)
    not_held_by_another(desk, task)
    if task.level > 1:
        raise Conflict("已进入审核环节的任务不能退回分办。")
    if task.paused:
        raise Conflict("任务正在暂停，请先恢复办理。", code="paused")
    record(desk, hand.case, "return", task=task, reason=message.reason)
    task.officer_id = task.officer_name = None
    task.check_state = None


def dispatch(desk: Desk, hand: InHand, task: TaskRow, message: Dispatch) -> None:
    """The coordinator has given a returned task out again, to the same or to another department, perhaps one office."""
    access.may(desk.actor, "dispatch", case=hand.case)
    before = task.department
    department = message.department.value if message.department else before
    office = _office(desk, department, task.region, message.office) if message.office else None
    record(
        desk,
        hand.case,
        "dispatch",
        task=task,
        reason=message.reason,
        from_department=before,
        to_department=department,
        department=department,
        office=office["name"] if office is not None else None,
    )
    if department != before:
        task.department, task.office = department, None
    begin(desk, hand, task)
    if office is not None:
        lie_at(desk, hand, task, office["code"] or None)


def transfer(desk: Desk, hand: InHand, task: TaskRow, message: Transfer) -> None:
    """A colleague who may speak at this level has the task now; or it is in the inbox of another of the offices."""
    access.may(desk.actor, "transfer", case=hand.case, task=task)
    not_held_by_another(desk, task)
    if wrong := list(message.at_odds()):
        raise Invalid(wrong, wrong[0].message)
    if message.officer is None:
        _to_office(desk, hand, task, message.office or "", message.reason)
        return
    colleague = successor(desk, task, message.officer)
    record(desk, hand.case, "transfer", task=task, reason=message.reason, to=colleague.name)
    give(desk, task, colleague)


def _to_office(desk: Desk, hand: InHand, task: TaskRow, named: str, reason: str | None) -> None:
    if task.level > 1:
        raise Conflict("已进入审核环节的任务不能转给其他机构。")
    if task.paused:
        raise Conflict("任务正在暂停，请先恢复办理。", code="paused")
    office = _office(desk, task.department, task.region, named)
    if (task.office or "") == office["code"]:
        raise Conflict(f"该任务已在{office['name']}。", code="already_there")
    record(desk, hand.case, "transfer-office", task=task, reason=reason, to=office["name"])
    lie_at(desk, hand, task, office["code"] or None)
    task.officer_id = task.officer_name = None


def _office(desk: Desk, department: str, region: str, named: str) -> Mapping[Any, Any]:
    """Return the office of a department that bears the code or the name; Invalid where there is none in the region."""
    office = people.find_office(desk.conn, department, region, named)
    if office is None:
        raise Invalid.one("/office", f"本地没有“{named}”这一机构", "unknown_office")
    return office


NOBODY = FieldError("/officer", "没有这个人员账号，或者已停用", "unknown_officer")


def successor(desk: Desk, task: TaskRow, username: str) -> Actor:
    """Return the colleague who is to have a task; Invalid unless he may speak at its level and has not yet."""
    found = people.officer_by_username(desk.conn, username)
    if found is None:
        raise Invalid([NOBODY], NOBODY.message)
    colleague = access.officer(found.id, found.name, found.members, username=found.username)
    try:
        access.may_speak(colleague, task)
    except NotAllowed:
        raise Invalid.one("/officer", "该人员无权办理此环节", "may_not") from None
    if access.has_spoken(colleague, task):
        raise Invalid.one("/officer", "该人员已在前一环节签署意见", "same_person")
    return colleague


def recheck(desk: Desk, hand: InHand, task: TaskRow, message: Recheck) -> None:
    """The registry will be asked once more."""
    access.may(desk.actor, "recheck", case=hand.case, task=task)
    if not task.check_code:
        raise Conflict("该任务没有可以重新核验的共享数据。", code="nothing_to_check")
    record(desk, hand.case, "recheck", task=task, check=task.check_code)
    task.check_state, task.check_tries, task.check_next_at = "due", 0, None
    desk.sheet.nudges.add(hand.case.matter)


def not_held_by_another(desk: Desk, task: TaskRow) -> None:
    """Raise a Conflict that names the colleague who has the task, where one has."""
    if task.officer_id is not None and not desk.actor.is_or_stands_for(task.officer_id):
        raise Conflict(f"该任务已由{task.officer_name}签收。", code="held", by=task.officer_name)


def not_signed_before(desk: Desk, task: TaskRow) -> None:
    """Raise NotAllowed where the officer spoke on the task at an earlier level, or the colleague stood in for."""
    if access.has_spoken(desk.actor, task):
        raise NotAllowed("同一人不能在同一任务的两级环节签署意见。", code="same_person")


def give(desk: Desk, task: TaskRow, actor: Actor) -> None:
    """Put the task into the officer's hands."""
    task.officer_id, task.officer_name = actor.id, actor.name
    task.claimed_at = desk.now
