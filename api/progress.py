"""Progress (办理进度) as the applicant sees it: what is done, who has it now, what to bring. No officer is named."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from api.rows import label, moment
from flows import access
from flows.access import Actor
from flows.awaited import awaited
from flows.casework import applicant, ratings
from flows.outlook import outlook
from flows.projection import local_day
from flows.registry import titles_of
from forms.errors import NotFound
from forms.scope import Scope
from forms.vocabulary import (
    INTERNAL_DOCUMENTS,
    TASK_IN_HAND,
    CaseStatus,
    Department,
    DocumentKind,
    Outcome,
    RatingState,
    TaskStatus,
)
from infra.store import dossier, people, work
from infra.store import ratings as store
from infra.store.rows import CaseRow, TaskRow

_IN_HAND = frozenset(status.value for status in TASK_IN_HAND)


def progress(conn: Connection, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return how far the application is whose code the applicant has shown (`flows.casework.codes.enter`)."""
    scope = access.scope(actor)
    row = dossier.application(conn, scope, actor.application)
    if row is None:
        raise NotFound
    day = local_day(now)
    cases = dossier.cases(conn, scope, row["id"])
    return {
        "no": row["no"],
        "status": row["status"],
        "status_label": label(CaseStatus, row["status"]),
        "outcome": row["outcome"],
        "outcome_label": label(Outcome, row["outcome"]),
        "received_at": moment(row["received_at"]),
        "documents": [
            _document(row) for case in cases[:1] for row in _documents(conn, scope, case) if row["case_id"] is None
        ],
        "cases": [_case(conn, scope, case, day) for case in cases],
    }


def _case(conn: Connection, scope: Scope, case: CaseRow, day: date) -> dict[str, Any]:
    bring = applicant.owed(conn, case)
    tasks = [task for task in work.tasks_of(conn, case.id) if task.status != TaskStatus.NOT_APPLICABLE.value]
    waits = awaited(case.edges, case.routes, tasks)
    return {
        "no": case.no,
        "matter": case.matter,
        "title": case.title,
        "status": case.status,
        "status_label": label(CaseStatus, case.status),
        "outcome": case.outcome,
        "outcome_label": label(Outcome, case.outcome),
        "paused": case.paused,
        "received_at": moment(case.received_at),
        "accepted_at": moment(case.accepted_at),
        "closed_at": moment(case.closed_at),
        "delivered_at": moment(case.delivered_at),
        "steps": [_step(task, titles_of(waits.get(task.step, ()))) for task in tasks],
        "with": [_holder(conn, task) for task in tasks if task.status in _IN_HAND],
        "latest": outlook(conn, case, day),
        "bring": bring,
        "may": applicant.may_now(case, tasks, bring) + (["rate"] if _rate_until(conn, case, day) else []),
        "rate_until": _rate_until(conn, case, day),
        "rating": _rating(conn, case),
        "documents": [_document(row) for row in _documents(conn, scope, case) if row["case_id"] is not None],
    }


_TOLD = ("reason", "explanation", "basis", "remedies", "where", "to", "until", "deadline", "items")
"""What of a document's content the applicant is told here; opinions stay inside, with the names in them."""


def _documents(conn: Connection, scope: Scope, case: CaseRow) -> list[dict[str, Any]]:
    rows = dossier.documents(conn, scope, case, receipt=True)
    return [row for row in rows if row["kind"] not in INTERNAL_DOCUMENTS]


def _document(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "no": row["no"],
        "kind": row["kind"],
        "title": label(DocumentKind, row["kind"]),
        "at": moment(row["at"]),
        "content": {name: row["content"][name] for name in _TOLD if row["content"].get(name)},
    }


def _step(task: TaskRow, awaits: list[str]) -> dict[str, Any]:
    return {
        "awaits": awaits,
        "step": task.step,
        "after": list(task.after),
        "route": task.route,
        "title": task.title,
        "department_label": label(Department, task.department),
        "status": task.status,
        "status_label": label(TaskStatus, task.status),
        "done": task.status in {"approved", "refused", "forwarded"},
        "decided_at": moment(task.decided_at),
    }


def _holder(conn: Connection, task: TaskRow) -> dict[str, Any]:
    office = people.find_office(conn, task.department, task.region, task.office or "")
    return {
        "step": task.title,
        "department_label": label(Department, task.department),
        "office": office["name"] if office is not None else None,
        "phone": office["phone"] if office is not None else None,
        "since": moment(task.opened_at),
    }


def _rate_until(conn: Connection, case: CaseRow, day: date) -> str | None:
    """Return the last day on which the applicant may rate the case, None where that is not to be done now."""
    until = ratings.ratable_until(conn, case)
    return until.isoformat() if until is not None and ratings.may_rate(conn, case, day) else None


def _rating(conn: Connection, case: CaseRow) -> dict[str, Any] | None:
    """Return what the applicant said of a case, and what was replied; None where nothing was said."""
    row = store.of_case(conn, case.id)
    if row is None:
        return None
    return {
        "grade": row["grade"],
        "grade_label": ratings.said_of(row),
        "comment": row["comment"],
        "state": row["state"],
        "state_label": label(RatingState, row["state"]),
        "rated_at": moment(row["rated_at"]),
        "reply": row["reply"],
    }
