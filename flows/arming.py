"""Which limits start (时限起算): of a case, a task, the applicant; each a row projected by the region's calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any

from flows.alarms import watched
from flows.projection import dates_of, local_day
from flows.record import Desk
from flows.sla import Budget, Clock, Runs, project, rungs_of
from forms.vocabulary import TASK_ENDED, PauseKind
from forms.workdays import Workdays
from infra.calendar import calendar
from infra.settings import settings
from infra.store.rows import CaseRow, TaskRow

Row = dict[str, Any]
ENDED = frozenset(status.value for status in TASK_ENDED)


def workdays_of(desk: Desk, region: str) -> Workdays:
    """Return the working days of a region, one and the same for all acts at a desk."""
    if region not in desk.workdays:
        desk.workdays[region] = calendar(desk.conn, region)
    return desk.workdays[region]


def limits_of(case: CaseRow) -> list[dict[str, Any]]:
    """Return the limits pinned on a case."""
    limits: list[dict[str, Any]] = case.plan.get("limits", [])
    return limits


def of_case(desk: Desk, case: CaseRow) -> list[Row]:
    """Return the limits of a case that is accepted now: the promise and, where a law gives one, the statutory one.

    A deemed acceptance counts from the day of receipt. A promise that waits on a sibling case has that case's promised
    days added, as data, yet never reaches beyond the statutory limit, which waits for nobody. Within its season a
    matter follows the limit that runs from the close of the window.
    """
    day = accepted_on(desk, case)
    waits, waited_for = _days_of_siblings(desk, case)
    seasonal = [(limit, close) for limit in limits_of(case) if (close := _season_close(limit, day)) is not None]
    by_law = min((limit["days"] for limit in limits_of(case) if limit["kind"] == Clock.STATUTORY), default=None)
    rows = []
    for limit in limits_of(case):
        promised = limit["kind"] == Clock.PROMISED
        if limit["runs"] != "from_acceptance" or (seasonal and promised):
            continue
        if waits and promised:
            days = limit["days"] + waits if by_law is None else min(limit["days"] + waits, by_law)
            what = f"{limit['what']}（含等待{waited_for}{waits}日）"
            rows.append(pinned(desk, case, {**limit, "days": days, "what": what}, day))
        else:
            rows.append(pinned(desk, case, limit, day))
    rows += [pinned(desk, case, limit, close) for limit, close in seasonal]
    return sorted(rows, key=lambda row: row["clock"] != Clock.PROMISED)  # the promise is what a case shows


def of_task(desk: Desk, case: CaseRow, task: TaskRow) -> Row:
    """Return the limit of a task that is in hand now: its step's days, none for a step on the spot (即办).

    In season the deciding step's days run from the close of the window, like the case's.
    """
    wants = task.wants or {}
    day = local_day(desk.now)
    if task.decides:
        closes = (_season_close(limit, accepted_on(desk, case)) for limit in limits_of(case))
        day = max([day, *(close for close in closes if close is not None)])
    return new_limit(
        desk,
        case,
        Clock.SPECIAL if wants.get("special") else Clock.PROMISED,
        task.days if task.days is not None else 1,
        what=task.title,
        subject=task.no,
        office=task.department,
        day=day,
        deems=wants.get("special") == PauseKind.PUBLIC_NOTICE or bool(wants.get("deemed_agree")),
    )


def to_answer(desk: Desk, case: CaseRow, task: TaskRow, clock: Clock) -> Row:
    """Return the limit in office hours within which a task is claimed (签收), or given out again after its return."""
    hours, wanted = workdays_of(desk, case.region).hours, settings()
    claimed = clock is Clock.RESPONSE
    minutes = wanted.claim_office_days * hours.minutes if claimed else wanted.dispatch_office_hours * 60
    return new_limit(
        desk,
        case,
        clock,
        max(round(minutes), 1),
        what=f"{task.title}{'签收' if claimed else '重新分办'}",
        subject=task.no,
        office=task.department if claimed else case.lead,
        hours=True,
    )


def phase(case: CaseRow, tasks: Sequence[TaskRow]) -> Phase | None:
    """Say how far the promise from acceptance is kept where limits run after an event, None where none does.

    It covers the mandatory steps that do not come after an event; what comes after has a limit of its own.
    """
    events = {limit["event"] for limit in limits_of(case) if limit["event"]}
    if not events:
        return None
    later = set(events)
    for task in sorted(tasks, key=lambda one: one.position):
        if later & set(task.after):
            later.add(task.step)
    later -= events
    left = [t for t in tasks if t.mandatory and t.blocking and t.status not in ENDED and t.step not in later]
    if not left:
        return Phase.OVER
    return Phase.SPECIAL if all((t.wants or {}).get("special") for t in left) else Phase.RUNNING


class Phase(Enum):
    """What is left of the promise from acceptance: work, a special procedure alone (公示), nothing."""

    RUNNING = "running"
    SPECIAL = "special"
    OVER = "over"


def accepted_on(desk: Desk, case: CaseRow) -> date:
    """Return the day of acceptance: that of receipt where it was deemed, today where it is being accepted."""
    return local_day(case.accepted_at or desk.now)


def pinned(desk: Desk, case: CaseRow, limit: Mapping[str, Any], day: date | None = None) -> Row:
    """Return the row of a limit that the case's plan names, running from `day` (today by default)."""
    backed = any(other["kind"] == Clock.STATUTORY for other in limits_of(case))
    return new_limit(
        desk,
        case,
        Clock(limit["kind"]),
        limit["days"],
        basis=limit["basis"],
        what=limit["what"],
        day=day,
        backed=backed,
        event=limit["event"],
    )


