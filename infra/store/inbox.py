"""The inbox (收件箱): tasks at one's seats and those that are to be given out again, the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select

from forms.scope import Scope
from forms.vocabulary import TASK_IN_HAND
from infra.store import awaiting, due
from infra.store.awaiting import Voice
from infra.store.lights import light, shows
from infra.store.rows import TaskRow
from infra.store.scoped import at_seats, is_places, places_within, tasks_within
from infra.store.walk import few, is_named, is_number, newest
from infra.store.work import APPLICATIONS, CASES, TASK_COLUMNS, TASKS

REGION_DIGITS = 6
IN_HAND = tuple(status.value for status in TASK_IN_HAND)
_DECIDED = ("approved", "refused", "forwarded")


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What of the reader's own tasks is wanted; `decided` keeps to those that have a verdict.

    `text` is an applicant's name or the beginning of a number; `free` keeps to what waits for one of these to take it.
    """

    status: str | None = None
    department: str | None = None
    matter: str | None = None
    case: str | None = None
    held_by: int | None = None
    light: str | None = None
    today: date = date.min
    text: str | None = None
    decided: bool = False
    free: tuple[Voice, ...] | None = None

    @property
    def in_hand(self) -> bool:
        """Whether only tasks in hand are wanted, which stand in the order of their due days."""
        return not self.decided and (self.status is None or self.status in IN_HAND)


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A task with what the inbox shows beside it."""

    task: TaskRow
    applicant: str
    case_title: str
    case_paused: bool


def page(
    conn: Connection,
    scope: Scope,
    wanted: TaskFilter,
    *,
    after: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[InboxRow]:
    """Return tasks, those due first first; without a status those in hand. `after` is the last row's place."""
    if wanted.decided and wanted.light is not None:  # their clocks have ended: none shows a light
        return []
    query: Select[Any] = (
        select(*TASK_COLUMNS, APPLICATIONS.c.name, CASES.c.title, CASES.c.paused)
        .join(CASES, CASES.c.id == TASKS.c.case_id)
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
    )
    query = _chosen(query, scope, wanted, _leading(conn, wanted))
    if wanted.in_hand:
        covered, whole = _covered(scope, wanted), _is_whole(scope, wanted)
        rows = due.page(conn, query, TASKS, after=after, limit=limit, covered=covered, whole=whole)
    else:
        rows = newest(conn, query, TASKS.c.id, scope, after=after[0] if after is not None else None, limit=limit)
    width = len(TASK_COLUMNS)
    return [InboxRow(TaskRow(*row[:width]), *row[width:]) for row in rows]


def _covered(scope: Scope, wanted: TaskFilter) -> ColumnElement[bool] | None:
    """Return what the index of tasks in hand knows of the conditions; None where they lie in its order anyhow, or few.

    It leaves out whose case a task is, and at which level it waits.
    """
    if wanted.text or wanted.case is not None:
        return None
    unclaimed = [TASKS.c.officer_id.is_(None)] if wanted.free is not None and not scope.leads else []
    if scope.seats or scope.leads:
        narrow = any((wanted.matter, wanted.held_by, wanted.light, wanted.status, wanted.free is not None))
        if not narrow and not scope.leads and [(s.region == "*", s.office) for s in scope.seats] == [(False, None)]:
            return None
        returned = [TASKS.c.status == "returned"] if scope.leads else []
        return and_(or_(at_seats(scope.seats), *returned), *_of_task(wanted), *unclaimed)
    here = [places_within(TASKS, scope)] if is_places(scope) else []
    return and_(*here, *_of_task(wanted), *unclaimed)


def _is_whole(scope: Scope, wanted: TaskFilter) -> bool:
    """Whether what the index of tasks in hand knows of the conditions is all there is to them."""
    at_seats_alone = bool(scope.seats) and not scope.leads
    return wanted.free is None and (at_seats_alone or is_places(scope))


def _of_task(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters on the task itself: what the index of tasks in hand knows of them."""
    statuses = _DECIDED if wanted.decided else IN_HAND
    parts = [TASKS.c.status.in_(statuses) if wanted.status is None else TASKS.c.status == wanted.status]
    for column, value in (
        (TASKS.c.department, wanted.department),
        (TASKS.c.matter, wanted.matter),
        (TASKS.c.officer_id, wanted.held_by),
    ):
        if value is not None:
            parts.append(column == value)
    if wanted.light is not None:
        parts.append(shows(TASKS, wanted.light, wanted.today, running=wanted.in_hand))
    return parts


def lights(conn: Connection, scope: Scope, wanted: TaskFilter) -> dict[str, int]:
    """Return how many of the tasks wanted show which light; "" is for those without a clock."""
    shown = light(TASKS, wanted.today)
    query: Select[Any] = select(shown, func.count())
    named = bool(wanted.text) and not is_number(str(wanted.text))
    leading = _leading(conn, wanted)
    if named or leading is not None or wanted.case is not None or scope.leads or not scope.seats:
        query = query.join(CASES, CASES.c.id == TASKS.c.case_id)
    if named:
        query = query.join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
    rows = conn.execute(_chosen(query, scope, wanted, leading).group_by(shown))
    return {row[0] or "": int(row[1]) for row in rows}


def _leading(conn: Connection, wanted: TaskFilter) -> ColumnElement[bool] | None:
    """Return the condition on the cases by which a number's beginning leads to tasks: None where many begin so."""
    if not wanted.text or not is_number(wanted.text):
        return None
    begins = CASES.c.no.startswith("-".join(wanted.text.upper().split("-")[:6]), autoescape=True)
    return begins if few(conn, [begins]) else None


def _chosen(
    query: Select[Any], scope: Scope, wanted: TaskFilter, leading: ColumnElement[bool] | None = None
) -> Select[Any]:
    """Keep a query over tasks (with their cases, and applications where a name is looked for) to what is wanted."""
    query = query.where(_mine(scope, wanted), *_of_task(wanted))
    if wanted.case is not None:
        query = query.where(CASES.c.no == wanted.case)
    if wanted.free is not None:
        waiting = awaiting.free(wanted.free)
        query = query.where(or_(waiting, awaiting.returned(scope.leads)) if scope.leads else waiting)
    if wanted.text:
        query = query.where(is_named(TASKS, wanted.text))
        if is_number(wanted.text):
            query = query.where(*_in_its_region(wanted.text), *([leading] if leading is not None else []))
    return query


def _in_its_region(number: str) -> list[ColumnElement[bool]]:
    """Return the condition that a task lies in the region its number names, where that much of it is given."""
    region = number.split("-")[1]
    return [TASKS.c.region == region] if len(region) == REGION_DIGITS else []


def place(task: TaskRow, in_hand: bool) -> list[Any]:
    """Return where a task stands in the inbox, for the next page to begin after it."""
    return [(task.due_on or date.max).isoformat(), task.id] if in_hand else [task.id]


def _mine(scope: Scope, wanted: TaskFilter) -> ColumnElement[bool]:
    """Say which tasks are one's own: at one's seats, and returned ones of the cases that one's department leads."""
    if not scope.seats and not scope.leads:
        return tasks_within(scope)
    own: list[ColumnElement[bool]] = [false()]
    if scope.seats:
        own.append(and_(TASKS.c.status != "not_applicable", at_seats(scope.seats)))
    if scope.leads and wanted.in_hand and wanted.status in (None, "returned"):
        own.append(awaiting.returned(scope.leads))
    return or_(*own)
