"""From the page to the body of an intake (窗口填写): facts, papers, consents, numbers let through."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.datastructures import UploadFile

from api.multipart import name_of
from api.sheet.filled import Filled
from api.sheet.plan import Plan, plan_of
from api.visits import Visit
from flows.record import Desk
from flows.registry import matters
from forms.base import MatterForm
from forms.consents import CONSENTS, Consent
from forms.errors import FieldError, Invalid
from forms.expected import Expected
from forms.identity import birth_of, resident_id_finding, sex_of
from forms.schema import merged_schema
from forms.terms import ConsentGiver, IdType
from infra.store import papers

ALWAYS = ("truth", "personal_data")
"""What everybody signs: 行政许可法 第31条, 个人信息保护法 第17条; the matters' own consents come on top."""
LET_THROUGH = "override:"
"""Prefix of the fields that hold the reason for letting a number through (校验位放行)."""
_DERIVED = frozenset({IdType.RESIDENT.value, IdType.HMT_RESIDENCE.value})


def forms_of(body: Mapping[str, Any]) -> dict[str, type[MatterForm]]:
    """Return the forms of the matters that a body is for, in its order; unknown ones are left out."""
    asked = body.get("matters")
    known = matters()
    return {code: known[code].form for code in (asked if isinstance(asked, dict) else ()) if code in known}


def kind_of(body: Mapping[str, Any]) -> str:
    """Return who applies: person or employer."""
    head = body.get("applicant")
    return "employer" if isinstance(head, dict) and head.get("kind") == "employer" else "person"


def plan_for(body: Mapping[str, Any], regions: Mapping[str, str]) -> Plan:
    """Return the sheet of a body's matters."""
    return plan_of(merged_schema(forms_of(body), regions), kind_of(body))


def consents_for(forms: Mapping[str, type[MatterForm]]) -> list[Consent]:
    """Return the texts to be read and signed for these matters, each once."""
    codes = [*ALWAYS, *(code for form in forms.values() for code in form.consents)]
    return [CONSENTS[code] for code in dict.fromkeys(codes)]


def body_from(visit: Visit, plan: Plan, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body that the sent form makes; region and matters stay those of the draft."""
    assert visit.form is not None
    body = Filled(visit.form).body(plan)
    fill_in(body)
    body["region"], body["channel"] = before.get("region", ""), "window"
    body["accept"] = bool(visit.text("accept"))
    body["consents"] = [
        {"code": consent.code, "version": consent.version, "given_by": (consent.giver or ConsentGiver.APPLICANT).value}
        for consent in consents_for(forms_of(before))
        if visit.text(f"consent:{consent.code}")
    ]
    body["overrides"] = [
        {"field": name.removeprefix(LET_THROUGH), "reason": visit.text(name)}
        for name in visit.form
        if name.startswith(LET_THROUGH) and visit.text(name)
    ]
    return body


def fill_in(body: dict[str, Any]) -> None:
    """Write sex and date of birth from the number, for the applicant and the family, where the number carries them."""
    head = body.get("applicant")
    family = head.get("family") if isinstance(head, dict) else None
    for person in (head, *(family if isinstance(family, list) else ())):
        if not isinstance(person, dict) or person.get("id_type") not in _DERIVED:
            continue
        number = str(person.get("id_number", "")).upper()
        if resident_id_finding(number) is None and (born := birth_of(number)) is not None:
            person.setdefault("birth_date", born.isoformat())
            if (sex := sex_of(number)) is not None:
                person.setdefault("sex", sex.value)


def default_papers(body: dict[str, Any], wanted: Iterable[Expected], shown: Iterable[str]) -> None:
    """Put papers that the page has not shown yet on the list as shared data, where that is offered."""
    there = {entry.get("code") for entry in listed(body)} | set(shown)
    body["materials"] = [
        *listed(body),
        *(
            {"code": one.material.code, "shared": True}
            for one in wanted
            if one.material.shared_from and one.sure and one.required and one.material.code not in there
        ),
    ]


def listed(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the papers of a body, whatever stands in a draft."""
    entries = body.get("materials")
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def papers_from(
    visit: Visit, seat: Desk, known: Mapping[str, str], before: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[str], list[FieldError]]:
    """Return the papers as they were handed in, which the page showed as wanted, and what was wrong with the files.

    `known` are the codes of the matters' lists with their titles. A file that was chosen counts as handed in.
    """
    earlier = {entry.get("code"): entry for entry in listed(before)}
    entries, shown, errors = [], [], []
    assert visit.form is not None
    for code in known:
        if f"seen:{code}" in visit.form:
            shown.append(code)
        if f"paper:{code}" not in visit.form and visit.upload(f"upload:{code}") is None:
            if code in earlier:
                entries.append(earlier[code])
            continue
        try:
            fresh = stored(visit, seat, visit.upload(f"upload:{code}"))
        except Invalid as refused:
            errors += [FieldError(f"/materials/{code}", f"{known[code]}：{e.message}", e.code) for e in refused.errors]
            fresh = None
        entry = _entry(visit, code, fresh)
        if entry is not None:
            entries.append(entry)
    return entries, shown, errors


def _entry(visit: Visit, code: str, fresh: str | None) -> dict[str, Any] | None:
    way, kept = visit.text(f"paper:{code}"), visit.text(f"paper-file:{code}")
    if fresh is not None:
        return {"code": code, "file": fresh}
    if way == "file" and kept:
        return {"code": code, "file": kept}
    if way == "shared":
        return {"code": code, "shared": True}
    if way == "promised":
        until = visit.text(f"paper-until:{code}")
        return {"code": code, "promised": True, **({"deadline": until} if until else {})}
    if way.startswith("on_file:"):
        return {"code": code, "on_file": way.removeprefix("on_file:")}
    return None


def stored(visit: Visit, seat: Desk, upload: UploadFile | None) -> str | None:
    """Keep an uploaded paper and return its number, None where none was chosen; Invalid for what is no paper."""
    if upload is None:
        return None
    kept = visit.files.save(upload.file, visit.settings.upload_limit_bytes)
    number = f"f_{secrets.token_urlsafe(16)}"
    papers.insert_file(
        seat.conn,
        {
            "id": number,
            "name": name_of(upload.filename),
            "sha256": kept.sha256,
            "size": kept.size,
            "content_type": kept.content_type,
            "region": next(iter(member.region for member in seat.actor.members), ""),
            "uploaded_by": seat.actor.id,
            "uploaded_at": seat.now,
        },
    )
    return number


def unsigned(body: Mapping[str, Any]) -> list[FieldError]:
    """Return the texts that have not been signed yet."""
    given = {entry.get("code") for entry in body.get("consents", ())}
    return [
        FieldError(f"/consents/{consent.code}", f"请申请人阅读并签署“{consent.title}”", "consent_required")
        for consent in consents_for(forms_of(body))
        if consent.code not in given
    ]
