"""What stands (在办情况): all open cases and all tasks in hand, counted by where they lie and the days of their lights.

The counts hold for every reader and every day: whoever reads sums up the cells within the own walls, and the light of
a cell follows from its days. From the same conditions as the lists of `infra.store.oversight`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select, text

from forms.scope import Scope
from infra.store.led import lead_of_matter
from infra.store.oversight import CLOSED, IN_HAND, OPEN, Wanted
from infra.store.work import CASES, TASKS

_NEWEST = text(
    "SELECT max(id), count(*) FROM (SELECT id FROM events"
    " WHERE id > (SELECT coalesce(max(id), 0) FROM events) - 1000 ORDER BY id DESC LIMIT 1000) newest"
)  # an act that commits after one that began later changes the number, though not the last


class Days(NamedTuple):
    """What a light follows from (`infra.store.lights`)."""

    red_on: date | None
    yellow_on: date | None
    amber_on: date | None
    stopped: bool
    clocked: bool

    def light(self, today: date) -> str:
        """Return the light on a day, "none" where no clock of an office runs."""
        for name, day in (("red", self.red_on), ("yellow", self.yellow_on)):
            if day is not None and day <= today:
                return name
        if self.stopped:
            return "paused"
        if self.amber_on is not None and self.amber_on <= today:
            return "amber"
        return "green" if self.clocked else "none"


class CaseCell(NamedTuple):
    """Open cases of one place, matter and days."""

    region: str
    lead: str
    matter: str
    days: Days
    many: int


class TaskCell(NamedTuple):
    """Tasks in hand of one place, step and days; `lead` is that of their cases where it was asked for."""

    region: str
    lead: str | None
    matter: str
    step: str
    department: str
    days: Days
    many: int
    unclaimed: int


class Waiting(NamedTuple):
    """Cases that are decided and not handed over."""

    region: str
    lead: str
    matter: str
    many: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that stands."""

    cases: tuple[CaseCell, ...]
    tasks: tuple[TaskCell, ...]
    waiting: tuple[Waiting, ...]

    @property
    def weight(self) -> int:
        """Over how many rows it was counted."""
        return sum(one.many for kind in (self.cases, self.tasks, self.waiting) for one in kind)

    def lights_of_cases(self, scope: Scope, wanted: Wanted) -> dict[tuple[str, str], int]:
        """Return how many open cases of a matter show a light, by (matter, light)."""
        found: Counter[tuple[str, str]] = Counter()
        for one in self.cases:
            light = one.days.light(wanted.today)
            if _seen(scope, one.region, one.lead) and _chosen(wanted, one, one.lead, light):
                found[one.matter, light] += one.many
        return found

    def lights_of_tasks(self, scope: Scope, wanted: Wanted) -> dict[tuple[str, str], int]:
        """Return how many tasks in hand of a department show a light, by (department, light)."""
        found: Counter[tuple[str, str]] = Counter()
        for one, light in self._tasks(scope, wanted):
            found[one.department, light] += one.many
        return found

    def steps(self, scope: Scope, wanted: Wanted) -> dict[tuple[str, str, str], tuple[int, int]]:
        """Return how many tasks are in hand, and how many of them unclaimed, by (matter, step, department)."""
        in_hand: Counter[tuple[str, str, str]] = Counter()
        unclaimed: Counter[tuple[str, str, str]] = Counter()
        for one, _ in self._tasks(scope, wanted):
            key = one.matter, one.step, one.department
            in_hand[key] += one.many
            unclaimed[key] += one.unclaimed
        return {key: (count, unclaimed[key]) for key, count in in_hand.items()}

    def undelivered(self, scope: Scope, wanted: Wanted) -> dict[str, int]:
        """Return how many cases of each matter are decided and not handed over."""
        found: Counter[str] = Counter()
        for one in self.waiting:
            if _seen(scope, one.region, one.lead) and _chosen(wanted, one, one.lead, wanted.light):
                found[one.matter] += one.many
        return found

    def _tasks(self, scope: Scope, wanted: Wanted) -> Iterator[tuple[TaskCell, str]]:
        for one in self.tasks:
            light = one.days.light(wanted.today)
            here = _seen(scope, one.region, one.lead) and wanted.step in (None, one.step)
            if here and _chosen(wanted, one, one.department, light):
                yield one, light


def is_whole(scope: Scope) -> bool:
    """Whether a scope is one of places alone, so that the cells say who sees what."""
    return scope.everything or not (scope.walls.seats or scope.created_by or scope.applications)


def _seen(scope: Scope, region: str, lead: str | None) -> bool:
    """Whether what lies there is within the walls: the same as `infra.store.scoped.cases_within` says."""
    if scope.everything or region in scope.regions:
        return True
    return any(seat.department == lead and seat.region in ("*", region) for seat in scope.leads)


def _chosen(wanted: Wanted, cell: CaseCell | TaskCell | Waiting, department: str, light: str | None) -> bool:
    return (
        wanted.region in (None, cell.region)
        and wanted.matter in (None, cell.matter)
        and wanted.department in (None, department)
        and wanted.light in (None, light)
    )


def standing(conn: Connection, *, leads: bool = False) -> Standing:
    """Count everything that stands; the leads of the tasks' cases only where they are asked for."""
    c, t = CASES.c, TASKS.c
    days = (c.red_on, c.yellow_on, c.amber_on, c.stopped, c.due_on.is_not(None))
    cases = select(c.region, c.lead, c.matter, *days, func.count()).where(c.status.in_(OPEN))
    cases = cases.group_by(c.region, c.lead, c.matter, *days)
    place = (t.region, t.matter, t.step, t.department)
    days = (t.red_on, t.yellow_on, t.amber_on, t.stopped, t.due_on.is_not(None))
    unclaimed = func.count().filter(t.officer_id.is_(None))
    tasks = select(*place, *days, func.count(), unclaimed).where(t.status.in_(IN_HAND)).group_by(*place, *days)
    waiting = select(c.region, c.lead, c.matter, func.count()).where(c.status.in_(CLOSED), c.delivered_at.is_(None))
    waiting = waiting.group_by(c.region, c.lead, c.matter)
    return Standing(
        tuple(CaseCell(row[0], row[1], row[2], Days(*row[3:8]), row[8]) for row in conn.execute(cases)),
        tuple(_task_cells(conn, tasks, lead_of_matter(conn) if leads else None)),
        tuple(Waiting(*row) for row in conn.execute(waiting)),
    )


def _task_cells(conn: Connection, tasks: Select[Any], lead_of: Mapping[str, str | None] | None) -> Iterator[TaskCell]:
    """Count tasks; only where a matter has several leads does each task's case have to say which is its own."""
    shared = sorted(matter for matter, lead in lead_of.items() if lead is None) if lead_of else []
    plain = tasks.where(TASKS.c.matter.not_in(shared)) if shared else tasks
    for row in conn.execute(plain):
        lead = lead_of[row[1]] if lead_of is not None else None
        yield TaskCell(row[0], lead, row[1], row[2], row[3], Days(*row[4:9]), row[9], row[10])
    if shared:
        told = tasks.where(TASKS.c.matter.in_(shared)).join(CASES, CASES.c.id == TASKS.c.case_id)
        for row in conn.execute(told.add_columns(CASES.c.lead).group_by(CASES.c.lead)):
            yield TaskCell(row[0], row[11], row[1], row[2], row[3], Days(*row[4:9]), row[9], row[10])


def newest(conn: Connection) -> tuple[int, int]:
    """Return what changes with every act on any case: the key of the newest event, and how many came shortly before."""
    row = conn.execute(_NEWEST).one()
    return row[0] or 0, row[1]
