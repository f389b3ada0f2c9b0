"""Where days are spent (瓶颈): of each step, how many working days its tasks waited, were worked on, were paused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, func, literal, or_, select, true

from infra.store.oversight import DECIDED
from infra.store.papers import PAUSES
from infra.store.period import Period, day_of, within_days
from infra.store.scoped import is_places, places_within
from infra.store.work import CASES, TASKS

_WITHOUT_STOP = ("all_tasks_promised", "all_tasks_statutory")


def days_of_steps(conn: Connection, period: Period) -> Sequence[RowMapping]:
    """Return per matter, step and department, for tasks decided in the period: how many, and their average days.

    Waiting is from the opening until somebody claimed the task (or decided it unclaimed), paused the days of pauses of
    the task or its whole case after that, overlaps counted once, working the rest.
    """
    opened, decided = day_of(TASKS.c.opened_at), day_of(TASKS.c.decided_at)
    claimed = func.least(day_of(func.coalesce(TASKS.c.claimed_at, TASKS.c.decided_at)), decided)
    spans = _paused_spans(claimed, decided)
    days = period.between(func.lower(spans.c.span) - 1, func.upper(spans.c.span) - 1)
    stood = (  # one row for each task, so that its pauses are looked up once
        select(func.coalesce(func.sum(days), 0).label("days"))
        .select_from(spans)
        .correlate(TASKS, period.workdays)
        .lateral("stood")
    )
    query = (
        select(
            TASKS.c.matter,
            TASKS.c.step,
            TASKS.c.title,
            TASKS.c.department,
            TASKS.c.position,
            period.between(opened, claimed).label("waiting"),
            period.between(claimed, decided).label("held"),
            stood.c.days.label("paused"),
        )
        .join(period.workdays, period.workdays.c.region == TASKS.c.region)
        .join(stood, true())
        .where(
            TASKS.c.opened_at.is_not(None),
            TASKS.c.status.in_(DECIDED),
            within_days(TASKS.c.decided_at, period.first, period.last),
        )
    )
    if is_places(period.scope):  # a task's region and matter are its case's
        query = query.where(places_within(TASKS, period.scope), period.of_matter(TASKS))
    else:
        query = query.join(CASES, CASES.c.id == TASKS.c.case_id).where(period.tasks())
    row = query.subquery()
    steps = (
        select(
            row.c.matter,
            row.c.step,
            func.max(row.c.title).label("title"),
            row.c.department,
            func.count().label("decided"),
            func.avg(row.c.waiting).label("waiting"),
            func.avg(row.c.held - row.c.paused).label("working"),
            func.avg(row.c.paused).label("paused"),
        )
        .group_by(row.c.matter, row.c.step, row.c.department)
        .order_by(row.c.matter, func.min(row.c.position), row.c.department)
    )
    return list(conn.execute(steps).mappings())


def _paused_spans(claimed: Any, decided: Any) -> Any:
    """Return the stretches between claim and decision in which the task stood still."""
    begun = func.greatest(day_of(PAUSES.c.begun_at), claimed)
    ended = func.least(day_of(func.coalesce(PAUSES.c.ended_at, TASKS.c.decided_at)), decided)
    span = func.daterange(begun, func.greatest(ended, begun), literal("(]"))
    return (
        select(func.unnest(func.range_agg(span)).label("span"))
        .where(
            PAUSES.c.case_id == TASKS.c.case_id,
            or_(PAUSES.c.task_id.is_(None), PAUSES.c.task_id == TASKS.c.id),
            PAUSES.c.kind.not_in(_WITHOUT_STOP),
        )
        .correlate(TASKS)
        .lateral("spans")
    )
