"""Rows of cards, orders and limits as the manager's pages show them (牌、督办单、时限)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from api.pages.watch.common import title_of
from api.rows import label
from flows.record import Desk
from flows.sla import Clock, Light
from forms.vocabulary import CaseStatus, Department, TaskStatus
from infra.calendar import calendar


def limit_row(seat: Desk, row: Mapping[Any, Any], today: date) -> dict[str, Any]:
    """Return a running limit: what it is about, whose it is, how long it is over or when it turns."""
    red = row["red_on"] is not None and row["red_on"] <= today
    turns_on = row.get("turns_on")
    light = Light.RED if red or (turns_on is not None and turns_on == row["red_on"]) else Light.YELLOW
    due, task = row["due_on"], row["task_title"] is not None
    workdays = calendar(seat.conn, row["region"])
    return {
        "subject": row["subject"],
        "case": row["case_no"],
        "is_task": task,
        "what": row["task_title"] or row["what"] or row["case_title"],
        "matter_title": title_of(row["matter"]),
        "region": row["region"],
        "department_label": label(Department, row["department"]),
        "officer": row["officer_name"],
        "applicant": row["applicant"],
        "status_label": label(TaskStatus if task else CaseStatus, row["task_status"] or row["case_status"]),
        "clock_label": label(Clock, row["clock"]),
        "due": due,
        "due_at": row["due_at"],
        "turns_on": turns_on,
        "turns_in": workdays.count(today, turns_on) if turns_on is not None else None,
        "over": workdays.count(due, today) if due is not None and due < today else 0,
        "provisional": row["provisional"],
        "light": light.value,
        "light_label": light.label,
    }
