"""Tasks (部门任务): the department's inbox, one task, and every act on a task."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api import dossiers
from api.arrival import reader
from api.calls import Answer, Asked, sent
from api.parameters import PAGE, Cursor, Limit, Short, TaskNo, light_in, page, place_of
from api.rows import case_row, task_row
from flows.casework.acts import act_on_task
from flows.projection import local_day
from flows.record import Desk
from forms.messages import read_task_act
from infra.store import inbox as store
from infra.store.inbox import TaskFilter

ROUTER = APIRouter(prefix="/api/v1/tasks", tags=["部门任务"])


@ROUTER.get("", operation_id="inbox", summary="收件箱")
def inbox(
    call: Asked,
    status: Short = None,
    light: Short = None,
    department: Short = None,
    matter: Short = None,
    case: Short = None,
    mine: Annotated[bool, Query(title="只看由我承办的")] = False,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Response:
    """My department's tasks in hand, the most urgent first; with `status` those that stand so, the newest first."""
    in_hand = status is None or status in store.IN_HAND
    after = place_of(cursor, *((date, int) if in_hand else (int,)))
    with call.desk() as seat:
        wanted = TaskFilter(
            status, department, matter, case, seat.actor.id if mine else None, light_in(light), local_day(seat.now)
        )
        rows = store.page(seat.conn, reader(seat), wanted, after=after, limit=limit + 1)
    items = [
        task_row(
            row.task, wanted.today, applicant=row.applicant, matter_title=row.case_title, case_paused=row.case_paused
        )
        for row in rows
    ]
    return sent(page(items, limit, lambda n: store.place(rows[n].task, in_hand)))


@ROUTER.get("/{no}", operation_id="read_task", summary="任务详情")
def read_task(no: TaskNo, call: Asked) -> Response:
    """A task with the evidence that registries gave for it."""
    with call.desk() as seat:
        data = dossiers.task(seat, reader(seat), no)
    return sent(data, headers={"ETag": f'"{data["version"]}"'})


@ROUTER.post("/{no}/acts", operation_id="act_on_task", summary="办理任务")
def act(no: TaskNo, call: Asked) -> Response:
    """The act is done; the successor is in its inbox and the case is closed, if it is, when the answer leaves."""
    with call.desk() as seat:
        return call.once(seat, lambda: _acted(call, seat, no))


def _acted(call: Asked, seat: Desk, no: str) -> Answer:
    task, case = act_on_task(seat, no, read_task_act(call.body()), if_match=call.if_match())
    day = local_day(seat.now)
    return Answer(task_row(task, day, case_row=case_row(case, day)), version=task.version)
