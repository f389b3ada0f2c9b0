"""Notices (通知) on the platform: what is told to one's seats and to oneself, unread first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.arrival import reader
from api.calls import Asked, sent
from api.news import addressed
from api.parameters import PAGE, Cursor, Limit, Short, page, place_of
from api.rows import moment
from forms.errors import NotFound
from infra.store import notices

ROUTER = APIRouter(prefix="/api/v1/notices", tags=["通知"])


@ROUTER.get("", operation_id="list_notices", summary="通知")
def list_notices(
    call: Asked,
    unread: Annotated[bool | None, Query(title="只看未读（true）或者已读（false）的")] = None,
    case: Short = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Response:
    """What is told to the caller's seats and to himself; a seat's notice that a colleague has read is read."""
    place = place_of(cursor, int, int)
    with call.desk() as seat:
        after = (place[0], place[1]) if place is not None else None
        rows = notices.read_by(
            seat.conn,
            reader(seat),
            addressed(seat.conn, seat.actor),
            unread=unread,
            case=case,
            after=after,
            limit=limit + 1,
        )
    items = [_row(row) for row in rows]
    return sent(page(items, limit, lambda n: [int(rows[n]["read_at"] is not None), rows[n]["id"]]))


@ROUTER.post("/{key}/read", operation_id="read_notice", summary="已读")
def read_notice(key: Annotated[int, Path(ge=1, le=2**63 - 1, title="通知编号")], call: Asked) -> Response:
    """The notice is read; a second time changes nothing."""
    with call.desk() as seat:
        row = notices.read(seat.conn, reader(seat), addressed(seat.conn, seat.actor), key, seat.now)
        if row is None:
            raise NotFound
        seat.sheet.changed.add(row["addressee"])
    return sent(_row(row))


def _row(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "title": row["title"],
        "text": row["content"].get("text") or row["title"],
        "content": row["content"],
        "case": row["case_no"],
        "addressee": row["addressee"],
        "created_at": moment(row["created_at"]),
        "read_at": moment(row["read_at"]),
    }
