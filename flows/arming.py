"""Which limits start (时限起算): of a case, a task, the applicant; each a row projected by the region's calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any

from flows.alarms import DELIVERY_DAYS, INTAKE_DAYS, watched
from flows.limit import AFTER_EVENT, CYCLE, FROM_ACCEPTANCE, IN_SEASON, MONTHS, ON_DATE, RUNS, next_day
from flows.matter import SILENCE_OF_A_LICENCE
from flows.plan import CERTIFICATE
from flows.projection import dates_of, local_day
from flows.record import Desk
from flows.sla import Budget, Clock, Runs, due_on, project, rungs_of
from forms.errors import Conflict
from forms.vocabulary import TASK_ENDED, CaseStatus, Department, PauseKind
from forms.workdays import Workdays
from infra.calendar import calendar, current
from infra.settings import settings
from infra.store.calendar import Version
from infra.store.rows import CaseRow, TaskRow

Row = dict[str, Any]
ENDED = frozenset(status.value for status in TASK_ENDED)


def workdays_of(desk: Desk, region: str) -> Workdays:
    """Return the working days of a region, one and the same for all acts at a desk."""
    if region not in desk.workdays:
        desk.workdays[region] = calendar(desk.conn, region)
    return desk.workdays[region]


def go_by(desk: Desk, region: str, version: Version) -> None:
    """Have the acts at a desk go by the calendar of a version that its transaction has asked for already."""
    desk.workdays[region] = current(desk.conn, version).workdays(region)


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
    law = (x["days"] for x in limits_of(case) if x["kind"] == Clock.STATUTORY and x["runs"] == FROM_ACCEPTANCE)
    by_law = min(law, default=None)
    rows = []
    for limit in limits_of(case):
        promised = limit["kind"] == Clock.PROMISED
        if limit["runs"] in (AFTER_EVENT, IN_SEASON) or (seasonal and promised and limit["runs"] == FROM_ACCEPTANCE):
            continue
        if waits and promised and limit["runs"] == FROM_ACCEPTANCE:
            days = limit["days"] + waits if by_law is None else min(limit["days"] + waits, by_law)
            what = f"{limit['what']}（含等待{waited_for}{waits}日）"
            rows += pinned(desk, case, {**limit, "days": days, "what": what}, day)
        else:
            rows += pinned(desk, case, limit, day)
    rows += [row for limit, close in seasonal for row in pinned(desk, case, limit, close)]
    return in_order(rows)


def silence_of(plan: Mapping[str, Any]) -> str | None:
    """Return by what a case counts as accepted when the window lets its five days pass, None where it does not.

    What was received before matters could say so counted as accepted by the law alone.
    """
    basis: str | None = plan.get("deemed_acceptance", SILENCE_OF_A_LICENCE)
    return basis


def to_look_over(desk: Desk, case: CaseRow, day: date) -> Row:
    """Return the limit within which the window accepts, or tells everything that is missing, since `day`.

    Five working days, 行政许可法 第32条. Where silence is not acceptance a red card and its order follow, and the case
    stays where it is (一次性告知 binds for all matters, 优化营商环境条例 第36条).
    """
    basis = "行政许可法 第32条" if silence_of(case.plan) else "优化营商环境条例 第36条（一次性告知）"
    return new_limit(
        desk,
        case,
        Clock.INTAKE,
        INTAKE_DAYS,
        basis=basis,
        what="受理前审查",
        office=Department.WINDOW.value,
        day=day,
        deems=silence_of(case.plan) is not None,
    )


def to_hand_over(desk: Desk, case: CaseRow) -> list[Row]:
    """Return the limits within which the result of a case that has ended reaches the applicant, the nearest first.

    Ten working days (行政许可法 第44条); where it was granted and an electronic certificate was asked for, besides the
    days pinned for that (湖南省电子监察预警规则：办结后三日). No law gives those: the applicant is not promised them.
    """
    window = Department.WINDOW.value
    rows = [new_limit(desk, case, Clock.DELIVERY, DELIVERY_DAYS, basis="行政许可法 第44条", what="送达", office=window)]
    days = case.plan.get(CERTIFICATE)
    if days and case.status == CaseStatus.CLOSED_OK:
        rows.insert(0, new_limit(desk, case, Clock.CERTIFICATE, days, what="制发电子证照", office=window))
    return rows


def in_order(rows: list[Row]) -> list[Row]:
    """Return the promise first, which is what a case or task shows, the checkpoints of a service last."""
    return sorted(rows, key=lambda row: _SHOWN.get(row["clock"], 1))


_SHOWN = {Clock.PROMISED.value: 0, Clock.CHECKPOINT.value: 2}


def must_be_armable(case: CaseRow, tasks: Sequence[TaskRow]) -> None:
    """Raise for a case whose limits, or whose tasks', cannot all be armed: said at acceptance, not passed over."""
    for limit in [*limits_of(case), *(limit for task in tasks for limit in _own_limits(task))]:
        if limit["runs"] not in RUNS or (limit["runs"] == ON_DATE) is not bool(limit.get("on")):
            raise Conflict(
                f"期限“{limit['what'] or limit['kind']}”的计算方式（{limit['runs']}）无法起算，"
                "请联系管理员核对事项配置。",
                code="limit_not_armed",
            )


