"""Limits (时限): each explained for a case, and what is late."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter, Response

from api import dossiers
from api.arrival import reader
from api.calls import Asked, sent
from api.parameters import PAGE, CaseNo, Cursor, Limit, page, place_of
from api.rows import label, moment
from flows.explain import unit_of
from flows.projection import local_day
from flows.sla import Clock, Light
from forms.vocabulary import CaseStatus, Department, TaskStatus
from infra.calendar import calendar
from infra.store import breaches

ROUTER = APIRouter(prefix="/api/v1", tags=["时限"])


@ROUTER.get("/cases/{no}/limits", operation_id="read_limits", summary="时限说明")
def read_limits(no: CaseNo, call: Asked) -> Response:
    """Every limit of the case and its tasks: spent, due, light, and each day counted or not, with the reason."""
    with call.desk() as seat:
        rows = dossiers.limits(seat, reader(seat), no)
    return sent({"items": rows, "next": None})


@ROUTER.get("/breaches", operation_id="list_breaches", summary="超时办件")
def list_breaches(call: Asked, cursor: Cursor = None, limit: Limit = PAGE) -> Response:
    """What is late, by how many working days, and whose it is; the longest overdue first."""
    after = place_of(cursor, date, int)
    with call.desk() as seat:
        day = local_day(seat.now)
        rows = breaches.late(seat.conn, reader(seat), seat.now, after=after, limit=limit + 1)
        items: list[dict[str, Any]] = []
        for row in rows:
            over = calendar(seat.conn, row["region"]).count(row["due_on"], day)
            red = row["red_on"] is not None and row["red_on"] <= day
            light = Light.RED if red else Light.YELLOW
            items.append({
                "no": row["subject"],
                "case": row["case_no"],
                "application": row["case_no"].rpartition("-")[0],
                "matter": row["matter"],
                "title": row["task_title"] or row["case_title"],
                "step": row["step"],
                "region": row["region"],
                "department": row["department"],
                "department_label": label(Department, row["department"]),
                "officer": row["officer_name"],
                "applicant": row["applicant"],
                "status": row["task_status"] or row["case_status"],
                "status_label": label(TaskStatus if row["task_status"] else CaseStatus,
                                      row["task_status"] or row["case_status"]),
                "clock": row["clock"],
                "clock_label": Clock(row["clock"]).label,
                "what": row["what"],
                "basis": row["basis"],
                "days": row["days"] + row["extension"],
                "unit": unit_of(row),
                "due": row["due_on"].isoformat(),
                "due_at": moment(row["due_at"]),
                "provisional": row["provisional"],
                "over": over,
                "light": light.value,
                "light_label": light.label,
            })  # fmt: skip
    return sent(page(items, limit, lambda n: [rows[n]["due_on"].isoformat(), rows[n]["id"]]))
