"""The counter (窗口台账): what was received, what waits there; the most urgent first, however many there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, func, literal_column, or_, select, tuple_, union_all

from forms.scope import Scope
from infra.numbers import is_valid
from infra.store.rows import CaseRow
from infra.store.scoped import applications_within, cases_within
from infra.store.walk import newest
from infra.store.work import APPLICATIONS, CASE_COLUMNS, CASES
from infra.tables.cases import SHOWN_TAIL

MOST_COUNTED = 1000
_shown_tail: Any = literal_column(SHOWN_TAIL)
_SHOWN = ("id", "no", "region", "channel", "kind", "name", "status", "outcome", "received_at", "version")
_LISTED = [APPLICATIONS.c[name] for name in _SHOWN]


def waiting(
    conn: Connection,
    scope: Scope,
    statuses: Collection[str],
    *,
    regions: Collection[str],
    after: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[tuple[CaseRow, str]]:
    """Return the cases in these states with their applicants' names, those due first first.

    Each region and state is asked for by itself, in the order of its index; `after` is the last row's (due, key), its
    due day date.max where no clock runs.
    """
    parts = [
        select(CASES.c.id, CASES.c.due_on).where(one).order_by(CASES.c.due_on.asc().nulls_last(), CASES.c.id)
        for one in _each(scope, statuses, regions, after)
    ]
    if not parts:
        return []
    found = union_all(*(select(part.limit(limit).subquery()) for part in parts)).subquery()
    query = (
        select(*CASE_COLUMNS, APPLICATIONS.c.name)
        .join(found, found.c.id == CASES.c.id)
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        .order_by(CASES.c.due_on.asc().nulls_last(), CASES.c.id)
        .limit(limit)
    )
    return [(CaseRow(*row[:-1]), row[-1]) for row in conn.execute(query)]


def count(conn: Connection, scope: Scope, statuses: Collection[str], *, regions: Collection[str]) -> int:
    """Return how many cases are in these states; `MOST_COUNTED` means that many or more."""
    total = 0
    for one in _each(scope, statuses, regions, None):
        some = select(CASES.c.id).where(one).limit(MOST_COUNTED - total).subquery()
        total += int(conn.execute(select(func.count()).select_from(some)).scalar_one())
        if total >= MOST_COUNTED:
            break
    return total


def _each(scope: Scope, statuses: Collection[str], regions: Collection[str], after: Sequence[Any] | None) -> list[Any]:
    later = []
    if after is not None:
        due, key = after
        unclocked = CASES.c.due_on.is_(None)
        later.append(
            and_(unclocked, CASES.c.id > key)
            if due == date.max
            else or_(tuple_(CASES.c.due_on, CASES.c.id) > (due, key), unclocked)
        )
    return [
        and_(CASES.c.region == region, CASES.c.status == status, cases_within(scope), *later)
        for region in sorted(regions)
        for status in sorted(statuses)
    ]


def place(case: CaseRow) -> list[Any]:
    """Return where a case stands in the list, for the next page to begin after it."""
    return [(case.due_on or date.max).isoformat(), case.id]


def received_by(
    conn: Connection, scope: Scope, officer_id: int, since: datetime, *, limit: int = 50
) -> list[RowMapping]:
    """Return the applications that an officer received from a moment on, the newest first."""
    today = select(CASES.c.application_id).where(CASES.c.received_at >= since, cases_within(scope))
    query = select(*_LISTED).where(APPLICATIONS.c.id.in_(today), APPLICATIONS.c.created_by == officer_id)
    return list(conn.execute(query.order_by(APPLICATIONS.c.id.desc()).limit(limit)).mappings())


def found(
    conn: Connection, scope: Scope, *, name: str | None = None, no: str | None = None, tail: str | None = None,
    person_keys: Collection[bytes] = (), limit: int = 50,
) -> list[RowMapping]:  # fmt: skip
    """Return applications by name, by the beginning of a number, by a whole identity number or its last four."""
    query: Select[Any] = select(*_LISTED).where(applications_within(scope))
    if name:
        query = query.where(APPLICATIONS.c.name == name)
    if no:
        beginning = APPLICATIONS.c.no.startswith(no, autoescape=True)
        query = query.where(APPLICATIONS.c.no == no if is_valid(no) else beginning)
    if tail:
        query = query.where(_shown_tail == tail)
    if person_keys:
        query = query.where(APPLICATIONS.c.person_key.in_(list(person_keys)))
    if not (name or no or tail or person_keys):
        return []
    begins = no if no and not is_valid(no) else None
    return [row._mapping for row in newest(conn, query, APPLICATIONS.c.id, scope, beginning=begins, limit=limit)]


def matters_of(conn: Connection, scope: Scope, application_ids: Collection[int]) -> dict[int, list[CaseRow]]:
    """Return the cases of several applications that may be seen, in the order of their numbers."""
    cases: dict[int, list[CaseRow]] = {}
    if application_ids:
        query = select(*CASE_COLUMNS).where(CASES.c.application_id.in_(list(application_ids)), cases_within(scope))
        for row in conn.execute(query.order_by(CASES.c.no)):
            case = CaseRow(*row)
            cases.setdefault(case.application_id, []).append(case)
    return cases
