"""What a sheet is made of (表单构成): every field of a form's JSON Schema as a piece that a page can draw and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

LONG = 300
"""From so many characters on a text has an area of its own."""
FEW = 24
"""Lists of at most so many months are lines of their own; longer ones are written in one place."""

LISTS: Final = frozenset({"lines", "rows"})
"""Kinds whose entries have numbers in their names."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One field: `kind` says how it is drawn, `parts` are the fields within a group or within each row.

    Kinds: text long date month number choice yesno file hidden; many (several of a choice), picked (numbers out of
    another list), months (a long list of months), lines (a list of values), rows (a list of forms), group (a form).
    """

    step: str
    title: str
    kind: str
    help: str = ""
    section: str = ""
    must: bool = False
    default: Any = None
    options: tuple[tuple[str, str], ...] = ()
    whole_number: bool = False
    parts: tuple[Piece, ...] = ()
    item: Piece | None = None
    most: int = 0
    when: tuple[str, tuple[str, ...]] | None = None
    picked_from: str = ""
    sensitive: str = ""
    length: int = 0
    example: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole sheet of an intake: the head, each matter's form under its code with its title, the mandate."""

    applicant: tuple[Piece, ...]
    matters: Mapping[str, tuple[str, tuple[Piece, ...]]]
    mandate: Piece


def plan_of(schema: Mapping[str, Any], kind: str) -> Plan:
    """Return the sheet for a merged schema and one kind of applicant (person, employer)."""
    asked = schema["properties"]
    head = asked["applicant"]
    heads = [_resolved(schema, one) for one in head.get("oneOf", [head])]
    own = next((one for one in heads if one["properties"]["kind"]["const"] == kind), heads[0])
    matters = {}
    for code, reference in asked["matters"]["properties"].items():
        form = _resolved(schema, reference)
        matters[code] = (str(form["title"]), _parts(schema, form))
    return Plan(_parts(schema, own), matters, _piece(schema, "mandate", asked["mandate"], False))


def _parts(schema: Mapping[str, Any], form: Mapping[str, Any]) -> tuple[Piece, ...]:
    must = frozenset(form.get("required", ()))
    fields = sorted(form["properties"].items(), key=lambda entry: entry[1].get("x-order", 0))
    return tuple(_piece(schema, name, field, name in must) for name, field in fields)


def _resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part with what it refers to; what stands beside the reference goes over it."""
    whole = dict(part)
    while reference := whole.pop("$ref", None):
        whole = {**schema["$defs"][reference.rpartition("/")[2]], **whole}
    return whole


def _piece(schema: Mapping[str, Any], step: str, field: Mapping[str, Any], must: bool) -> Piece:
    whole = _resolved(schema, field)
    item = _resolved(schema, whole["items"]) if whole.get("type") == "array" else {}
    title = str(whole.get("title", step))
    words = str(whole.get("description", ""))
    form = whole if "properties" in whole else item if "properties" in item else None
    choices = whole.get("oneOf") or item.get("oneOf") or ()
    when = whole.get("x-when")
    kind = _kind(whole, item)
    return Piece(
        step=step,
        title=title,
        kind=kind,
        help="" if words == title else words,
        section=str(whole.get("x-section", "")),
        must=must or int(whole.get("minItems", 0)) > 0,
        default=whole.get("const", whole.get("default")),
        options=tuple((str(one["const"]), str(one["title"])) for one in choices),
        whole_number="integer" in (whole.get("type"), item.get("type")),
        parts=_parts(schema, form) if form else (),
        item=_piece(schema, "", item, False) if kind == "lines" else None,
        most=int(whole.get("maxItems", 0)),
        when=(str(when["field"]), tuple(when["in"])) if when else None,
        picked_from=str(whole.get("x-picked-from", "")),
        sensitive=str(whole.get("x-sensitive", item.get("x-sensitive", ""))),
        length=int(whole.get("maxLength", 0)),
        example=str((whole.get("examples") or [""])[0]),
    )


def _kind(whole: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    if item:
        return _list_kind(whole, item)
    if "const" in whole:
        return "hidden"
    if "properties" in whole:
        return "group"
    if "oneOf" in whole:
        return "choice"
    by_type = {"boolean": "yesno", "integer": "number"}.get(whole.get("type", ""))
    if by_type:
        return by_type
    if whole.get("format") == "date":
        return "date"
    return str(whole.get("x-kind") or ("long" if int(whole.get("maxLength", 0)) >= LONG else "text"))


def _list_kind(whole: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    if "properties" in item:
        return "rows"
    if "oneOf" in item:
        return "many"
    if "x-picked-from" in whole:
        return "picked"
    return "months" if item.get("x-kind") == "month" and int(whole.get("maxItems", 0)) > FEW else "lines"
