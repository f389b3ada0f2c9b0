"""Many at once (批量督办): urged, handed to a colleague, an extension proposed; each with a result of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Response

from api import bulk
from api.pages.watch.common import watcher
from api.visits import Sent, Visit, done, local
from flows.casework import together
from flows.casework.together import Done
from forms.acts import Act
from forms.coordination import MOST_ACTS
from forms.errors import Invalid

ROUTER = APIRouter()


@ROUTER.post("/watch/tasks/together")
def on_tasks(visit: Sent) -> Response:
    """The tasks chosen are urged, or in a colleague's hands."""
    fields: dict[str, Any] = {"reason": visit.text("reason") or None}
    if visit.text("act") == "hand-over":
        fields["officer"] = visit.text("officer")
    return _together(visit, ("urge", "hand-over"), fields, together.act_on_tasks)


@ROUTER.post("/watch/cases/together")
def on_cases(visit: Sent) -> Response:
    """The cases chosen are urged, or an extension of them is proposed."""
    fields: dict[str, Any] = {"reason": visit.text("reason") or None}
    if visit.text("act") == "propose-extension":
        days = visit.text("days")
        fields |= {"kind": visit.text("kind"), "days": int(days) if days.isdecimal() and len(days) < 3 else days}
    return _together(visit, ("urge", "propose-extension"), fields, together.act_on_cases)


def _together(visit: Visit, acts: tuple[str, ...], fields: dict[str, Any], verb: Callable[..., list[Done]]) -> Response:
    act, numbers = visit.text("act"), list(dict.fromkeys(visit.texts("no")))
    back = local(visit.text("back"), "/watch")
    with visit.desk() as seat:
        watcher(seat)
        if act not in acts:
            raise Invalid.one("/act", "没有这种办理动作", "unknown_act")
        if not numbers:
            return done(visit, back, "请先勾选要办理的事项。", kind="warn")
        if len(numbers) > MOST_ACTS:
            raise Invalid.one("/no", f"一次最多办理 {MOST_ACTS} 项", "too_many")
        given = {name: value for name, value in fields.items() if value is not None}
        rows = bulk.lines(seat, verb(seat, [{"no": no, "act": act, **given} for no in numbers]))
    return bulk.told(visit, Act(act).label, rows, back)
