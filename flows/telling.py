"""Telling the applicant (告知申请人): what is issued on a case is also told, in the transaction that issues it.

One hook at the end of every desk (`flows.desks`): whoever issues a document cannot forget the applicant. The rows name
an application and never a telephone number; that is opened only in the moment of sending (`flows.sending`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from flows.access import Actor
from flows.record import Desk
from flows.registry import matters
from forms.faults import title_of
from forms.head import APPLICANTS
from forms.vocabulary import DocumentKind
from infra.store.rows import CaseRow

IN_APP = "in_app"
EVERYWHERE = "*"
Content = Mapping[str, Any]


def told(desk: Desk) -> None:
    """Put a notice beside every document of this desk that is the applicant's to know; before the sheet is written."""
    sheet = desk.sheet
    if not sheet.documents:
        return
    cases = {moved.case.id: moved.case for moved in sheet.moved}
    for document in sheet.documents:
        words = WORDS.get(document["kind"])
        case = cases.get(document["case_id"])
        if words is None or case is None:
            continue
        kind = DocumentKind(document["kind"])
        row = notice(
            f"document:{document['no']}",
            applicant(case.application_no),
            f"{case.title}：{kind.label}",
            {"document": document["no"], "kind": kind.value, "case": case.no, "text": words(case, document["content"])},
            case_id=case.id,
            at=desk.now,
        )
        sheet.notices.append(row)


def applicant(application_no: str) -> str:
    """Return how an applicant is addressed: by the application, never by name or number."""
    return f"applicant:{application_no}"


def seat(region: str, department: str, role: str) -> str:
    """Return how the officers of a seat are addressed."""
    return f"seat:{region}:{department}:{role}"


def personally(officer: int) -> str:
    """Return how one officer is addressed."""
    return f"officer:{officer}"


def addressees(actor: Actor, regions: Iterable[str]) -> set[str]:
    """Return how an officer is addressed: by each seat, one that reaches everywhere in each of `regions`, and alone.

    Who stands in for a colleague reads what is told to the colleague too; the walls are the stand-in's.
    """
    everywhere = (EVERYWHERE, *regions)
    seats = {
        seat(region, member.department, member.role)
        for member in actor.members
        for region in (everywhere if member.region == EVERYWHERE else (EVERYWHERE, member.region))
    }
    absent = {personally(member.absent) for member in actor.members if member.absent is not None}
    own = {personally(actor.id)} if actor.id is not None else set()
    return {*seats, *absent, *own}


def notice(
    key: str, addressee: str, title: str, content: Content, *, case_id: int | None, at: datetime
) -> dict[str, Any]:
    """Return the row of a notice on the platform; the sender makes from it what goes outside."""
    return {
        "key": key,
        "addressee": addressee,
        "channel": IN_APP,
        "title": title,
        "content": dict(content),
        "case_id": case_id,
        "created_at": at,
        "next_at": at,
        "tries": 0,
    }


def _accepted(case: CaseRow, content: Content) -> str:
    words = f"您申请的{case.title}已受理，办件编号{case.no}"
    if case.due_on is not None:
        words += f"，承诺{_day(case.due_on)}前办结"
    owed = [item for item in (case.gap or {}).get("items", []) if not item.get("handed_at")]
    if case.gap and owed:
        until = _day(date.fromisoformat(case.gap["deadline"]))
        words += f"。请按承诺于{until}（含当日）前补交：{_listed(case, owed)}"
    return f"{words}。"


def _to_bring(case: CaseRow, content: Content) -> str:
    until = _day(date.fromisoformat(content["until"]))
    owed = [item for item in content["items"] if not item.get("handed_at")]
    return f"您申请的{case.title}（{case.no}）需要补正，请于{until}（含当日）前补齐：" + (
        f"{_listed(case, owed)}。逾期未补正的，视为撤回申请。"
    )


def _listed(case: CaseRow, items: list[dict[str, Any]]) -> str:
    titles = {material["code"]: material["title"] for material in case.plan.get("materials", [])}
    return "；".join(
        title_of_item(case, item["code"], titles) + (f"（{item['note']}）" if item.get("note") else "")
        for item in items
    )


