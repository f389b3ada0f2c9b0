"""What the machine has to do (机器办理): checks that are due, taken under a lease; cases that a crash left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class DueCheck:
    """A check that is due on a task."""

    task_id: int
    task_no: str
    case_id: int
    application_id: int
    check: str
    about: str
    tries: int


_DEPARTMENTS = text(
    "SELECT DISTINCT department FROM tasks WHERE matter = :matter AND check_state = 'due'"
    " AND (check_next_at IS NULL OR check_next_at <= :at) ORDER BY department"
)
_MATTERS = text(
    "SELECT DISTINCT matter FROM tasks WHERE check_state = 'due' AND (check_next_at IS NULL OR check_next_at <= :at)"
)
_LEASE = text(
    "UPDATE tasks t SET check_next_at = :until, check_tries = t.check_tries + 1 FROM ("
    " SELECT id FROM tasks WHERE matter = :matter AND department = :department AND check_state = 'due'"
    " AND (check_next_at IS NULL OR check_next_at <= :at) ORDER BY id LIMIT :chunk FOR UPDATE SKIP LOCKED) due, cases c"
    " WHERE t.id = due.id AND c.id = t.case_id"
    " RETURNING t.id, t.no, t.case_id, c.application_id, t.check_code,"
    " coalesce(t.wants->>'about', '/applicant/id_number'), t.check_tries"
)
_NONE_TO_ASK = text("UPDATE tasks SET check_state = NULL WHERE matter = :matter AND check_state = 'due'")
_LEFT_BEHIND = text(
    "SELECT c.id, c.application_id FROM cases c WHERE c.matter = :matter AND c.status = 'in_progress' AND c.id > :after"
    " AND (NOT EXISTS (SELECT 1 FROM tasks t WHERE t.case_id = c.id AND t.mandatory AND t.blocking"
    "  AND t.status IN ('pending', 'returned', 'received', 'reviewing'))"
    " OR EXISTS (SELECT 1 FROM tasks t WHERE t.case_id = c.id AND t.status = 'blocked' AND NOT EXISTS ("
    "  SELECT 1 FROM tasks p WHERE p.case_id = c.id AND p.step = ANY(t.after) AND p.mandatory"
    "  AND p.status IN ('blocked', 'pending', 'returned', 'received', 'reviewing'))))"
    " ORDER BY c.id LIMIT :chunk"
)


_WAITING = text("SELECT extract(epoch FROM now() - min(run_created_at))::float FROM nudges")


def longest_wait(conn: Connection) -> float | None:
    """Return for how many seconds the oldest run has waited for a worker, None where none waits."""
    return conn.execute(_WAITING).scalar()


def departments_with_checks(conn: Connection, matter: str, at: datetime) -> list[str]:
    """Return the departments of a matter with machine work at `at` (the machine's time)."""
    return list(conn.execute(_DEPARTMENTS, {"matter": matter, "at": at}).scalars())


def matters_with_checks(conn: Connection, at: datetime) -> list[str]:
    """Return the matters with machine work at `at` (the machine's time)."""
    return list(conn.execute(_MATTERS, {"at": at}).scalars())


def lease_checks(
    conn: Connection, matter: str, department: str, at: datetime, *, chunk: int, lease: timedelta
) -> list[DueCheck]:
    """Take up to `chunk` due checks for `lease`: who is killed meanwhile loses them to the next pass, nothing else."""
    rows = conn.execute(
        _LEASE,
        {
            "matter": matter,
            "department": department,
            "at": at,
            "until": at + lease,
            "chunk": chunk,
        },
    )
    return sorted((DueCheck(*row) for row in rows), key=lambda due: due.task_id)


def forget_checks(conn: Connection, matter: str) -> None:
    """Leave every due check to people: this installation has no registry to ask."""
    conn.execute(_NONE_TO_ASK, {"matter": matter})


def left_behind(conn: Connection, matter: str, *, after: int, chunk: int) -> Sequence[tuple[int, int]]:
    """Return (case, application) of open cases on which a move may be due, in the order of their keys."""
    rows = conn.execute(_LEFT_BEHIND, {"matter": matter, "after": after, "chunk": chunk})
    return [(row[0], row[1]) for row in rows]
