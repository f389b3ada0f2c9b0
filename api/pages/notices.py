"""Notices (通知): what is told to one's seats and to oneself, unread first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from api.arrival import reader
from api.frame import Entry, page
from api.news import addressed
from api.parameters import cursor, place_of
from api.visits import Seen, Sent, done, local
from forms.errors import Invalid, NotFound
from forms.vocabulary import Role
from infra.store import notices

ROUTER = APIRouter()
MENU = [Entry("通知", "/notices", tuple(role.value for role in Role if role is not Role.ADMINISTRATOR), 90)]
PAGE = 50


@ROUTER.get("/notices")
def listed(visit: Seen) -> Response:
    """What is told to the officer; a seat's notice that a colleague has read is read."""
    unread = visit.request.query_params.get("unread") == "1"
    with visit.desk() as seat:
        try:
            place = place_of(visit.request.query_params.get("cursor"), int, int)
        except Invalid:
            place = None
        after = (place[0], place[1]) if place is not None else None
        rows = notices.read_by(
            seat.conn,
            reader(seat),
            addressed(seat.conn, seat.actor),
            unread=True if unread else None,
            after=after,
            limit=PAGE + 1,
        )
    more = None
    if len(rows) > PAGE:
        last = rows[PAGE - 1]
        more = cursor([int(last["read_at"] is not None), last["id"]])
    shown = [
        {**row, "text": row["content"].get("text") or row["title"], "to": _leads_to(row), "about": _about(row)}
        for row in rows[:PAGE]
    ]
    return page(visit, "notices.html", rows=shown, unread=unread, more=more, cursor=place is not None)


def _leads_to(row: Mapping[Any, Any]) -> str | None:
    """Return where a notice leads: to its order or card, to the task it is about, else to its case."""
    kind, _, rest = str(row["key"]).partition(":")
    if kind == "order":
        return f"/watch/orders/{rest.partition(':')[0]}"
    if kind == "card":
        return f"/watch/cards/{rest.partition(':')[0]}"
    if kind == "standin":
        return "/standins"
    if row["task_title"]:
        return f"/tasks/{row['content']['subject']}"
    return f"/cases/{row['case_no']}" if row["case_no"] else None


def _about(row: Mapping[Any, Any]) -> str:
    """Say what a notice is about: the task, the matter, the applicant."""
    return " · ".join(part for part in (row["task_title"], row["case_title"], row["applicant"]) if part)


@ROUTER.post("/notices/read")
def read(visit: Sent) -> Response:
    """The notices named are read: one of them, or all that the page showed."""
    keys = [int(text) for text in visit.texts("notice") if text.isdecimal() and len(text) < 19][:PAGE]
    if not keys:
        raise NotFound
    with visit.desk() as seat:
        mine, scope = addressed(seat.conn, seat.actor), reader(seat)
        found = [row for key in keys if (row := notices.read(seat.conn, scope, mine, key, seat.now)) is not None]
        if not found:
            raise NotFound
        seat.sheet.changed |= {row["addressee"] for row in found}
    return done(visit, local(visit.text("to"), "/notices"))
