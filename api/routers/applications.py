"""Applications (申请): one intake for several matters, and what became of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api import dossiers
from api.arrival import reader
from api.calls import Answer, Asked, sent
from api.parameters import DRAFT, PAGE, ApplicationNo, Cursor, Limit, Short, page, place_of
from api.rows import application_row
from flows.casework.intake import receive
from flows.record import Desk
from infra.store import lists

ROUTER = APIRouter(prefix="/api/v1/applications", tags=["申请"])
Draft = Annotated[str | None, Query(pattern=DRAFT, title="由哪份暂存提交")]


@ROUTER.post("", operation_id="receive", summary="一口受理", status_code=HTTPStatus.CREATED)
def receive_application(call: Asked, draft: Draft = None) -> Response:
    """One intake is on record with its number; complete cases are accepted on the spot, their departments have them.

    The draft that is handed in with it is gone.
    """
    with call.desk() as seat:
        return call.once(seat, lambda: _received(call, seat, draft))


def _received(call: Asked, seat: Desk, draft: str | None) -> Answer:
    given = receive(seat, call.body(), draft=draft)
    data = {
        "no": given.no,
        "code": given.code,
        "status": given.status,
        "cases": given.cases,
        "warnings": [{"field": w.field, "message": w.message, "code": w.code} for w in given.warnings],
    }
    return Answer(data, HTTPStatus.CREATED, location=f"{ROUTER.prefix}/{given.no}")


@ROUTER.get("", operation_id="list_applications", summary="申请列表")
def list_applications(
    call: Asked, status: Short = None, q: Short = None, cursor: Cursor = None, limit: Limit = PAGE
) -> Response:
    """The applications one may see, the newest first; `q` is a name or a number."""
    after = place_of(cursor, int)
    with call.desk() as seat:
        rows = lists.applications(
            seat.conn, reader(seat), status=status, q=dossiers.searchable(q), after=after, limit=limit + 1
        )
    return sent(page([application_row(row) for row in rows], limit, lambda n: [rows[n]["id"]]))


@ROUTER.get("/{no}", operation_id="read_application", summary="申请详情")
def read_application(no: ApplicationNo, call: Asked) -> Response:
    """An application with those of its cases that one may see; reading it leaves a trace."""
    with call.desk() as seat:
        data = dossiers.application(seat, reader(seat), no)
    return sent(data, headers={"ETag": f'"{data["version"]}"'})
