"""A task on one screen (任务办理): the form, the papers beside it, the clocks with their working, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from api.arrival import reader
from api.frame import page
from api.pages.department import kept as keeping
from api.pages.department.acts import ActForm, errors_of, read
from api.pages.department.inbox import undoable
from api.pages.department.offered import Around, task_forms
from api.pages.department.sight import Sight, look
from api.parameters import TaskNo
from api.rows import label, task_row
from api.visits import Seen, Sent, Visit, done, form_values
from flows import offers
from flows.casework.acts import act_on_case, act_on_task
from flows.casework.supplement import usual_deadline
from flows.projection import local_day
from flows.record import Desk
from forms.acts import Act
from forms.errors import Conflict, Invalid, NotAllowed, NotFound, Problem, Stale
from forms.messages import read_case_act, read_task_act
from forms.vocabulary import Department, TaskStatus
from infra.numbers import is_valid
from infra.store import administration, dossier, inbox, past, people
from infra.store.people import OfficerRow
from infra.store.rows import TaskRow

ROUTER = APIRouter()
ON = frozenset({
    "approve", "refuse", "return", "transfer", "hand-over", "send-back", "request-supplement", "suspend", "forward",
})  # fmt: skip
"""After these acts the task is out of one's hands for now, and the next one of the inbox opens (下一件)."""
_JUDGED = frozenset({"approve", "refuse"})
"""Acts on what was read: where it changed meanwhile, it has to be read again first."""
_AHEAD = 30
_TASK_DASHES = 6


@dataclass(frozen=True, slots=True)
class Open:
    """A task lying open: what is seen of its case, the task itself, what is offered, and what comes next."""

    sight: Sight
    task: TaskRow
    forms: Sequence[ActForm]
    next: str | None
    reveals: bool
    just: dict[str, Any] | None = None
    returned: Mapping[Any, Any] | None = None


def _open(visit: Visit, seat: Desk, no: str, just: str | None = None) -> Open:
    scope = reader(seat)
    task = dossier.task(seat.conn, scope, no) if is_valid(no) else None
    if task is None:
        raise NotFound
    sight = look(seat, task.case_no)
    acts = offers.on_task(seat.actor, sight.stands, task)
    return Open(
        sight,
        task,
        task_forms(seat.actor, sight, task, _around(seat, sight, task, acts)),
        _next(visit, seat, task),
        offers.reveals(seat.actor, sight.stands),
        undoable(seat, just),
        past.last_said(seat.conn, task.case_id, task.no, "return") if task.status == TaskStatus.RETURNED else None,
    )


def _around(seat: Desk, sight: Sight, task: TaskRow, acts: Sequence[str]) -> Around:
    found: Sequence[OfficerRow] = ()
    offices: list[tuple[str, str]] = []
    if "transfer" in acts or "hand-over" in acts:
        found = colleagues(seat, task)
    if "transfer" in acts:
        offices = [
            (row["code"], row["name"])
            for row in people.offices(seat.conn, task.department, task.region)
            if row["code"] and row["code"] != task.office
        ]
    elif "dispatch" in acts:
        offices = [
            (row["name"], label(Department, row["department"]) or "")
            for row in people.offices_in(seat.conn, task.region)
        ]
    choose: dict[str, list[str]] = {}
    for later in sight.stands.tasks if "approve" in acts else ():
        step, _, code = (later.wants or {}).get("office_from", "").partition(".")
        if step == task.step:
            choose[code] = [row["name"] for row in people.offices(seat.conn, later.department, later.region)]
    until = None
    if "request-supplement" in acts:
        until = usual_deadline(seat, task.region, sight.row.plan)
    return Around(found, offices, choose, until)


def colleagues(seat: Desk, task: TaskRow) -> list[OfficerRow]:
    """Return the active officers of the department in the task's region."""
    rows = administration.officers(seat.conn, seats=[(task.department, task.region)], limit=200)
    return [
        OfficerRow(
            row["id"],
            row["username"],
            row["name"],
            tuple((m["role"], m["department"], m["region"], m["office"]) for m in row["members"]),
        )
        for row in rows
    ]


def _next(visit: Visit, seat: Desk, task: TaskRow) -> str | None:
    """Return the next task that one may decide, as the inbox stands with its filter: after this one, else the first."""
    wanted = keeping.recalled(visit).wanted(seat.actor, local_day(seat.now))
    if not wanted.in_hand:
        wanted = keeping.Kept().wanted(seat.actor, wanted.today)
    for after in ([task.due_on or date.max, task.id], None):
        for row in inbox.page(seat.conn, reader(seat), wanted, after=after, limit=_AHEAD):
            one = row.task
            ahead = one.no != task.no and not one.paused and one.status != "returned"
            if ahead and offers.may_take(seat.actor, one):
                return one.no
    return None


