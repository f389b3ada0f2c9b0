"""What a manager looks at (督办视图): the numbers of the board and the lists behind them, from the same conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    cast,
    column,
    exists,
    func,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from forms.scope import Scope
from forms.vocabulary import CASE_CLOSED, CASE_OPEN, TASK_IN_HAND
from infra.store import due
from infra.store.led import leads, led
from infra.store.lights import light, shows
from infra.store.limits import LIMITS
from infra.store.period import within_days
from infra.store.ratings import CONTACT_DUE, FOLLOWED, RATINGS, rated_within
from infra.store.scoped import cases_within, is_places, places_within, tasks_within
from infra.store.supervision import ALARMS
from infra.store.work import APPLICATIONS, CASES, TASKS

OPEN = tuple(status.value for status in CASE_OPEN)
CLOSED = tuple(status.value for status in CASE_CLOSED)
IN_HAND = tuple(status.value for status in TASK_IN_HAND)
DECIDED = ("approved", "refused", "forwarded")
COUNTED = ("approved", "refused", "forwarded", "no_supplement")
"""The outcomes that count as closed in the measures."""

CASE_VIEWS = ("open", "oldest", "undelivered", "received", "closed", "late")
TASK_VIEWS = ("in_hand", "unclaimed", "returned", "paused", "decided")
_RUNNING_CASES = ("", "open")
_RUNNING_TASKS = ("", "in_hand", "unclaimed", "returned")
_RUNNING = frozenset((*_RUNNING_CASES, *_RUNNING_TASKS, "oldest", "paused"))
"""The views of what is open or in hand; an index covers the first two lines of them."""
_CASE = (
    "id", "no", "matter", "title", "region", "lead", "status", "outcome", "paused", "received_at", "accepted_at",
    "closed_at", "delivered_at", "due_on", "amber_on", "yellow_on", "red_on", "stopped",
)  # fmt: skip
_TASK = (
    "id", "no", "matter", "step", "title", "region", "department", "office", "status", "outcome", "paused", "level",
    "levels", "officer_name", "opened_at", "claimed_at", "decided_at", "due_on", "amber_on", "yellow_on", "red_on",
    "stopped",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the cases or tasks is wanted; `department` is the lead of a case, the seat of a task.

    `first` and `last` are the days of closing, deciding or receipt in the views that look back.
    """

    today: date
    view: str = ""
    region: str | None = None
    matter: str | None = None
    department: str | None = None
    step: str | None = None
    light: str | None = None
    first: date = date.min
    last: date = date.max


def late_case() -> ColumnElement[bool]:
    """Return the condition that a case kept a promise after its day, unless the card for it was withdrawn."""
    withdrawn = exists().where(
        ALARMS.c.limit_id == LIMITS.c.id, ALARMS.c.rung == "yellow", ALARMS.c.state == "withdrawn"
    )
    return exists().where(
        LIMITS.c.case_id == CASES.c.id, LIMITS.c.subject == CASES.c.no, LIMITS.c.clock == "promised",
        LIMITS.c.ended_on > LIMITS.c.due_on, ~withdrawn,
    )  # fmt: skip


def _case_view(wanted: Wanted) -> ColumnElement[bool]:
    if wanted.view == "undelivered":
        return and_(CASES.c.status.in_(CLOSED), CASES.c.delivered_at.is_(None))
    if wanted.view == "received":
        return and_(CASES.c.reopens.is_(None), within_days(CASES.c.received_at, wanted.first, wanted.last))
    if wanted.view in ("closed", "late"):
        ended = and_(
            CASES.c.outcome.in_(COUNTED),
            CASES.c.accepted_at.is_not(None),
            within_days(CASES.c.closed_at, wanted.first, wanted.last),
        )
        return and_(ended, late_case()) if wanted.view == "late" else ended
    return CASES.c.status.in_(OPEN)


def _task_view(wanted: Wanted) -> ColumnElement[bool]:
    if wanted.view == "decided":
        ended = and_(TASKS.c.opened_at.is_not(None), TASKS.c.status.in_(DECIDED))
        return and_(ended, within_days(TASKS.c.decided_at, wanted.first, wanted.last))
    if wanted.view == "unclaimed":
        return and_(TASKS.c.status.in_(IN_HAND), TASKS.c.officer_id.is_(None))
    if wanted.view == "returned":
        return TASKS.c.status == "returned"
    if wanted.view == "paused":
        return and_(TASKS.c.status.in_(IN_HAND), TASKS.c.paused)
    return TASKS.c.status.in_(IN_HAND)


