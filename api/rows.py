"""Rows as they leave the house (应答行): codes with their Chinese labels beside them, never a key of the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flows.explain import light_of
from flows.sla import Light, Runs
from forms.vocabulary import CaseStatus, Department, Outcome, TaskStatus, Term
from infra.store.rows import CaseRow, TaskRow

SHANGHAI = ZoneInfo("Asia/Shanghai")


def label(terms: type[Term], code: str | None) -> str | None:
    """Return the office's word for a code; the code itself where it is not ours."""
    if code is None:
        return None
    try:
        return terms(code).label
    except ValueError:
        return code


def span(amount: int, runs: str) -> str | None:
    """Write how long a limit is: 5 个工作日, 2 个月, 3 小时 15 分钟 of office time; None for a fixed day."""
    if not amount:
        return None
    if runs == Runs.HOURS:
        hours, minutes = divmod(amount, 60)
        return " ".join(f"{many} {unit}" for many, unit in ((hours, "小时"), (minutes, "分钟")) if many)
    return f"{amount} 个月" if runs == Runs.MONTHS else f"{amount} 个工作日"


def moment(at: datetime | None) -> str | None:
    """Return a moment as ISO 8601 with China's offset."""
    return None if at is None else at.astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def _clock(row: CaseRow | TaskRow, day: date) -> dict[str, Any]:
    """Return the light a case or task shows on a day and the last day still in time; both null where no clock runs."""
    over = row.decided_at if isinstance(row, TaskRow) else row.delivered_at
    light = None if over is not None else light_of(row, day)
    return {
        "light": light,
        "light_label": label(Light, light),
        "due": row.due_on.isoformat() if row.due_on is not None else None,
    }


def case_row(case: CaseRow, day: date, **more: Any) -> dict[str, Any]:
    """Return a case as a row, with the light it shows on `day`."""
    return {
        "no": case.no,
        "case": case.no,
        "application": case.application_no,
        "matter": case.matter,
        "title": case.title,
        "region": case.region,
        "step": None,
        "department": case.lead,
        "department_label": label(Department, case.lead),
        "office": None,
        "status": case.status,
        "status_label": label(CaseStatus, case.status),
        "outcome": case.outcome,
        "outcome_label": label(Outcome, case.outcome),
        "reason_code": case.reason_code,
        "level": None,
        "levels": None,
        "paused": case.paused,
        "gap": case.gap,
        **_clock(case, day),
        "received_at": moment(case.received_at),
        "accepted_at": moment(case.accepted_at),
        "closed_at": moment(case.closed_at),
        "delivered_at": moment(case.delivered_at),
        "version": case.version,
        "officer": None,
        **more,
    }


def task_row(task: TaskRow, day: date, **more: Any) -> dict[str, Any]:
    """Return a task as a row, with the light it shows on `day`."""
    return {
        "no": task.no,
        "case": task.case_no,
        "application": task.case_no.rpartition("-")[0],
        "matter": task.matter,
        "title": task.title,
        "region": task.region,
        "step": task.step,
        "department": task.department,
        "department_label": label(Department, task.department),
        "office": task.office,
        "status": task.status,
        "status_label": label(TaskStatus, task.status),
        "outcome": task.outcome,
        "level": task.level,
        "levels": task.levels,
        "paused": task.paused,
        **_clock(task, day),
        "opened_at": moment(task.opened_at),
        "claimed_at": moment(task.claimed_at),
        "decided_at": moment(task.decided_at),
        "mandatory": task.mandatory,
        "blocking": task.blocking,
        "decides": task.decides,
        "ad_hoc": task.ad_hoc,
        "after": task.after,
        "days": task.days,
        "results": (task.wants or {}).get("results", {}),
        "verdict": task.verdict,
        "check": task.check_code,
        "checking": task.check_state == "due",
        "version": task.version,
        "officer": task.officer_name,
        **more,
    }


def application_row(row: Mapping[Any, Any], **more: Any) -> dict[str, Any]:
    """Return an application as a row."""
    return {
        "no": row["no"],
        "region": row["region"],
        "channel": row["channel"],
        "kind": row["kind"],
        "name": row["name"],
        "status": row["status"],
        "status_label": label(CaseStatus, row["status"]),
        "outcome": row["outcome"],
        "outcome_label": label(Outcome, row["outcome"]),
        "received_at": moment(row["received_at"]),
        "version": row["version"],
        **more,
    }
