"""The window's verbs (综合窗口): receive, accept, with gap too, decline; one intake for several matters (一口受理)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from flows import access, overrides, plan
from flows.arming import go_by, must_be_armable, silence_of
from flows.casework import drafts, secrets
from flows.casework import papers as handing
from flows.casework.advance import advance, derive_application, settle_open
from flows.casework.correct import forms_of
from flows.casework.hand import InHand, hold
from flows.casework.standing import by_turns
from flows.lifecycle import derive
from flows.matter import Matter
from flows.projection import local_day
from flows.receipt import received_at
from flows.record import Desk, issue, issue_receipt, record
from flows.registry import matters as all_matters
from forms.consents import CONSENTS
from forms.errors import Conflict, FieldError, Invalid, NotAllowed
from forms.intake import Intake, read_intake
from forms.materials import checklist
from forms.messages import REMEDIES, Accept, Decline
from forms.vocabulary import Channel, Department, DocumentKind
from infra import numbers
from infra.clock import SHANGHAI
from infra.store import papers, receiving, work
from infra.store.rows import CaseRow
from infra.store.statement import write
from infra.vault import hash_token


@dataclass(frozen=True, slots=True)
class Received:
    """What the applicant takes home: the number, the code for progress, each case and what it still lacks."""

    no: str
    code: str
    status: str
    cases: list[dict[str, Any]]
    warnings: list[FieldError] = field(default_factory=list)


@by_turns
def receive(
    desk: Desk, body: object, *, matters: Mapping[str, Matter] | None = None, draft: str | None = None
) -> Received:
    """The application is on record with a number; complete cases are accepted on the spot where the window wishes so.

    Acceptance is judged per case: a missing paper holds back only its own (行政许可法 第32条). Invalid carries every
    error of every matter; then nothing is written. The officer's own `draft` (暂存) is gone with it, in the same
    transaction; NotFound where it was gone already. Filed online after hours it is received on the next working day.
    """
    known = matters if matters is not None else all_matters()
    holds = receiving.in_force(desk.conn, list(known))
    known = overrides.applied(known, holds.changes)
    intake = _read(desk, body, known, holds.regions)
    access.may(desk.actor, "receive", region=intake.region)
    if draft is not None:
        drafts.hand_in(desk, draft)
    chosen = {code: known[code] for code in intake.forms}
    application_id, case_ids = _next_keys(desk, intake.region, chosen)
    go_by(desk, intake.region, holds.calendar)
    day = desk.now.astimezone(SHANGHAI).date()
    no, code = numbers.application_number(intake.region, day, application_id), numbers.progress_code()
    person_key = secrets.blind("identity", intake.applicant.id_number)
    wanted = checklist(intake.applicant, intake.forms)
    document = intake.document()
    cases = _cases(desk, intake, chosen, document, no, application_id, case_ids)
    may_accept = intake.accept and _accepts(desk, cases[0])
    received = received_at(desk, intake.region, online=intake.channel is Channel.ONLINE and not may_accept)
    received_on = local_day(received).isoformat()
    rows = handing.listed(desk, application_id, person_key, wanted, intake)
    missing = {case.matter: handing.missing_for(rows, case.matter) for case in cases}
    gaps = {case.matter: handing.gap_for(desk, rows, chosen[case.matter]) for case in cases}
    for case in cases:
        case.received_at = received
        record(
            desk,
            case,
            "receive",
            channel=intake.channel.value,
            received_on=received_on if received != desk.now else None,
            missing=missing[case.matter] or None,
            warnings=[{"field": w.field, "code": w.code} for w in intake.warnings] or None,
            agent=intake.mandate.name if intake.mandate else None,
        )
    issue_receipt(
        desk,
        application_id,
        no,
        applicant=intake.applicant.name,
        matters=[m.title for m in chosen.values()],
        materials=[{"title": r["title"], "state": r["state"]} for r in rows],
        agent=intake.mandate.name if intake.mandate else None,
        received_by=desk.actor.name,
        received_on=received_on,
    )
    handing.committed(desk, intake, application_id, no)
    for case in cases:
        if may_accept and not missing[case.matter]:
            hand = hold(desk, case, cases, [])
            _begin(desk, hand, chosen[case.matter], intake.forms[case.matter], gaps[case.matter], None)
    status, outcome = derive((case.status, case.outcome) for case in cases)
    _insert(desk, intake, document, application_id, no, code, person_key, status.value, outcome, rows, cases)
    desk.sheet.derived.pop(application_id, None)
    return Received(
        no,
        code,
        status.value,
        [
            {"no": c.no, "matter": c.matter, "title": c.title, "status": c.status, "missing": missing[c.matter]}
            for c in cases
        ],
        intake.warnings,
    )


def _next_keys(desk: Desk, region: str, chosen: Mapping[str, Matter]) -> tuple[int, list[int]]:
    departments = {Department.WINDOW.value, *(matter.lead.value for matter in chosen.values())}
    application_id, case_ids, offices = receiving.next_keys(desk.conn, len(chosen), region, departments)
    desk.offices |= offices
    return application_id, case_ids


def _accepts(desk: Desk, case: CaseRow) -> bool:
    """Whether the one who files may also accept; a service officer files, the window accepts."""
    try:
        access.may(desk.actor, "accept", case=case)
    except NotAllowed:
        return False
    return True


def _read(desk: Desk, body: object, known: Mapping[str, Matter], regions: Collection[str]) -> Intake:
    return read_intake(
        body,
        {code: matter.form for code, matter in known.items()},
        today=desk.now.astimezone(SHANGHAI).date(),
        regions=regions,
        promisable={code: matter.promisable for code, matter in known.items() if matter.promisable is not None},
    )


def _cases(
    desk: Desk,
    intake: Intake,
    chosen: Mapping[str, Matter],
    document: dict[str, Any],
    no: str,
    application_id: int,
    case_ids: list[int],
) -> list[CaseRow]:
    subjects = intake.subjects()
    cases = []
    for position, (code, matter) in enumerate(chosen.items(), start=1):
        subject = subjects[code]
        case = CaseRow(
            id=case_ids[position - 1],
            no=numbers.case_number(no, position),
            application_id=application_id,
            position=position,
            matter=code,
            title=matter.title,
            region=intake.region,
            lead=matter.lead.value,
            kind=matter.kind.value,
            status="draft",
            received_at=desk.now,
            fate=matter.fate.value,
            form=document["matters"][code],
            plan=plan.pinned(matter) | plan.asked(intake.applicant),
            computed=matter.compute(intake.applicant, intake.forms[code]) if matter.compute else {},
            subject_key=secrets.blind("subject", subject) if subject else None,
        )
        desk.sheet.new_cases.append(case)
        cases.append(case)
    return cases


def _insert(
    desk: Desk,
    intake: Intake,
    document: dict[str, Any],
    application_id: int,
    no: str,
    code: str,
    person_key: bytes,
    status: str,
    outcome: str | None,
    rows: list[dict[str, Any]],
    cases: list[CaseRow],
) -> None:
    application = {
        "id": application_id,
        "no": no,
        "region": intake.region,
        "channel": intake.channel.value,
        "kind": intake.applicant.kind,
        "name": intake.applicant.name,
        "status": status,
        "outcome": outcome,
        "head": document["applicant"],
        "mandate": document.get("mandate"),
        "overrides": document["overrides"],
        "person_key": person_key,
        "code_hash": hash_token(code),
        "received_at": cases[0].received_at,
        "created_by": desk.actor.id,
        "version": 1,
    }
    consents = [
        {
            "application_id": application_id,
            "code": given.code,
            "version": given.version,
            "content": CONSENTS[given.code].text,
            "at": desk.now,
        }
        for given in intake.consents
    ]
    sealed = secrets.sealed(intake, application_id, {case.matter: case.position for case in cases})
    head = work.added(work.APPLICATIONS, [application])
    mandate = intake.mandate.file if intake.mandate else None
    if uploaded := [key for key in (*(row["file_id"] for row in rows), mandate) if key]:
        write(desk.conn, [head])  # a file points at its application, which therefore stands first
        papers.attach_files(desk.conn, uploaded, application_id)
    else:
        desk.sheet.filed.append(head)
    desk.sheet.filed += [
        work.added(papers.SECRETS, sealed),
        work.added(papers.CONSENTS, consents),
        work.added(papers.MATERIALS, rows),
    ]


def accept(desk: Desk, hand: InHand, message: Accept) -> None:
    """The case is accepted: all its papers are there, or what is missing may be promised and is (容缺受理)."""
    case = hand.case
    access.may(desk.actor, "accept", case=case)
    matter = all_matters()[case.matter]
    if case.status != "submitted":
        record(desk, case, "accept")
    rows = papers.materials_of(desk.conn, case.application_id)
    missing = handing.missing_for(rows, case.matter)
    if missing:
        titles = {row["code"]: row["title"] for row in rows}
        raise Conflict(
            "材料尚未齐全：" + "、".join(titles[code] for code in missing) + "。", code="incomplete", missing=missing
        )
    form = forms_of(desk, hand)[case.matter]
    _begin(desk, hand, matter, form, handing.gap_for(desk, rows, matter, message.until), message.reason)
    derive_application(desk, hand)


def _begin(
    desk: Desk,
    hand: InHand,
    matter: Matter,
    form: Any,
    gap: dict[str, Any] | None,
    reason: str | None,
    *,
    act: str | None = None,
) -> None:
    """Accept a case whose papers are in order: its plan becomes rows and the first departments have their tasks."""
    case = hand.case
    record(desk, case, act or ("accept" if gap is None else "accept-with-gap"), reason=reason, gap=gap)
    case.accepted_at, case.gap = desk.now, gap
    case.edges = plan.edges_of(matter, form)
    case.routes = plan.open_routes(case.edges, {c.matter for c in hand.family if c.id != case.id})
    hand.tasks = plan.materialise(desk, matter, case, form)
    must_be_armable(case, hand.tasks)
    handing.check_gap(desk, case)
    limits = [x for x in case.plan["limits"] if x["kind"] == "promised"]
    issue(desk, case, DocumentKind.ACCEPTANCE, limits=limits, accepted_by=desk.actor.name)
    if gap is not None:  # two copies: the office's notice goes home, the signed promise stays on file
        late = handing.promised_if_late(case.plan)
        for kind in (DocumentKind.GAP_NOTICE, DocumentKind.GAP_PROMISE):
            issue(desk, case, kind, items=gap["items"], deadline=gap["deadline"], if_late=late)
    advance(desk, hand)


def deem_accepted(desk: Desk, hand: InHand) -> None:
    """The window let its five working days pass: the case counts as accepted from the day the papers were received.

    行政许可法 第32条第一款第（四）项, or by what the matter names; what is missing is asked for after acceptance, if
    at all.
    """
    case = hand.case
    why = f"逾期未告知补正，自收到材料之日起视为受理（{silence_of(case.plan)}）"
    matter = all_matters()[case.matter]
    form = forms_of(desk, hand)[case.matter]
    _begin(desk, hand, matter, form, None, why, act="deem-accept")
    case.accepted_at = case.received_at
    derive_application(desk, hand)


def decline(desk: Desk, hand: InHand, message: Decline) -> None:
    """The matter needs no approval (不受理), or it is another authority's (不予受理, which one is named).

    行政许可法 第32条第（一）项、第（二）项; the applicant gets a dated written notice.
    """
    case = hand.case
    access.may(desk.actor, "decline", case=case)
    refused = message.kind == "not_accepted"
    if refused and not message.department:
        raise Invalid.one("/department", "不予受理的，须告知应当向哪个机关申请", "required")
    case.reason_code = message.reason_code
    record(
        desk,
        case,
        f"decline-{message.kind.replace('_', '-')}",
        reason_code=message.reason_code,
        reason=message.reason,
        basis=message.basis,
        where=message.department,
    )
    settle_open(desk, hand, reason="不予受理")
    issue(
        desk,
        case,
        DocumentKind.NOT_ACCEPTED if refused else DocumentKind.NOT_REQUIRED,
        reason_code=message.reason_code,
        reason=message.reason,
        basis=message.basis,
        where=message.department,
        remedies=REMEDIES,
    )
    derive_application(desk, hand)
    advance(desk, hand)
