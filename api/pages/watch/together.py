"""Many at once (批量督办): urged, handed to a colleague, an extension proposed; each with a result of its own.

What is missing of what all share is said once, on the list it was asked from: everything, with what was marked and
typed still there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from fastapi import APIRouter, Response

from api import bulk
from api.pages.watch import lists
from api.pages.watch.common import watcher
from api.visits import Seen, Sent, Visit, done, local
from flows.casework import together
from flows.casework.together import Done
from forms.acts import Act
from forms.errors import Invalid
from forms.message import Message
from forms.messages import TASK_ACTS

ROUTER = APIRouter()


@ROUTER.get("/watch/{what}/together")
def asked_again(what: Literal["tasks", "cases"], visit: Seen) -> Response:
    """Whoever loads the answer anew is back at the list."""
    return done(visit, f"/watch/{what}{visit.query}")


@ROUTER.post("/watch/tasks/together")
def on_tasks(visit: Sent) -> Response:
    """The tasks chosen are urged, or in a colleague's hands."""
    names = ("officer", "reason") if visit.text("act") == "hand-over" else ("reason",)
    fields = {name: text for name in names if (text := visit.text(name))}
    return _together(visit, lists.TASKS, fields, together.act_on_tasks, {one: TASK_ACTS[one] for one in _ON_TASKS})


@ROUTER.post("/watch/cases/together")
def on_cases(visit: Sent) -> Response:
    """The cases chosen are urged, or an extension of them is proposed."""
    names = ("kind", "days", "reason") if visit.text("act") == "propose-extension" else ("reason",)
    fields: dict[str, Any] = {name: text for name in names if (text := visit.text(name))}
    if fields.get("days", "").isdecimal() and len(fields["days"]) < 3:
        fields["days"] = int(fields["days"])
    return _together(visit, lists.CASES, fields, together.act_on_cases, together.CASE_ACTS_TOGETHER)


_ON_TASKS = ("urge", "hand-over")


def _together(
    visit: Visit,
    what: lists.Listed,
    fields: Mapping[str, Any],
    verb: Callable[..., list[Done]],
    acts: Mapping[str, type[Message]],
) -> Response:
    act, numbers = visit.text("act"), list(dict.fromkeys(visit.texts("no")))
    with visit.desk() as seat:
        watcher(seat)
        if act not in acts:
            raise Invalid.one("/act", "没有这种办理动作", "unknown_act")
        try:
            body = {"common": {"act": act, **fields}, "items": [{"no": no} for no in numbers]}
            rows = bulk.lines(seat, verb(seat, together.read_several(seat, body, acts)))
        except Invalid as refused:
            wrong = bulk.once(refused)
        else:
            return bulk.told(visit, Act(act).label, rows, local(visit.text("back"), what.path))
    return lists.show(visit, what, bulk.Again(wrong, numbers))