def _chosen(table: Any, department: Any, wanted: Wanted) -> ColumnElement[bool]:
    """Return the conditions of the filters."""
    parts: list[ColumnElement[bool]] = [true()]
    for name, value in ((table.c.region, wanted.region), (table.c.matter, wanted.matter),
                        (department, wanted.department)):  # fmt: skip
        if value is not None:
            parts.append(name == value)
    if wanted.step is not None and "step" in table.c:
        parts.append(table.c.step == wanted.step)
    if wanted.light is not None:
        parts.append(shows(table, wanted.light, wanted.today, running=wanted.view in _RUNNING))
    return and_(*parts)


def _is_narrow(scope: Scope, wanted: Wanted) -> bool:
    """Whether cases are filtered, by what the index of lights knows; without a filter the first are as good as any."""
    single = scope.seats or scope.created_by is not None or scope.applications
    return not single and any((wanted.matter, wanted.department, wanted.light))


def cases(
    conn: Connection, scope: Scope, wanted: Wanted, *, after: Sequence[Any] | None = None, limit: int = 50
) -> list[Row[Any]]:
    """Return cases with applicant and who has them in hand: open ones by due day, closed ones the newest first."""
    holders = (
        select(func.concat(TASKS.c.department, ":", func.coalesce(TASKS.c.officer_name, "")))
        .where(TASKS.c.case_id == CASES.c.id, TASKS.c.status.in_(IN_HAND))
        .order_by(TASKS.c.position)
        .correlate(CASES)
        .scalar_subquery()
    )
    here = led(conn, scope)
    if here is not None and wanted.matter is not None and wanted.matter not in here.matters:
        return []
    if wanted.matter and wanted.department and not leads(conn, wanted.department, wanted.matter):
        return []
    conditions = and_(cases_within(scope, few=True), _case_view(wanted), _chosen(CASES, CASES.c.lead, wanted))
    query = (
        select(*(CASES.c[name] for name in _CASE), APPLICATIONS.c.name.label("applicant"),
               cast(func.array(holders), ARRAY(Text)).label("holders"))
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        .where(conditions)
    )  # fmt: skip
    order = _order_of(wanted.view)
    if order == "due":
        covered = conditions if wanted.view in _RUNNING_CASES and _is_narrow(scope, wanted) else None
        return due.page(conn, query, CASES, after=after, limit=limit, covered=covered)
    return list(conn.execute(_paged(query, CASES, order, after).limit(limit)))


def tasks(
    conn: Connection, scope: Scope, wanted: Wanted, *, after: Sequence[Any] | None = None, limit: int = 50
) -> list[Row[Any]]:
    """Return tasks with case and applicant: those in hand by due day, decided ones the newest first."""
    own = [_task_view(wanted), _chosen(TASKS, TASKS.c.department, wanted)]
    here = led(conn, scope)
    if here is not None:
        if wanted.matter is not None and wanted.matter not in here.matters:
            return []
        own += here.holds(TASKS)
    elif is_places(scope):  # a region seen whole needs no look at the cases: it is theirs
        own.append(places_within(TASKS, scope))
    query = (
        select(*(TASKS.c[name] for name in _TASK), CASES.c.no.label("case_no"), CASES.c.title.label("case_title"),
               APPLICATIONS.c.name.label("applicant"))
        .join(CASES, CASES.c.id == TASKS.c.case_id)
        .join(APPLICATIONS, APPLICATIONS.c.id == CASES.c.application_id)
        .where(tasks_within(scope), *own)
    )  # fmt: skip
    if wanted.view == "decided":
        return list(conn.execute(_paged(query, TASKS, "decided", after).limit(limit)))
    covered = and_(*own) if wanted.view in _RUNNING_TASKS else None
    whole = here.exact if here is not None else is_places(scope)
    return due.page(conn, query, TASKS, after=after, limit=limit, covered=covered, whole=whole)


