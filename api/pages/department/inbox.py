"""The inbox (收件箱): most urgent first, with filters that stay; claimed and decided one by one or together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import APIRouter, Response

from api import bulk
from api.arrival import reader
from api.frame import page
from api.pages.department import kept as keeping
from api.pages.department.kept import VIEWS, Kept
from api.parameters import PAGE, cursor, place_of
from api.rows import task_row
from api.visits import PasswordDue, Seen, Sent, Visit, done, roles_only
from flows.access import Actor
from flows.casework.acts import act_on_task
from flows.casework.together import act_on_tasks, read_several
from flows.offers import Standing, may_take, on_task
from flows.projection import local_day
from flows.record import Desk
from flows.registry import matters
from forms.errors import Invalid, Problem, Unauthenticated
from forms.messages import TASK_ACTS, read_task_act
from forms.vocabulary import Department, Role
from infra.numbers import is_valid
from infra.store import dossier, papers, work
from infra.store import inbox as store

ROUTER = APIRouter()
DESKS = (Role.HANDLER, Role.REVIEWER, Role.APPROVER, Role.CHIEF, Role.COORDINATOR)
_BATCH = {"claim": "签收", "release": "放回待签收", "approve": "通过"}
_LIGHTS = (("red", "红牌"), ("yellow", "黄牌"), ("amber", "临期"), ("green", "正常"), ("paused", "暂停"))


@ROUTER.get("/inbox")
def inbox(visit: Seen) -> Response:
    """The tasks of my seats; the filter of the address, or the one used last."""
    return _show(visit)


def _show(visit: Visit, again: bulk.Again | None = None) -> Response:
    query = visit.request.query_params
    with visit.desk() as seat:
        roles_only(seat.actor, *DESKS)
        chosen = Kept.of(query) if keeping.names_filter(query) else keeping.recalled(visit)
        chosen = Kept() if "clear" in query else chosen
        wanted = chosen.wanted(seat.actor, local_day(seat.now))
        after = _after(query.get("cursor"), wanted.in_hand)
        rows = store.page(seat.conn, reader(seat), wanted, after=after, limit=PAGE + 1)
        counts = store.lights(seat.conn, reader(seat), replace(wanted, light=None)) if wanted.in_hand else {}
        just = undoable(seat, query.get("done"))
    response = page(
        visit,
        "department/inbox.html",
        status=422 if again else 200,
        kept=chosen,
        address=visit.query,
        opinion=visit.text("opinion"),
        **(again.shown(row.task.no for row in rows[:PAGE]) if again else bulk.NOTHING),
        views=VIEWS,
        lights=[(code, words, counts.get(code, 0), replace(chosen, light=code).query) for code, words in _LIGHTS],
        total=sum(counts.values()),
        unlit=replace(chosen, light="").query or "?view=",
        rows=[_row(row, wanted.today, seat.actor) for row in rows[:PAGE]],
        next=cursor(store.place(rows[PAGE - 1].task, wanted.in_hand)) if len(rows) > PAGE else None,
        cursor=query.get("cursor"),
        in_hand=wanted.in_hand,
        matters=[(one.code, one.title) for one in matters().values()],
        departments=_departments(seat.actor),
        just=just,
    )
    keeping.keep(visit, response, chosen)
    return response


def _after(given: str | None, in_hand: bool) -> list[Any] | None:
    try:
        return place_of(given, *((date, int) if in_hand else (int,)))
    except Invalid:
        return None


def _departments(actor: Actor) -> list[tuple[str, str]]:
    found = {member.department for member in actor.members}
    return [(one.value, one.label) for one in Department if one in found] if len(found) > 1 else []


def _row(row: store.InboxRow, day: date, actor: Actor) -> dict[str, Any]:
    task = row.task
    free = task.officer_id is None and task.status in ("pending", "reviewing")
    mine = task.officer_id is not None and any(one.is_or_stands_for(task.officer_id) for one in actor.capacities())
    return task_row(
        task,
        day,
        applicant=row.applicant,
        matter_title=row.case_title,
        case_paused=row.case_paused,
        may_claim=free and may_take(actor, task),
        may_release=mine and task.status in ("received", "reviewing"),
    )


def undoable(seat: Desk, no: str | None) -> dict[str, Any] | None:
    """Return the task that was just decided where its verdict may still be taken back (撤回误点)."""
    if not no or not is_valid(no):
        return None
    scope = reader(seat)
    task = dossier.task(seat.conn, scope, no)
    case = dossier.case(seat.conn, scope, task.case_no) if task is not None else None
    if task is None or case is None:
        return None
    stands = Standing(
        case,
        work.tasks_of(seat.conn, case.id),
        papers.open_pauses(seat.conn, case.id),
        papers.supplements_of(seat.conn, case.id),
        local_day(seat.now),
    )
    if "retract" not in on_task(seat.actor, stands, task):
        return None
    return task_row(task, stands.day, case_title=case.title)


@ROUTER.post("/inbox/acts")
def together(visit: Sent) -> Response:
    """One act on one row, or on everything marked: each for itself, with a result for each.

    What is wrong for all of them is said once, on the inbox, with what was marked and typed still there.
    """
    for act in ("claim", "release"):
        if no := visit.text(act):
            return _alone(visit, no, act)
    act, numbers = visit.text("batch"), list(dict.fromkeys(visit.texts("no")))
    visit.officer()
    if act not in _BATCH:
        raise Invalid.one("", "没有这种批量办理", "unknown_act")
    reason = visit.text("opinion").replace("\r\n", "\n")
    wire = {"act": act, **({"reason": reason} if reason and act == "approve" else {})}
    with visit.desk() as seat:
        try:
            items = read_several(seat, {"common": wire, "items": [{"no": no} for no in numbers]}, TASK_ACTS)
            rows = bulk.lines(seat, act_on_tasks(seat, items))
        except Invalid as refused:
            wrong = bulk.once(refused, reason="opinion")
        else:
            return bulk.told(visit, _BATCH[act], rows, "/inbox", key="i")
    return _show(visit, bulk.Again(wrong, numbers))


@ROUTER.get("/inbox/acts")
def asked_again(visit: Seen) -> Response:
    """Whoever loads the answer anew is back at the inbox."""
    return done(visit, f"/inbox{visit.query}")


def _alone(visit: Visit, no: str, act: str) -> Response:
    """Do one act on one row; what is in the way is said on the inbox."""
    try:
        with visit.desk() as seat:
            task, _ = act_on_task(seat, no, read_task_act({"act": act}))
            words = f"已{_BATCH[act]}：{task.title}（{no}）"
    except Problem as refused:
        if isinstance(refused, Unauthenticated | PasswordDue):
            raise
        return done(visit, "/inbox", refused.detail, kind="bad")
    return done(visit, "/inbox", words)
