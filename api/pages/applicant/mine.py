"""The application that a browser has open (本人申请): its facts, its cases, acts upon them; nobody else's is there."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from api import progress
from api.visits import Visit
from flows import access
from flows.access import Actor
from flows.casework import applicant
from flows.desks import desk
from flows.record import Desk
from forms.applicant import APPLICANT_ACTS
from forms.errors import Conflict, NotFound
from forms.messages import read_act
from infra import clock

HOME: Final = "/progress/application"
Errors = dict[str, list[str]]
"""What is wrong: the name of a field → the words."""

_NOT_NOW = {
    "withdraw": "该事项目前不能撤回：已经作出决定或者已经办结。",
    "rate": "该事项目前不能评价：尚未办结、已经评价或者评价期限已过。",
}


def holder(visit: Visit) -> Actor:
    """Return the applicant whose application this browser has open; Unauthenticated where it has none."""
    key, no = visit.application()
    return access.applicant(key, no)


def facts(visit: Visit) -> dict[str, Any]:
    """Return how far the application is."""
    with visit.engine.connect() as conn:
        return progress.progress(conn, holder(visit), clock.now(conn))


def case_for(found: Mapping[str, Any], no: str, act: str) -> dict[str, Any]:
    """Return one of the own cases on which `act` may be done now; NotFound, Conflict."""
    case: dict[str, Any] | None = next((one for one in found["cases"] if one["no"] == no), None)
    if case is None:
        raise NotFound
    if act not in case["may"]:
        raise Conflict(_NOT_NOW[act])
    return case


def seat(visit: Visit) -> AbstractContextManager[Desk]:
    """Give the applicant a desk: what is done at it is committed before the answer."""
    return desk(holder(visit), terminal=visit.terminal, engine=visit.engine)


def do(visit: Visit, body: dict[str, Any]) -> None:
    """Do an act on one of the own cases."""
    with seat(visit) as found:
        applicant.act(found, read_act(body, APPLICANT_ACTS))


def summary(errors: Errors) -> list[tuple[str, str]]:
    """Return everything that is wrong for the top of the page."""
    return [(name, words) for name, said in errors.items() for words in said]
