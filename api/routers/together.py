"""Several acts in one request (批量办理): on tasks every act, on cases what a manager does to many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response

from api.calls import Answer, Asked
from api.errors import members_of, status_of
from api.rows import case_row, task_row
from flows.casework import together
from flows.casework.together import Done
from flows.projection import local_day
from flows.record import Desk
from forms.coordination import Several
from forms.messages import read_message

ROUTER = APIRouter(prefix="/api/v1", tags=["批量办理"])


@ROUTER.post("/tasks/acts", operation_id="act_on_tasks", summary="批量办理任务")
def act_on_tasks(call: Asked) -> Response:
    """Each act is done or refused by itself; the results stand in the order of the items."""
    return _acted(call, together.act_on_tasks)


@ROUTER.post("/cases/acts", operation_id="act_on_cases", summary="批量催办、提请延期")
def act_on_cases(call: Asked) -> Response:
    """The same for cases: urged, or an extension proposed."""
    return _acted(call, together.act_on_cases)


def _acted(call: Asked, verb: Callable[[Desk, Sequence[Any]], list[Done]]) -> Response:
    with call.desk() as seat:
        return call.once(seat, lambda: _answer(seat, verb(seat, read_message(Several, call.body()).items)))


def _answer(seat: Desk, done: Sequence[Done]) -> Answer:
    day = local_day(seat.now)
    return Answer({"items": [result(one, day) for one in done], "next": None})


def result(done: Done, day: date) -> dict[str, Any]:
    """Return how one act went: a status as for a request of its own, the problem in words, or the row as it is now."""
    told: dict[str, Any] = {"no": done.no, "act": done.act, "status": HTTPStatus.OK, "code": None, "detail": None}
    if done.problem is not None:
        problem = done.problem
        return (
            told
            | {"status": status_of(problem), "code": problem.code, "detail": problem.detail}
            | {name: value for name, value in members_of(problem).items() if name in ("errors", "meanwhile", "by")}
        )
    case = case_row(done.case, day) if done.case is not None else None
    return told | {"row": task_row(done.task, day, case_row=case) if done.task is not None else case}
