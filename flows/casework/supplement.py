"""What is missing (一次性告知补正): one list, one open request, before acceptance and after it; 行政许可法 第32条."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flows import access, office_days
from flows.arming import workdays_of
from flows.casework import correct
from flows.casework import papers as handing
from flows.casework.advance import advance, conclude, derive_application, settle_open
from flows.casework.hand import InHand, must_be_open
from flows.casework.inbox import not_held_by_another
from flows.casework.pause import begin_pause, end_pause
from flows.joins import Ending
from flows.projection import local_day
from flows.record import Desk, issue, record
from flows.registry import matters as all_matters
from forms.errors import Conflict, FieldError, Invalid, NotAllowed
from forms.head import APPLICANTS
from forms.messages import REMEDIES, Lapse, RequestSupplement, SupplementIn, Suspend
from forms.vocabulary import CaseStatus, DocumentKind, GapLate, MaterialState, PauseKind
from infra.clock import SHANGHAI
from infra.store import papers
from infra.store.rows import CaseRow, TaskRow

AFTER_ACCEPTANCE = "受理后补正（仅停承诺时限，行政许可法 第45条未列入）"


def request(desk: Desk, hand: InHand, message: RequestSupplement) -> None:
    """The applicant is told once of everything that is missing, with a deadline.

    Before acceptance it is the window's list; after it the asking task's, which is paused. Another department's items
    join the open list, whose deadline stays. A second list after acceptance is the manager's to allow.
    """
    case = hand.case
    today = desk.now.astimezone(SHANGHAI).date()
    until = message.until or usual_deadline(desk, case.region, case.plan)
    if until <= today:
        raise Invalid.one("/until", "补正期限应晚于今天", "past")
    _published(hand, message)
    if case.status in (CaseStatus.SUBMITTED.value, CaseStatus.SUPPLEMENT.value):
        access.may(desk.actor, "request-supplement", case=case)
        if message.task is not None:
            raise Invalid.one("/task", "受理前的补正由窗口告知，不属于某项任务", "not_yet")
        record(
            desk,
            case,
            "request-supplement",
            items=_items(message),
            until=until.isoformat(),
            reason=message.reason,
        )
        _open(desk, hand, message, until, [], after=False)
        derive_application(desk, hand)
        return
    must_be_open(case)
    if message.task is None:
        raise Invalid.one("/task", "受理后补正，请写明由哪项任务提出", "required")
    _ask(desk, hand, hand.task(message.task), message, until)


def usual_deadline(desk: Desk, region: str, plan: Mapping[str, Any]) -> date:
    """Return until when the applicant hands in what is missing where nobody names a day: as pinned at receipt."""
    return workdays_of(desk, region).add(local_day(desk.now), office_days.pinned(plan, office_days.SUPPLEMENT))


def _ask(desk: Desk, hand: InHand, task: TaskRow, message: RequestSupplement, until: date) -> None:
    case = hand.case
    if task.id is None or task.status not in ("pending", "received", "reviewing"):
        raise Conflict("只有正在办理的任务可以提出补正。", code="task_not_in_hand")
    asked = papers.open_supplement(desk.conn, case.id)
    earlier = [s for s in papers.supplements_of(desk.conn, case.id) if s["after_acceptance"]]
    if asked is None and earlier:
        try:
            access.may(desk.actor, "ask-supplement-again", case=case)
        except NotAllowed:
            raise NotAllowed("受理后再次补正，须由督办管理者提出。", code="needs_manager") from None
    else:
        access.may(desk.actor, "ask-supplement", case=case, task=task)
        not_held_by_another(desk, task)
    if asked is not None and task.id in asked["task_ids"]:
        raise Conflict("本任务已提出过补正，正在等待申请人补正。", code="already_asked")
    record(
        desk,
        case,
        "request-supplement",
        department=task.department,
        task_no=task.no,
        items=_items(message),
        until=(asked["deadline"] if asked else until).isoformat(),
        reason=message.reason,
    )
    if asked is None:
        _open(desk, hand, message, until, [task.id], after=True, by=task)
    else:
        anew = {item.code for item in message.items}
        joined = [item for item in asked["items"] if not (item.get("handed_at") and item["code"] in anew)]
        known = {item["code"] for item in joined}
        joined += [{**item, "by": task.no} for item in _items(message) if item["code"] not in known]
        _want(desk, hand, message)
        papers.update_supplement(desk.conn, asked["id"], items=joined, task_ids=[*asked["task_ids"], task.id])
        _notify(desk, hand, joined, asked["deadline"].isoformat())
    begin_pause(
        desk,
        hand,
        task,
        Suspend(
            act="suspend",
            kind=PauseKind.SUPPLEMENT,
            ground=AFTER_ACCEPTANCE,
            until=asked["deadline"] if asked else until,
        ),
    )


def _published(hand: InHand, message: RequestSupplement) -> None:
    """Only what the matter's published list names may be asked for, each thing once, 行政许可法 第31条."""
    known = {material["code"] for material in hand.case.plan["materials"]}
    known |= {f"form/{name}" for name in all_matters()[hand.case.matter].form.model_fields}
    known |= {f"applicant/{name}" for form in APPLICANTS.values() for name in form.model_fields}
    seen: set[str] = set()
    errors = []
    for place, item in enumerate(message.items):
        if "/".join(item.code.split("/")[:2]) not in known:
            errors.append(FieldError(f"/items/{place}/code", "该事项的材料清单中没有这一项", "unknown_material"))
        if item.code in seen:
            errors.append(FieldError(f"/items/{place}/code", "同一项只列一次", "duplicate"))
        seen.add(item.code)
    if errors:
        raise Invalid(errors)


