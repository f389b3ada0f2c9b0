"""A bounded walk (限量查找): an office's own cases looked at one by one, the newest first, so many and no more.

Where a filter meets few of an office's many cases, no index gives them in order. A page then looks at a bounded
number of cases and says where the next page goes on; with whom the office shares no matter is known at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    any_,
    func,
    literal,
    select,
    text,
    true,
    union_all,
)

from forms.scope import Scope, Seat
from infra.store.rows import CaseRow
from infra.store.scoped import is_places, places_within
from infra.store.work import APPLICATIONS, CASE_COLUMNS, CASES, TASKS

LOOKED_AT = (400, 2_000, 3_600)
"""How many cases a page looks at, in as many statements as are needed."""

_MATTERS = text(
    """
    WITH RECURSIVE known AS (
        SELECT d.department, (SELECT min(t.matter) FROM tasks t
                              WHERE t.department = d.department AND t.status <> 'not_applicable') AS matter
        FROM unnest(CAST(:departments AS text[])) d (department)
        UNION ALL
        SELECT k.department, (SELECT min(t.matter) FROM tasks t WHERE t.department = k.department
                              AND t.status <> 'not_applicable' AND t.matter > k.matter)
        FROM known k WHERE k.matter IS NOT NULL
    ), led AS (
        SELECT (SELECT min(c.matter) FROM cases c WHERE c.lead = :lead) AS matter
        UNION ALL
        SELECT (SELECT min(c.matter) FROM cases c WHERE c.lead = :lead AND c.matter > l.matter)
        FROM led l WHERE l.matter IS NOT NULL
    )
    SELECT department, matter FROM known WHERE matter IS NOT NULL
    UNION ALL SELECT :lead, matter FROM led WHERE matter IS NOT NULL
    """
)


@dataclass(frozen=True, slots=True)
class Found:
    """Cases with their applicants' names, and the key after which the next page goes on: None at the end."""

    rows: list[tuple[CaseRow, str]]
    next: int | None


def walks(scope: Scope) -> bool:
    """Whether a scope is that of an office's own cases, which can be walked."""
    return bool(scope.seats or scope.leads or scope.created_by) and not (scope.regions or scope.applications)


def walk(
    conn: Connection,
    scope: Scope,
    conditions: ColumnElement[bool],
    *,
    matter: str | None,
    department: str | None,
    after: int | None,
    limit: int,
    looked_at: Sequence[int] = LOOKED_AT,
) -> Found:
    """Return a page of the own cases that meet the conditions; it may be short, or empty, and yet go on."""
    matters = _matters(conn, scope, matter, department)
    rows: list[tuple[CaseRow, str]] = []
    for many in looked_at:
        own = _own(scope, matters, after, many)
        if own is None:
            return Found(rows, None)
        seen, last, found = _looked_at(conn, own, conditions, limit + 1 - len(rows))
        rows += found
        if len(rows) > limit:
            return Found(rows[:limit], rows[limit - 1][0].id)
        if seen < many:
            return Found(rows, None)
        after = last
    return Found(rows, after)


def _matters(conn: Connection, scope: Scope, matter: str | None, department: str | None) -> dict[str, set[str]]:
    """Return the matters of each of the reader's departments that a page has to look into."""
    own = sorted({seat.department for seat in scope.seats})
    wanted = [*own, department] if department is not None and department not in own else own
    found = matters_of(conn, wanted, lead=department)
    shared = found.get(department, set()) if department is not None else None
    kept = {one: found.get(one, set()) & (shared if shared is not None else found.get(one, set())) for one in own}
    return {one: known & {matter} if matter is not None else known for one, known in kept.items()}


def matters_of(conn: Connection, departments: Sequence[str], *, lead: str | None = None) -> dict[str, set[str]]:
    """Return the matters in which departments have tasks, and those whose cases the department `lead` leads."""
    found: dict[str, set[str]] = {}
    for row in conn.execute(_MATTERS, {"departments": list(departments), "lead": lead}):
        found.setdefault(row[0], set()).add(row[1])
    return found


def _own(scope: Scope, matters: dict[str, set[str]], after: int | None, many: int) -> Any:
    """Return the keys of the newest own cases, None where there can be none."""
    parts = [
        _first(select(TASKS.c.case_id.label("id")).where(*_at(seat, matter)), TASKS.c.case_id, after, many)
        for seat in sorted(scope.seats, key=str)
        for matter in sorted(matters[seat.department])
    ]
    for lead in sorted(scope.leads, key=str):
        here = [CASES.c.lead == lead.department, *([] if lead.region == "*" else [CASES.c.region == lead.region])]
        parts.append(_first(select(CASES.c.id).where(*here), CASES.c.id, after, many))
    if scope.created_by is not None:
        filed = select(CASES.c.id).join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        parts.append(_first(filed.where(APPLICATIONS.c.created_by == scope.created_by), CASES.c.id, after, many))
    if not parts:
        return None
    together = union_all(*parts).subquery()
    newest = select(together.c.id).distinct().order_by(together.c.id.desc()).limit(many)
    return newest.cte("own").prefix_with("MATERIALIZED", dialect="postgresql")


def _at(seat: Seat, matter: str) -> list[ColumnElement[bool]]:
    parts = [TASKS.c.department == seat.department, TASKS.c.matter == matter, TASKS.c.status != "not_applicable"]
    parts += [] if seat.region == "*" else [TASKS.c.region == seat.region]
    return parts + ([] if seat.office is None else [TASKS.c.office == seat.office])


