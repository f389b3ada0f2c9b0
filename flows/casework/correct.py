"""Correcting facts (更正): on the spot before acceptance, or together with a supplement; conditions are judged anew."""

from __future__ import annotations

from typing import Any

from flows import access, plan
from flows.casework import secrets
from flows.casework.advance import derive_application, end_without_work
from flows.casework.hand import OPEN, InHand
from flows.casework.offices import UNCLAIMED, lie_at, name_of
from flows.joins import NOT_INVOLVED
from flows.matter import Matter
from flows.record import Desk, record
from flows.registry import matters as all_matters
from forms.consents import CONSENTS
from forms.errors import Conflict, FieldError, Invalid
from forms.fields import resident_id_finding
from forms.intake import Intake, read_intake
from forms.intake import correct as merge
from forms.materials import checklist
from forms.messages import Correct, Patch
from forms.privacy import at
from forms.terms import ConsentGiver
from forms.vocabulary import CASE_OPEN, CaseStatus, MaterialState
from infra.clock import SHANGHAI
from infra.store import applications, papers, people

_OPEN_CASES = frozenset(status.value for status in CASE_OPEN)


def body_of(desk: Desk, hand: InHand) -> dict[str, Any]:
    """Return the whole body as it stands today, in plain: the head, this case's form and those of open siblings."""
    application = applications.by_id(desk.conn, hand.case.application_id)
    cases = {case.matter: case for case in hand.family if case.status in _OPEN_CASES}
    cases[hand.case.matter] = hand.case
    document = {
        "region": application["region"],
        "channel": application["channel"],
        "applicant": application["head"],
        "matters": {matter: case.form for matter, case in cases.items()},
        "overrides": application["overrides"],
        "consents": [
            {"code": row["code"], "version": row["version"], "given_by": _giver(row["code"])}
            for row in papers.consents_of(desk.conn, hand.case.application_id)
        ],
    }
    if application["mandate"]:
        document["mandate"] = application["mandate"]
    values: dict[str, str] = {}
    for case in cases.values():
        opened = secrets.opened(desk, hand.case.application_id, case.position)
        values |= {
            p: v for p, v in opened.items() if p.startswith((f"/matters/{case.matter}/", "/applicant", "/mandate"))
        }
    secrets.restored(document, values)
    document["overrides"] = [entry for entry in document["overrides"] if _still_needed(document, entry)]
    return document


def _still_needed(document: dict[str, Any], entry: dict[str, Any]) -> bool:
    """Whether a number that was let through still stands there and still fails its check."""
    number = at(document, entry["field"])
    return isinstance(number, str) and resident_id_finding(number) is not None


def _giver(code: str) -> str:
    return (CONSENTS[code].giver or ConsentGiver.APPLICANT).value


def read_again(desk: Desk, hand: InHand, body: dict[str, Any]) -> Intake:
    """Read a body by the rules of the day it was received."""
    return read_intake(
        body,
        {code: matter.form for code, matter in all_matters().items()},
        today=hand.case.received_at.astimezone(SHANGHAI).date(),
        regions=people.region_codes(desk.conn),
        beside={case.matter for case in hand.family},
    )


def forms_of(desk: Desk, hand: InHand) -> dict[str, Any]:
    """Return the forms of the case and its open siblings as objects, for conditions to read."""
    return dict(read_again(desk, hand, body_of(desk, hand)).forms)


def correct(desk: Desk, hand: InHand, message: Correct) -> None:
    """An error is corrected on the spot before acceptance (行政许可法 第32条第三项), before and after on record."""
    case = hand.case
    access.may(desk.actor, "correct", case=case)
    if case.status != CaseStatus.SUBMITTED.value:
        record(desk, case, "correct")  # says why not
    if message.patch.applicant and any(c.status == CaseStatus.IN_PROGRESS.value for c in hand.family):
        raise Conflict("同一申请的其他事项已受理，申请人信息请通过补正更正。", code="sibling_accepted")
    changed = apply(desk, hand, message.patch)
    record(desk, case, "correct", reason=message.reason, changed=changed)
    derive_application(desk, hand)


def apply(desk: Desk, hand: InHand, patch: Patch) -> list[dict[str, Any]]:
    """Write corrected facts and return what changed, masked: pointer, before, after. Invalid with all that is wrong."""
    case = hand.case
    before = body_of(desk, hand)
    changes: dict[str, Any] = {}
    if patch.applicant:
        changes["applicant"] = patch.applicant
    if patch.form:
        changes["matters"] = {case.matter: patch.form}
    after = merge(before, changes)
    after["overrides"] = [e for e in before["overrides"] if at(before, e["field"]) == at(after, e["field"])]
    try:
        intake = read_again(desk, hand, after)
    except Invalid as error:
        raise Invalid([_as_patch(e, case.matter) for e in error.errors]) from None
    was = read_again(desk, hand, before)
    old = was.document()
    new = intake.document()
    _write(desk, hand, intake, new)
    if case.status == CaseStatus.IN_PROGRESS.value:
        _judge_conditions(desk, hand, all_matters()[case.matter], intake.forms[case.matter])
        forms = (was.forms[case.matter], intake.forms[case.matter])
        _follow_offices(desk, hand, all_matters()[case.matter], *forms)
    if patch.applicant:
        for sibling in hand.family:
            if sibling.id != case.id and sibling.status in _OPEN_CASES:
                record(desk, sibling, "correct-shared", by_case=case.no)
    return [
        {"field": pointer, "before": at(old, pointer), "after": at(new, pointer)}
        for pointer in sorted(_differences(old, new))
    ]


def _as_patch(error: FieldError, matter: str) -> FieldError:
    """Point at the place in the patch that the officer sent."""
    prefix = f"/matters/{matter}"
    if error.field.startswith(prefix):
        return FieldError("/patch/form" + error.field.removeprefix(prefix), error.message, error.code)
    return FieldError("/patch" + error.field, error.message, error.code)