def _items(message: RequestSupplement) -> list[dict[str, Any]]:
    return [{"code": item.code, "note": item.note} for item in message.items]


def _open(
    desk: Desk,
    hand: InHand,
    message: RequestSupplement,
    until: date,
    task_ids: list[int],
    *,
    after: bool,
    by: TaskRow | None = None,
) -> None:
    items = [{**item, "by": by.no if by else None} for item in _items(message)]
    papers.insert_supplement(
        desk.conn,
        {
            "case_id": hand.case.id,
            "task_ids": task_ids,
            "after_acceptance": after,
            "items": items,
            "deadline": until,
            "status": "open",
            "opened_at": desk.now,
            "opened_by": desk.actor.id,
        },
    )
    _want(desk, hand, message)
    if not after:
        papers.mark_missing(desk.conn, hand.case.application_id, [item.code for item in message.items], desk.now)
    _notify(desk, hand, items, until.isoformat(), message.reason)


def _want(desk: Desk, hand: InHand, message: RequestSupplement) -> None:
    """Put papers on the application's list that this application had not to bring until now."""
    titles = {material["code"]: material["title"] for material in hand.case.plan["materials"]}
    papers.want_materials(
        desk.conn,
        [
            {
                "application_id": hand.case.application_id,
                "code": item.code,
                "title": titles[item.code],
                "state": MaterialState.MISSING.value,
                "matters": [hand.case.matter],
                "required_by": [hand.case.matter],
                "file_id": None,
                "deadline": None,
                "grade": None,
                "updated_at": desk.now,
            }
            for item in message.items
            if item.code in titles
        ],
    )


def _notify(desk: Desk, hand: InHand, items: list[dict[str, Any]], until: str, reason: str | None = None) -> None:
    issue(desk, hand.case, DocumentKind.SUPPLEMENT_NOTICE, items=items, until=until, reason=reason)


def hand_in(desk: Desk, hand: InHand, message: SupplementIn) -> None:
    """What the applicant brings is in: papers and corrected facts. When the list is complete the case goes on.

    Promised papers (容缺) are handed in by the same act, with or without an open list.
    """
    case = hand.case
    access.may(desk.actor, "supplement", case=case)
    if case.status not in (CaseStatus.SUPPLEMENT.value, CaseStatus.IN_PROGRESS.value, CaseStatus.SUBMITTED.value):
        must_be_open(case)
    if not message.items and message.patch is None:
        raise Invalid.one("/items", "请写明交来了哪些材料，或者更正了哪些内容", "required")
    asked = papers.open_supplement(desk.conn, case.id)
    promised = _promised(case)
    filled, changed = _take_in(desk, hand, message)
    if asked is None:
        _without_list(desk, hand, message, promised.keys() & filled, filled, changed)
        return
    items = [
        {**item, "handed_at": item.get("handed_at") or (desk.now.isoformat() if _is_in(item, filled) else None)}
        for item in asked["items"]
    ]
    complete = all(item["handed_at"] for item in items)
    record(
        desk,
        case,
        "supplement" if complete else "supplement-part",
        way=message.kind,
        items=sorted(filled),
        list=asked["id"],
        changed=changed or None,
    )
    papers.update_supplement(
        desk.conn,
        asked["id"],
        items=items,
        **({"status": "done", "closed_at": desk.now} if complete else {}),
    )
    if complete:
        for task in hand.tasks:
            if task.id in asked["task_ids"] and task.paused:
                end_pause(desk, hand, task, kind=PauseKind.SUPPLEMENT, reason="补正材料已交齐", by_act=True)
    derive_application(desk, hand)
    advance(desk, hand)