def _first(query: Select[Any], key: Any, after: int | None, many: int) -> Any:
    if after is not None:
        query = query.where(key < after)
    return select(query.distinct().order_by(key.desc()).limit(many).subquery())


def _looked_at(
    conn: Connection, own: Any, conditions: ColumnElement[bool], limit: int
) -> tuple[int, int, list[tuple[CaseRow, str]]]:
    """Return how many cases were looked at, the last one's key, and those that meet the conditions."""
    told = select(func.count().label("seen"), func.min(own.c.id).label("last")).select_from(own).subquery()
    met = (
        select(*CASE_COLUMNS, APPLICATIONS.c.name)
        .join(own, own.c.id == CASES.c.id)
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        .where(conditions)
        .order_by(CASES.c.id.desc())
        .limit(limit)
        .subquery()
    )
    query = select(told.c.seen, told.c.last, met).select_from(told.outerjoin(met, literal(value=True)))
    rows = conn.execute(query.order_by(met.c.id.desc())).all()
    found = [(CaseRow(*row[2:-1]), row[-1]) for row in rows if row[2] is not None]
    return rows[0][0], rows[0][1], found


FEW = 3_000
"""Of so many cases each may be looked at."""


def few(conn: Connection, conditions: Collection[ColumnElement[bool]], most: int = FEW) -> bool:
    """Whether so few cases of the platform meet the conditions that they may all be looked at."""
    return are_few(conn, select(CASES.c.id).where(true(), *conditions), most)


def are_few(conn: Connection, rows: Select[Any], most: int = FEW) -> bool:
    """Whether a query has so few rows that each of them may be looked at."""
    some = rows.limit(most + 1).subquery()
    return int(conn.execute(select(func.count()).select_from(some)).scalar_one()) <= most


def keys_of_few(conn: Connection, keys: Select[Any], most: int = FEW) -> list[int] | None:
    """Return the keys that a query finds, None where they are too many for each to be looked at."""
    found = list(conn.execute(keys.limit(most + 1)).scalars())
    return found if len(found) <= most else None


NUMBERED = 20_000
"""Of so many numbers with one beginning each may be looked at; beyond, one case in fifty has it among a million."""
NEAR = 5_000
"""So many of the newest are looked through first: where very many numbers begin so, a page is among them."""
BATCHES = (400, 4_000, 40_000)
"""How many of the newest numbers with one beginning are looked up at a time, where they lie further back."""


def newest(
    conn: Connection, query: Select[Any], key: Column[Any], scope: Scope, *, beginning: str | None = None,
    after: int | None = None, limit: int,
) -> list[Row[Any]]:  # fmt: skip
    """Return the rows of a query after a key, the newest first, those found by their number where they begin so.

    `query` holds the walls, and says itself what is looked for: a number that begins so, or a name.
    """
    query = query.order_by(key.desc())
    if after is not None:
        query = query.where(key < after)
    if beginning is None or not is_number(beginning):
        return list(conn.execute(query.limit(limit)))
    return _by_number(conn, query, key, beginning, scope, after, limit)


def _by_number(
    conn: Connection, query: Select[Any], key: Column[Any], beginning: str, scope: Scope, after: int | None, limit: int
) -> list[Row[Any]]:
    """Find cases or applications by how their number begins.

    The planner knows neither how many begin so nor that their keys lie together. A case's number begins with its
    application's, and has an index of beginnings.
    """
    own = CASES.c.id if key.table is CASES else CASES.c.application_id
    begins = select(own.label("key")).where(CASES.c.no.startswith(beginning.upper(), autoescape=True))
    if after is not None:
        begins = begins.where(own < after)
    places = is_places(scope)
    if places:
        begins = begins.where(places_within(CASES, scope))
    most = min(BATCHES[0], NUMBERED) if places else NUMBERED
    keys = set(conn.execute(begins.limit(most + 1)).scalars())
    if len(keys) <= most:
        return list(conn.execute(query.where(_among(key, keys)).limit(limit)).all())
    if not places:  # few of them may lie within the walls
        return list(conn.execute(query.limit(limit)).all())
    end = after or conn.execute(select(func.max(key) + 1)).scalar_one()
    rows = list(conn.execute(query.where(key >= end - NEAR).limit(limit)).all())
    bound, batches = end - NEAR, iter(BATCHES)
    while len(rows) < limit and (many := next(batches, None)) is not None:
        batch = begins.where(own < bound).distinct().order_by(own.desc()).limit(many)
        found = list(conn.execute(batch).scalars())
        rows += conn.execute(query.where(_among(key, found)).limit(limit - len(rows))).all()
        if len(found) < many:
            return rows
        bound = found[-1]
    return rows if len(rows) == limit else rows + list(conn.execute(query.where(key < bound).limit(limit - len(rows))))


def _among(key: Column[Any], keys: Collection[int]) -> ColumnElement[bool]:
    return key == any_(literal(sorted(keys), ARRAY(BigInteger)))


def is_number(text: str) -> bool:
    """Whether what is looked for is the beginning of a number, not a name."""
    return text[:3].upper() == "RC-"


def is_named(table: Table, text: str) -> Any:
    """Say what bears a number that begins so, or is of an applicant of that name."""
    if is_number(text):
        return table.c.no.startswith(text.upper(), autoescape=True)
    return APPLICATIONS.c.name == text
