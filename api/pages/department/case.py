"""A whole case (办件卷宗): for window, department, coordinator and manager, as far as the walls let each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api import dossiers
from api.arrival import reader
from api.facts import titled
from api.frame import page
from api.pages.department.acts import errors_of, read
from api.pages.department.offered import case_forms
from api.pages.department.sight import Sight, look
from api.pages.department.task import said_of
from api.parameters import CaseNo
from api.visits import Seen, Sent, Visit, done, form_values
from flows import offers
from flows.casework.acts import act_on_case
from flows.casework.reveal import reveal
from flows.record import Desk
from flows.registry import matters
from forms.acts import Act
from forms.errors import Conflict, Invalid, NotAllowed, Problem, Stale
from forms.head import APPLICANTS
from forms.messages import Reveal, read_case_act, read_message
from forms.vocabulary import Role
from infra.store.rows import CaseRow, TaskRow

ROUTER = APIRouter()


class _Open:
    """A case lying open: what is seen of it, what is offered, its documents."""

    def __init__(self, seat: Desk, no: str, after: int = 0) -> None:
        self.sight = look(seat, no, after=after)
        self.forms = case_forms(seat.actor, self.sight)
        self.reveals = offers.reveals(seat.actor, self.sight.stands)
        self.documents = dossiers.documents(seat, reader(seat), no)
        region = self.sight.row.region
        self.at_window = any(m.role == Role.WINDOW and m.covers(region) for m in seat.actor.members)


@ROUTER.get("/cases/{no}")
def show(no: CaseNo, visit: Seen, after: Annotated[str, Query()] = "") -> Response:
    """The case with its tasks side by side, limits, papers, documents and record."""
    place = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    with visit.desk() as seat:
        seen = _Open(seat, no, place)
    return _page(visit, seen, after=place)


def _page(
    visit: Visit,
    seen: _Open,
    *,
    status: int = 200,
    tried: str = "",
    errors: Mapping[str, list[str]] | None = None,
    summary: Sequence[tuple[str, str]] = (),
    refused: str = "",
    after: int = 0,
) -> Response:
    return page(
        visit,
        "department/case.html",
        status=status,
        sight=seen.sight,
        forms=seen.forms,
        documents=seen.documents,
        reveals=seen.reveals,
        at_window=seen.at_window,
        tried=tried,
        errors=errors or {},
        summary=summary,
        values=form_values(visit.form) if tried else {},
        refused=refused,
        after=after,
    )


@ROUTER.post("/cases/{no}/acts")
def act(no: CaseNo, visit: Sent) -> Response:
    """The act is done; or the page says what is in the way, everything still filled in."""
    name = visit.text("act")
    with visit.desk() as seat:
        seen = _Open(seat, no)
    form = next((one for one in seen.forms if one.act == name), None)
    try:
        if form is None:
            raise _not_now(name, seen.sight)
        with visit.desk() as seat:
            _, given = act_on_case(seat, no, read_case_act(read(visit, form)))
    except Invalid as wrong:
        errors, summary = errors_of(visit, form, wrong.errors) if form is not None else ({}, [])
        return _page(visit, seen, status=422, tried=name, errors=errors, summary=summary)
    except (Conflict, Stale, NotAllowed) as refused:
        with visit.desk() as seat:
            seen = _Open(seat, no)
        status = 403 if isinstance(refused, NotAllowed) else 409
        said = said_of(refused, no) if visit.text("seen") != str(seen.sight.row.version) else ""
        return _page(visit, seen, status=status, tried=name, refused=refused.detail + said)
    return done(visit, f"/cases/{no}", f"已{form.said}。{_made(given)}")


def _made(given: Any) -> str:
    if isinstance(given, TaskRow):
        return f"新任务：{given.title}（{given.no}）"
    return f"新办件：{given.no}" if isinstance(given, CaseRow) else ""


def _not_now(name: str, sight: Sight) -> Problem:
    if name not in list(Act):
        return NotAllowed("没有这种办理动作。")
    return Conflict(f"办件当前为“{sight.case['status_label']}”，您现在不能进行“{Act(name).label}”。")


@ROUTER.post("/cases/{no}/reveal")
def show_plain(no: CaseNo, visit: Sent) -> Response:
    """The plain numbers, this once and on no address; who saw them and why is on record (个人信息保护法 第51条)."""
    try:
        wanted = read_message(Reveal, {"reason": visit.text("reveal-reason").replace("\r\n", "\n")})
    except Invalid:
        visit.officer()
        return done(visit, f"/cases/{no}", "请写明查看理由。", kind="bad")
    with visit.desk() as seat:
        values = reveal(seat, no, wanted.reason)
        data = dossiers.case(seat, reader(seat), no)
    forms = {**{code: matter.form for code, matter in matters().items()}}
    head = APPLICANTS.get(str(data["applicant"].get("kind")), APPLICANTS["person"])
    plain = [(titled({**forms, "applicant": head}, pointer), value) for pointer, value in sorted(values.items())]
    back = visit.text("back")
    to = back if back.startswith("/tasks/") else f"/cases/{no}"
    return page(visit, "department/plain.html", case=data, plain=plain, reason=wanted.reason, back=to)
