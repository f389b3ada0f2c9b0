"""What the page of a draft shows (统一申请表): every field, papers, consents, what is wrong or doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from api.pages.window.body import consents_for, forms_of, kind_of, listed
from api.sheet.drawn import Blank, Drawing
from api.sheet.plan import Plan
from flows.casework.secrets import vault
from flows.projection import local_day
from flows.record import Desk
from flows.registry import matters
from forms.errors import FieldError
from forms.expected import Expected, subjects
from forms.scope import Scope
from forms.vocabulary import Department
from infra.store import dossier, on_file, papers


@dataclass(slots=True)
class Section:
    """A part of the page: fields under their subtitles; `wrong` counts what is to be put right here."""

    key: str
    title: str
    note: str = ""
    groups: Sequence[tuple[str, list[Blank]]] = ()
    wrong: int = 0


@dataclass(slots=True)
class Said:
    """What is said about a draft: errors by pointer, doubts, a conflict; lists that get one entry more.

    `refused` are the papers whose file was none that is taken: they still await one.
    """

    errors: Sequence[FieldError] = ()
    doubts: Sequence[FieldError] = ()
    conflict: str = ""
    more: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    by_field: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Gather the errors by their pointers."""
        for error in self.errors:
            self.by_field.setdefault(error.field, []).append(error.message)


def placed(errors: Iterable[FieldError], body: Mapping[str, Any]) -> list[FieldError]:
    """Return errors where the page shows them: a paper's at its code instead of its place in the list."""
    entries = listed(body)
    found = []
    for error in errors:
        top, _, rest = error.field.removeprefix("/").partition("/")
        place = rest.partition("/")[0]
        if top == "materials" and place.isdecimal() and int(place) < len(entries):
            found.append(FieldError(f"/materials/{entries[int(place)].get('code')}", error.message, error.code))
        elif error.field != "/consents":  # which text is missing is said at the text
            found.append(error)
    return found


def drawing_of(body: Mapping[str, Any], said: Said, needed: Iterable[str] = ()) -> Drawing:
    """Return what the fields are drawn from; a number that fails its check gets a field for letting it through."""
    entries = body.get("overrides")
    overrides = {
        str(entry.get("field")): str(entry.get("reason", ""))
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict)
    }
    for error in said.errors:
        if error.code == "check_digit":
            overrides.setdefault(error.field, "")
    return Drawing(body, said.by_field, said.more, frozenset(needed), overrides)


def sections_of(body: Mapping[str, Any], plan: Plan, drawing: Drawing) -> list[Section]:
    """Return the head, each matter's own part and the mandate, drawn."""
    own = "用人单位" if kind_of(body) == "employer" else "申请人"
    found = [Section("applicant", own, "各事项共用，只填一次", _grouped(drawing.blanks("/applicant", plan.applicant)))]
    for code, (title, parts) in plan.matters.items():
        lead = matters()[code].lead
        note = f"牵头部门：{Department(lead).label}"
        found.append(Section(f"matter-{code}", title, note, _grouped(drawing.blanks(f"/matters/{code}", parts))))
    mandate = drawing.blank("/mandate", plan.mandate, body.get("mandate"))
    found.append(Section("mandate", "代办（帮办）", "由他人代为申请的填写；帮办代办不收费用", [("", [mandate])]))
    return found


def needed_groups(body: Mapping[str, Any]) -> set[str]:
    """Return the parts of the head that a chosen matter cannot do without."""
    return {f"/applicant/{need.partition('.')[0]}" for form in forms_of(body).values() for need in form.needs_head}


def _grouped(blanks: list[Blank]) -> list[tuple[str, list[Blank]]]:
    return [(title, list(group)) for title, group in groupby(blanks, key=lambda blank: blank.piece.section)]


def summary_of(said: Said, drawing: Drawing, sections: Sequence[Section]) -> list[tuple[str, str]]:
    """Return everything wrong with the place to go to, and count it by section."""
    found = []
    for error in said.errors:
        place = drawing.place_of(error.field) or error.field
        found.append((place, error.message))
        for section in sections:
            prefix = f"/{section.key.replace('matter-', 'matters/')}"
            section.wrong += place == prefix or place.startswith(f"{prefix}/")
    return found


def paper_rows(
    seat: Desk, scope: Scope, body: Mapping[str, Any], wanted: Iterable[Expected], said: Said
) -> list[dict[str, Any]]:
    """Return the checklist: each paper with the ways it may come in, and how it comes in now."""
    expected = list(wanted)
    entries = {entry.get("code"): entry for entry in listed(body)}
    files = papers.files(seat.conn, [str(e["file"]) for e in entries.values() if isinstance(e.get("file"), str)])
    filed = _on_file(seat, scope, body, [one.material.code for one in expected])
    titles = {code: matter.title for code, matter in matters().items()}
    rows = []
    for one in expected:
        material, entry = one.material, entries.get(one.material.code, {})
        file = files.get(str(entry.get("file", "")))
        own = file is not None and file["uploaded_by"] == seat.actor.id
        rows.append(
            {
                "code": material.code,
                "title": material.title,
                "note": material.note,
                "matters": "、".join(titles[code] for code in one.matters),
                "required": one.required,
                "sure": one.sure,
                "shared": bool(material.shared_from),
                "promisable": material.gap_allowed,
                "way": "file" if one.material.code in said.refused else _way(entry),
                "file": file if own else None,
                "until": entry.get("deadline") or "",
                "on_file": [row for row in filed if row["code"] == material.code],
                "errors": said.by_field.get(f"/materials/{material.code}", []),
            }
        )
    return rows


def _way(entry: Mapping[str, Any]) -> str:
    if entry.get("file"):
        return "file"
    if entry.get("on_file"):
        return f"on_file:{entry['on_file']}"
    return "shared" if entry.get("shared") else "promised" if entry.get("promised") else ""


def _number(body: Mapping[str, Any]) -> str:
    head = body.get("applicant")
    number = (head.get("id_number") or head.get("uscc")) if isinstance(head, dict) else None
    return number if isinstance(number, str) and 4 <= len(number) <= 40 else ""


def _on_file(seat: Desk, scope: Scope, body: Mapping[str, Any], codes: Sequence[str]) -> list[Any]:
    number = _number(body)
    return on_file.of_person(seat.conn, scope, vault().blinds("identity", number), codes) if number else []


def open_already(seat: Desk, scope: Scope, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the matters for which the same person (child, subsidy) has an open case; its number within the walls."""
    found = []
    for code, subject in subjects(body, forms_of(body), local_day(seat.now)).items():
        no = papers.subject_in_hand(seat.conn, code, vault().blind("subject", subject))
        if no is not None:
            seen = dossier.case(seat.conn, scope, no) is not None
            found.append({"title": matters()[code].title, "no": no if seen else None})
    return found


def consent_rows(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the texts to be read and signed, and which have been."""
    entries = body.get("consents")
    given = {entry.get("code") for entry in (entries if isinstance(entries, list) else ()) if isinstance(entry, dict)}
    return [{"consent": consent, "given": consent.code in given} for consent in consents_for(forms_of(body))]
