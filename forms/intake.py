"""One intake (一口受理): a whole application read at once, everything wrong with it said at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from forms.base import Context, MatterForm, Reading, read_form
from forms.consents import CONSENTS
from forms.corrections import correct
from forms.envelope import ConsentIn, Envelope, MaterialIn, Override
from forms.errors import FieldError, Invalid
from forms.faults import all_told, title_at, token
from forms.fields import plain, resident_id_finding
from forms.head import APPLICANTS, Employer, Mandate, Person
from forms.limits import MAX_ERRORS, look_over
from forms.materials import Material, promisable_of
from forms.privacy import SensitiveValue, at, escape, mask, put, steps
from forms.vocabulary import ApplicantKind, Channel

__all__ = ["ConsentIn", "Intake", "MaterialIn", "Override", "correct", "read_intake"]


@dataclass(frozen=True, slots=True)
class Intake:
    """A valid application: its parts as objects, what is doubtful, and where its sensitive values stand."""

    region: str
    channel: Channel
    applicant: Person | Employer
    forms: dict[str, MatterForm]
    materials: Sequence[MaterialIn] = ()
    mandate: Mandate | None = None
    consents: Sequence[ConsentIn] = ()
    overrides: Sequence[Override] = ()
    accept: bool = True
    warnings: list[FieldError] = field(default_factory=list)
    sensitive: list[SensitiveValue] = field(default_factory=list)

    def document(self, *, masked: bool = True) -> dict[str, Any]:
        """Return the body as it is stored: normalised, JSON-ready, sensitive values masked.

        `unmask(document, {value.pointer: value.value for value in intake.sensitive})` gives the whole body back.
        """
        document: dict[str, Any] = {
            "region": self.region,
            "channel": self.channel.value,
            "applicant": self.applicant.model_dump(mode="json", exclude_none=True),
            "matters": {code: form.model_dump(mode="json", exclude_none=True) for code, form in self.forms.items()},
            "materials": [entry.model_dump(mode="json", exclude_defaults=True) for entry in self.materials],
            "consents": [entry.model_dump(mode="json") for entry in self.consents],
            "overrides": [entry.model_dump(mode="json") for entry in self.overrides],
            "accept": self.accept,
        }
        if self.mandate:
            document["mandate"] = self.mandate.model_dump(mode="json", exclude_none=True)
        if masked:
            put(document, {entry.pointer: mask(entry.kind, entry.value) for entry in self.sensitive})
        return document

    def subjects(self) -> dict[str, str | None]:
        """Return for each matter whom "one open application" is counted by, in plain."""
        return {code: type(form).subject(form, self.applicant) for code, form in self.forms.items()}


def read_intake(
    body: object,
    form_classes: Mapping[str, type[MatterForm]],
    *,
    today: date,
    regions: Collection[str],
    promisable: Mapping[str, Collection[str]] | None = None,
    beside: Collection[str] = (),
) -> Intake:
    """Read a whole body; raise `Invalid` with every error of every matter at once, by JSON Pointer.

    `promisable` says by matter which papers may be promised where the office has set it, in place of the papers' own
    `gap_allowed`; `beside` names matters of the same application that are not read again, since they are over.
    """
    unusable = look_over(body)
    assert isinstance(body, dict)
    overridden = _overridden(body)
    outside = {key: value for key, value in body.items() if key not in ("applicant", "matters")}
    asked = body.get("matters")
    codes = frozenset(key for key in asked if key in form_classes) if isinstance(asked, dict) else frozenset()
    codes |= frozenset(beside)
    context = Context(today, matters=codes, overridden=overridden)
    envelope = read_form(Envelope, outside, "", context)
    kept = envelope.partial or Envelope.model_construct()
    context = Context(
        today,
        region=kept.region if "region" in envelope.valid else "",
        matters=codes,
        mandate=kept.mandate if "mandate" in envelope.valid else None,
        overridden=overridden,
    )
    head = _read_head(body.get("applicant"), "applicant" in body, context)
    known = head.valid | {"intake.mandate"} if "mandate" in envelope.valid else head.valid
    context = replace(context, applicant=head.partial, known=known)
    matters = _read_matters(asked, form_classes, context)
    readings: list[Reading[Any]] = [envelope, head, *matters.values()]
    errors = [error for reading in readings for error in reading.errors]
    warnings = [warning for reading in readings for warning in reading.warnings]
    if "region" in envelope.valid and kept.region not in regions:
        errors.append(FieldError("/region", "该地区未开通本平台", "choice"))
    errors += _wrong_matters(asked, matters)
    chosen = {code: form_classes[code] for code in matters if code in form_classes}
    errors += _wrong_materials(kept, envelope.valid, chosen, promisable or {})
    errors += _wrong_consents(kept, envelope.valid, list(chosen.values()))
    errors += _wrong_overrides(kept, envelope.valid, body, warnings)
    if errors or unusable:
        raise Invalid(_sorted(unusable, errors, partial(title_in, body, form_classes)))
    assert head.form is not None
    return Intake(
        region=kept.region,
        channel=kept.channel,
        applicant=head.form,
        forms={code: reading.form for code, reading in matters.items() if reading.form is not None},
        materials=kept.materials,
        mandate=kept.mandate,
        consents=kept.consents,
        overrides=kept.overrides,
        accept=kept.channel == Channel.WINDOW if kept.accept is None else kept.accept,
        warnings=warnings,
        sensitive=[entry for reading in readings for entry in reading.sensitive],
    )


def _overridden(body: dict[str, Any]) -> frozenset[str]:
    """Return the numbers at the pointers that an officer lets through; anything malformed is reported elsewhere."""
    entries = body.get("overrides")
    found = set()
    for entry in entries[:20] if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("field"), str):
            value = at(body, entry["field"])
            if isinstance(value, str):
                found.add(plain(value).upper())
    return frozenset(found)


def _read_head(data: object, given: bool, context: Context) -> Reading[Any]:
    """Read the shared head by its kind."""
    reading: Reading[Any] = Reading()
    if not given:
        reading.errors.append(FieldError("/applicant", "请填写申请人信息", "required"))
        return reading
    kind = data.get("kind") if isinstance(data, dict) else None
    form = APPLICANTS.get(kind) if isinstance(kind, str) else None
    if isinstance(data, dict) and form is None:
        code, words = ("choice", "申请主体应为个人或用人单位") if "kind" in data else ("required", "请选择申请主体")
        reading.errors.append(FieldError("/applicant/kind", words, code))
        return reading
    return read_form(form or Person, data, "/applicant", context)


def _read_matters(
    asked: object, form_classes: Mapping[str, type[MatterForm]], context: Context
) -> dict[str, Reading[Any]]:
    """Read each matter's form, with what it needs of the head."""
    readings: dict[str, Reading[Any]] = {}
    for code, data in asked.items() if isinstance(asked, dict) else ():
        form = form_classes.get(code)
        if form is None:
            continue
        readings[code] = reading = read_form(form, data, f"/matters/{escape(code)}", context)
        kind = getattr(context.applicant, "kind", None)
        if kind and kind not in form.applies_to:
            labels = "、".join(ApplicantKind(one).label for one in sorted(form.applies_to))
            reading.errors.append(
                FieldError("/applicant/kind", f"“{form.title}”的申请主体应为{labels}", "wrong_applicant")
            )
        elif kind:
            reading.errors += _head_gaps(form, context)
    return readings


