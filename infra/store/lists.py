"""Lists (列表): cases and applications, the newest first, in keyset pages; no query without a Scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    or_,
    select,
    true,
)

from forms.scope import Scope
from forms.vocabulary import CaseStatus
from infra.store.led import reached
from infra.store.lights import shows
from infra.store.papers import SECRETS
from infra.store.rows import CaseRow
from infra.store.scoped import applications_within, at_seats, cases_within, is_places, places_within
from infra.store.walk import Found, are_few, few, is_named, keys_of_few, matters_of, newest, walk, walks
from infra.store.work import APPLICATIONS, CASE_COLUMNS, CASES, TASKS

_WITHOUT_RESULT = frozenset(
    one.value
    for one in (CaseStatus.NOT_REQUIRED, CaseStatus.NOT_ACCEPTED, CaseStatus.WITHDRAWN, CaseStatus.VOID)
)  # fmt: skip
ALIKE = _WITHOUT_RESULT | {CaseStatus.SUBMITTED.value, CaseStatus.SUPPLEMENT.value}
"""The statuses that an application has only where one of its cases has the same (`flows.lifecycle.derive`): few of such
cases lead to the application by their index."""


_OVER = _WITHOUT_RESULT | {CaseStatus.DELIVERED.value}
"""The statuses of cases whose clocks have all ended: none shows a light."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What of the cases is wanted; `identity` is a blind index, `text` a name or the beginning of a number."""

    status: str | None = None
    matter: str | None = None
    department: str | None = None
    text: str | None = None
    identity: Collection[bytes] = ()
    light: str | None = None
    today: date = date.min


def cases(
    conn: Connection, scope: Scope, wanted: CaseFilter, *, after: Sequence[int] | None = None, limit: int = 50
) -> Found:
    """Return a page of cases with their applicants' names, the newest first.

    An office's own cases are looked at so many at a time: a page may be short, or empty, and yet go on.
    """
    if wanted.light is not None and wanted.status in _OVER:
        return Found([], None)
    place = after[0] if after is not None else None
    if _walked(conn, scope, wanted):
        conditions = and_(_meets(wanted), or_(*_of_department(wanted.department, place)))
        return walk(
            conn, scope, conditions, matter=wanted.matter, department=wanted.department, after=place, limit=limit
        )
    query, matters = _cases(scope, wanted), _matters_of(conn, wanted)
    if matters is not None:
        query = query.where(CASES.c.matter.in_(sorted(matters)))
    if (rare := _rare(conn, scope, wanted, matters)) is not None:
        query = query.where(CASES.c.id.in_(rare))
    rows: list[Any] = []
    for condition in _of_department(wanted.department, place):
        some = query.where(condition)
        rows += newest(conn, some, CASES.c.id, scope, beginning=wanted.text, after=place, limit=limit + 1)
    found = {row.id: (CaseRow(*row[:-1]), row[-1]) for row in rows}
    keys = sorted(found, reverse=True)
    return Found([found[key] for key in keys[:limit]], keys[limit - 1] if len(keys) > limit else None)


def _matters_of(conn: Connection, wanted: CaseFilter) -> set[str] | None:
    """Return the matters in which the department that is looked for has a hand, None where none is looked for.

    Its cases of a status are found by that, where there are few or none of them among very many others.
    """
    if wanted.department is None:
        return None
    known = matters_of(conn, [wanted.department], lead=wanted.department).get(wanted.department, set())
    return known if wanted.matter is None else known & {wanted.matter}


def _rare(
    conn: Connection, scope: Scope, wanted: CaseFilter, matters: Collection[str] | None
) -> Collection[int] | None:
    """Return the cases of a status in these matters where they are few: the newest of all would be walked for nothing.

    None where they are many, where no status or no matter is looked for, or where a number or a person leads there.
    """
    if wanted.text or wanted.identity:
        return None
    if matters is None:
        matters = [wanted.matter] if wanted.matter is not None else None
    if wanted.status is None or matters is None:
        return None
    of_status = select(CASES.c.id).where(CASES.c.status == wanted.status, CASES.c.matter.in_(sorted(matters)))
    return keys_of_few(conn, of_status.where(places_within(CASES, scope)) if is_places(scope) else of_status)


