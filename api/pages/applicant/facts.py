"""Facts to be corrected from home (更正填报内容): the fields of the form that were asked about, and no others.

A field starts with what was said before, so that one word of it can be put right (个人信息保护法 第45条、第46条 查阅、
更正); a number starts empty under its mask, and what was not asked about is not shown to whoever has the code (第6条
最小必要).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from api.pages.applicant import mine
from api.pages.applicant.mine import Errors
from api.sheet.drawn import Drawing
from api.sheet.filled import Filled
from api.sheet.plan import Piece, plan_of
from api.visits import Visit
from flows import access
from flows.registry import matters
from forms.privacy import at as standing_at
from forms.schema import merged_schema
from infra.store import dossier

PLAIN: Final = frozenset({"text", "long", "date", "month", "number", "choice", "yesno", "many", "lines"})
"""Kinds of fields that stand for themselves; whatever hangs on lists of persons is corrected at the window."""

Rows = list[dict[str, Any]]


def with_pieces(visit: Visit, wanted: Rows) -> Rows:
    """Return what is wanted with `at` (the field's name), and where a fact can be corrected from home its `piece`.

    `before` is what was said of it, `masked` how it is told where it is a number.
    """
    asked = [row for row in wanted if not row["paper"]]
    if not asked:
        return wanted
    holder = mine.holder(visit)
    with visit.engine.connect() as conn:
        application = dossier.application(conn, access.scope(holder), holder.application)
        assert application is not None
        cases = dossier.cases(conn, access.scope(holder), application["id"])
    said = {"applicant": application["head"], "matters": {case.matter: case.form for case in cases}}
    known = matters()
    forms = {row["matter"]: known[row["matter"]].form for row in asked if row["matter"] in known}
    plan = plan_of(merged_schema(forms), application["kind"])
    for row in asked:
        row["at"] = _at(row["code"], row["matter"])
        parts = plan.applicant if row["code"].startswith("applicant/") else plan.matters.get(row["matter"], ("", ()))[1]
        piece = next((one for one in parts if one.step == row["at"].rpartition("/")[2]), None)
        row["piece"] = _alone(piece) if piece is not None and piece.kind in PLAIN else None
        before = standing_at(said, row["at"])
        secret = piece is not None and bool(piece.sensitive)
        row["before"], row["masked"] = (None, before if isinstance(before, str) else None) if secret else (before, None)
    return wanted


def _alone(piece: Piece) -> Piece:
    """Return the field as it stands by itself: nothing chosen beforehand, hidden behind no other one."""
    return replace(piece, default=None, when=None, must=False)


def _at(code: str, matter: str) -> str:
    """Return the name of the field that a code is about: "form/route" of a matter is /matters/settlement/route."""
    part, name, *_ = [*code.split("/"), ""]
    return f"/applicant/{name}" if part == "applicant" else f"/matters/{matter}/{name}"


def field_of(pointer: str, matter: str) -> str:
    """Return the name of the field that an error of an act points at, "" where it is about none."""
    inside = pointer.removeprefix("/patch/")
    return _at(inside, matter) if inside != pointer and "/" in inside else ""


def given(visit: Visit, wanted: Rows) -> dict[str, Any]:
    """Return what was filled in, by the name of the field; what stands as it was counts where it was confirmed."""
    if visit.form is None:
        return {}
    filled, found = Filled(visit.form), {}
    for row in wanted:
        if row.get("piece") is not None:
            value = filled.group(row["at"].rpartition("/")[0], (row["piece"],)).get(row["piece"].step)
            if value not in (None, []) and (value != row["before"] or confirmed(visit, row)):
                found[row["at"]] = value
    return found


def confirmed(visit: Visit, row: Mapping[str, Any]) -> bool:
    """Whether the applicant says that a fact was right as it stood."""
    return row["before"] is not None and bool(visit.text(f"confirm:{row['at']}"))


def patch(case: Mapping[str, Any], corrected: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what a case was asked to have corrected, as its act states it."""
    found: dict[str, dict[str, Any]] = {}
    for item in case["bring"]:
        at = _at(item["code"], case["matter"])
        if not item["paper"] and at in corrected:
            part = "applicant" if at.startswith("/applicant/") else "form"
            found.setdefault(part, {})[at.rpartition("/")[2]] = corrected[at]
    return found


def drawn(visit: Visit, wanted: Rows, corrected: Mapping[str, Any], errors: Errors) -> Rows:
    """Return what is wanted with the `blank` of each fact, as it was filled in and with what is wrong beside it."""
    drawing = Drawing({}, errors)
    return [
        {
            **row,
            "blank": drawing.blank(row["at"], row["piece"], corrected.get(row["at"], row["before"])),
            "confirmed": confirmed(visit, row),
        }
        if row.get("piece") is not None
        else {**row, "blank": None}
        for row in wanted
    ]