def _head_gaps(form: type[MatterForm], context: Context) -> Iterator[FieldError]:
    """Say what of the head a matter cannot do without."""
    for need in sorted(form.needs_head):
        first, _, second = need.partition(".")
        part = getattr(context.applicant, first, None)
        if first in context.known and (part is None or (second and getattr(part, second) is None)):
            field_of = type(context.applicant).model_fields[first]
            yield FieldError(
                f"/applicant/{need.replace('.', '/')}", f"办理“{form.title}”须填写{field_of.title}", "required"
            )


def _wrong_matters(asked: object, matters: Mapping[str, Reading[Any]]) -> Iterator[FieldError]:
    if not isinstance(asked, dict):
        yield FieldError("/matters", "请选择要办理的事项", "required" if asked is None else "type")
        return
    if not asked:
        yield FieldError("/matters", "请至少选择一个事项", "required")
    for code in asked:
        if code not in matters:
            yield FieldError(f"/matters/{token(code)}", f"没有“{token(code)[:40]}”这一事项", "unknown_matter")


def _wrong_materials(
    envelope: Envelope,
    valid: frozenset[str],
    chosen: Mapping[str, type[MatterForm]],
    promisable: Mapping[str, Collection[str]],
) -> Iterator[FieldError]:
    """Papers are those on the published lists (行政许可法 第31条), and only secondary ones are promised."""
    if "materials" not in valid or not chosen:
        return
    known: dict[str, list[Material]] = {}
    refused: set[str] = set()
    for code, form in chosen.items():
        may = promisable_of(form.materials, promisable.get(code))
        for material in form.materials:
            known.setdefault(material.code, []).append(material)
            if material.code not in may:
                refused.add(material.code)
    seen: set[str] = set()
    for position, entry in enumerate(envelope.materials):
        same = known.get(entry.code)
        if entry.code in seen:
            yield FieldError(f"/materials/{position}/code", "同一份材料只列一次，多页请合并为一个文件", "duplicate")
        seen.add(entry.code)
        if same is None:
            yield FieldError(f"/materials/{position}/code", "所选事项不需要这份材料", "unknown_material")
        elif entry.promised and entry.code in refused:
            yield FieldError(f"/materials/{position}/promised", f"“{same[0].title}”不能容缺", "not_promisable")
        elif entry.shared and not any(one.shared_from for one in same):
            yield FieldError(
                f"/materials/{position}/shared", f"“{same[0].title}”没有共享数据，请提交材料", "not_shared"
            )


