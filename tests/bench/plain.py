"""The yardstick (标尺): the same business in hand-written SQL and plain psycopg: no record, no walls, no rules."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.types.json import Json

DATABASE = "plain"
DEPARTMENTS = ("people", "police", "health", "housing")

TABLES = """
CREATE TABLE IF NOT EXISTS cases (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    form jsonb NOT NULL,
    status text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz
);
CREATE TABLE IF NOT EXISTS tasks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES cases,
    department text NOT NULL,
    status text NOT NULL,
    decided_by bigint,
    decided_at timestamptz
);
CREATE INDEX IF NOT EXISTS tasks_case ON tasks (case_id);
CREATE INDEX IF NOT EXISTS tasks_inbox ON tasks (department, id) WHERE status = 'pending';
"""

_CASE = "INSERT INTO cases (form, status) VALUES (%s, 'in_progress') RETURNING id"
_TASKS = (
    "INSERT INTO tasks (case_id, department, status) SELECT %s, department, 'pending'"
    " FROM unnest(%s::text[]) department RETURNING id"
)
_LOCK = "SELECT c.id, c.status FROM cases c WHERE c.id = (SELECT case_id FROM tasks WHERE id = %s) FOR UPDATE"
_DECIDE = (
    "UPDATE tasks SET status = 'approved', decided_by = %s, decided_at = now() WHERE id = %s AND status = 'pending'"
)
_LEFT = "SELECT count(*) FROM tasks WHERE case_id = %s AND status <> 'approved'"
_CLOSE = "UPDATE cases SET status = 'closed', closed_at = now() WHERE id = %s"


def submit(conn: psycopg.Connection[Any], body: dict[str, Any]) -> tuple[int, list[int]]:
    """One case with its four tasks is committed; answers their keys."""
    with conn.transaction():
        case = _one(conn.execute(_CASE, [Json(body)]))[0]
        tasks = [row[0] for row in conn.execute(_TASKS, [case, list(DEPARTMENTS)])]
    return case, tasks


def decide(conn: psycopg.Connection[Any], task: int, officer: int) -> str:
    """The task is approved, and the case closed when it was the last; committed. Answers the case's status."""
    with conn.transaction():
        case, status = _one(conn.execute(_LOCK, [task]))
        if status != "in_progress" or conn.execute(_DECIDE, [officer, task]).rowcount != 1:
            raise ValueError("decided already")
        if _one(conn.execute(_LEFT, [case]))[0] == 0:
            conn.execute(_CLOSE, [case])
            status = "closed"
    return str(status)


def _one(cursor: psycopg.Cursor[Any]) -> Any:
    row = cursor.fetchone()
    if row is None:
        raise LookupError("no such row")
    return row
