"""Papers and corrections from home (网上补正): each thing that was asked for once, with a field of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from fastapi import APIRouter, Response

from api.frame import page
from api.multipart import name_of
from api.pages.applicant import facts, mine, track
from api.pages.applicant.mine import Errors
from api.visits import Seen, Sent, Visit, done
from flows.casework import applicant
from forms.errors import Conflict, Invalid
from infra.store import papers

ROUTER = APIRouter(prefix="/progress")
Rows = list[dict[str, Any]]


@ROUTER.get("/supplement")
def ask(visit: Seen) -> Response:
    """What is to be brought or corrected: a file or a photograph, or the field of the form."""
    return _shown(visit, _wanted(visit))


@ROUTER.post("/supplement")
def hand_in(visit: Sent) -> Response:
    """What was given is handed in; a file that is no good is named, and the good ones need not be chosen again."""
    wanted = _wanted(visit)
    kept, errors = _upload(visit, wanted)
    shared = [item["code"] for item in wanted if item["shareable"] and visit.text(f"shared:{item['code']}")]
    corrected = facts.given(visit, wanted)
    if not (kept or shared or corrected or errors):
        errors[""] = ["请至少选择一份材料，或者更正一项内容"]
    if not errors:
        given = {code: {"shared": True} for code in shared} | {code: {"file": file} for code, file in kept.items()}
        count, errors = _hand_in(visit, given, corrected)
        if not errors:
            return done(visit, mine.HOME, f"已收到您补交的{count}项内容，已通知办理部门。")
    return _shown(visit, wanted, kept, errors, shared, corrected)


def _wanted(visit: Visit) -> Rows:
    """Return what is to be brought for the whole application; Conflict where nothing is."""
    found = track.to_bring(mine.facts(visit)["cases"])
    if not found:
        raise Conflict("目前没有需要补交的材料。")
    return facts.with_pieces(visit, found)


def _upload(visit: Visit, wanted: Rows) -> tuple[dict[str, str], Errors]:
    """Store what was chosen, each for itself; return the files by the paper they are, and what is wrong by field."""
    kept: dict[str, str] = {}
    errors: Errors = {}
    for item in wanted:
        code, part = item["code"], visit.upload(f"file:{item['code']}")
        if not item["paper"]:
            continue
        if part is None:
            if before := visit.text(f"kept:{code}"):
                kept[code] = before
            continue
        try:
            with closing(part.file), mine.seat(visit) as seat:
                limit = visit.settings.upload_limit_bytes
                kept[code] = applicant.upload(seat, visit.files, part.file, name_of(part.filename), limit)["id"]
        except Invalid as wrong:
            errors[f"file:{code}"] = [error.message for error in wrong.errors]
    return kept, errors


def _hand_in(visit: Visit, given: Mapping[str, Mapping[str, Any]], corrected: Mapping[str, Any]) -> tuple[int, Errors]:
    """Hand in for each case what it still waits for; what one case got the next need not ask for."""
    handed: set[str] = set()
    errors: Errors = {}
    for no in [case["no"] for case in mine.facts(visit)["cases"]]:
        case = next(one for one in mine.facts(visit)["cases"] if one["no"] == no)
        items = [{"code": one["code"], **given[one["code"]]} for one in case["bring"] if one["code"] in given]
        patch = facts.patch(case, corrected)
        if not items and not patch:
            continue
        try:
            mine.do(visit, {"act": "supplement", "case": no, "items": items, **({"patch": patch} if patch else {})})
            handed |= {item["code"] for item in items} | {name for part in patch.values() for name in part}
        except Invalid as wrong:
            errors |= _beside(wrong, items, case["matter"])
    if not handed and not errors:
        raise Conflict("这些材料已经交过了。")
    return len(handed), errors


def _beside(wrong: Invalid, items: Rows, matter: str) -> Errors:
    """Put what is wrong beside the paper or the field it is about."""
    found: Errors = {}
    for error in wrong.errors:
        _, _, rest = error.field.partition("/items/")
        place = rest.partition("/")[0]
        name = f"file:{items[int(place)]['code']}" if place.isdigit() and int(place) < len(items) else ""
        found.setdefault(name or facts.field_of(error.field, matter), []).append(error.message)
    return found


def _shown(
    visit: Visit,
    wanted: Rows,
    kept: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    shared: list[str] | None = None,
    corrected: Mapping[str, Any] | None = None,
) -> Response:
    found = errors or {}
    names = _names(visit, kept or {})
    return page(
        visit,
        "applicant/supplement.html",
        status=422 if found else 200,
        wanted=facts.drawn(visit, wanted, corrected or {}, found),
        kept={code: {"id": file, "name": names[file]} for code, file in (kept or {}).items() if file in names},
        shared=shared or [],
        errors=found,
        summary=mine.summary(found),
        limit=visit.settings.upload_limit_bytes // (1024 * 1024),
    )


def _names(visit: Visit, kept: Mapping[str, str]) -> dict[str, str]:
    """Return the names of files that were just stored for this application, and of no others."""
    own = visit.application()[0]
    with visit.engine.connect() as conn:
        rows = papers.files(conn, list(kept.values()))
    return {key: row["name"] for key, row in rows.items() if row["application_id"] == own}