def _walked(conn: Connection, scope: Scope, wanted: CaseFilter) -> bool:
    """Whether the own cases are walked: not where an index leads to the few that are looked for."""
    if not walks(scope) or wanted.text or wanted.identity or wanted.light == "paused":
        return False
    return wanted.status is None or not few(conn, [CASES.c.status == wanted.status])


def _meets(wanted: CaseFilter) -> ColumnElement[bool]:
    """Return the conditions of the filters on the case itself."""
    parts: list[ColumnElement[bool]] = [true()]
    for column, value in ((CASES.c.status, wanted.status), (CASES.c.matter, wanted.matter)):
        if value is not None:
            parts.append(column == value)
    if wanted.light is not None:
        parts.append(shows(CASES, wanted.light, wanted.today))
    return and_(*parts)


def _cases(scope: Scope, wanted: CaseFilter) -> Select[Any]:
    query: Select[Any] = (
        select(*CASE_COLUMNS, APPLICATIONS.c.name)
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        .where(cases_within(scope), _meets(wanted))
    )
    return _searched(query, wanted)


def received_on(conn: Connection, key: int) -> datetime:
    """Return when a case of a page was received: how far back the page has looked."""
    at: datetime = conn.execute(select(CASES.c.received_at).where(CASES.c.id == key)).scalar_one()
    return at


def _of_department(department: str | None, before: int | None = None) -> list[ColumnElement[bool]]:
    """Say which cases a department has to do with, one way at a time: with an OR no index gives them in order.

    Where only cases `before` a key are wanted, so are only their tasks: the planner does not see that by itself.
    """
    if department is None:
        return [true()]
    task = select(TASKS.c.id).where(
        TASKS.c.case_id == CASES.c.id,
        TASKS.c.matter == CASES.c.matter,
        TASKS.c.department == department,
        TASKS.c.status != "not_applicable",
        TASKS.c.case_id < before if before is not None else true(),
    )
    return [CASES.c.lead == department, task.correlate(CASES).exists()]


def _searched(query: Select[Any], wanted: CaseFilter) -> Select[Any]:
    if wanted.text:
        query = query.where(is_named(CASES, wanted.text))
    if wanted.identity:
        holders = select(SECRETS.c.application_id).where(SECRETS.c.blind.in_(list(wanted.identity)))
        query = query.where(or_(APPLICATIONS.c.person_key.in_(list(wanted.identity)), APPLICATIONS.c.id.in_(holders)))
    return query


def applications(
    conn: Connection,
    scope: Scope,
    *,
    status: str | None = None,
    q: str | None = None,
    after: Sequence[int] | None = None,
    limit: int = 50,
) -> list[RowMapping]:
    """Return applications, the newest first."""
    here = reached(conn, scope)
    if here is not None and not here.matters:
        return []
    columns = [c for c in APPLICATIONS.c if c.name not in {"person_key", "code_hash", "head", "mandate", "overrides"}]
    place = after[0] if after is not None else None
    query = select(*columns).where(applications_within(scope, before=place, few=True))
    alike = CASES.c.status == status
    if status is not None:
        query = query.where(APPLICATIONS.c.status == status)
    if status in ALIKE and few(conn, [alike]):
        query = query.where(APPLICATIONS.c.id.in_(select(CASES.c.application_id).where(alike)))
    elif (own := _of_few_tasks(conn, scope)) is not None:
        query = query.where(own)
    if q is not None:
        query = query.where(is_named(APPLICATIONS, q))
    rows = newest(conn, query, APPLICATIONS.c.id, scope, beginning=q, after=place, limit=limit)
    return [row._mapping for row in rows]


def _of_few_tasks(conn: Connection, scope: Scope) -> ColumnElement[bool] | None:
    """Return the condition that an application has a task at the reader's seats: None where that is said of many.

    An office that is seldom asked finds its own by its tasks; another meets them soon among the newest of all.
    """
    if not scope.seats or scope.regions or scope.leads or scope.created_by is not None or scope.applications:
        return None
    own = select(TASKS.c.case_id).where(TASKS.c.status != "not_applicable", at_seats(scope.seats))
    if not are_few(conn, own):
        return None
    return APPLICATIONS.c.id.in_(select(CASES.c.application_id).where(CASES.c.id.in_(own)))
