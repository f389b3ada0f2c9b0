"""Several acts in one request (批量办理): on tasks every act, on cases what a manager does to many.

Every result names the applicant and the matter, within the walls, as the pages do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response

from api.bulk import named
from api.calls import Answer, Asked
from api.errors import members_of, status_of
from api.rows import case_row, task_row
from flows.casework import together
from flows.casework.together import Done
from flows.projection import local_day
from flows.record import Desk
from forms.message import Message
from forms.messages import TASK_ACTS

ROUTER = APIRouter(prefix="/api/v1", tags=["批量办理"])


@ROUTER.post("/tasks/acts", operation_id="act_on_tasks", summary="批量办理任务")
def act_on_tasks(call: Asked) -> Response:
    """Each act is done or refused by itself; the results stand in the order of the items.

    What all items share may stand in `common` once; what is wrong with it is said once (422), and nothing is done.
    """
    return _acted(call, together.act_on_tasks, TASK_ACTS)


@ROUTER.post("/cases/acts", operation_id="act_on_cases", summary="批量催办、提请延期")
def act_on_cases(call: Asked) -> Response:
    """The same for cases: urged, or an extension proposed."""
    return _acted(call, together.act_on_cases, together.CASE_ACTS_TOGETHER)


def _acted(
    call: Asked, verb: Callable[[Desk, Sequence[Any]], list[Done]], acts: Mapping[str, type[Message]]
) -> Response:
    with call.desk() as seat:
        return call.once(seat, lambda: _answer(seat, verb(seat, together.read_several(seat, call.body(), acts))))


def _answer(seat: Desk, done: Sequence[Done]) -> Answer:
    day = local_day(seat.now)
    known = named(seat, done)
    return Answer({"items": [result(one, day, known.get(one.no)) for one in done], "next": None})


def result(done: Done, day: date, about: Mapping[Any, Any] | None) -> dict[str, Any]:
    """Return how one act went: a status as for a request of its own, the problem in words, or the row as it is now.

    Whose case it is and of which matter stand there too, null where the reader may not see it.
    """
    told: dict[str, Any] = {"no": done.no, "act": done.act, "status": HTTPStatus.OK, "code": None, "detail": None}
    told |= dict.fromkeys(("applicant", "matter", "matter_title", "title"))
    if about is not None:
        told |= {name: about[name] for name in ("applicant", "matter", "matter_title")}
        told["title"] = about["task"] or about["matter_title"]
    if done.problem is not None:
        problem = done.problem
        return (
            told
            | {"status": status_of(problem), "code": problem.code, "detail": problem.detail}
            | {name: value for name, value in members_of(problem).items() if name in ("errors", "meanwhile", "by")}
        )
    case = case_row(done.case, day) if done.case is not None else None
    return told | {"row": task_row(done.task, day, case_row=case) if done.task is not None else case}
