"""From a stored limit to its days (时限推算): budget, rungs and the pauses that stop its clock, as their rows say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flows.sla import Budget, Clock, Light, Projection, Rung, Runs, Stop, project
from forms.vocabulary import PauseKind
from forms.workdays import Workdays
from infra.clock import SHANGHAI

Row = Mapping[Any, Any]

_PROMISE = frozenset({Clock.PROMISED, Clock.CHECKPOINT})
_BOTH = _PROMISE | {Clock.STATUTORY}
STOPS: Mapping[PauseKind, frozenset[Clock]] = {
    **{
        kind: _BOTH
        for kind in (
            PauseKind.HEARING,
            PauseKind.TENDER,
            PauseKind.AUCTION,
            PauseKind.INSPECTION,
            PauseKind.TESTING,
            PauseKind.QUARANTINE,
            PauseKind.APPRAISAL,
            PauseKind.EXPERT_REVIEW,
        )
    },
    PauseKind.PUBLIC_NOTICE: _PROMISE,
    PauseKind.SUPPLEMENT: _PROMISE,
    PauseKind.SITE_CHECK: frozenset(),
    PauseKind.OTHER: frozenset(),
    PauseKind.ALL_TASKS_PROMISED: _PROMISE,
    PauseKind.ALL_TASKS_STATUTORY: frozenset({Clock.STATUTORY}),
}
"""Which clocks a pause stops: both for the acts of 行政许可法 第45条, which does not name 公示 nor 补正 (those stop the
promise only, 滨州市工程建设项目并联审批管理规定 第19条); a site check and other waiting stop none. The checkpoints of
a service cycle stand still with the promise. Days that were named and months are stopped by nothing (`flows.limit`).

No pause stops what an office owes another within office hours, 签收 and 重新分办: the law takes special procedures
off the limits of the decision alone (第45条“不计算在本节规定的期限内”), and neither the applicant nor an expert is
needed to say whose the task is (错派的二十四小时内退回, 安阳市政务服务条例 第50条). A task may be claimed while it is
paused, and should be: else nobody is there when what it waits for has come."""

WHOLE = {Clock.PROMISED: PauseKind.ALL_TASKS_PROMISED, Clock.STATUTORY: PauseKind.ALL_TASKS_STATUTORY}


def local_day(moment: datetime) -> date:
    """Return the day in China on which something happened."""
    return moment.astimezone(SHANGHAI).date()


def dates_of(projected: Projection, fired: Iterable[str]) -> dict[str, Any]:
    """Return the projected columns of a limit; `next_on` is the earliest rung that has not fired yet.

    A clock stands still as long as an open pause hides its due day; begun on the due day or later it saves nothing.
    """
    done = set(fired)
    ahead = [day for light, day in projected.rungs if day is not None and light.value not in done]
    return {
        "due_on": projected.due_on,
        "due_at": projected.due_at,
        "amber_on": projected.on(Light.AMBER),
        "yellow_on": projected.on(Light.YELLOW),
        "red_on": projected.on(Light.RED),
        "provisional": projected.provisional,
        "stopped": projected.due_on is None,
        "next_on": min(ahead, default=None),
    }


def projection_of(row: Row, ledger: Sequence[Row], task_id: int | None, workdays: Workdays) -> dict[str, Any]:
    """Return the projected columns of one limit."""
    return dates_of(project(budget_of(row), rungs_in(row), stops_of(row, ledger, task_id), workdays), row["fired"])


def budget_of(row: Row) -> Budget:
    """Read the budget of a stored limit."""
    runs, started_at = Runs(row["runs"]), row.get("started_at")
    return Budget(row["started_on"], row["days"], row["extension"], runs, row["fixed_on"], started_at)


def rungs_in(row: Row) -> tuple[Rung, ...]:
    """Read the rungs pinned on a stored limit."""
    return tuple(Rung(Light(r["light"]), r["before"], r["after"]) for r in row["rungs"])


def stops_of(row: Row, ledger: Sequence[Row], task_id: int | None, as_of: datetime | None = None) -> list[Stop]:
    """Return the pauses that stop this limit's clock: those of its task, and those of its case.

    With `as_of` they are as that moment found them, what ended with it ended. `task_id` is None for a limit of the
    case, UNBORN for that of a task just being made. A task's own clock stops with its case but for the public notice,
    which is itself somebody's task.
    """
    clock = Clock(row["clock"])
    if row["runs"] in _UNSTOPPED:
        return []
    stops = []
    for pause in ledger:
        kind = PauseKind(pause["kind"])
        if clock not in STOPS[kind]:
            continue
        if task_id is None and pause["task_id"] is not None:
            continue
        if task_id is not None and pause["task_id"] not in (None, task_id):
            continue
        if task_id is not None and pause["task_id"] is None and kind in _NOT_ON_TASKS:
            continue
        if as_of is not None and pause["begun_at"] >= as_of:
            continue
        over = pause["ended_at"] is not None and (as_of is None or pause["ended_at"] <= as_of)
        ended = local_day(pause["ended_at"]) if over else None
        stops.append(Stop(local_day(pause["begun_at"]), ended, kind.label))
    return stops


UNBORN = 0
"""The key of a task that is not in the database yet: no pause names it."""

_UNSTOPPED = frozenset({Runs.FIXED.value, Runs.MONTHS.value})
_NOT_ON_TASKS = frozenset({PauseKind.PUBLIC_NOTICE, *WHOLE.values()})
