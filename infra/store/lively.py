"""Where changed cases lie (变动办件所在): what decides who may hear of a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

_PLACES = text(
    "SELECT c.no, a.no AS application_no, c.region, c.lead, a.created_by,"
    " coalesce(json_agg(json_build_array(t.department, t.region, t.office, t.status)) FILTER (WHERE t.id IS NOT NULL),"
    " '[]') AS tasks FROM cases c JOIN applications a ON a.id = c.application_id LEFT JOIN tasks t ON t.case_id = c.id"
    " WHERE c.no = ANY(:numbers) GROUP BY c.id, a.id"
)


@dataclass(slots=True)
class TaskPlace:
    """Where a task lies; the names are those that `flows.access` reads."""

    department: str
    region: str
    office: str | None
    status: str
    level: int = 1
    levels: int = 1


@dataclass(slots=True)
class CasePlace:
    """Where a case lies, and its tasks."""

    no: str
    application_no: str
    region: str
    lead: str
    created_by: int | None
    tasks: tuple[TaskPlace, ...]


def places(conn: Connection, numbers: Sequence[str]) -> list[CasePlace]:
    """Return where these cases lie; numbers that are no case's are left out."""
    rows = conn.execute(_PLACES, {"numbers": list(numbers)}).all()
    return [
        CasePlace(
            row.no, row.application_no, row.region, row.lead, row.created_by,
            tuple(TaskPlace(*task) for task in row.tasks),
        )
        for row in rows
    ]  # fmt: skip