def title_of_item(case: CaseRow, code: str, titles: Mapping[str, str]) -> str:
    """Return what a missing thing is called: the paper, or the field of the form or of the applicant's facts."""
    if code in titles:
        return titles[code]
    part, _, path = code.partition("/")
    steps = tuple(int(step) if step.isdecimal() else step for step in path.split("/"))
    if part == "form" and case.matter in matters():
        return title_of(matters()[case.matter].form, steps)
    if part == "applicant":
        kind = next((k for k in APPLICANTS.values() if str(steps[0]) in k.model_fields), None)
        if kind is not None:
            return title_of(kind, steps)
    return code


def _decided(result: str) -> Callable[[CaseRow, Content], str]:
    def words(case: CaseRow, content: Content) -> str:
        said = f"您申请的{case.title}（{case.no}）{result}"
        if content.get("reason") and result != _GRANTED:
            said += f"，理由：{content['reason']}"
        if content.get("explanation"):
            said += f"。本件超过承诺时限办结，说明：{content['explanation']}"
        return f"{said}。{_AFTERWARDS}"

    return words


_GRANTED = "已办结，予以通过"
_AFTERWARDS = "请凭查询码查看文书和领取结果，不服的可依法申请行政复议或者提起行政诉讼。"


def _extended(case: CaseRow, content: Content) -> str:
    until = f"，延长后承诺{_day(case.due_on)}前办结" if case.due_on is not None else ""
    granted = f"您申请的{case.title}（{case.no}）经批准延长{content['days']}个工作日{until}。"
    return f"{granted}延期理由：{content['reason']}。"


def _special(case: CaseRow, content: Content) -> str:
    until = f"，预计{_day(date.fromisoformat(content['until']))}结束" if content.get("until") else ""
    return f"您申请的{case.title}（{case.no}）需要{content['kind']}{until}，所需时间不计算在办理期限内。"


def _ended(how: str) -> Callable[[CaseRow, Content], str]:
    def words(case: CaseRow, content: Content) -> str:
        reason = f"，理由：{content['reason']}" if content.get("reason") else ""
        where = content.get("where") or content.get("to")
        return f"您申请的{case.title}（{case.no}）{how}{f'，请向{where}申请' if where else ''}{reason}。"

    return words


def _forwarded(case: CaseRow, content: Content) -> str:
    return f"您申请的{case.title}（{case.no}）已转报{content.get('to') or '有权机关'}办理。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


WORDS: Final[Mapping[str, Callable[[CaseRow, Content], str]]] = {
    DocumentKind.ACCEPTANCE.value: _accepted,
    DocumentKind.SUPPLEMENT_NOTICE.value: _to_bring,
    DocumentKind.NOT_ACCEPTED.value: _ended("不予受理"),
    DocumentKind.NOT_REQUIRED.value: _ended("无需办理"),
    DocumentKind.SPECIAL_PROCEDURE.value: _special,
    DocumentKind.EXTENSION.value: _extended,
    DocumentKind.DECISION_OK.value: _decided(_GRANTED),
    DocumentKind.DECISION_REFUSED.value: _decided("已办结，不予通过"),
    DocumentKind.CLOSING_NOTICE.value: _ended("已办结（补正不来）"),
    DocumentKind.FORWARD_NOTICE.value: _forwarded,
    DocumentKind.WITHDRAWAL.value: _ended("已按申请撤回"),
    DocumentKind.VOID_RECORD.value: _ended("已作废"),
    DocumentKind.DELIVERY.value: lambda case, content: f"您申请的{case.title}（{case.no}）办理结果已送达。",
    DocumentKind.RATING_REPLY.value: lambda case, content: (
        f"您对{case.title}（{case.no}）的评价已经处理，回复：{content['reply']}"
    ),
    DocumentKind.REOPENING.value: lambda case, content: (
        f"您申请的{case.title}（{case.no}）重新办理，新办件编号{content['new_case']}。"
    ),
}
"""Document → what the applicant is told of it; the receipt goes home with the applicant, and a promise of papers is
part of the acceptance. Both limits and reasons are told as the law wants: 行政许可法 第32条、第38条、第42条、第45条."""
