"""What is late or will be soon (超时、将超时): running limits within the reader's walls, the longest overdue first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, case, func, or_, select, tuple_

from forms.scope import Scope
from infra.clock import SHANGHAI
from infra.store.led import reached
from infra.store.limits import LIMITS
from infra.store.scoped import cases_within, is_places, places_within, tasks_within
from infra.store.work import APPLICATIONS, CASES, TASKS

_NOBODYS = ("supplement", "gap", "response", "dispatch", "checkpoint")
"""Clocks on which nothing is late: the applicant's own, and reminders to take a task up or to look after somebody."""


def late(
    conn: Connection,
    scope: Scope,
    now: datetime,
    *,
    region: str | None = None,
    department: str | None = None,
    matter: str | None = None,
    after: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[RowMapping]:
    """Return running limits of offices that are passed, with whose they are; `after` is the last row's due day and key.

    A task's limit is seen by who sees the task, a case's by who sees the case. One in office hours is passed at a
    moment of its day.
    """
    here = reached(conn, scope)
    if here is not None and matter is not None and matter not in here.matters:
        return []
    own = here.holds(LIMITS) if here is not None else []  # said of the limit, so that others' cases are not looked at
    query = _running(scope, region, department, matter).where(_passed(now), *own)
    return list(conn.execute(_paged(query, LIMITS.c.due_on, after, limit)).mappings())


def soon(
    conn: Connection,
    scope: Scope,
    today: date,
    horizon: date,
    *,
    region: str | None = None,
    department: str | None = None,
    matter: str | None = None,
    after: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[RowMapping]:
    """Return running limits whose next card comes after today and up to `horizon`, with the day it `turns_on`.

    `after` is the last row's day and key.
    """
    turns_on = func.least(*(case((day > today, day)) for day in (LIMITS.c.yellow_on, LIMITS.c.red_on)))
    here = reached(conn, scope)
    if here is not None and matter is not None and matter not in here.matters:
        return []
    whole = here.holds(LIMITS) if here is not None and here.exact else _seen_whole(scope)
    query = _running(scope, region, department, matter).add_columns(turns_on.label("turns_on"))
    if whole:  # the nearest are found among the limits alone, and only those looked up
        within = [*_these(region, department, matter), *whole]
        query = query.where(LIMITS.c.id.in_(_nearest(conn, turns_on, within, today, horizon, after, limit)))
    else:
        own = here.holds(LIMITS) if here is not None else []
        query = query.where(LIMITS.c.next_on <= horizon, turns_on <= horizon, *own)
    return list(conn.execute(_paged(query, turns_on, after, limit)).mappings())


def _nearest(
    conn: Connection, turns_on: Any, within: list[ColumnElement[bool]], today: date, horizon: date,
    after: Sequence[Any] | None, limit: int,
) -> list[int]:  # fmt: skip
    """Return the limits whose card comes soonest; where one day has enough of them, those further off are left alone.

    A card to come is not given yet, so that no limit has to be looked at again after it.
    """
    first = min(horizon, max(today + timedelta(days=1), after[0] if after is not None else today))
    keys: list[int] = []
    for before, last in ((today, first), (first, horizon)):
        nearest = select(LIMITS.c.id).where(turns_on > before, turns_on <= last, LIMITS.c.next_on <= last, *within)
        keys += conn.execute(_paged(nearest, turns_on, after, limit - len(keys))).scalars()
        if len(keys) == limit or last == horizon:
            break
    return keys


def _paged(query: Select[Any], day: Any, after: Sequence[Any] | None, limit: int) -> Select[Any]:
    """Order limits by a day and begin after a place: (day, key)."""
    if after is not None:
        query = query.where(tuple_(day, LIMITS.c.id) > tuple(after))
    return query.order_by(day, LIMITS.c.id).limit(limit)


def _seen_whole(scope: Scope) -> list[ColumnElement[bool]]:
    """Return the walls of a scope of whole regions as a condition on the limit, whose region is its case's."""
    return [places_within(LIMITS, scope)] if is_places(scope) else []


def _running(scope: Scope, region: str | None, department: str | None, matter: str | None) -> Select[Any]:
    """Return running limits of offices within the scope, with what and whose they are."""
    query = (
        select(
            LIMITS.c.id,
            LIMITS.c.subject,
            LIMITS.c.clock,
            LIMITS.c.what,
            LIMITS.c.basis,
            LIMITS.c.days,
            LIMITS.c.runs,
            LIMITS.c.extension,
            LIMITS.c.matter,
            LIMITS.c.department,
            LIMITS.c.region,
            LIMITS.c.started_on,
            LIMITS.c.due_on,
            LIMITS.c.due_at,
            LIMITS.c.yellow_on,
            LIMITS.c.red_on,
            LIMITS.c.provisional,
            CASES.c.no.label("case_no"),
            CASES.c.title.label("case_title"),
            CASES.c.status.label("case_status"),
            TASKS.c.step,
            TASKS.c.title.label("task_title"),
            TASKS.c.status.label("task_status"),
            TASKS.c.officer_name,
            APPLICATIONS.c.name.label("applicant"),
        )
        .join(CASES, CASES.c.id == LIMITS.c.case_id)
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        .outerjoin(TASKS, and_(TASKS.c.case_id == LIMITS.c.case_id, TASKS.c.no == LIMITS.c.subject))
        .where(
            *_these(region, department, matter),
            *_seen_whole(scope),
            or_(
                and_(TASKS.c.id.is_(None), cases_within(scope, few=True)),
                and_(TASKS.c.id.is_not(None), tasks_within(scope)),
            ),
        )
    )
    return query


def _these(region: str | None, department: str | None, matter: str | None) -> list[ColumnElement[bool]]:
    """Return the conditions of a running limit of an office, of this region, department and matter."""
    parts = [LIMITS.c.ended_at.is_(None), LIMITS.c.clock.not_in(_NOBODYS)]
    chosen = ((LIMITS.c.region, region), (LIMITS.c.department, department), (LIMITS.c.matter, matter))
    return parts + [column == value for column, value in chosen if value is not None]


def _passed(now: datetime) -> ColumnElement[bool]:
    day = now.astimezone(SHANGHAI).date()
    return and_(LIMITS.c.due_on <= day, or_(LIMITS.c.due_on < day, LIMITS.c.due_at < now))


def passed(conn: Connection, now: datetime) -> int:
    """Return how many running limits of offices are passed on the whole platform, for the operators' metrics."""
    running = (
        LIMITS.c.ended_at.is_(None),
        _passed(now),
        LIMITS.c.clock.not_in(_NOBODYS),
    )
    return int(conn.execute(select(func.count()).select_from(LIMITS).where(*running)).scalar_one())
