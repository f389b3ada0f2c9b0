"""Cases (办件): search, dossier, record, documents, and every act on a case."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api import dossiers
from api.arrival import reader
from api.calls import Answer, Asked, sent
from api.parameters import PAGE, CaseNo, Cursor, Limit, Short, light_in, page, place_after, place_of
from api.rows import case_row, task_row
from flows.casework.acts import act_on_case
from flows.casework.reveal import reveal
from flows.projection import local_day
from flows.record import Desk
from forms.messages import Reveal, Search, read_case_act, read_message
from infra.store import lists
from infra.store.lists import CaseFilter
from infra.store.rows import CaseRow, TaskRow

ROUTER = APIRouter(prefix="/api/v1/cases", tags=["办件"])


@ROUTER.get("", operation_id="list_cases", summary="办件查询")
def list_cases(
    call: Asked,
    matter: Short = None,
    status: Short = None,
    light: Short = None,
    department: Short = None,
    q: Short = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Response:
    """The cases one may see, the newest first; `q` is a name or the beginning of a number, never an identity number.

    A page looks at a bounded number of cases: it may be short, or empty, and yet have a `next`.
    """
    text, after = dossiers.searchable(q), place_of(cursor, int)
    with call.desk() as seat:
        wanted = CaseFilter(status, matter, department, text, light=light_in(light), today=local_day(seat.now))
        found = lists.cases(seat.conn, reader(seat), wanted, after=after, limit=limit)
    items = [case_row(case, wanted.today, applicant=name) for case, name in found.rows]
    return sent({"items": items, "next": place_after(found.next)})


@ROUTER.post("/search", operation_id="search_cases", summary="按证件号码等查询办件")
def search_cases(call: Asked) -> Response:
    """Like the list, but with an identity number, which never stands in an address; finding by it leaves a trace."""
    with call.desk() as seat:
        wanted = read_message(Search, call.body())
        return sent(dossiers.search(seat, reader(seat), wanted))


@ROUTER.get("/{no}", operation_id="read_case", summary="办件卷宗")
def read_case(no: CaseNo, call: Asked) -> Response:
    """The dossier of a case, sensitive values masked; reading it leaves a trace."""
    with call.desk() as seat:
        data = dossiers.case(seat, reader(seat), no)
    return sent(data, headers={"ETag": f'"{data["version"]}"'})


@ROUTER.get("/{no}/events", operation_id="read_events", summary="办理过程")
def read_events(no: CaseNo, call: Asked, cursor: Cursor = None, limit: Limit = PAGE) -> Response:
    """The record of a case, oldest first."""
    after = place_of(cursor, int)
    with call.desk() as seat:
        rows = dossiers.events(seat, reader(seat), no, after=after[0] if after else 0, limit=limit + 1)
    return sent(page(rows, limit, lambda n: [rows[n]["seq"]]))


@ROUTER.get("/{no}/documents", operation_id="read_documents", summary="文书")
def read_documents(no: CaseNo, call: Asked) -> Response:
    """The documents of a case as data: number, kind, date, content, hash."""
    with call.desk() as seat:
        rows = dossiers.documents(seat, reader(seat), no)
    return sent({"items": rows, "next": None})


@ROUTER.post("/{no}/reveal", operation_id="reveal", summary="明文查看")
def reveal_case(no: CaseNo, call: Asked) -> Response:
    """The plain identity and account numbers by JSON Pointer; who saw them and why is on record."""
    with call.desk() as seat:
        values = reveal(seat, no, read_message(Reveal, call.body()).reason)
    return sent({"no": no, "values": values})


@ROUTER.post("/{no}/acts", operation_id="act_on_case", summary="办理办件")
def act(no: CaseNo, call: Asked) -> Response:
    """The act is done and on record, and everything that follows from it, when the answer leaves."""
    with call.desk() as seat:
        return call.once(seat, lambda: _acted(call, seat, no))


def _acted(call: Asked, seat: Desk, no: str) -> Answer:
    case, given = act_on_case(seat, no, read_case_act(call.body()), if_match=call.if_match())
    more: dict[str, Any] = {}
    day = local_day(seat.now)
    if isinstance(given, TaskRow):
        more["task"] = task_row(given, day)
    if isinstance(given, CaseRow):
        more["new_case"] = case_row(given, day)
    return Answer(case_row(case, day, **more), version=case.version)
