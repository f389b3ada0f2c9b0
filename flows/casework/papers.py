"""The papers of an application (材料): listed once for all its matters, checked, handed in, promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from flows.arming import of_case
from flows.casework.hand import InHand
from flows.matter import Matter
from flows.record import Desk, issue_commitment
from flows.registry import matters
from flows.sla import Clock
from forms.consents import CONSENTS
from forms.errors import FieldError, Invalid
from forms.intake import Intake
from forms.materials import ChecklistItem
from forms.messages import HandedItem
from forms.vocabulary import GapLate, MaterialState
from infra.clock import SHANGHAI
from infra.store import applications, papers
from infra.store.rows import CaseRow


def listed(
    desk: Desk, application_id: int, person_key: bytes, wanted: Sequence[ChecklistItem], intake: Intake
) -> list[dict[str, Any]]:
    """Return the rows of an application's papers; Invalid with every file that is not there or not theirs."""
    handed = {entry.code: (place, entry) for place, entry in enumerate(intake.materials)}
    named = {
        f"/materials/{place}/{'file' if entry.file else 'on_file'}": entry.file or entry.on_file
        for place, entry in handed.values()
        if entry.file or entry.on_file
    }
    if intake.mandate and intake.mandate.file:
        named["/mandate/file"] = intake.mandate.file
    _files_are_theirs(desk, application_id, person_key, named)
    rows = []
    for item in wanted:
        _, entry = handed.get(item.material.code, (0, None))
        rows.append(
            {
                "application_id": application_id,
                "code": item.material.code,
                "title": item.material.title,
                "state": (entry.state if entry is not None else MaterialState.MISSING).value,
                "matters": list(item.matters),
                "required_by": list(item.required_by),
                "file_id": (entry.file or entry.on_file) if entry is not None else None,
                "deadline": entry.deadline if entry is not None else None,
                "grade": item.material.grade.value,
                "updated_at": desk.now,
            }
        )
    return rows


def _files_are_theirs(desk: Desk, application_id: int, person_key: bytes, named: dict[str, str | None]) -> None:
    """Refuse a file that is not there, somebody else's upload, or on another person's file."""
    keys = [key for key in named.values() if key]
    if not keys:
        return
    files, owners = papers.files(desk.conn, keys), papers.persons_of_files(desk.conn, keys)
    errors = []
    for pointer, key in named.items():
        row = files.get(key or "")
        if row is None:
            errors.append(FieldError(pointer, "没有找到这份附件，请重新上传", "unknown_file"))
        elif row["application_id"] is not None and row["application_id"] != application_id:
            if owners.get(row["id"]) != person_key:
                errors.append(FieldError(pointer, "没有找到这份附件，请重新上传", "unknown_file"))
        elif row["application_id"] is None and desk.actor.kind != "system" and not _uploaded(desk, row):
            errors.append(FieldError(pointer, "没有找到这份附件，请重新上传", "unknown_file"))
    if errors:
        raise Invalid(errors)


def _uploaded(desk: Desk, row: Any) -> bool:
    """Whether the officer at the desk uploaded a file; an applicant's own is its application's from the first."""
    return desk.actor.id is not None and row["uploaded_by"] == desk.actor.id


def committed(desk: Desk, intake: Intake, application_id: int, no: str) -> None:
    """What the applicant was told and promised is a document of its own, word for word as it was signed."""
    given = [CONSENTS[one.code] for one in intake.consents]
    items = [{"title": one.title, "text": one.text, "basis": one.basis, "version": one.version} for one in given]
    if items:
        issue_commitment(desk, application_id, no, items=items)


def missing_for(rows: Sequence[Any], matter: str) -> list[str]:
    """Return the required papers of a matter that are not there and not promised."""
    return [r["code"] for r in rows if matter in r["required_by"] and r["state"] == MaterialState.MISSING.value]


_IF_LATE: Final[Mapping[GapLate, tuple[str, str]]] = {
    GapLate.WITHDRAWN: ("逾期未补交的，视为撤回申请", "参照安阳市政务服务条例 第24条"),
    GapLate.REFUSED: ("逾期未补交的，作出不予通过的决定", "参照滨州市工程建设项目并联审批管理规定 第11条"),
}


def if_late(late: GapLate, basis: str | None) -> str:
    """Return what the applicant is told of promised papers that do not come; the office chooses which.

    It cites the office's own document where it named one; the rules of other cities are models and no more.
    """
    words, model = _IF_LATE[late]
    return f"{words}（{basis or model}）"


def promised_if_late(plan: Mapping[str, Any]) -> str:
    """Return what a case's applicant was told of it, by what was pinned on the case."""
    return if_late(GapLate(plan.get("gap_late", GapLate.WITHDRAWN)), plan.get("gap_basis"))


