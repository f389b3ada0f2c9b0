"""What the applicant does without a login (申请人办理): hands in what was asked for, takes the application back.

The same verbs as at the window, on cases of the own application alone; what was not asked for is not taken in.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from flows import access
from flows.casework import close, ratings, supplement
from flows.casework.hand import IN_HAND, InHand, take
from flows.lifecycle import CASE
from flows.record import Desk
from flows.registry import matters as all_matters
from flows.telling import notice, seat, title_of_item
from forms.applicant import HandIn, Rate, TakeBack
from forms.errors import Conflict, FieldError, Invalid
from forms.faults import token
from forms.messages import HandedItem, Message, Patch, SupplementIn, Withdraw
from forms.vocabulary import CaseStatus, Department, MaterialState, Role
from infra.filestore import FileStore, Readable
from infra.store import papers, uploads, work
from infra.store.rows import CaseRow, TaskRow

MOST_FILES = 100
"""Files that an applicant may upload for one application."""

_BEFORE = frozenset({CaseStatus.SUBMITTED.value, CaseStatus.SUPPLEMENT.value})
_OPEN = _BEFORE | {CaseStatus.IN_PROGRESS.value}


def act(desk: Desk, message: Message) -> CaseRow:
    """Carry out an act of the applicant's on one of the own cases; return the case as it is now; NotFound else."""
    hand = take(desk, str(getattr(message, "case", "")))
    VERBS[type(message)](desk, hand, message)
    return hand.case


def hand_in(desk: Desk, hand: InHand, message: HandIn) -> None:
    """What was asked for is in; Invalid names everything that was not asked for."""
    codes = {item["code"] for item in owed(desk.conn, hand.case)}
    facts = {"/".join(code.split("/")[:2]) for code in codes}
    strange = [
        FieldError(f"/items/{place}/code", "没有要求补交这份材料", "not_asked")
        for place, item in enumerate(message.items)
        if item.code not in codes
    ]
    patched = message.patch.model_dump(exclude_none=True) if message.patch is not None else {}
    strange += [
        FieldError(f"/patch/{part}/{token(name)}", "没有要求更正这一项", "not_asked")
        for part, values in patched.items()
        for name in values
        if f"{part}/{name}" not in facts
    ]
    if strange:
        raise Invalid(strange)
    items = [HandedItem(code=item.code, file=item.file, shared=item.shared, on_file=None) for item in message.items]
    patch = Patch(**patched) if any(patched.values()) else None
    supplement.hand_in(desk, hand, SupplementIn(act="supplement", kind="online", items=items, patch=patch))
    _tell(desk, hand, "申请人已补交材料")


def take_back(desk: Desk, hand: InHand, message: TakeBack) -> None:
    """The application for this matter is taken back, before it was decided."""
    holders = _holders(hand)
    close.withdraw(desk, hand, Withdraw(act="withdraw", reason=message.reason))
    _tell(desk, hand, "申请人已撤回申请", holders)


VERBS: Final[Mapping[type[Message], Callable[[Desk, InHand, Any], None]]] = {
    HandIn: hand_in,
    TakeBack: take_back,
    Rate: ratings.rate,
}
"""Message → what it does."""


def upload(desk: Desk, store: FileStore, stream: Readable, name: str, limit: int) -> dict[str, Any]:
    """The paper is stored and belongs to the application; return its row.

    Conflict where nothing is to be brought, or where too many files came; Invalid where it is no PDF, JPG or PNG.
    """
    application_id = desk.actor.application_id
    cases = work.cases_of(desk.conn, application_id) if application_id is not None else []
    for case in cases:
        access.may(desk.actor, "upload", case=case)
    if application_id is None or not any(owed(desk.conn, case) for case in cases):
        raise Conflict("目前没有需要补交的材料。", code="nothing_asked")
    if uploads.of_applicant(desk.conn, application_id) >= MOST_FILES:
        raise Conflict(f"上传的附件不能超过{MOST_FILES}个，请到窗口办理。", code="too_many_files")
    stored = store.save(stream, limit)
    row = {
        "id": f"f_{secrets.token_urlsafe(16)}",
        "name": name,
        "sha256": stored.sha256,
        "size": stored.size,
        "content_type": stored.content_type,
        "region": cases[0].region,
        "uploaded_by": None,
        "uploaded_at": desk.now,
        "application_id": application_id,
    }
    papers.insert_file(desk.conn, row)
    return row


def owed(conn: Connection, case: CaseRow) -> list[dict[str, Any]]:
    """Return what the applicant still has to bring: the open list, what was promised, what was missing at receipt.

    Each with `code`, `title`, `until` (ISO day or None), `note`, `why`, whether it is a `paper` or a fact to be
    corrected ("form/<field>", "applicant/<fact>"), and whether shared data will do (`shareable`).
    """
    if case.status not in _OPEN:
        return []
    rows = papers.materials_of(conn, case.application_id)
    wanted: dict[str, dict[str, Any]] = {}
    asked = papers.open_supplement(conn, case.id)
    for item in asked["items"] if asked is not None else []:
        if not item.get("handed_at") and asked is not None:
            more = {"until": asked["deadline"].isoformat(), "note": item.get("note"), "why": "补正"}
            wanted[item["code"]] = more
    for item in (case.gap or {}).get("items", []):
        if not item.get("handed_at"):
            until = (case.gap or {}).get("deadline")
            wanted.setdefault(item["code"], {"until": until, "note": None, "why": "容缺承诺"})
    for row in rows if case.status in _BEFORE else ():
        if case.matter in row["required_by"] and row["state"] == MaterialState.MISSING.value:
            wanted.setdefault(row["code"], {"until": None, "note": None, "why": "材料未交"})
    titles = {row["code"]: row["title"] for row in rows}
    form = all_matters()[case.matter].form if case.matter in all_matters() else None
    shareable = {material.code for material in form.materials if material.shared_from} if form is not None else set()
    return [
        {
            "code": code,
            "title": title_of_item(case, code, titles),
            "paper": code in titles,
            "shareable": code in shareable,
            **more,
        }
        for code, more in wanted.items()
    ]


def may_now(case: CaseRow, tasks: list[TaskRow], bring: list[dict[str, Any]]) -> list[str]:
    """Return the acts that the applicant may do on a case just now."""
    found = ["supplement"] if bring else []
    decided = any(task.decides and task.decided_at for task in tasks)
    if (case.status, "withdraw") in CASE and not decided:
        found.append("withdraw")
    return found


def _holders(hand: InHand) -> list[str]:
    """Return who has the case in hand: officers who hold its tasks, else their seats; before acceptance the window."""
    found = [
        f"officer:{task.officer_id}"
        if task.officer_id is not None
        else seat(task.region, task.department, Role.HANDLER.value)
        for task in hand.tasks
        if task.status in IN_HAND
    ]
    return list(dict.fromkeys(found)) or [seat(hand.case.region, Department.WINDOW.value, Role.WINDOW.value)]


def _tell(desk: Desk, hand: InHand, what: str, whom: list[str] | None = None) -> None:
    case = hand.case
    text = f"{what}：{case.title}（{case.no}）"
    desk.sheet.notices += [
        notice(
            f"applicant:{case.no}:{case.chain_seq}:{addressee}",
            addressee,
            text,
            {"case": case.no, "text": f"{text}。"},
            case_id=case.id,
            at=desk.now,
        )
        for addressee in whom or _holders(hand)
    ]
