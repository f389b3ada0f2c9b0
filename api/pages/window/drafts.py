"""Taking an application in (一口受理): choose matters, fill in one form, keep it, check it, hand it in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import RedirectResponse

from api.frame import page
from api.guide import entry
from api.pages.window import asking, receipt
from api.pages.window.asking import Said, placed
from api.pages.window.body import body_from, default_papers, forms_of, papers_from, plan_for, stored, unsigned
from api.pages.window.seat import regions, seated
from api.parameters import DRAFT
from api.sheet.filled import without_row
from api.visits import Seen, Sent, Visit, done
from flows import overrides
from flows.bundles import PRESETS
from flows.casework import drafts
from flows.casework.intake import Received, receive
from flows.projection import local_day
from flows.record import Desk
from flows.registry import matters
from forms.drafts import DraftIn
from forms.errors import Conflict, FieldError, Invalid, NotFound, Stale
from forms.expected import Expected, expected
from forms.intake import read_intake
from forms.messages import read_message
from forms.scope import Scope
from forms.vocabulary import ApplicantKind

ROUTER = APIRouter()
DraftNo = Annotated[str, Path(pattern=DRAFT)]
GONE = "这份暂存已经提交或者删除。"
ELSEWHERE = "这份暂存已在另一页面保存过。下面是本页填写的内容，再次暂存将以本页为准。"


@ROUTER.get("/window/new")
def new(visit: Seen, preset: Annotated[str, Query(max_length=40)] = "") -> Response:
    """The matters to choose from, and the bundles that people usually ask for together."""
    chosen = next((one.matters for one in PRESETS if one.code == preset), ())
    with visit.desk() as seat:
        seated(visit, seat)
        return _choosing(visit, seat, {"matters": list(chosen)}, {})


def _choosing(visit: Visit, seat: Desk, given: dict[str, Any], errors: dict[str, list[str]]) -> Response:
    return page(
        visit,
        "window/new.html",
        status=422 if errors else 200,
        matters=[entry(matters()[code]) for code in _in_order()],
        presets=[
            {"code": p.code, "title": p.title, "words": "、".join(matters()[c].title for c in p.matters)}
            for p in PRESETS
        ],
        regions=list(regions(seat).items()),
        given=given,
        errors=errors,
    )


def _in_order() -> list[str]:
    """Return the matters in the order in which the largest bundle names them, then the others."""
    largest = max(PRESETS, key=lambda one: len(one.matters)).matters
    return [*(code for code in largest if code in matters()), *(code for code in matters() if code not in largest)]


@ROUTER.post("/window/new")
def begin(visit: Sent) -> Response:
    """A draft for the chosen matters is kept, and its form opened."""
    codes = [code for code in _in_order() if code in visit.texts("matters")]
    kind = visit.text("kind") or ApplicantKind.PERSON.value
    with visit.desk() as seat:
        seated(visit, seat)
        known = regions(seat)
        region = visit.text("region") or next(iter(known), "")
        errors: dict[str, list[str]] = {}
        if not codes:
            errors["matters"] = ["请至少选择一个事项"]
        refused = [matters()[code].title for code in codes if kind not in matters()[code].form.applies_to]
        if refused:
            errors["kind"] = [f"“{'、'.join(refused)}”不由此类申请主体申请"]
        if region not in known:
            errors["region"] = ["请选择受理地区"]
        if errors:
            return _choosing(visit, seat, {"matters": codes, "kind": kind, "region": region}, errors)
        body: dict[str, Any] = {
            "region": region,
            "channel": "window",
            "applicant": {"kind": kind},
            "matters": {code: {} for code in codes},
            "accept": True,
        }
        default_papers(body, Asked({}, body).wanted(seat), ())
        row = drafts.save(seat, DraftIn(title=None, body=body))
    return RedirectResponse(f"/window/drafts/{row['id']}", 303)


@dataclass(slots=True)
class Asked:
    """A draft on its page: the row, the body as it stands now, what is said about it."""

    row: dict[str, Any]
    body: dict[str, Any]
    said: Said = field(default_factory=Said)

    def wanted(self, seat: Desk) -> list[Expected]:
        """Return the papers that are to be expected, and which of them may be promised today."""
        forms = forms_of(self.body)
        known = matters()
        may = overrides.promisable(seat.conn, {code: known[code] for code in forms})
        return expected(self.body, forms, local_day(seat.now), may)


@ROUTER.get("/window/drafts/{no}")
def fill(no: DraftNo, visit: Seen, add: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The form of a draft, as far as it was filled in."""
    with visit.desk() as seat:
        scope = seated(visit, seat)
        row = drafts.open_(seat, no)
        return _form(visit, seat, scope, Asked(row, row["body"], Said(more=frozenset({add}))))


def _form(visit: Visit, seat: Desk, scope: Scope, asked: Asked, status: int = 200) -> Response:
    body, said = asked.body, asked.said
    plan = plan_for(body, regions(seat))
    drawing = asking.drawing_of(body, said, asking.needed_groups(body))
    sections = asking.sections_of(body, plan, drawing)
    return page(
        visit,
        "window/draft.html",
        status=status,
        draft=asked.row,
        titles="、".join(title for title, _ in plan.matters.values()),
        region=regions(seat).get(str(body.get("region")), str(body.get("region", ""))),
        sections=sections,
        summary=asking.summary_of(said, drawing, sections),
        said_=said,
        papers=asking.paper_rows(seat, scope, body, asked.wanted(seat), said),
        consents=asking.consent_rows(body),
        consent_errors=said.by_field,
        family=_family(body),
        accept=body.get("accept") is not False,
        open_already=asking.open_already(seat, scope, body),
    )


