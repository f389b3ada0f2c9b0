"""What stands on every document besides its text (文头、抬头): who issues it, to whom, by which day, under which law.

One hook at the end of every desk (`flows.desks`), after the clocks are wound: whoever issues a document cannot forget
its head, and what is printed later is what was stored then (行政许可法 第32条: 加盖专用印章和注明日期的书面凭证).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flows.arming import go_by, silence_of
from flows.lifecycle import standing
from flows.projection import local_day
from flows.record import Desk, issue, seal
from flows.telling import title_of_item
from forms.vocabulary import CASE_OPEN, CaseKind, Department, DocumentKind
from infra.store import issued
from infra.store.issued import Offices
from infra.store.rows import CaseRow

Content = dict[str, Any]

FROM_THE_WINDOW: Final = frozenset(
    kind.value for kind in (DocumentKind.RECEIPT, DocumentKind.COMMITMENT, DocumentKind.CLOSING_SUMMARY)
)
"""Documents of the whole application: the window gives them out, for all departments (行政许可法 第26条)."""

NAMED_BASIS: Final = frozenset(
    kind.value
    for kind in (
        DocumentKind.ACCEPTANCE,
        DocumentKind.DECISION_OK,
        DocumentKind.DECISION_REFUSED,
        DocumentKind.PUBLIC_NOTICE,
    )
)
DATED: Final = frozenset({DocumentKind.ACCEPTANCE.value, DocumentKind.EXTENSION.value})
_OPEN = frozenset(status.value for status in CASE_OPEN)


def foresee(desk: Desk) -> None:
    """Ask in one journey for all that the heads of this desk's documents will say; before the clocks are wound.

    The calendar's version comes with it: who issues a document mostly starts a clock too.
    """
    if desk.sheet.documents:
        _ask(desk, _abouts(desk))


def complete(desk: Desk) -> None:
    """Every document of this desk has its head, and its hash anew; before the sheet is written."""
    _summarise(desk)
    documents = desk.sheet.documents
    if not documents:
        return
    about = _abouts(desk)
    _ask(desk, about)
    for row in documents:
        case = about[row["no"]]
        head: Content = {"addressee": desk.names.get(row["application_id"])}
        if case is not None:
            head |= _head(row["kind"], case, desk.offices) | _of_kind(desk, row, case, head["addressee"])
        seal(row, {**row["content"], **head})


def _ask(desk: Desk, about: Mapping[str, CaseRow | None]) -> None:
    """Learn the names and offices of the heads that are not at hand yet."""
    documents = desk.sheet.documents
    for row in documents:
        if row["kind"] == DocumentKind.RECEIPT.value:
            desk.names[row["application_id"]] = row["content"]["applicant"]
    names = {row["application_id"] for row in documents} - desk.names.keys()
    wanted = {
        (department, case.region)
        for case in about.values()
        if case is not None
        for department in (Department.WINDOW.value, case.lead)
    } - desk.offices.keys()
    if not (names or wanted):
        return
    regions = {region for _, region in wanted}
    found, offices, version = issued.heads(desk.conn, names, regions, {department for department, _ in wanted})
    desk.names |= found
    desk.offices |= offices
    for region in regions - desk.workdays.keys():
        go_by(desk, region, version)


def _abouts(desk: Desk) -> dict[str, CaseRow | None]:
    """Return the case that each document of this desk is about, by the document's number."""
    cases = _cases(desk)
    return {row["no"]: _case_of(cases, row) for row in desk.sheet.documents}


def _cases(desk: Desk) -> dict[int, list[CaseRow]]:
    """Return the cases that this desk holds, by application."""
    held: dict[int, list[CaseRow]] = {}
    families = [case for family in desk.sheet.families.values() for case in family]
    for case in [*desk.sheet.new_cases, *families, *(moved.case for moved in desk.sheet.moved)]:
        mine = held.setdefault(case.application_id, [])
        if case.id not in {one.id for one in mine}:
            mine.append(case)
    return held


def _case_of(cases: Mapping[int, list[CaseRow]], row: Mapping[str, Any]) -> CaseRow | None:
    """Return the case that a document is about; of the whole application any: they share a region."""
    mine = cases.get(row["application_id"], [])
    return next((case for case in mine if row["case_id"] in (None, case.id)), None)


def _head(kind: str, case: CaseRow, offices: Offices) -> Content:
    """Return who issues the document and where one asks: the lead department, through the window."""
    lead = Department.WINDOW.value if kind in FROM_THE_WINDOW else case.lead
    office = offices.get((lead, case.region)) or (Department(lead).label, "")
    window = offices.get((Department.WINDOW.value, case.region)) or (Department.WINDOW.label, "")
    return {"office": office[0], "office_phone": office[1], "window": window[0], "window_phone": window[1]}


def _of_kind(desk: Desk, row: Mapping[str, Any], case: CaseRow, name: str | None) -> Content:
    """Return what only some kinds say: the day promised, the law, the titles of what is asked, who is published."""
    kind, content, said = row["kind"], row["content"], Content()
    if kind in NAMED_BASIS:
        said["rules"] = list(case.plan.get("basis", []))
    if kind in DATED and case.due_on is not None:
        said["due_on"] = case.due_on.isoformat()
    if kind == DocumentKind.ACCEPTANCE.value:
        said["received_on"] = local_day(case.received_at).isoformat()
        said["case_kind"] = CaseKind(case.kind).label
        if any(moved.case is case and moved.act == "deem-accept" for moved in desk.sheet.moved):
            said["deemed"] = silence_of(case.plan) or True
    elif kind == DocumentKind.SUPPLEMENT_NOTICE.value:
        titles = {material["code"]: material["title"] for material in case.plan.get("materials", [])}
        said["items"] = [{**item, "title": title_of_item(case, item["code"], titles)} for item in content["items"]]
    elif kind == DocumentKind.PUBLIC_NOTICE.value:
        said["subject"], said["addressee"] = _masked(name or ""), None
        step = next((t for t in desk.sheet.tasks_of.get(case.id, []) if t.no == content["task_no"]), None)
        if step is not None and step.due_on is not None:
            said["until"] = step.due_on.isoformat()
    return said


def _masked(name: str) -> str:
    """Return a name as it is made public: personal data hidden (行政许可法 第40条; 个人信息保护法 第6条)."""
    if len(name) <= 1:
        return name
    return name[0] + "*" * max(1, len(name) - 2) + (name[-1] if len(name) > 2 else "")


def _summarise(desk: Desk) -> None:
    """The applicant of several matters gets one list of all results (办结一览) with the last of them."""
    ended = {
        moved.case.application_id: moved.case
        for moved in desk.sheet.moved
        if moved.task is None and moved.before in _OPEN and moved.after not in _OPEN
    }
    for application_id, case in ended.items():
        family = standing(desk.sheet.families.get(application_id, []))
        if len(family) > 1 and all(one.status not in _OPEN for one in family):
            results = [
                {
                    "no": one.no,
                    "title": one.title,
                    "status": one.status,
                    "outcome": one.outcome,
                    "closed_on": local_day(one.closed_at).isoformat() if one.closed_at is not None else None,
                }
                for one in family
            ]
            issue(desk, case, DocumentKind.CLOSING_SUMMARY, results=results)
