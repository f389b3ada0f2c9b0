"""Traces (查阅留痕) for the auditor: who read or revealed what."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.calls import Asked, allowed, sent
from api.parameters import PAGE, Cursor, Limit, Short, page, place_of
from api.rows import moment
from forms.vocabulary import Role
from infra.store import traces

ROUTER = APIRouter(prefix="/api/v1/traces", tags=["审计"])


@ROUTER.get("", operation_id="list_traces", summary="查阅留痕")
def list_traces(
    call: Asked, application: Short = None, officer: Short = None, cursor: Cursor = None, limit: Limit = PAGE
) -> Response:
    """Who read or revealed what in the auditor's regions, the newest first."""
    after = place_of(cursor, int)
    with call.desk() as seat:
        allowed(seat, "read-traces")
        regions = {member.region for member in seat.actor.members if member.role == Role.AUDITOR}
        rows = traces.of_regions(
            seat.conn,
            regions,
            application=application,
            officer=officer,
            after=after[0] if after else None,
            limit=limit + 1,
        )
    items = [
        {
            "at": moment(row["at"]),
            "officer": row["officer_name"],
            "act": row["act"],
            "application": row["application"],
            "subject": row["subject"],
            "reason": row["reason"],
            "terminal": row["terminal"],
        }
        for row in rows
    ]
    return sent(page(items, limit, lambda n: [rows[n]["id"]]))