def _differences(old: Any, new: Any, pointer: str = "") -> set[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        return {
            found
            for key in old.keys() | new.keys()
            for found in _differences(old.get(key), new.get(key), f"{pointer}/{key}")
        }
    return set() if old == new else {pointer}


def _write(desk: Desk, hand: InHand, intake: Intake, document: dict[str, Any]) -> None:
    case = hand.case
    application_id = case.application_id
    applications.change(
        desk.conn,
        application_id,
        head=document["applicant"],
        name=intake.applicant.name,
        overrides=_kept(desk, application_id, document),
        person_key=secrets.blind("identity", intake.applicant.id_number),
    )
    case.form = document["matters"][case.matter]
    matter = all_matters()[case.matter]
    if matter.compute:
        case.computed = matter.compute(intake.applicant, intake.forms[case.matter])
    _follow_the_head(desk, hand, intake)
    desk.sheet.with_form.add(case.id)
    desk.touch(case)
    by_matter = {c.matter: c.position for c in hand.family if c.status in _OPEN_CASES} | {case.matter: case.position}
    rows = secrets.sealed(intake, application_id, by_matter)
    kept = {0, *by_matter.values()}
    papers.replace_secrets(desk.conn, application_id, kept, rows)
    _list_papers_anew(desk, hand, intake)


def _kept(desk: Desk, application_id: int, document: dict[str, Any]) -> list[Any]:
    """Return the numbers let through that still are: those of matters that are over are not touched."""
    now = {entry["field"] for entry in document["overrides"]}
    read = ("/applicant", "/mandate", *(f"/matters/{matter}/" for matter in document["matters"]))
    stored = applications.by_id(desk.conn, application_id)["overrides"]
    return [entry for entry in stored if entry["field"] in now or not entry["field"].startswith(read)]


def _follow_the_head(desk: Desk, hand: InHand, intake: Intake) -> None:
    """What hangs on the head too follows it in every open case: whom it counts by, what is computed, how it ends."""
    subjects = intake.subjects()
    for case in hand.family:
        if case.matter not in subjects or (case.id != hand.case.id and case.status not in _OPEN_CASES):
            continue
        subject, compute = subjects[case.matter], all_matters()[case.matter].compute
        key = secrets.blind("subject", subject) if subject else None
        computed = compute(intake.applicant, intake.forms[case.matter]) if compute else {}
        wanted = {name: value for name, value in case.plan.items() if name != plan.CERTIFICATE}
        wanted |= plan.asked(intake.applicant)
        if (key, computed, wanted) != (case.subject_key, case.computed, case.plan):
            case.subject_key, case.computed, case.plan = key, computed, wanted
            desk.sheet.with_form.add(case.id)
            desk.touch(case)


def _list_papers_anew(desk: Desk, hand: InHand, intake: Intake) -> None:
    """A correction may change which papers are wanted; what is there already stays there."""
    there = {row["code"]: row for row in papers.materials_of(desk.conn, hand.case.application_id)}
    wanted = checklist(intake.applicant, intake.forms)
    rows = []
    for item in wanted:
        known = there.get(item.material.code)
        rows.append(
            {
                "application_id": hand.case.application_id,
                "code": item.material.code,
                "title": item.material.title,
                "state": known["state"] if known else MaterialState.MISSING.value,
                "matters": list(item.matters),
                "required_by": list(item.required_by),
                "file_id": known["file_id"] if known else None,
                "deadline": known["deadline"] if known else None,
                "grade": item.material.grade.value,
                "updated_at": known["updated_at"] if known else desk.now,
            }
        )
    codes = {row["code"] for row in rows}
    lists = [papers.open_supplement(desk.conn, case.id) for case in hand.family if case.status in _OPEN_CASES]
    asked = {item["code"] for open_list in lists if open_list for item in open_list["items"]}
    rows += [
        {name: value for name, value in row.items() if name != "id"}
        for code, row in there.items()
        if code not in codes and (row["state"] != MaterialState.MISSING.value or code in asked)
    ]
    papers.replace_materials(desk.conn, hand.case.application_id, rows)


def _judge_conditions(desk: Desk, hand: InHand, matter: Matter, form: Any) -> None:
    """Evaluate the plan's conditions again; a step that now takes part, or no longer does, is an act on the record."""
    for step in matter.steps:
        task = hand.step(step.code)
        if task is None or step.when is None or task.route is not None:
            continue
        takes_part = plan.involved(step, form, hand.case.routes)
        if takes_part and task.status == "not_applicable" and task.outcome == NOT_INVOLVED:
            record(desk, hand.case, "involve", task=task, reason="更正后符合办理条件")
            task.outcome = None
        elif not takes_part and task.status in OPEN and not task.signers:
            end_without_work(desk, hand.case, [task], "exclude", NOT_INVOLVED, "更正后不再涉及")


def _follow_offices(desk: Desk, hand: InHand, matter: Matter, before: Any, form: Any) -> None:
    """A task that nobody has claimed lies at the office that is named now; a claimed one is its holder's.

    Where the naming did not change, the task stays where officers have moved it meanwhile.
    """
    for step in matter.steps:
        task = hand.step(step.code) if step.office is not None else None
        if step.office is None or task is None or task.status not in UNCLAIMED or task.department != step.department:
            continue
        office = plan.office_named(desk, task.department, task.region, step.office(form))
        if office != task.office and step.office(form) != step.office(before):
            record(desk, hand.case, "follow-office", task=task, reason="更正后由所选机构办理",
                   to=name_of(desk, task, office))  # fmt: skip
            lie_at(desk, hand, task, office)
