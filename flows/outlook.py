"""When a case is due at the latest and why (最迟办结日), in plain words for whoever waits for it.

From the same calculator as the lights and the sweep; an overdue limit is said to be overdue (优化营商环境条例 第36条).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from flows.projection import budget_of, stops_of
from flows.sla import Clock, Runs, Standing, explain, standing
from forms.workdays import Workdays
from infra.calendar import calendar
from infra.store import limits, papers
from infra.store.rows import CaseRow

Row = Mapping[Any, Any]

_ANSWERED: Final[Mapping[str, str]] = {
    Clock.INTAKE.value: "决定是否受理",
    Clock.PROMISED.value: "办结",
    Clock.DELIVERY.value: "送达办理结果",
}
"""Clocks of the offices that an applicant waits for → what is to have happened by then."""

_MOST_STRETCHES = 6


def outlook(conn: Connection, case: CaseRow, day: date) -> dict[str, Any] | None:
    """Return until when the office acts at the latest, and why; None where nothing is awaited of an office.

    `due` is an ISO day or None while the clock stands still; `what` is to have happened by then, `why` says how the day
    was counted, `over` by how many working days it is late.
    """
    running = [
        row
        for row in limits.of_case(conn, case.id)
        if row["subject"] == case.no and row["ended_at"] is None and row["clock"] in _ANSWERED
    ]
    if not running:
        return None
    ledger, workdays = papers.pauses_of(conn, case.id), calendar(conn, case.region)
    whole = [row for row in running if not _named(row)] or running
    found = [_seen(row, _what(row, case), ledger, workdays, day) for row in whole]
    return min(found, key=lambda one: (one["due"] is None, one["due"] or ""))


def _named(row: Row) -> bool:
    """Whether a promise is for a part of the matter, which may follow its end; the day officers see is the whole's."""
    return row["clock"] == Clock.PROMISED.value and bool(row["what"])


def _what(row: Row, case: CaseRow) -> str:
    """Return what is to have happened by the day of a limit: a promise before another that follows it ends no case."""
    more = any(limit["kind"] == "promised" and limit["event"] for limit in case.plan.get("limits", ()))
    return f"完成{row['what']}" if _named(row) and more and not row["event"] else _ANSWERED[row["clock"]]


def _seen(row: Row, what: str, ledger: Sequence[Row], workdays: Workdays, day: date) -> dict[str, Any]:
    budget, stops = budget_of(row), stops_of(row, ledger, None)
    stands = standing(budget, stops, workdays, day)
    due = None if stands.stopped else stands.due_on
    words = [f"{row['what']}：{_counted(row)}" if _named(row) else _counted(row)]
    if stands.stopped:
        words.append(_stopped(stops, day, stands))
    elif stands.due_on is not None:
        words += _days_off(row, [line for line in explain(budget, stops, workdays, stands.due_on) if not line.counted])
    if due is not None:
        words.append(f"最迟{_said(due)}{what}")
    if stands.over:
        words.append(f"现已超过{stands.over}个工作日，办理单位正在接受督办，办结时将向您说明原因")
    if stands.provisional and due is not None:
        words.append("放假安排公布后日期可能调整")
    return {
        "due": due.isoformat() if due is not None else None,
        "what": what,
        "why": "；".join(words) + "。",
        "days": row["days"] + row["extension"],
        "remaining": stands.remaining,
        "over": stands.over,
        "stopped": stands.stopped,
        "provisional": stands.provisional,
    }


def _counted(row: Row) -> str:
    """Say from when and how long is counted; the day something happens is day zero, 民法典 第201条."""
    if row["runs"] == Runs.MONTHS:
        return f"自{_said(row['started_on'])}起{row['days']}个月" + (
            f"，另批准延长{row['extension']}个工作日" if row["extension"] else ""
        )
    if row["runs"] != Runs.WORKDAYS:
        return f"自{_said(row['started_on'])}起"
    extended = f"（含批准延长的{row['extension']}个工作日）" if row["extension"] else ""
    return f"自{_said(row['started_on'])}的次日起算，共{row['days'] + row['extension']}个工作日{extended}"


def _stopped(stops: Sequence[Any], day: date, stands: Standing) -> str:
    reasons = dict.fromkeys(s.why for s in stops if s.begun_on <= day and (s.ended_on is None or day <= s.ended_on))
    return f"目前因{'、'.join(reasons) or '暂停'}暂停计算，恢复后还有{max(stands.remaining, 0)}个工作日"


def _days_off(row: Row, lines: Sequence[Any]) -> list[str]:
    if not lines or row["runs"] != Runs.WORKDAYS:
        return []
    shown = [
        f"{line.first.month}月{line.first.day}日"
        + ("" if line.first == line.last else f"至{line.last.month}月{line.last.day}日")
        + f"（{line.why}）"
        for line in lines[:_MOST_STRETCHES]
    ]
    return ["其间不计：" + "、".join(shown) + ("等" if len(lines) > _MOST_STRETCHES else "")]


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