@ROUTER.get("/tasks/{no}")
def show(no: TaskNo, visit: Seen, just: Annotated[str, Query(alias="done")] = "") -> Response:
    """The task with everything one needs to decide it; `just` is the one decided just before."""
    with visit.desk() as seat:
        seen = _open(visit, seat, no, just)
    return _page(visit, seen)


def _page(
    visit: Visit,
    seen: Open,
    *,
    status: int = 200,
    tried: str = "",
    errors: Mapping[str, list[str]] | None = None,
    summary: Sequence[tuple[str, str]] = (),
    refused: str = "",
) -> Response:
    task = next((one for one in seen.sight.case["tasks"] if one["no"] == seen.task.no), None)
    return page(
        visit,
        "department/task.html",
        status=status,
        sight=seen.sight,
        task=task or task_row(seen.task, seen.sight.stands.day, evidence=[], opinions=[], level_name="", involved=True),
        forms={form.act: form for form in seen.forms},
        next=seen.next,
        reveals=seen.reveals,
        just=seen.just,
        returned=seen.returned,
        awaited=[
            f"{one.title}（{label(Department, one.department)}）"
            for one in offers.awaited(seen.sight.stands, seen.task)
        ],
        tried=tried,
        errors=errors or {},
        summary=summary,
        values=form_values(visit.form) if tried else {},
        refused=refused,
    )


@ROUTER.post("/tasks/{no}/acts")
def act(no: TaskNo, visit: Sent) -> Response:
    """The act is done and the next task opens; or the page says what is in the way, everything still filled in."""
    name = visit.text("act")
    with visit.desk() as seat:
        seen = _open(visit, seat, no)
    form = next((one for one in seen.forms if one.act == name), None)
    try:
        if form is None:
            raise _not_now(name, seen)
        _do(visit, no, form)
    except Invalid as wrong:
        errors, summary = errors_of(visit, form, wrong.errors) if form is not None else ({}, [])
        return _page(visit, seen, status=422, tried=name, errors=errors, summary=summary)
    except (Conflict, Stale, NotAllowed) as refused:
        return _refused(visit, no, name, refused)
    said = f"已{form.said}：{seen.task.title}（{no}）"
    if name not in ON:
        return done(visit, f"/tasks/{no}", said)
    return done(visit, f"/tasks/{seen.next}?done={no}" if seen.next else f"/inbox?done={no}", said)


def _do(visit: Visit, no: str, form: ActForm) -> None:
    wire = read(visit, form)
    with visit.desk() as seat:
        if form.act == "add-task":
            act_on_case(seat, no.rpartition("-")[0], read_case_act({**wire, "task": no}))
            return
        known = visit.text("version")
        version = int(known) if form.act in _JUDGED and known.isascii() and known.isdigit() and known[:10] else None
        act_on_task(seat, no, read_task_act(wire), if_match=version)


def _not_now(name: str, seen: Open) -> Problem:
    """Say why an act is not to be done here: it never is, or somebody was quicker."""
    if name not in list(Act):
        return NotAllowed("没有这种办理动作。")
    who = seen.task.officer_name
    status = next((one["status_label"] for one in seen.sight.case["tasks"] if one["no"] == seen.task.no), "")
    held = f"，由{who}办理" if who else ""
    return Conflict(f"任务当前为“{status}”{held}，您现在不能进行“{Act(name).label}”。")


def _refused(visit: Visit, no: str, name: str, refused: Problem) -> Response:
    """Show the task as it is now, with what was in the way and who did what meanwhile."""
    with visit.desk() as seat:
        seen = _open(visit, seat, no)
    status = {Stale: 412, NotAllowed: 403}.get(type(refused), 409)
    said = said_of(refused, no) if visit.text("seen") != str(seen.sight.row.version) else ""
    return _page(visit, seen, status=status, tried=name, refused=refused.detail + said)


def said_of(refused: Problem, no: str) -> str:
    """Return who did what meanwhile, as a conflict tells it; `no` is the task or case on the screen."""
    latest = refused.facts.get("meanwhile")
    if not isinstance(latest, dict):
        return ""
    what = Act(latest["act"]).label if latest["act"] in list(Act) else latest["act"]
    where = "本任务" if latest["subject"] == no and no.count("-") == _TASK_DASHES else "本办件"
    again = "请核对后重新提交。" if isinstance(refused, Stale) else ""
    return f"最近一次办理：{latest['actor']}对{where}进行了“{what}”。{again}"
