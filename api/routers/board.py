"""The board (看板): how many stand where, within one's walls."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response
from sqlalchemy import Connection

from api.arrival import reader
from api.calls import Asked, allowed, sent
from api.kept import Kept
from api.rows import label, moment
from flows.registry import matters
from forms.scope import Scope
from forms.vocabulary import CaseStatus, Department, Outcome, TaskStatus
from infra import clock
from infra.store import board, standing

ROUTER = APIRouter(prefix="/api/v1/board", tags=["看板"])


Counted = list[tuple[str, str, int]]
_counts: Final[Kept[tuple[Counted, Counted, Counted]]] = Kept(
    2.0, lambda told: sum(row[2] for row in told[0]), standing.newest
)


def _count(conn: Connection, scope: Scope) -> tuple[Counted, Counted, Counted]:
    return (
        board.cases_by_matter(conn, scope),
        board.tasks_by_department(conn, scope),
        board.applications_by_status(conn, scope),
    )


@ROUTER.get("", operation_id="board", summary="看板")
def read_board(call: Asked) -> Response:
    """Cases by matter and status, tasks by department and status, applications by status and outcome; `at` is when.

    Over very many cases the counts are those of some seconds ago; over few they are as of now.
    """
    with call.desk() as seat:
        allowed(seat, "read-board")
        scope = reader(seat)
        told = _counts.get(call.engine, seat.conn, scope, lambda conn: _count(conn, scope))
        at = seat.now - (clock.machine() - told.at)
    cases, tasks, applications = told.value
    titles = {code: matter.title for code, matter in matters().items()}
    body = {
        "at": moment(at),
        "cases": [
            {"matter": m, "title": titles.get(m, m), "status": s, "status_label": label(CaseStatus, s), "count": n}
            for m, s, n in cases
        ],
        "tasks": [
            {
                "department": d,
                "department_label": label(Department, d),
                "status": s,
                "status_label": label(TaskStatus, s),
                "count": n,
            }
            for d, s, n in tasks
        ],
        "applications": [
            {
                "status": s,
                "status_label": label(CaseStatus, s),
                "outcome": o or None,
                "outcome_label": label(Outcome, o or None),
                "count": n,
            }
            for s, o, n in applications
        ],
        "totals": {
            "applications": sum(n for *_, n in applications),
            "cases": sum(n for *_, n in cases),
            "tasks": sum(n for *_, n in tasks),
        },
    }
    return sent(body)
