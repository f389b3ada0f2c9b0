"""Limits for people (时限说明): each limit of a case with its standing and its working, day by day, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import Connection

from flows.clockwork import APPLICANTS
from flows.projection import budget_of, local_day, stops_of
from flows.sla import (
    Clock,
    Light,
    Line,
    Runs,
    Standing,
    due_at,
    explain,
    explain_hours,
    hours_standing,
    light_in_hours,
    light_on,
    standing,
)
from forms.workdays import Workdays
from infra.calendar import calendar_at
from infra.clock import SHANGHAI
from infra.numbers import is_case
from infra.store import limits
from infra.store.rows import CaseRow, TaskRow

_WEEK = "一二三四五六日"


UNITS: Final[Mapping[str, str]] = {"workdays": "日", "months": "个月", "office_minutes": "分钟"}
"""In what the days of a limit are counted → the word for it."""


def unit_of(row: Mapping[Any, Any]) -> str:
    """Return in what a stored limit counts."""
    return {Runs.HOURS.value: "office_minutes", Runs.MONTHS.value: "months"}.get(row["runs"], "workdays")


def light_of(row: CaseRow | TaskRow, day: date) -> str | None:
    """Return the light a case or task shows on `day`; None where no clock of an office runs on it."""
    dates = (row.amber_on, row.yellow_on, row.red_on)
    if not row.stopped and row.due_on is None and not any(dates):
        return None
    amber_on, yellow_on, red_on = dates
    return light_on(day, amber_on=amber_on, yellow_on=yellow_on, red_on=red_on, stopped=row.stopped).value


def explained(
    conn: Connection,
    case: CaseRow,
    tasks: Sequence[TaskRow],
    day: date,
    *,
    subjects: set[str] | None = None,
    now: datetime | None = None,
) -> list[dict[str, Any]]:
    """Return the limits of a case and its tasks, each with what is spent, when it is due, its light and its working.

    A limit that has ended is told as it was judged when it ended: by its due day and the calendar of then, whatever
    was decided about the calendar since: a record is never judged anew in silence (this platform's own rule, no law
    says it). Only what runs moves, and what runs again after a verdict was taken back is counted by the calendar of
    now.
    `subjects` keeps to the case and tasks that the reader may see. `now` is the moment by which office hours are
    counted, the end of the day where it is not given.
    """
    rows, ledger = limits.told(conn, case.id, subjects)
    keys = {task.no: task.id for task in tasks}
    return [
        _in_hours(row, _calendar_of(conn, case, row), now or datetime.combine(day, time.max, SHANGHAI))
        if row["runs"] == Runs.HOURS
        else _explained(row, ledger, keys.get(row["subject"]), _calendar_of(conn, case, row), day)
        for row in rows
    ]


def _calendar_of(conn: Connection, case: CaseRow, row: Mapping[Any, Any]) -> Workdays:
    """Return the calendar of now, for what has ended that of then."""
    judged_by = row["judged_by"] if row["ended_on"] is not None else None
    return calendar_at(conn, tuple(judged_by) if judged_by else None, case.region)


def _explained(
    row: Mapping[Any, Any], ledger: Sequence[Mapping[Any, Any]], task_id: int | None, workdays: Workdays, day: date
) -> dict[str, Any]:
    ended = row["ended_on"] is not None
    budget, stops = budget_of(row), stops_of(row, ledger, task_id, as_of=row["ended_at"])
    judged_by = row["due_on"] if ended else None
    stands = standing(budget, stops, workdays, day, ended_on=row["ended_on"], judged_by=judged_by)
    if ended:
        stands = replace(stands, provisional=row["provisional"])
    dates = {name: row[name] for name in ("amber_on", "yellow_on", "red_on")}
    shown = light_on(row["ended_on"] or day, **dates, stopped=stands.stopped)
    through = min(day, row["ended_on"] or day)
    return {
        **_said(row, stands, shown),
        "working": [_told(line) for line in explain(budget, stops, workdays, through)],
    }


def _in_hours(row: Mapping[Any, Any], workdays: Workdays, now: datetime) -> dict[str, Any]:
    """Explain a limit in office hours: minutes of every day from its start to its end."""
    budget, through = budget_of(row), min(row["ended_at"] or now, now)
    stands = hours_standing(budget, workdays, through)
    due = due_at(budget, workdays)
    return {
        **_said(
            row, stands, light_in_hours(stands, local_day(through), amber_on=row["amber_on"], red_on=row["red_on"])
        ),
        "started_at": row["started_at"].astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "due_at": due.isoformat(timespec="seconds") if due is not None else None,
        "working": [_told(line, "分钟") for line in explain_hours(budget, workdays, through)],
    }


def _said(row: Mapping[Any, Any], stands: Standing, shown: Light) -> dict[str, Any]:
    clock = Clock(row["clock"])
    return {
        "subject": row["subject"],
        "clock": clock.value,
        "clock_label": clock.label,
        "what": row["what"],
        "basis": row["basis"],
        "binding": row["basis"] is not None,
        "kind_label": f"{clock.label}（参考时限）" if _is_reference(row) else clock.label,
        "unit": unit_of(row),
        "unit_label": UNITS[unit_of(row)],
        "days": row["days"],
        "extension": row["extension"],
        "started_on": row["started_on"].isoformat(),
        "started_at": None,
        "due_at": None,
        "due": stands.due_on.isoformat() if stands.due_on else None,
        "provisional": stands.provisional,
        "spent": stands.spent,
        "remaining": stands.remaining,
        "over": stands.over,
        "stopped": stands.stopped,
        "ended_on": row["ended_on"].isoformat() if row["ended_on"] else None,
        "on_time": None if row["ended_on"] is None else not stands.passed,
        "light": shown.value,
        "light_label": Light(shown).label,
        "applicants": clock.value in APPLICANTS,
    }


def _is_reference(row: Mapping[Any, Any]) -> bool:
    """Whether a promise of a case, or what is usual, has no basis in law: kept and shown, it binds nobody.

    (优化营商环境条例 第36条)
    """
    ours = row["clock"] in (Clock.PROMISED, Clock.CERTIFICATE)
    return ours and row["basis"] is None and is_case(row["subject"])


def _told(line: Line, unit: str = "") -> dict[str, Any]:
    one = line.first == line.last
    begun, ended = line.first.isoformat(), line.last.isoformat()
    days = begun[5:] if one else f"{begun[5:]}—{ended[5:]}"
    week = f" 周{_WEEK[line.first.weekday()]}" if one else ""
    first = line.through - line.counted + 1
    counted = (
        "不计"
        if not line.counted
        else f"计{line.counted}{unit}，累计{line.through}{unit}"
        if unit
        else f"计第{line.through}日"
        if line.counted == 1
        else f"计第{first}—{line.through}日"
    )
    return {
        "first": begun,
        "last": ended,
        "counted": line.counted,
        "through": line.through,
        "why": line.why,
        "text": f"{days}{week} {line.why} {counted}",
    }
