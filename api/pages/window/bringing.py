"""What the applicant brings later (补正、容缺补交): papers and facts of the open list, ticked off as they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response

from api.frame import page
from api.pages.window import asking
from api.pages.window.acts import missing_papers, open_supplement, promised_papers, titles_of
from api.pages.window.asking import Said
from api.pages.window.body import stored
from api.pages.window.correcting import difference
from api.pages.window.held import Held, acted, held_by, plain_of, unmasked
from api.pages.window.seat import seated
from api.parameters import CaseNo
from api.sheet.filled import Filled
from api.sheet.plan import Piece
from api.visits import Seen, Sent, Visit, done
from flows.record import Desk
from flows.registry import matters
from forms.errors import FieldError, Invalid
from forms.privacy import at
from forms.scope import Scope
from infra.store import applications, dossier, on_file

ROUTER = APIRouter()


@ROUTER.get("/window/cases/{no}/supplement")
def brought(no: CaseNo, visit: Seen) -> Response:
    """The open list of what is missing, and the promised papers, each to be ticked off by what came."""
    with visit.desk() as seat:
        scope = seated(visit, seat)
        return _bringing(visit, seat, scope, held_by(seat, scope, no), Said())


def _wanted(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is asked for: the open list, promised papers, before acceptance whatever is missing."""
    asked = open_supplement(case)
    items = list(asked["items"]) if asked else []
    known = {item["code"] for item in items}
    titles = titles_of(case)
    more = [*promised_papers(case), *(missing_papers(case) if asked is None else [])]
    items += [{"code": one["code"], "note": None} for one in more if one["code"] not in known]
    return [{**item, "title": titles.get(item["code"], item["code"])} for item in items]


def _pieces(held: Held, wanted: list[dict[str, Any]]) -> list[tuple[str, Piece]]:
    """Return the fields of the form that are asked for, each with where its form stands.

    Each stands by itself: the field that would put it away is not on the page.
    """
    own = {f"form/{piece.step}": (f"/matters/{held.matter}", piece) for piece in held.plan.matters[held.matter][1]}
    head = {f"applicant/{piece.step}": ("/applicant", piece) for piece in held.plan.applicant}
    places = own | head
    codes = dict.fromkeys("/".join(item["code"].split("/")[:2]) for item in wanted)
    found = [places[code] for code in codes if code in places]
    return [(around, replace(piece, when=None)) for around, piece in found]


def _bringing(visit: Visit, seat: Desk, scope: Scope, held: Held, said: Said, status: int = 200) -> Response:
    wanted = _wanted(held.case)
    lists = {f"{around}/{piece.step}" for around, piece in _pieces(held, wanted) if piece.kind == "rows"}
    drawing = asking.drawing_of(held.body, Said(said.errors, more=frozenset(lists)))
    blanks = []
    for around, piece in _pieces(held, wanted):
        values = at(held.body, around)
        value = values.get(piece.step) if isinstance(values, dict) else None
        asked = f"{'applicant' if around == '/applicant' else 'form'}/{piece.step}"
        notes = [item for item in wanted if f"{item['code']}/".startswith(f"{asked}/") and item.get("note")]
        blanks.append((drawing.blank(f"{around}/{piece.step}", piece, value, around), notes))
    form = matters()[held.matter].form
    shareable = {material.code for material in form.materials if material.shared_from}
    codes = [item["code"] for item in wanted if "/" not in item["code"]]
    application = dossier.application(seat.conn, scope, held.case["application"])
    assert application is not None
    key = bytes(applications.by_id(seat.conn, application["id"])["person_key"])
    filed = on_file.of_person(seat.conn, scope, [key], codes)
    return page(
        visit,
        "window/supplement.html",
        status=status,
        case=held.case,
        asked=open_supplement(held.case),
        papers=[
            {
                **item,
                "shared": item["code"] in shareable,
                "on_file": [row for row in filed if row["code"] == item["code"]],
                "errors": said.by_field.get(f"/items/{item['code']}", []),
            }
            for item in wanted
            if "/" not in item["code"]
        ],
        blanks=blanks,
        kind=visit.text("kind"),
        summary=asking.summary_of(said, drawing, []),
        said_=said,
    )


@ROUTER.post("/window/cases/{no}/supplement")
def bring(no: CaseNo, visit: Sent) -> Response:
    """What came is in; when the list is complete the case goes on."""
    problems: list[FieldError] = []
    items: list[dict[str, Any]] = []
    with visit.desk() as seat:
        scope = seated(visit, seat)
        held = held_by(seat, scope, no)
        wanted = _wanted(held.case)
        for item in wanted:
            if "/" not in item["code"]:
                _take_in(visit, seat, item, items, problems)
        patch = _brought_facts(visit, seat, held, wanted)
    if not problems:
        given: dict[str, Any] = {"act": "supplement", "kind": visit.text("kind") or "window", "items": items}
        given |= {"patch": patch} if patch else {}
        refused = acted(visit, no, given, held.matter)
        if refused is None:
            return done(visit, f"/window/cases/{no}", "已收下补交内容。")
        said, status = refused
        problems = [_at_code(error, items) for error in said.errors]
    else:
        said, status = Said(), 422
    with visit.desk() as seat:
        scope = seated(visit, seat)
        fresh = held_by(seat, scope, no)
        fresh.body = held.body
        return _bringing(visit, seat, scope, fresh, Said(problems, conflict=said.conflict), status)


def _take_in(
    visit: Visit, seat: Desk, item: Mapping[str, Any], items: list[dict[str, Any]], problems: list[FieldError]
) -> None:
    code, way = item["code"], visit.text(f"paper:{item['code']}")
    try:
        fresh = stored(visit, seat, visit.upload(f"upload:{code}"))
    except Invalid as refused:
        problems += [FieldError(f"/items/{code}", f"{item['title']}：{e.message}", e.code) for e in refused.errors]
        return
    if fresh is not None:
        items.append({"code": code, "file": fresh})
    elif way == "shared":
        items.append({"code": code, "shared": True})
    elif way.startswith("on_file:"):
        items.append({"code": code, "on_file": way.removeprefix("on_file:")})


def _brought_facts(visit: Visit, seat: Desk, held: Held, wanted: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the asked-for facts as filled in now, as a patch; a fact confirmed as it was counts as brought."""
    assert visit.form is not None
    before = held.body
    filled = Filled(visit.form).body(held.plan)
    patch: dict[str, Any] = {}
    after: dict[str, Any] = {"applicant": dict(before["applicant"]), "matters": {held.matter: dict(held.case["form"])}}
    for around, piece in _pieces(held, wanted):
        top = "applicant" if around == "/applicant" else "form"
        new = (filled["applicant"] if top == "applicant" else filled["matters"][held.matter]).get(piece.step)
        place = after["applicant"] if top == "applicant" else after["matters"][held.matter]
        old = place.pop(piece.step, None)
        if new is not None:
            place[piece.step] = new
        if new != old or visit.text(f"confirm:{around}/{piece.step}"):
            nested = isinstance(old, dict) and isinstance(new, dict) and new != old
            patch.setdefault(top, {})[piece.step] = difference(old, new) if nested else new
    held.body = after
    return dict(unmasked(patch, plain_of(seat, held.case, before)))


def _at_code(error: FieldError, items: list[dict[str, Any]]) -> FieldError:
    parts = error.field.split("/")
    if len(parts) > 2 and parts[1] == "items" and parts[2].isdecimal() and int(parts[2]) < len(items):
        return FieldError(f"/items/{items[int(parts[2])]['code']}", error.message, error.code)
    return error