def _wrong_consents(
    envelope: Envelope, valid: frozenset[str], chosen: Sequence[type[MatterForm]]
) -> Iterator[FieldError]:
    if "consents" in valid:
        given = {entry.code for entry in envelope.consents}
        for code in dict.fromkeys(code for form in chosen for code in form.consents):
            if code not in given:
                yield FieldError("/consents", f"须先取得“{CONSENTS[code].title}”", "consent_required")


def _wrong_overrides(
    envelope: Envelope, valid: frozenset[str], body: dict[str, Any], warnings: list[FieldError]
) -> Iterator[FieldError]:
    """Only an officer at a window lets a number through; each is put before the reader of the file."""
    if "overrides" not in valid or "channel" not in valid:
        return
    for position, entry in enumerate(envelope.overrides):
        if envelope.channel != Channel.WINDOW:
            yield FieldError(f"/overrides/{position}", "校验位放行只能由窗口经办人办理", "not_allowed")
            continue
        number = at(body, entry.field)
        finding = resident_id_finding(plain(number).upper()) if isinstance(number, str) else None
        if not isinstance(number, str):
            yield FieldError(f"/overrides/{position}/field", "没有找到要放行的填写项", "no_such_value")
        elif finding is None:
            yield FieldError(f"/overrides/{position}", "该号码校验位无误，无须放行", "not_needed")
        else:
            warnings.append(
                FieldError(entry.field, f"校验位不符，经办人放行：{entry.reason}", "check_digit_overridden")
            )


def title_in(body: Mapping[str, Any], form_classes: Mapping[str, type[MatterForm]], pointer: str) -> str:
    """Return the title of the field at a JSON Pointer into the body of an intake."""
    top, *rest = steps(pointer)
    if top == "matters" and len(rest) > 1 and rest[0] in form_classes:
        return title_at(form_classes[rest[0]], pointer.removeprefix(f"/matters/{escape(rest[0])}"))
    if top == "applicant" and rest:
        kind = at(body, "/applicant/kind")
        head = APPLICANTS.get(kind) if isinstance(kind, str) else None
        return title_at(head or Person, pointer.removeprefix("/applicant"))
    return title_at(Envelope, pointer)


def _sorted(unusable: list[FieldError], errors: list[FieldError], title: Callable[[str], str]) -> list[FieldError]:
    """Keep one error per place and kind; what makes a value unusable goes before what else is said of it."""
    kept = {(error.field, error.code): error for error in all_told(unusable, errors, title)}
    return list(kept.values())[:MAX_ERRORS]