def of_task(desk: Desk, case: CaseRow, task: TaskRow) -> list[Row]:
    """Return the limits of a task that is in hand now: its step's days, none for a step on the spot (即办), and others.

    A promise among its step's own limits stands in place of the days. In season the deciding step's days run from the
    close of the window, like the case's.
    """
    own = _own_limits(task)
    backed = any(limit["kind"] == Clock.STATUTORY for limit in own)
    deems = bool((task.wants or {}).get("deemed_agree"))
    rows = [
        {**row, "what": row["what"] or task.title, "deems": row["deems"] or (deems and row["clock"] == Clock.PROMISED)}
        for limit in own
        for row in armed(desk, case, limit, local_day(desk.now), task=task, backed=backed)
    ]
    if any(limit["kind"] == Clock.PROMISED for limit in own):
        return in_order(rows)
    return in_order([_by_its_days(desk, case, task, backed=backed), *rows])


def _own_limits(task: TaskRow) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (task.wants or {}).get("limits", [])
    return found


def _by_its_days(desk: Desk, case: CaseRow, task: TaskRow, *, backed: bool) -> Row:
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
        backed=backed,
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


def pinned(desk: Desk, case: CaseRow, limit: Mapping[str, Any], day: date | None = None) -> list[Row]:
    """Return the rows of a limit that the case's plan names, running from `day` (today by default)."""
    backed = any(other["kind"] == Clock.STATUTORY for other in limits_of(case))
    return armed(desk, case, limit, day or local_day(desk.now), backed=backed)


def armed(
    desk: Desk, case: CaseRow, limit: Mapping[str, Any], day: date, *, task: TaskRow | None = None, backed: bool
) -> list[Row]:
    """Return the row of a limit that starts on `day`; of a service cycle those of its checkpoints too."""
    whose: dict[str, Any] = {"basis": limit["basis"], "day": day, "event": limit["event"]}
    if task is not None:
        whose |= {"subject": task.no, "office": task.department}
    row = new_limit(
        desk,
        case,
        Clock(limit["kind"]),
        limit["days"],
        what=limit["what"],
        backed=backed,
        fixed_on=next_day(limit["on"], day) if limit["runs"] == ON_DATE else None,
        months=limit["runs"] == MONTHS,
        **whose,
    )
    if limit["runs"] != CYCLE:
        return [row]
    name = limit["what"] or "服务周期"
    reminders = [
        new_limit(desk, case, Clock.CHECKPOINT, days, what=f"{name}第{number}次跟踪", deems=True, **whose)
        for number, days in enumerate(limit["checkpoints"], start=1)
    ]
    return [row, *reminders]


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
            promised = [
                x["days"]
                for x in limits_of(sibling)
                if x["kind"] == Clock.PROMISED and not x["event"] and x["runs"] not in (ON_DATE, MONTHS)
            ]
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
    months: bool = False,
) -> Row:
    """Return the row of a limit that starts now, projected by the calendar of the case's region.

    When it warns and turns red was pinned on its case at receipt, whatever the office has set since. With `hours` the
    `days` are minutes of office hours from this moment, with `months` months.
    """
    started_on = day or local_day(desk.now)
    started_at = desk.now if hours else None
    if hours:
        runs = Runs.HOURS
    elif months:
        runs = Runs.MONTHS
    elif fixed_on is not None:
        runs = Runs.FIXED
    else:
        runs = Runs.WORKDAYS if days else Runs.INSTANT
    kind = watched(clock, of_task=subject is not None)
    alarm: Mapping[str, int] = (case.plan.get("alarms") or {}).get(kind, {}) if kind is not None else {}
    workdays = workdays_of(desk, case.region)
    known = desk.projected if hours else _known_of(workdays)  # whole days give many cases the same answer
    key = (case.region, clock, runs, days, started_on, fixed_on, backed, alarm.get("amber"), alarm.get("red_after"))
    dates = known.get(key)  # looked up once: another thread may empty the memo at any time
    if dates is None:
        budget = Budget(started_on, days, runs=runs, fixed_on=fixed_on, started_at=started_at)
        dates = known[key] = _projected(clock, budget, workdays, alarm, backed=backed)
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
        **dates,
    }


def _known_of(workdays: Workdays) -> dict[tuple[Any, ...], Row]:
    """Return what was projected by this calendar before."""
    if len(workdays.memo) > MOST_KNOWN:
        workdays.memo.clear()
    return workdays.memo


MOST_KNOWN = 2000


def _projected(clock: Clock, budget: Budget, workdays: Workdays, alarm: Mapping[str, int], *, backed: bool) -> Row:
    """Return the rungs and days of a limit that starts, as they are stored."""
    grain = 1 if budget.runs is Runs.HOURS else budget.days
    if budget.runs in (Runs.FIXED, Runs.MONTHS):
        last = due_on(budget, (), workdays) or budget.started_on
        grain = max(workdays.count(budget.started_on, last), 1)
    amber_at, red_after = alarm.get("amber"), alarm.get("red_after")
    rungs = rungs_of(clock, grain, backed=backed, amber_at=amber_at, red_after=red_after)
    return {
        "rungs": [{"light": r.light.value, "before": r.before, "after": r.after} for r in rungs],
        **dates_of(project(budget, rungs, (), workdays), ()),
    }