def _order_of(view: str) -> str:
    return {"oldest": "oldest", "closed": "closed", "late": "closed", "received": "newest"}.get(view, "due")


def _paged(query: Select[Any], table: Any, order: str, after: Sequence[Any] | None) -> Select[Any]:
    """Order a list and begin after a place: (moment, key), or the key alone."""
    key = table.c.id
    if order == "newest":
        return (query.where(key < after[0]) if after is not None else query).order_by(key.desc())
    moment = {"oldest": "received_at", "closed": "closed_at", "decided": "decided_at"}[order]
    place = tuple_(table.c[moment], key)
    if order == "oldest":
        return (query.where(place > tuple(after)) if after else query).order_by(table.c[moment], key)
    return (query.where(place < tuple(after)) if after else query).order_by(table.c[moment].desc(), key.desc())


def lights_of_cases(conn: Connection, scope: Scope, wanted: Wanted) -> list[tuple[str, str, int]]:
    """Return (matter, light or "none", how many open cases)."""
    shown = func.coalesce(light(CASES, wanted.today), "none").label("light")
    query = select(CASES.c.matter, shown, func.count()).where(
        cases_within(scope), CASES.c.status.in_(OPEN), _chosen(CASES, CASES.c.lead, wanted)
    )
    return _counted(conn, query.group_by(CASES.c.matter, column("light")))


def lights_of_tasks(conn: Connection, scope: Scope, wanted: Wanted) -> list[tuple[str, str, int]]:
    """Return (department, light or "none", how many tasks in hand)."""
    shown = func.coalesce(light(TASKS, wanted.today), "none").label("light")
    query = _in_hand(scope, wanted, TASKS.c.department, shown, func.count())
    return _counted(conn, query.group_by(TASKS.c.department, column("light")))


def undelivered(conn: Connection, scope: Scope, wanted: Wanted) -> dict[str, int]:
    """Return how many cases of each matter are decided and not handed over."""
    query = select(CASES.c.matter, func.count()).where(
        cases_within(scope), CASES.c.status.in_(CLOSED), CASES.c.delivered_at.is_(None),
        _chosen(CASES, CASES.c.lead, wanted),
    )  # fmt: skip
    return {row[0]: int(row[1]) for row in conn.execute(query.group_by(CASES.c.matter))}


def bad_ratings(conn: Connection, scope: Scope, now: datetime) -> tuple[int, int]:
    """Return how many bad ratings are being followed up, and how many of them nobody has contacted in time."""
    late = and_(RATINGS.c.state == "bad", now > CONTACT_DUE)
    query = select(func.count(), func.count().filter(late)).where(RATINGS.c.state.in_(FOLLOWED))
    if scope.created_by is not None:
        query = query.join(CASES, CASES.c.id == RATINGS.c.case_id)
    query = query.where(rated_within(scope))
    row = conn.execute(query).one()
    return int(row[0]), int(row[1])


def steps_in_hand(conn: Connection, scope: Scope, wanted: Wanted) -> list[Row[Any]]:
    """Return per matter, step and department how many tasks are in hand and how many of them unclaimed."""
    query = _in_hand(
        scope,
        wanted,
        TASKS.c.matter,
        TASKS.c.step,
        TASKS.c.department,
        func.count().label("in_hand"),
        func.count().filter(TASKS.c.officer_id.is_(None)).label("unclaimed"),
    )
    return list(conn.execute(query.group_by(TASKS.c.matter, TASKS.c.step, TASKS.c.department)))


def _in_hand(scope: Scope, wanted: Wanted, *columns: Any) -> Select[Any]:
    """Return columns of the tasks in hand; a region seen whole needs no look at the cases, whose region is theirs."""
    chosen = and_(TASKS.c.status.in_(IN_HAND), _chosen(TASKS, TASKS.c.department, wanted))
    if is_places(scope):
        return select(*columns).where(chosen, places_within(TASKS, scope))
    return select(*columns).join(CASES, CASES.c.id == TASKS.c.case_id).where(chosen, tasks_within(scope))


def _counted(conn: Connection, query: Any) -> list[tuple[str, str, int]]:
    return [(row[0], row[1], int(row[2])) for row in conn.execute(query)]
