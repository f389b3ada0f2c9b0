"""A case to be corrected (待更正办件): its dossier with its sheet; numbers stay masked on every page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api import dossiers
from api.errors import status_of
from api.pages.window.acts import told, version_of
from api.pages.window.asking import Said
from api.pages.window.seat import seated, within
from api.sheet.plan import Plan, plan_of
from api.visits import Visit
from flows.casework.acts import act_on_case
from flows.casework.secrets import opened
from flows.record import Desk
from flows.registry import matters
from forms.errors import Conflict, FieldError, Invalid, Stale
from forms.messages import read_case_act
from forms.privacy import at
from forms.schema import merged_schema
from forms.scope import Scope
from infra.store import dossier


@dataclass(slots=True)
class Held:
    """A case on its page of corrections: the dossier, its sheet, and what the page holds now."""

    case: dict[str, Any]
    plan: Plan
    body: dict[str, Any]

    @property
    def matter(self) -> str:
        """The code of the case's matter."""
        return str(self.case["matter"])


def held_by(seat: Desk, scope: Scope, no: str) -> Held:
    """Return a case within the walls with its sheet; NotFound elsewhere."""
    case = dossiers.case(seat, scope, no)
    code = case["matter"]
    plan = plan_of(merged_schema({code: matters()[code].form}), case["applicant"]["kind"])
    return Held(case, plan, {"applicant": case["applicant"], "matters": {code: case["form"]}})


def acted(visit: Visit, no: str, given: dict[str, Any], matter: str) -> tuple[Said, int] | None:
    """Do an act; return what it was refused for with the status to answer with, None where it is done."""
    try:
        with visit.desk() as seat:
            seated(visit, seat)
            act_on_case(seat, no, read_case_act(given), if_match=version_of(visit))
    except Invalid as refused:
        return Said([_as_drawn(error, matter) for error in refused.errors]), 422
    except (Conflict, Stale) as refused:
        return Said(conflict=told(refused)), status_of(refused)
    return None


def _as_drawn(error: FieldError, matter: str) -> FieldError:
    """Point at the field of the page instead of at the place in the act."""
    field = error.field.removeprefix("/patch")
    if field.startswith("/form"):
        field = f"/matters/{matter}" + field.removeprefix("/form")
    return FieldError(field, error.message, error.code)


def plain_of(seat: Desk, case: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, str]:
    """Return the values behind the masks that the page showed; they are put back here and never sent out."""
    row = dossier.case(seat.conn, within(seat.actor), case["no"])
    assert row is not None
    found: dict[str, set[str]] = {}
    for pointer, value in opened(seat, row.application_id, row.position).items():
        mask = at(shown, pointer)
        if isinstance(mask, str) and "*" in mask:
            found.setdefault(mask, set()).add(value)
    return {mask: next(iter(values)) for mask, values in found.items() if len(values) == 1}


def unmasked(value: Any, plain: Mapping[str, str]) -> Any:
    """Return a patch with masks replaced by what they stand for, wherever they were moved to."""
    if isinstance(value, dict):
        return {name: unmasked(entry, plain) for name, entry in value.items()}
    if isinstance(value, list):
        return [unmasked(entry, plain) for entry in value]
    return plain.get(value, value) if isinstance(value, str) else value