def _season_close(limit: Mapping[str, Any], day: date) -> date | None:
    """Return the close of the yearly window in which `day` lies, None outside it or where the limit has none."""
    if not limit.get("season"):
        return None
    opens, closes = (date.fromisoformat(f"{day.year}-{text}") for text in limit["season"])
    if opens <= closes:
        return closes if opens <= day <= closes else None
    if day >= opens:  # a window over the turn of the year
        return date.fromisoformat(f"{day.year + 1}-{limit['season'][1]}")
    return closes if day <= closes else None


def _days_of_siblings(desk: Desk, case: CaseRow) -> tuple[int, str]:
    """Return the promised days of the longest sibling case this one waits for, and its title."""
    waited = {edge["matter"] for edge in case.edges}
    longest, title = 0, ""
    for sibling in desk.sheet.families.get(case.application_id, []) if waited else ():
        if sibling.matter in waited and sibling.id != case.id and sibling.closed_at is None:
            promised = [x["days"] for x in limits_of(sibling) if x["kind"] == Clock.PROMISED and not x["event"]]
            if max(promised, default=0) > longest:
                longest, title = max(promised), sibling.title
    return longest, title


def until(desk: Desk, case: CaseRow, clock: Clock, deadline: date, what: str) -> Row:
    """Return the row of a deadline of the applicant's, a day that was named."""
    return new_limit(desk, case, clock, 0, what=what, fixed_on=deadline, deems=True)


def planned(desk: Desk, case: CaseRow, pause: Mapping[Any, Any], task: TaskRow | None) -> Row:
    """Return the limit by which a pause is to end: the day planned for it, told to the applicant where the law asks it.

    A special procedure takes the time it needs, 行政许可法 第45条; what goes on beyond it is nobody's to forget.
    """
    return new_limit(
        desk,
        case,
        Clock.PAUSE,
        0,
        what=PauseKind(pause["kind"]).label,
        basis=pause["ground"],
        subject=task.no if task is not None else None,
        office=task.department if task is not None else None,
        fixed_on=pause["planned_end"],
    )


def new_limit(
    desk: Desk,
    case: CaseRow,
    clock: Clock,
    days: int,
    *,
    what: str,
    basis: str | None = None,
    subject: str | None = None,
    office: str | None = None,
    day: date | None = None,
    fixed_on: date | None = None,
    backed: bool = False,
    event: str | None = None,
    deems: bool = False,
    hours: bool = False,
) -> Row:
    """Return the row of a limit that starts now, projected by the calendar of the case's region.

    When it warns and turns red was pinned on its case at receipt, whatever the office has set since. With `hours` the
    `days` are minutes of office hours from this moment.
    """
    started_on = day or local_day(desk.now)
    started_at = desk.now if hours else None
    runs = Runs.HOURS if hours else Runs.FIXED if fixed_on is not None else Runs.WORKDAYS if days else Runs.INSTANT
    kind = watched(clock, of_task=subject is not None)
    alarm: Mapping[str, int] = (case.plan.get("alarms") or {}).get(kind, {}) if kind is not None else {}
    workdays = workdays_of(desk, case.region)
    known = desk.projected if hours else _known_of(workdays)  # whole days give many cases the same answer
    key = (case.region, clock, days, started_on, fixed_on, backed, alarm.get("amber"), alarm.get("red_after"))
    if key not in known:
        budget = Budget(started_on, days, runs=runs, fixed_on=fixed_on, started_at=started_at)
        known[key] = _projected(clock, budget, workdays, alarm, backed=backed)
    return {
        "case_id": case.id,
        "subject": subject or case.no,
        "clock": clock.value,
        "runs": runs.value,
        "days": days,
        "extension": 0,
        "basis": basis,
        "what": what,
        "matter": case.matter,
        "department": office or case.lead,
        "region": case.region,
        "started_on": started_on,
        "started_at": started_at,
        "fixed_on": fixed_on,
        "fired": [],
        "armed_at": desk.now,
        "event": event,
        "deems": deems,
        **known[key],
    }


def _known_of(workdays: Workdays) -> dict[tuple[Any, ...], Row]:
    """Return what was projected by this calendar before; as long as it is the one in force."""
    held = _projections.get(id(workdays))
    if held is None or held[0] is not workdays or len(held[1]) > MOST_KNOWN:
        if len(_projections) > MOST_CALENDARS:
            _projections.clear()
        held = _projections[id(workdays)] = (workdays, {})
    return held[1]


_projections: dict[int, tuple[Workdays, dict[tuple[Any, ...], Row]]] = {}
MOST_KNOWN, MOST_CALENDARS = 2000, 50


def _projected(clock: Clock, budget: Budget, workdays: Workdays, alarm: Mapping[str, int], *, backed: bool) -> Row:
    """Return the rungs and days of a limit that starts, as they are stored."""
    fixed_on = budget.fixed_on
    grain = budget.days if fixed_on is None else max(workdays.count(budget.started_on, fixed_on), 1)
    if budget.runs is Runs.HOURS:
        grain = 1
    amber_at, red_after = alarm.get("amber"), alarm.get("red_after")
    rungs = rungs_of(clock, grain, backed=backed, amber_at=amber_at, red_after=red_after)
    return {
        "rungs": [{"light": r.light.value, "before": r.before, "after": r.after} for r in rungs],
        **dates_of(project(budget, rungs, (), workdays), ()),
    }
