"""Drafts (暂存): an intake that is not finished, kept for the officer who saved it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.calls import Answer, Asked, allowed, sent
from api.parameters import DRAFT, PAGE, Cursor, Limit, page, place_of
from api.rows import moment
from flows.casework import drafts
from flows.record import Desk
from forms.drafts import DraftIn
from forms.messages import read_message

ROUTER = APIRouter(prefix="/api/v1/drafts", tags=["暂存"])
DraftNo = Annotated[str, Path(pattern=DRAFT, title="暂存编号")]


@ROUTER.post("", operation_id="save_draft", summary="暂存", status_code=HTTPStatus.CREATED)
def save(call: Asked) -> Response:
    """What is filled in so far is kept; nothing of it is checked but that it can be kept."""
    with call.desk() as seat:
        return call.once(seat, lambda: _saved(call, seat))


def _saved(call: Asked, seat: Desk) -> Answer:
    row = drafts.save(seat, read_message(DraftIn, call.body()))
    return Answer(draft_row(row), HTTPStatus.CREATED, version=row["version"], location=f"{ROUTER.prefix}/{row['id']}")


@ROUTER.get("", operation_id="list_drafts", summary="我的暂存")
def list_drafts(call: Asked, cursor: Cursor = None, limit: Limit = PAGE) -> Response:
    """One's own drafts, the last saved first, without what is filled in."""
    after = place_of(cursor, datetime, str)
    with call.desk() as seat:
        allowed(seat, "receive")
        rows = drafts.mine(seat, after=after, limit=limit + 1)
    return sent(page([draft_row(row) for row in rows], limit, lambda n: [rows[n]["updated_at"], rows[n]["id"]]))


@ROUTER.get("/{no}", operation_id="read_draft", summary="继续填写")
def read(no: DraftNo, call: Asked) -> Response:
    """A draft of one's own with everything that was filled in."""
    with call.desk() as seat:
        row = drafts.open_(seat, no)
    return sent(draft_row(row) | {"body": row["body"]}, headers={"ETag": f'"{row["version"]}"'})


@ROUTER.put("/{no}", operation_id="change_draft", summary="再次暂存")
def change(no: DraftNo, call: Asked) -> Response:
    """The draft is as it is now filled in."""
    with call.desk() as seat:
        row = drafts.save(seat, read_message(DraftIn, call.body()), draft=no, if_match=call.if_match())
    return sent(draft_row(row), headers={"ETag": f'"{row["version"]}"'})


@ROUTER.delete("/{no}", operation_id="discard_draft", summary="删除暂存", status_code=HTTPStatus.NO_CONTENT)
def discard(no: DraftNo, call: Asked) -> Response:
    """The draft is gone; the files uploaded for it stay with whoever uploaded them."""
    with call.desk() as seat:
        drafts.discard(seat, no)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def draft_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft as a list shows it."""
    moments = {name: moment(row[name]) for name in ("created_at", "updated_at", "kept_until")}
    return {name: row[name] for name in ("id", "title", "region", "matters", "version")} | moments