def _is_in(item: dict[str, Any], filled: set[str]) -> bool:
    """Whether what an item asks for has come: the paper, or the fact or the part of the form that holds it."""
    return "/".join(item["code"].split("/")[:2]) in filled


def _take_in(desk: Desk, hand: InHand, message: SupplementIn) -> tuple[set[str], list[dict[str, Any]]]:
    """Take papers and facts; return what is in now (papers, "form/<field>", "applicant/<fact>") and what changed."""
    filled = handing.take_items(desk, hand, [*message.items, *((message.patch and message.patch.materials) or [])])
    if message.patch and (message.patch.form or message.patch.applicant):
        changed = correct.apply(desk, hand, message.patch)
        filled |= {f"form/{name}" for name in message.patch.form or ()}
        filled |= {f"applicant/{name}" for name in message.patch.applicant or ()}
        return filled, changed
    return filled, []


def _promised(case: CaseRow) -> dict[str, str]:
    """Return the promised papers that have not come yet: their titles by code, in the order of the promise."""
    return {item["code"]: item["title"] for item in (case.gap or {}).get("items", []) if not item.get("handed_at")}


def _without_list(
    desk: Desk, hand: InHand, message: SupplementIn, kept: set[str], filled: set[str], changed: list[dict[str, Any]]
) -> None:
    """Without an open list what was missing at receipt comes in, or what was promised (`kept`)."""
    case = hand.case
    if case.status == CaseStatus.SUBMITTED.value:
        record(desk, case, "correct", way=message.kind, items=sorted(filled), changed=changed or None)
        return
    if not kept:
        raise Conflict("该办件没有等待补正的内容。", code="nothing_asked")
    record(desk, case, "fill-gap", way=message.kind, items=sorted(filled), changed=changed or None)
    advance(desk, hand)


def lapse(desk: Desk, hand: InHand, message: Lapse) -> None:
    """The deadline has passed and the list is not complete: withdrawn before acceptance, 补正不来办结 after it.

    Promised papers that have not come end the case as the office had set it at receipt (`flows.matter`, gap_late).
    """
    case = hand.case
    access.may(desk.actor, "lapse", case=case)
    asked = papers.open_supplement(desk.conn, case.id)
    today = desk.now.astimezone(SHANGHAI).date()
    deadline = asked["deadline"] if asked is not None else _gap_deadline(hand)
    if deadline is None:
        raise Conflict("该办件没有等待补正的内容。", code="nothing_asked")
    if not papers.deadline_passed(deadline, today):
        raise Conflict(
            f"补正期限为{deadline.isoformat()}，当日仍在期限内。", code="not_yet_due", deadline=deadline.isoformat()
        )
    if asked is None and case.plan.get("gap_late") == GapLate.REFUSED:
        _refuse_late(desk, hand, deadline)
        return
    case.reason_code = "no_supplement"
    record(desk, case, "lapse", reason=message.reason, deadline=deadline.isoformat())
    if asked is not None:
        papers.update_supplement(desk.conn, asked["id"], status="lapsed", closed_at=desk.now)
    settle_open(desk, hand, reason="补正不来")
    issue(
        desk,
        case,
        DocumentKind.CLOSING_NOTICE,
        reason_code="no_supplement",
        deadline=deadline.isoformat(),
        reason=message.reason or "申请人未在期限内补正，视为撤回申请",
    )
    derive_application(desk, hand)
    advance(desk, hand)


def _refuse_late(desk: Desk, hand: InHand, deadline: date) -> None:
    """The promise was not kept: refused, with reason, basis and remedies.

    By the document that the office named, else by 滨州市工程建设项目并联审批管理规定 第11条 as the model; 行政许可法
    第38条 for the decision.
    """
    owed = "、".join(_promised(hand.case).values())
    reason = f"承诺补交的材料逾期未补交（期限{deadline.isoformat()}）：{owed}"
    hand.explanation = hand.explanation or reason
    basis = f"申请人的容缺受理承诺：{handing.promised_if_late(hand.case.plan)}"
    verdict = {"reason_code": "no_supplement", "reason": reason, "basis": basis, "remedies": REMEDIES}
    conclude(desk, hand, Ending(CaseStatus.CLOSED_REFUSED.value, None), verdict=verdict, actor=desk.actor)
    advance(desk, hand)


def _gap_deadline(hand: InHand) -> date | None:
    """Return until when promised papers are awaited, None where none is."""
    gap = hand.case.gap or {}
    if any(not item.get("handed_at") for item in gap.get("items", [])):
        return date.fromisoformat(gap["deadline"])
    return None
