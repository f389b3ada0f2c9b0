"""Limits: armed, ended, moved; asked by case, by subject, by day (时限)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, select, text, update

from infra.store.calendar import IN_FORCE
from infra.store.line import run_all
from infra.store.statement import Clause, Insert, texts
from infra.store.work import table
from infra.tables import Limit

LIMITS = table(Limit)
# `num_nulls` and not IS NULL: else the planner may walk the partial index of every limit that runs
_RUNS = "case_id = {} AND num_nulls(ended_at) = 1"
# what was late when it ended keeps its day: its cards are still to be raised, by whichever sweep comes next
_END = (
    f"UPDATE limits SET ended_at = {{}}, ended_on = {{}}, judged_by = ARRAY[{IN_FORCE}],"
    " next_on = CASE WHEN least(yellow_on, red_on) <= {} AND next_on <= {} THEN next_on END WHERE " + _RUNS
)
_RUN_ON = "UPDATE limits SET ended_at = NULL, ended_on = NULL, judged_by = NULL"
_REVIVE = (
    f"{_RUN_ON} WHERE id IN (SELECT id FROM ("
    " SELECT DISTINCT ON (clock, what) id, ended_at,"
    "  max(ended_at) FILTER (WHERE clock <> 'checkpoint') OVER () AS last"
    " FROM limits WHERE case_id = {} AND subject = {} AND clock IN ('promised', 'special', 'statutory', 'checkpoint')"
    " ORDER BY clock, what, id DESC) l WHERE ended_at = last)"
)
_FIRST = " AND subject = {} AND clock = 'promised' AND event IS NULL"
_EXTEND = text(
    "UPDATE limits SET extension = extension + :days WHERE case_id = :case_id AND subject = :subject"
    " AND ended_at IS NULL AND clock IN ('promised', 'statutory')"
)
_PROJECTED = ("due_on", "due_at", "amber_on", "yellow_on", "red_on", "provisional", "stopped", "next_on")
_PROJECT = (
    update(LIMITS)
    .where(LIMITS.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in _PROJECTED})
)
_TOLD_NAMES = (
    "subject", "clock", "runs", "days", "extension", "basis", "what", "started_on", "started_at", "fixed_on",
    "due_on", "amber_on", "yellow_on", "red_on", "provisional", "ended_at", "ended_on", "judged_by",
)  # fmt: skip
_TOLD = (
    f"SELECT {', '.join(_TOLD_NAMES)} FROM limits"
    " WHERE case_id = $1 AND ($2::text[] IS NULL OR subject = ANY($2::text[])) ORDER BY id"
)
_LEDGER_NAMES = ("task_id", "kind", "begun_at", "ended_at")
_LEDGER = f"SELECT {', '.join(_LEDGER_NAMES)} FROM pauses WHERE case_id = $1 ORDER BY id"


def armed(rows: Sequence[dict[str, Any]]) -> Insert:
    """Have limits started."""
    return Insert(LIMITS, tuple(rows[0]) if rows else (), rows)


def ended(
    case_id: int,
    at: datetime,
    on: date,
    *,
    subjects: Collection[str] | None = None,
    clocks: Collection[str] | None = None,
    kept: Collection[str] = (),
) -> Clause:
    """Have what still runs on a case ended: of the subjects, of the clocks, or all but that of the tasks `kept`."""
    values = _ending(case_id, at, on)
    if subjects is not None:
        return Clause(f"{_END} AND subject = ANY({{}})", (*values, texts(subjects)))
    if clocks is not None:
        return Clause(f"{_END} AND clock = ANY({{}})", (*values, texts(clocks)))
    return Clause(f"{_END} AND NOT subject = ANY({{}})", (*values, texts(kept)))


def answered(case_id: int, at: datetime, on: date, subjects: Collection[str]) -> Clause:
    """Have the limits in office hours of tasks ended: they were claimed, or given out again (签收、重新分办)."""
    values = (*_ending(case_id, at, on), texts(subjects))
    return Clause(f"{_END} AND clock IN ('response', 'dispatch') AND subject = ANY({{}})", values)


def plan_ended(case_id: int, at: datetime, on: date, subject: str, what: str) -> Clause:
    """Have the limit of a pause ended, which has ended."""
    return Clause(
        f"{_END} AND clock = 'pause' AND subject = {{}} AND what = {{}}", (*_ending(case_id, at, on), subject, what)
    )


def first_ended(case_id: int, at: datetime, on: date, subject: str, *, passed: bool) -> Clause:
    """Have the promise from acceptance ended, since what it promised is done; only where it is late if `passed`."""
    late = " AND due_on < {}" if passed else ""
    values = (*_ending(case_id, at, on), subject, *((on.isoformat(),) if passed else ()))
    return Clause(f"{_END}{_FIRST}{late}", values)


def first_revived(case_id: int, subject: str, *, in_time: bool) -> Clause:
    """Have the promise from acceptance run on, since what it promised is not done; only if it was kept by `in_time`."""
    kept = " AND (due_on IS NULL OR due_on >= ended_on)" if in_time else ""
    return Clause(f"{_RUN_ON} WHERE case_id = {{}}{_FIRST}{kept}", (str(case_id), subject))


def event_undone(case_id: int, at: datetime, on: date, event: str) -> Clause:
    """Have limits ended that run since a step whose verdict was taken back."""
    return Clause(f"{_END} AND event = {{}}", (*_ending(case_id, at, on), event))


def _ending(case_id: int, at: datetime, on: date) -> tuple[str, ...]:
    day = on.isoformat()
    return at.isoformat(), day, day, day, str(case_id)


def revived(case_id: int, subject: str) -> Clause:
    """Have the limits of a task run on, whose verdict was taken back, as though they had never ended.

    Those are what ended with the verdict: the newest of each kind; a checkpoint that was passed before stays passed.
    """
    return Clause(_REVIVE, (str(case_id), subject))


def checkpoint_passed(case_id: int, at: datetime, key: int, on: date) -> Clause:
    """Have a checkpoint of a service ended with its day, once whoever serves was reminded."""
    return Clause(f"{_END} AND id = {{}}", (*_ending(case_id, at, on), str(key)))


def extend(conn: Connection, case_id: int, subject: str, days: int) -> None:
    """Lengthen the promise and the statutory limit of a case that run."""
    conn.execute(_EXTEND, {"case_id": case_id, "subject": subject, "days": days})


def of_case(conn: Connection, case_id: int) -> list[RowMapping]:
    """Return all limits of a case and its tasks, ended ones included, in the order in which they were armed."""
    return list(conn.execute(select(LIMITS).where(LIMITS.c.case_id == case_id).order_by(LIMITS.c.id)).mappings())


def told(
    conn: Connection, case_id: int, subjects: Collection[str] | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what explains the limits of a case, of those subjects alone if given, and its pauses: in one journey."""
    key, only = str(case_id), texts(subjects) if subjects is not None else None
    rows, ledger = run_all(conn, (_TOLD, [key, only]), (_LEDGER, [key]))
    return (
        [dict(zip(_TOLD_NAMES, row, strict=True)) for row in rows],
        [dict(zip(_LEDGER_NAMES, row, strict=True)) for row in ledger],
    )


def running_on(conn: Connection, case_id: int) -> list[RowMapping]:
    """Return the limits of a case and its tasks that run."""
    query = select(LIMITS).where(LIMITS.c.case_id == case_id, func.num_nulls(LIMITS.c.ended_at) == 1)
    query = query.order_by(LIMITS.c.id)
    return list(conn.execute(query).mappings())


def project(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write projections anew; each row has `key` and the projected columns."""
    if rows:
        conn.execute(
            _PROJECT, [{"key": row["key"], **{f"new_{name}": row[name] for name in _PROJECTED}} for row in rows]
        )
