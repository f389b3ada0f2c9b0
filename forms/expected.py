"""Which papers an application will have to bring (预计材料), told while its form is still being filled in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from forms.base import Context, MatterForm, read_form
from forms.head import APPLICANTS, Person
from forms.materials import Material

_AS_DEFINED: Mapping[str, Collection[str]] = {}


@dataclass(frozen=True, slots=True)
class Expected:
    """A paper on the list: for which matters, whether any cannot go on without it; `sure` once the facts decide it."""

    material: Material
    matters: tuple[str, ...]
    required: bool
    sure: bool


def expected(
    body: Mapping[str, Any],
    form_classes: Mapping[str, type[MatterForm]],
    today: date,
    promisable: Mapping[str, Collection[str]] = _AS_DEFINED,
) -> list[Expected]:
    """Return the papers of all matters of an unfinished intake, each once; valid intakes get their very checklist.

    A paper that hangs on a fact not filled in yet is listed as not sure. Results of a sister matter are not asked for.
    `promisable` says by matter which papers may be promised, where the office has set it.
    """
    applicant, forms = _so_far(body, form_classes, today)
    found: dict[str, Expected] = {}
    for code, form in forms.items():
        for material in form_classes[code].materials:
            if material.result_of in form_classes:
                continue
            wanted = _wanted(material, applicant, form)
            if wanted is not False:
                before = found.get(material.code)
                if code in promisable:
                    material = material.but(gap_allowed=material.code in promisable[code])  # noqa: PLW2901
                found[material.code] = _merged(before, material, code, sure=wanted is True)
    return list(found.values())


def subjects(body: Mapping[str, Any], form_classes: Mapping[str, type[MatterForm]], today: date) -> dict[str, str]:
    """Return whom each matter of an unfinished intake counts by ("one open application"), where it can be told yet."""
    applicant, forms = _so_far(body, form_classes, today)
    found = {}
    for code, form in forms.items():
        try:
            subject = form_classes[code].subject(form, applicant)
        except (AttributeError, TypeError):  # not filled in yet
            continue
        if subject:
            found[code] = subject
    return found


def _so_far(
    body: Mapping[str, Any], form_classes: Mapping[str, type[MatterForm]], today: date
) -> tuple[Any, dict[str, Any]]:
    """Return what of the head and of each matter's form is valid; the rest is not there as an attribute."""
    context = Context(today, matters=frozenset(form_classes))
    data, asked = body.get("applicant"), body.get("matters")
    head = data if isinstance(data, dict) else {}
    applicant = read_form(APPLICANTS.get(str(head.get("kind")), Person), head, "/applicant", context).partial
    forms = {}
    for code, form_class in form_classes.items():
        filled = asked.get(code) if isinstance(asked, dict) else None
        given = filled if isinstance(filled, dict) else {}
        forms[code] = read_form(form_class, given, f"/matters/{code}", context).partial
    return applicant, forms


def _wanted(material: Material, applicant: Any, form: Any) -> bool | None:
    """Whether a paper is wanted; None where what decides it is not known yet."""
    try:
        return material.wanted(applicant, form)
    except (AttributeError, KeyError, TypeError):  # a fact that is not there: a partial form has no such attribute
        return None


def _merged(before: Expected | None, material: Material, code: str, *, sure: bool) -> Expected:
    if before is None:
        return Expected(material, (code,), material.required, sure)
    both = before.material.but(
        gap_allowed=before.material.gap_allowed and material.gap_allowed,
        core=before.material.core or material.core,
        required=before.required or material.required,
    )
    return Expected(both, (*before.matters, code), before.required or material.required, before.sure or sure)