def gap_for(desk: Desk, rows: Sequence[Any], matter: Matter, until: date | None = None) -> dict[str, Any] | None:
    """Return what is promised for a matter and until when, None where nothing is (青岛市优化营商环境条例 第24条).

    Without a date of the officer's the deadline is the promised limit counted in calendar days: never later than it.
    """
    promised = [r for r in rows if matter.code in r["matters"] and r["state"] == MaterialState.PROMISED.value]
    if not promised:
        return None
    given = [r["deadline"] for r in promised if r["deadline"]]
    deadline = until or (max(given) if given else None)
    if deadline is None:
        found = [x.workdays for x in matter.limits if x.kind == "promised" and x.event is None and x.workdays]
        days = matter.promised_days or min(found, default=5)
        deadline = desk.now.astimezone(SHANGHAI).date() + timedelta(days=days)
    items = [{"code": r["code"], "title": r["title"], "handed_at": None} for r in promised]
    return {"items": items, "deadline": deadline.isoformat()}


def check_gap(desk: Desk, case: CaseRow) -> None:
    """What is promised on a case accepted now is handed in from today on and within the case's own promise.

    The time for it may not be longer than the matter's promised limit, the first of them: a later one is for a part of
    the matter that follows its decision. Invalid names the last day.
    """
    if case.gap is None:
        return
    pointer = "/materials" if desk.sheet.is_new(case) else "/until"
    deadline = date.fromisoformat(case.gap["deadline"])
    if deadline < desk.now.astimezone(SHANGHAI).date():
        raise Invalid.one(pointer, "容缺材料补交期限不能早于今天", "past")
    promised = [row["due_on"] for row in of_case(desk, case) if row["clock"] == Clock.PROMISED and row["due_on"]]
    if promised and deadline > min(promised):
        words = f"容缺材料补交期限不能晚于承诺办结时限（{min(promised).isoformat()}）"
        raise Invalid.one(pointer, words, "after_promise")


def take_items(desk: Desk, hand: InHand, items: Sequence[HandedItem]) -> set[str]:
    """Note papers that were handed in; Invalid with everything wrong about them."""
    rows = {row["code"]: row for row in papers.materials_of(desk.conn, hand.case.application_id)}
    shareable = _shareable(hand)
    errors: list[FieldError] = []
    named: dict[str, str | None] = {}
    seen: set[str] = set()
    for place, item in enumerate(items):
        if item.code not in rows:
            errors.append(FieldError(f"/items/{place}/code", "该申请不需要这份材料", "unknown_material"))
        elif item.shared and item.code not in shareable:
            errors.append(FieldError(f"/items/{place}/shared", "这份材料没有共享数据，请提交材料", "not_shared"))
        if item.code in seen:
            errors.append(FieldError(f"/items/{place}/code", "同一份材料只列一次，多页请合并为一个文件", "duplicate"))
        seen.add(item.code)
        if [bool(item.file), bool(item.shared), bool(item.on_file)].count(True) != 1:
            errors.append(
                FieldError(f"/items/{place}", "每份材料请选择一种提交方式：上传、数据共享或已在档", "one_way")
            )
        elif item.file or item.on_file:
            named[f"/items/{place}/{'file' if item.file else 'on_file'}"] = item.file or item.on_file
    if errors:
        raise Invalid(errors)
    person_key = _person_key(desk, hand)
    _files_are_theirs(desk, hand.case.application_id, person_key, named)
    for item in items:
        state = MaterialState.FILE if item.file else MaterialState.ON_FILE if item.on_file else MaterialState.SHARED
        papers.hand_in(
            desk.conn,
            hand.case.application_id,
            item.code,
            state=state.value,
            file_id=item.file or item.on_file,
            at=desk.now,
        )
    papers.attach_files(desk.conn, [item.file for item in items if item.file], hand.case.application_id)
    filled = {item.code for item in items}
    for case in hand.family:
        if case.gap and any(entry["code"] in filled for entry in case.gap["items"]):
            case.gap = {
                **case.gap,
                "items": [
                    {**entry, "handed_at": desk.now.isoformat()} if entry["code"] in filled else entry
                    for entry in case.gap["items"]
                ],
            }
            desk.touch(case)
    return filled


def _shareable(hand: InHand) -> set[str]:
    """Return the papers that shared data replaces, in any matter of the application."""
    known = matters()
    forms = [known[case.matter].form for case in hand.family if case.matter in known]
    return {material.code for form in forms for material in form.materials if material.shared_from}


def _person_key(desk: Desk, hand: InHand) -> bytes:
    return bytes(applications.by_id(desk.conn, hand.case.application_id)["person_key"])
