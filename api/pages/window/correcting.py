"""Corrections on the spot (当场更正): the same form, filled with the case, before and after on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.frame import page
from api.pages.window import asking
from api.pages.window.asking import Said
from api.pages.window.held import Held, acted, held_by, plain_of, unmasked
from api.pages.window.seat import seated
from api.parameters import CaseNo
from api.sheet.filled import Filled, without_row
from api.visits import Seen, Sent, Visit, done

ROUTER = APIRouter()


@ROUTER.get("/window/cases/{no}/correct")
def look(no: CaseNo, visit: Seen, add: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The form filled with what is on record; numbers stay masked, and a mask left alone is no change."""
    with visit.desk() as seat:
        held = held_by(seat, seated(visit, seat), no)
        return _correcting(visit, held, Said(more=frozenset({add})))


def _correcting(visit: Visit, held: Held, said: Said, *, reason: str = "", status: int = 200) -> Response:
    drawing = asking.drawing_of(held.body, said)
    sections = asking.sections_of(held.body, held.plan, drawing)[:2]
    return page(
        visit,
        "window/correct.html",
        status=status,
        case=held.case,
        sections=sections,
        summary=asking.summary_of(said, drawing, sections),
        said_=said,
        reason=reason,
    )


@ROUTER.post("/window/cases/{no}/correct")
def correct(no: CaseNo, visit: Sent) -> Response:
    """What was wrong is right, before and after on record (行政许可法 第32条第一款第（三）项)."""
    do, reason = visit.text("do"), visit.text("reason")
    with visit.desk() as seat:
        held = held_by(seat, seated(visit, seat), no)
        before = held.body
        assert visit.form is not None
        held.body = Filled(visit.form).body(held.plan)
        patch = unmasked(_patch(before, held.body, held.matter), plain_of(seat, held.case, before))
    if do.startswith(("add:", "drop:")):
        pointer = do.partition(":")[2]
        if do.startswith("drop:"):
            without_row(held.body, pointer)
        return _correcting(visit, held, Said(more=frozenset({pointer})), reason=reason)
    if not patch:
        return _correcting(visit, held, Said(conflict="没有改动任何内容。"), reason=reason, status=422)
    given = {"act": "correct", "patch": patch, **({"reason": reason} if reason else {})}
    said = acted(visit, no, given, held.matter)
    if said is None:
        return done(visit, f"/window/cases/{no}", "已当场更正，更正前后均已留痕。")
    return _correcting(visit, held, said[0], reason=reason, status=said[1])


def _patch(before: Mapping[str, Any], after: Mapping[str, Any], matter: str) -> dict[str, Any]:
    """Return what changed as a patch of the applicant's facts and of the matter's form; unasked fields stay in it."""
    head = difference(before["applicant"], after["applicant"])
    form = difference(before["matters"][matter], after["matters"][matter])
    patch = {name: change for name, change in (("applicant", head), ("form", form)) if change}
    return patch | {name: value for name, value in after.items() if name not in ("applicant", "matters", "mandate")}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON merge patch (RFC 7396) that makes `after` of `before`; an empty list where none was is none."""
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            if inner := difference(old, value):
                patch[name] = inner
        elif value != old and not (value == [] and name not in before):
            patch[name] = value
    return patch
