"""Walls in SQL (可见范围): a Scope becomes the condition that every reading query carries."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import ColumnElement, Table, and_, exists, false, literal, or_, select, true

from forms.scope import Scope, Seat
from infra.store.work import APPLICATIONS, CASES, TASKS


@lru_cache(maxsize=1024)
def cases_within(scope: Scope, *, few: bool = False) -> ColumnElement[bool]:
    """Return the condition on `cases` that keeps a reader inside the scope; the empty scope sees nothing.

    Where only a `few` rows are looked at, each is asked about by itself: the planner, which does not know that, would
    first gather every case of an office.
    """
    if scope.everything:
        return true()
    scope = scope.walls
    parts = [places_within(CASES, scope)]
    if scope.seats:
        # a task's matter is its case's: said so that the index of the seat leads to the case
        of_case = and_(TASKS.c.case_id == CASES.c.id, TASKS.c.matter == CASES.c.matter)
        involved = and_(of_case, TASKS.c.status != "not_applicable", at_seats(scope.seats))
        one = select(literal(1)).where(involved).correlate(CASES).limit(1).scalar_subquery()
        parts.append(one.is_not(None) if few else exists().where(involved).correlate(CASES))
    if scope.created_by is not None:
        own = select(APPLICATIONS.c.id).where(APPLICATIONS.c.created_by == scope.created_by)
        parts.append(CASES.c.application_id.in_(own))
    if scope.applications:
        named = select(APPLICATIONS.c.id).where(APPLICATIONS.c.no.in_(sorted(scope.applications)))
        parts.append(CASES.c.application_id.in_(named))
    return or_(*parts)


def places_within(table: Table, scope: Scope) -> ColumnElement[bool]:
    """Return the condition that what lies somewhere is in the regions, or with the leads, of a scope.

    The table has a region, and where the scope has leads a lead too: its case's.
    """
    if scope.everything:
        return true()
    scope = scope.walls
    parts: list[ColumnElement[bool]] = [table.c.region.in_(sorted(scope.regions))] if scope.regions else []
    parts += [
        table.c.lead == seat.department
        if seat.region == "*"
        else and_(table.c.lead == seat.department, table.c.region == seat.region)
        for seat in sorted(scope.leads, key=str)
    ]
    return or_(false(), *parts)


def at_seats(seats: Iterable[Seat]) -> ColumnElement[bool]:
    """Return the condition on `tasks` that they lie at one of the seats."""
    return or_(false(), *(_at(seat) for seat in sorted(seats, key=str)))


def _at(seat: Seat) -> ColumnElement[bool]:
    parts = [TASKS.c.department == seat.department]
    if seat.region != "*":
        parts.append(TASKS.c.region == seat.region)
    if seat.office is not None:
        parts.append(TASKS.c.office == seat.office)
    return and_(*parts)


@lru_cache(maxsize=1024)
def tasks_within(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on `tasks` joined to `cases`: one's own seats, and every task of what is seen whole."""
    if scope.everything:
        return true()
    scope = scope.walls
    whole = Scope(scope.regions, frozenset(), scope.leads, scope.created_by, scope.applications)
    return or_(cases_within(whole), and_(TASKS.c.status != "not_applicable", at_seats(scope.seats)))


def applications_within(scope: Scope, *, before: int | None = None, few: bool = False) -> ColumnElement[bool]:
    """Return the condition on `applications`: those with a case within the scope.

    Where only those `before` a key are wanted, so are only their cases: the planner does not see that by itself. Nor
    that only a `few` are looked at, as in `cases_within`.
    """
    if scope.everything:
        return true()
    parts = [CASES.c.application_id == APPLICATIONS.c.id, cases_within(scope, few=few)]
    parts += [CASES.c.application_id < before] if before is not None else []
    return exists().where(*parts).correlate(APPLICATIONS)


def is_places(scope: Scope) -> bool:
    """Whether a scope sees whole regions and nothing else."""
    walls = scope.walls
    return bool(walls.regions) and not (walls.leads or walls.seats or walls.created_by or walls.applications)
