"""Applications of synthetic people for the tests of the interface, valid unless a test spoils them."""

from __future__ import annotations

import itertools
from typing import Any

from forms.materials import Material
from forms.matters.settlement import SettlementForm
from forms.vocabulary import Department, Role
from infra.demo import bodies
from infra.demo.organisation import officers_of
from infra.demo.people import People
from tests.kit.hall import DAY

PINGDU, LAIXI = "370283", "370285"
HR, POLICE, HUKOU = "pd.hr.wang", "pd.police.song", "pd.hukou.lin"
_people: dict[str, People] = {}
_numbers = itertools.count(1)


def officer(role: Role, department: Department, region: str = PINGDU, n: int = 0) -> str:
    """The username of somebody who holds that role there."""
    return officers_of(role, department, region)[n].username


def person(region: str = PINGDU) -> Any:
    """Somebody new."""
    if region not in _people:
        _people[region] = People(f"api-{region}", DAY, region)
    return _people[region].person()


def shared(materials: tuple[Material, ...]) -> list[dict[str, Any]]:
    """All papers from shared data where that is offered, promised where that is allowed."""
    return [
        {"code": m.code, **({"shared": True} if m.shared_from else {"promised": True})}
        for m in materials
        if m.shared_from or m.gap_allowed
    ]


def settlement_body(region: str = PINGDU, **changes: Any) -> dict[str, Any]:
    """A complete application for settlement of somebody new."""
    somebody = person(region)
    form = bodies.settlement(somebody, region, f"鲁(2026)不动产权第{next(_numbers):07d}号")
    body = bodies.body(region, somebody.applicant(), {"settlement": form}, shared(SettlementForm.materials))
    return body | changes


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer, which has that status and code."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert body["status"] == status
    assert body["detail"]
    return body
