"""The board (看板): how many stand where; counted in the database, within the reader's walls."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from forms.scope import Scope
from infra.store.dossier import EVENTS
from infra.store.scoped import applications_within, cases_within, tasks_within
from infra.store.work import APPLICATIONS, CASES, TASKS


def cases_by_matter(conn: Connection, scope: Scope) -> list[tuple[str, str, int]]:
    """Return (matter, status, how many cases)."""
    query = select(CASES.c.matter, CASES.c.status, func.count()).where(cases_within(scope))
    return _counted(conn, query.group_by(CASES.c.matter, CASES.c.status).order_by(CASES.c.matter, CASES.c.status))


def tasks_by_department(conn: Connection, scope: Scope) -> list[tuple[str, str, int]]:
    """Return (department, status, how many tasks)."""
    query = (
        select(TASKS.c.department, TASKS.c.status, func.count())
        .join(CASES, CASES.c.id == TASKS.c.case_id)
        .where(tasks_within(scope))
    )
    grouped = query.group_by(TASKS.c.department, TASKS.c.status)
    return _counted(conn, grouped.order_by(TASKS.c.department, TASKS.c.status))


def applications_by_status(conn: Connection, scope: Scope) -> list[tuple[str, str, int]]:
    """Return (status, outcome or "", how many applications)."""
    outcome = func.coalesce(APPLICATIONS.c.outcome, "")
    query = select(APPLICATIONS.c.status, outcome, func.count()).where(applications_within(scope))
    return _counted(conn, query.group_by(APPLICATIONS.c.status, outcome).order_by(APPLICATIONS.c.status, outcome))


def _counted(conn: Connection, query: Any) -> list[tuple[str, str, int]]:
    return [(row[0], row[1], int(row[2])) for row in conn.execute(query)]


def standing(conn: Connection) -> list[tuple[str, int]]:
    """Return (status, how many cases) of the whole platform, for the operators' metrics: numbers only."""
    query = select(CASES.c.status, func.count()).group_by(CASES.c.status).order_by(CASES.c.status)
    return [(row[0], int(row[1])) for row in conn.execute(query)]


def newest_event(conn: Connection) -> int:
    """Return the key of the newest event, 0 where there is none."""
    return int(conn.execute(select(func.coalesce(func.max(EVENTS.c.id), 0))).scalar_one())