def _family(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the numbers of the family with their names, to be offered where a number is asked for again."""
    head = body.get("applicant")
    members = head.get("family") if isinstance(head, dict) else None
    return [
        (str(one.get("id_number")), str(one.get("name", "")))
        for one in (members if isinstance(members, list) else ())
        if isinstance(one, dict) and one.get("id_number")
    ]


@ROUTER.post("/window/drafts/{no}")
def send(no: DraftNo, visit: Sent) -> Response:
    """What was filled in is kept; then what the button says: go on, check, or hand it in."""
    do = visit.text("do")
    with visit.desk() as seat:
        scope = seated(visit, seat)
        try:
            asked, problems = _kept(visit, seat, no, do)
        except Invalid as refused:
            errors = [FieldError(e.field.removeprefix("/body"), e.message, e.code) for e in refused.errors]
            return _form(visit, seat, scope, _as_typed(visit, seat, no, Said(errors)), 422)
        except Stale:
            return _form(visit, seat, scope, _as_typed(visit, seat, no, Said(conflict=ELSEWHERE)), 412)
        if problems:
            files = frozenset(one.field.rpartition("/")[2] for one in problems)
            asked.said = Said(placed(problems, asked.body), refused=files)
            return _form(visit, seat, scope, asked, 422)
        if do == "check":
            asked.said = _checked(seat, asked.body)
            return _form(visit, seat, scope, asked, 422 if asked.said.errors else 200)
    if do == "submit":
        return _submitted(visit, asked)
    if do.startswith("add:"):
        pointer = do.removeprefix("add:")
        return done(visit, f"/window/drafts/{no}?add={pointer}#f-{pointer}")
    if do.startswith("drop:"):
        return done(visit, f"/window/drafts/{no}#f-{do.removeprefix('drop:').rpartition('/')[0]}")
    if do == "refresh":
        return done(visit, f"/window/drafts/{no}#papers")
    return done(visit, f"/window/drafts/{no}", "已暂存，可以随时从“我的暂存”继续填写。")


def _as_typed(visit: Visit, seat: Desk, no: str, said: Said) -> Asked:
    """Return a draft with what was typed on the page, which could not be kept."""
    row = drafts.open_(seat, no)
    body = body_from(visit, plan_for(row["body"], regions(seat)), row["body"])
    body["materials"] = row["body"].get("materials", [])
    return Asked(row, body, said)


def _kept(visit: Visit, seat: Desk, no: str, do: str) -> tuple[Asked, list[FieldError]]:
    """Keep what was filled in, files included; return the draft as it is now and what was wrong with the files."""
    try:
        row = drafts.open_(seat, no)
    except NotFound:
        raise NotFound(GONE) from None
    before = row["body"]
    body = body_from(visit, plan_for(before, regions(seat)), before)
    known = {m.code: m.title for form in forms_of(before).values() for m in form.materials}
    body["materials"], shown, problems = papers_from(visit, seat, known, before)
    try:
        mandate = stored(visit, seat, visit.upload("upload:/mandate/file"))
    except Invalid as refused:
        problems += [FieldError("/mandate/file", e.message, e.code) for e in refused.errors]
        mandate = None
    if mandate is not None:
        body.setdefault("mandate", {"kind": "agent"})["file"] = mandate
    if do.startswith("drop:"):
        without_row(body, do.removeprefix("drop:"))
    asked = Asked(row, body)
    default_papers(body, asked.wanted(seat), shown)
    version = visit.text("version")
    draft = read_message(DraftIn, {"body": body})
    asked.row = drafts.save(seat, draft, draft=no, if_match=int(version) if version.isdecimal() else None)
    return asked, problems


def _checked(seat: Desk, body: dict[str, Any]) -> Said:
    """Say everything that is wrong with an intake, and what is doubtful, without handing it in."""
    errors = unsigned(body)
    doubts: list[FieldError] = []
    try:
        forms = {code: matter.form for code, matter in matters().items()}
        may = overrides.promisable(seat.conn, matters())
        intake = read_intake(body, forms, today=local_day(seat.now), regions=regions(seat), promisable=may)
        doubts = intake.warnings
    except Invalid as refused:
        errors = [*placed(refused.errors, body), *errors]
    return Said(errors, doubts)


def _submitted(visit: Visit, asked: Asked) -> Response:
    """Hand the draft in; what stands in the way is said on its page, with everything still filled in."""
    missing = unsigned(asked.body)
    try:
        if missing:
            with visit.desk() as seat:
                raise Invalid([*_checked(seat, asked.body).errors])
        given = _received(visit, asked)
    except Invalid as refused:
        said = Said(placed(refused.errors, asked.body))
    except (Conflict, Stale) as refused:
        said = Said(conflict=refused.detail)
    else:
        return receipt.received(visit, given)
    with visit.desk() as seat:
        scope = seated(visit, seat)
        asked.said = said
        return _form(visit, seat, scope, asked, 409 if said.conflict else 422)


def _received(visit: Visit, asked: Asked) -> Received:
    with visit.desk() as seat:
        try:
            return receive(seat, asked.body, draft=asked.row["id"])
        except NotFound:
            raise NotFound(GONE) from None


@ROUTER.post("/window/drafts/{no}/discard")
def discard(no: DraftNo, visit: Sent) -> Response:
    """The draft is gone."""
    with visit.desk() as seat:
        seated(visit, seat)
        drafts.discard(seat, no)
    return done(visit, "/window", "暂存已删除。")
