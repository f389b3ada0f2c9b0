"""Lists (列表、收件箱): keyset pages, most urgent first where that is the point; no query without a Scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    and_,
    false,
    func,
    or_,
    select,
    true,
)

from forms.scope import Scope
from forms.vocabulary import TASK_IN_HAND, CaseStatus
from infra.store import awaiting, due
from infra.store.awaiting import Voice
from infra.store.lights import light, shows
from infra.store.papers import SECRETS
from infra.store.rows import CaseRow, TaskRow
from infra.store.scoped import applications_within, at_seats, cases_within, is_places, places_within, tasks_within
from infra.store.walk import Found, few, is_number, newest, walk, walks
from infra.store.work import APPLICATIONS, CASE_COLUMNS, CASES, TASK_COLUMNS, TASKS

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
class CaseFilter:
    """What of the cases is wanted; `identity` is a blind index, `text` a name or the beginning of a number."""

    status: str | None = None
    matter: str | None = None
    department: str | None = None
    text: str | None = None
    identity: Collection[bytes] = ()
    light: str | None = None
    today: date = date.min


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A task with what the inbox shows beside it."""

    task: TaskRow
    applicant: str
    case_title: str
    case_paused: bool


def inbox(
    conn: Connection,
    scope: Scope,
    wanted: TaskFilter,
    *,
    after: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[InboxRow]:
    """Return tasks, those due first first; without a status those in hand. `after` is the last row's place."""
    query: Select[Any] = (
        select(*TASK_COLUMNS, APPLICATIONS.c.name, CASES.c.title, CASES.c.paused)
        .join(CASES, CASES.c.id == TASKS.c.case_id)
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
    )
    query = _chosen(query, scope, wanted)
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
    if wanted.text or wanted.case is not None or scope.leads or not scope.seats:
        query = query.join(CASES, CASES.c.id == TASKS.c.case_id)
    if wanted.text:
        query = query.join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
    rows = conn.execute(_chosen(query, scope, wanted).group_by(shown))
    return {row[0] or "": int(row[1]) for row in rows}


def _chosen(query: Select[Any], scope: Scope, wanted: TaskFilter) -> Select[Any]:
    """Keep a query over tasks (with their cases, and applications where text is looked for) to what is wanted."""
    query = query.where(_mine(scope, wanted), *_of_task(wanted))
    if wanted.case is not None:
        query = query.where(CASES.c.no == wanted.case)
    if wanted.free is not None:
        waiting = awaiting.free(wanted.free)
        query = query.where(or_(waiting, awaiting.returned(scope.leads)) if scope.leads else waiting)
    if wanted.text:
        query = query.where(_is_named(TASKS, wanted.text))
        if is_number(wanted.text):  # said of the case too, whose numbers have an index by their beginnings
            query = query.where(CASES.c.no.startswith("-".join(wanted.text.upper().split("-")[:6]), autoescape=True))
    return query


def _is_named(table: Table, text: str) -> Any:
    """Say what bears a number that begins so, or is of an applicant of that name."""
    if is_number(text):
        return table.c.no.startswith(text.upper(), autoescape=True)
    return APPLICATIONS.c.name == text


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


def cases(
    conn: Connection, scope: Scope, wanted: CaseFilter, *, after: Sequence[int] | None = None, limit: int = 50
) -> Found:
    """Return a page of cases with their applicants' names, the newest first.

    An office's own cases are looked at so many at a time: a page may be short, or empty, and yet go on.
    """
    if wanted.light is not None and wanted.status == CaseStatus.DELIVERED:  # whose clocks have all ended
        return Found([], None)
    place = after[0] if after is not None else None
    if _walked(conn, scope, wanted):
        conditions = and_(_meets(wanted), or_(*_of_department(wanted.department, place)))
        return walk(
            conn, scope, conditions, matter=wanted.matter, department=wanted.department, after=place, limit=limit
        )
    query = _cases(scope, wanted)
    rows: list[Any] = []
    for condition in _of_department(wanted.department, place):
        some = query.where(condition)
        rows += newest(conn, some, CASES.c.id, scope, beginning=wanted.text, after=place, limit=limit + 1)
    found = {row.id: (CaseRow(*row[:-1]), row[-1]) for row in rows}
    keys = sorted(found, reverse=True)
    return Found([found[key] for key in keys[:limit]], keys[limit - 1] if len(keys) > limit else None)


def _walked(conn: Connection, scope: Scope, wanted: CaseFilter) -> bool:
    """Whether the own cases are walked: not where an index leads to the few that are looked for."""
    if not walks(scope) or wanted.text or wanted.identity or wanted.light == "paused":
        return False
    return wanted.status is None or not few(conn, [CASES.c.status == wanted.status])


def _meets(wanted: CaseFilter) -> ColumnElement[bool]:
    """Return the conditions of the filters on the case itself."""
    parts: list[ColumnElement[bool]] = [true()]
    for column, value in ((CASES.c.status, wanted.status), (CASES.c.matter, wanted.matter)):
        if value is not None:
            parts.append(column == value)
    if wanted.light is not None:
        parts.append(shows(CASES, wanted.light, wanted.today))
    return and_(*parts)


def _cases(scope: Scope, wanted: CaseFilter) -> Select[Any]:
    query: Select[Any] = (
        select(*CASE_COLUMNS, APPLICATIONS.c.name)
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        .where(cases_within(scope), _meets(wanted))
    )
    return _searched(query, wanted)


def received_on(conn: Connection, key: int) -> datetime:
    """Return when a case of a page was received: how far back the page has looked."""
    at: datetime = conn.execute(select(CASES.c.received_at).where(CASES.c.id == key)).scalar_one()
    return at


def _of_department(department: str | None, before: int | None = None) -> list[ColumnElement[bool]]:
    """Say which cases a department has to do with, one way at a time: with an OR no index gives them in order.

    Where only cases `before` a key are wanted, so are only their tasks: the planner does not see that by itself.
    """
    if department is None:
        return [true()]
    task = select(TASKS.c.id).where(
        TASKS.c.case_id == CASES.c.id,
        TASKS.c.matter == CASES.c.matter,
        TASKS.c.department == department,
        TASKS.c.status != "not_applicable",
        TASKS.c.case_id < before if before is not None else true(),
    )
    return [CASES.c.lead == department, task.correlate(CASES).exists()]


def _searched(query: Select[Any], wanted: CaseFilter) -> Select[Any]:
    if wanted.text:
        query = query.where(_is_named(CASES, wanted.text))
    if wanted.identity:
        holders = select(SECRETS.c.application_id).where(SECRETS.c.blind.in_(list(wanted.identity)))
        query = query.where(or_(APPLICATIONS.c.person_key.in_(list(wanted.identity)), APPLICATIONS.c.id.in_(holders)))
    return query


def applications(
    conn: Connection,
    scope: Scope,
    *,
    status: str | None = None,
    q: str | None = None,
    after: Sequence[int] | None = None,
    limit: int = 50,
) -> list[RowMapping]:
    """Return applications, the newest first."""
    columns = [c for c in APPLICATIONS.c if c.name not in {"person_key", "code_hash", "head", "mandate", "overrides"}]
    place = after[0] if after is not None else None
    query = select(*columns).where(applications_within(scope, before=place))
    if status is not None:
        query = query.where(APPLICATIONS.c.status == status)
    if q is not None:
        query = query.where(_is_named(APPLICATIONS, q))
    rows = newest(conn, query, APPLICATIONS.c.id, scope, beginning=q, after=place, limit=limit)
    return [row._mapping for row in rows]
