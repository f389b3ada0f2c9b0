"""Dossiers (卷宗): everything of one case or application that a reader may see; no query without a Scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, null, or_, select

from forms.scope import Scope
from infra.store.rows import CaseRow, TaskRow
from infra.store.scoped import applications_within, cases_within, tasks_within
from infra.store.work import APPLICATIONS, CASE_COLUMNS, CASES, TASK_COLUMNS, TASKS, case_no_of, table
from infra.tables import Document, Event

EVENTS, DOCUMENTS = table(Event), table(Document)
_APPLICATION = [column for column in APPLICATIONS.c if column.name not in {"person_key", "code_hash"}]


def case(conn: Connection, scope: Scope, no: str) -> CaseRow | None:
    """Return a case by its number, None where it is not there or not to be seen."""
    query = select(*CASE_COLUMNS).where(CASES.c.no == no, cases_within(scope))
    row = conn.execute(query).first()
    return CaseRow(*row) if row is not None else None


def task(conn: Connection, scope: Scope, no: str) -> TaskRow | None:
    """Return a task by its number, None where it is not there or not to be seen."""
    query = select(*TASK_COLUMNS).join(CASES, CASES.c.id == TASKS.c.case_id).where(CASES.c.no == case_no_of(no))
    row = conn.execute(query.where(TASKS.c.no == no, tasks_within(scope))).first()
    return TaskRow(*row) if row is not None else None


def named(conn: Connection, scope: Scope, numbers: Collection[str]) -> dict[str, RowMapping]:
    """Return by number whose cases and tasks these are, and of which matter; what may not be seen is left out."""
    who = (APPLICATIONS.c.name.label("applicant"), CASES.c.matter, CASES.c.title.label("matter_title"))
    of_cases = select(CASES.c.no, *who, null().label("task")).where(CASES.c.no.in_(numbers), cases_within(scope))
    of_tasks = select(TASKS.c.no, *who, TASKS.c.title.label("task")).join(CASES, CASES.c.id == TASKS.c.case_id)
    of_tasks = of_tasks.where(CASES.c.no.in_({case_no_of(no) for no in numbers}), TASKS.c.no.in_(numbers))
    of_tasks = of_tasks.where(tasks_within(scope))
    both = [one.join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id) for one in (of_cases, of_tasks)]
    return {row["no"]: row for one in both for row in conn.execute(one).mappings()}


def application(conn: Connection, scope: Scope, no: str) -> RowMapping | None:
    """Return an application by its number, None where it is not there or nothing of it is to be seen."""
    query = select(*_APPLICATION).where(APPLICATIONS.c.no == no, applications_within(scope))
    return conn.execute(query).mappings().first()


def application_of(conn: Connection, scope: Scope, case_row: CaseRow) -> RowMapping | None:
    """Return the application of a case that may be seen."""
    query = select(*_APPLICATION).where(APPLICATIONS.c.id == case_row.application_id, applications_within(scope))
    return conn.execute(query).mappings().first()


def cases(conn: Connection, scope: Scope, application_id: int) -> list[CaseRow]:
    """Return the cases of an application that may be seen, in the order of their numbers."""
    query = select(*CASE_COLUMNS).where(CASES.c.application_id == application_id, cases_within(scope))
    return [CaseRow(*row) for row in conn.execute(query.order_by(CASES.c.no))]


def events(
    conn: Connection,
    scope: Scope,
    case_no: str,
    *,
    subjects: Collection[str] | None = None,
    after: int = 0,
    limit: int = 100,
) -> Sequence[RowMapping]:
    """Return the events of a case after a place in its record, oldest first; only those on `subjects` where given."""
    query = (
        select(EVENTS)
        .join(CASES, CASES.c.id == EVENTS.c.case_id)
        .where(CASES.c.no == case_no, EVENTS.c.seq > after, cases_within(scope))
    )
    if subjects is not None:
        query = query.where(EVENTS.c.subject.in_(list(subjects)))
    return conn.execute(query.order_by(EVENTS.c.seq).limit(limit)).mappings().all()


def documents(conn: Connection, scope: Scope, case_row: CaseRow, *, receipt: bool) -> list[dict[str, Any]]:
    """Return the documents of a case, with its application's receipt where `receipt` says so."""
    of_case = DOCUMENTS.c.case_id == case_row.id
    if receipt:
        of_application = DOCUMENTS.c.application_id == case_row.application_id
        of_case = or_(of_case, of_application & DOCUMENTS.c.case_id.is_(None))
    query = select(DOCUMENTS).outerjoin(CASES, CASES.c.id == case_row.id).where(of_case, cases_within(scope))
    return [dict(row) for row in conn.execute(query.order_by(DOCUMENTS.c.id)).mappings()]


def code_hash(conn: Connection, application_id: int) -> bytes:
    """Return the hash of the code with which an applicant asks for progress."""
    query = select(APPLICATIONS.c.code_hash).where(APPLICATIONS.c.id == application_id)
    return bytes(conn.execute(query).scalar_one())


def latest_event(conn: Connection, scope: Scope, case_no: str) -> dict[str, str] | None:
    """Return the last act on the record of a case: who, what, on what, when."""
    query = (
        select(EVENTS.c.actor_name, EVENTS.c.act, EVENTS.c.subject, EVENTS.c.at)
        .join(CASES, CASES.c.id == EVENTS.c.case_id)
        .where(CASES.c.no == case_no, cases_within(scope))
    )
    row = conn.execute(query.order_by(EVENTS.c.seq.desc()).limit(1)).first()
    if row is None:
        return None
    return {"actor": row.actor_name, "act": row.act, "subject": row.subject, "at": row.at.isoformat()}
