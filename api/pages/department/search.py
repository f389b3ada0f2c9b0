"""Looking for cases (办件查询): by filters and words in the address, by an identity number never in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api import dossiers
from api.arrival import reader
from api.frame import page
from api.parameters import PAGE, place_after, place_of
from api.rows import case_row
from api.visits import Seen, Sent, Visit, roles_only
from flows.projection import local_day
from flows.registry import matters
from flows.sla import Light
from forms.errors import Invalid
from forms.messages import Search, read_message
from forms.vocabulary import CaseStatus, Department, Role
from infra.store import lists
from infra.store.lights import LIGHTS
from infra.store.lists import CaseFilter

ROUTER = APIRouter()
STAFF = tuple(role for role in Role if role is not Role.ADMINISTRATOR)
_NEVER = (CaseStatus.DRAFT, CaseStatus.CLOSED_PARTIAL)
_CHOICES: Mapping[str, Callable[[], dict[str, str]]] = {
    "matter": lambda: {one.code: one.title for one in matters().values()},
    "status": lambda: {one.value: one.label for one in CaseStatus if one not in _NEVER},
    "light": lambda: {one.value: one.label for one in Light if one.value in LIGHTS},
    "department": lambda: {one.value: one.label for one in Department},
}


@ROUTER.get("/cases")
def cases(visit: Seen, request: Request) -> Response:
    """The cases that I may see, the newest first."""
    query = request.query_params
    chosen = {name: query.get(name, "") for name in _CHOICES}
    chosen = {name: value if value in _CHOICES[name]() else "" for name, value in chosen.items()}
    q = "".join(ch for ch in query.get("q", "").strip() if ch.isprintable())[:100]
    wrong = ""
    try:
        text = dossiers.searchable(q or None)
    except Invalid:
        q, text, wrong = "", None, "证件号码不能写在网址中，请在“按证件号码查询”中输入。"
    with visit.desk() as seat:
        roles_only(seat.actor, *STAFF)
        day = local_day(seat.now)
        wanted = CaseFilter(
            status=chosen["status"] or None,
            matter=chosen["matter"] or None,
            department=chosen["department"] or None,
            text=text,
            light=chosen["light"] or None,
            today=day,
        )
        found = lists.cases(seat.conn, reader(seat), wanted, after=_after(query.get("cursor")), limit=PAGE)
        short = found.next is not None and len(found.rows) < PAGE
        until = lists.received_on(seat.conn, found.next) if short and found.next else None
    items = [case_row(case, day, applicant=name) for case, name in found.rows]
    return _page(
        visit, items, {**chosen, "q": q}, wrong=wrong, next=place_after(found.next), until=until,
        cursor=query.get("cursor"),
    )  # fmt: skip


def _after(given: str | None) -> list[Any] | None:
    try:
        return place_of(given, int)
    except Invalid:
        return None


@ROUTER.post("/cases/search")
def by_identity(visit: Sent) -> Response:
    """The cases of whom an identity number belongs to; whose case was found by it leaves a trace."""
    try:
        wanted = read_message(Search, {"identity": visit.text("identity"), "limit": PAGE})
    except Invalid:
        roles_only(visit.officer(), *STAFF)
        return _page(visit, [], {}, wrong="证件号码格式不正确，请输入完整的证件号码。", status=422, by_identity=True)
    with visit.desk() as seat:
        roles_only(seat.actor, *STAFF)
        found = dossiers.search(seat, reader(seat), wanted)
    return _page(visit, found["items"], {}, by_identity=True)


def _page(visit: Visit, items: list[dict[str, Any]], chosen: dict[str, str], **facts: Any) -> Response:
    shown = {name: value for name, value in chosen.items() if value}
    return page(
        visit,
        "department/cases.html",
        rows=items,
        chosen={**dict.fromkeys((*_CHOICES, "q"), ""), **chosen},
        choices={name: list(options().items()) for name, options in _CHOICES.items()},
        path=f"/cases?{urlencode(shown)}" if shown else "/cases",
        **{"wrong": "", "next": None, "until": None, "cursor": None, "by_identity": False, **facts},
    )
