"""The item guide (办事指南): what a matter asks, who decides, in what order, within what time."""

from __future__ import annotations

from typing import Any

from flows.bundles import PRESETS
from flows.matter import Matter, Step
from forms.consents import CONSENTS
from forms.schema import form_schema
from forms.vocabulary import ApplicantKind


def entry(matter: Matter) -> dict[str, Any]:
    """Return a matter as the list shows it."""
    return {
        "code": matter.code,
        "title": matter.title,
        "item_type": matter.item_type.value,
        "item_type_label": matter.item_type.label,
        "kind": matter.kind.value,
        "kind_label": matter.kind.label,
        "lead": matter.lead.value,
        "lead_label": matter.lead.label,
        "audience": matter.audience,
        "applies_to": sorted(kind.value for kind in matter.form.applies_to),
        "applies_to_labels": [kind.label for kind in ApplicantKind if kind in matter.form.applies_to],
        "promised_days": matter.promised_days,
        "result": matter.result,
    }


def guide(matter: Matter) -> dict[str, Any]:
    """Return all of a matter: form, papers, steps, limits, bases."""
    return {
        **entry(matter),
        "basis": list(matter.basis),
        "limits": [limit.data() for limit in matter.limits],
        "supplement_days": matter.supplement_days,
        "deemed_acceptance": matter.deems_acceptance,
        "steps": [_step(step) for step in matter.steps],
        "materials": [
            {
                "code": m.code,
                "title": m.title,
                "required": m.required,
                "core": m.core,
                "gap_allowed": m.gap_allowed,
                "shared_from": m.shared_from,
                "result_of": m.result_of,
                "conditional": m.when is not None,
                "grade": m.grade.value,
                "note": m.note,
            }
            for m in matter.materials
        ],
        "consents": [
            {"code": c.code, "title": c.title, "version": c.version, "text": c.text, "basis": c.basis}
            for c in (CONSENTS[code] for code in matter.form.consents)
        ],
        "form": form_schema(matter.form),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "code": step.code,
        "title": step.title,
        "department": step.department.value,
        "department_label": step.department.label,
        "days": step.promised,
        "limits": [limit.data() for limit in step.limits],
        "levels": step.levels,
        "after": list(step.after),
        "conditional": step.when is not None,
        "checks": list(step.checks()),
        "automatic": step.auto,
        "decides": step.decides,
        "mandatory": step.mandatory,
        "blocking": step.blocking,
        "special": step.special,
        "route": step.route,
        "results": dict(step.results),
        "basis": step.basis,
    }


def presets() -> list[dict[str, Any]]:
    """Return the bundles that the window offers."""
    return [{"code": p.code, "title": p.title, "matters": list(p.matters)} for p in PRESETS]
