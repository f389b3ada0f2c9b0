"""Taking cases in hand and writing them back (取办件、写回): the hot path, a handful of statements an act."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlmodel import SQLModel

from infra.store.line import run, run_all
from infra.store.rows import (
    CASE_ALWAYS,
    CASE_FORM,
    CASE_LIFE,
    CLOCK,
    TASK_ALWAYS,
    TASK_CLOCK,
    TASK_WAY,
    CaseRow,
    TaskRow,
)
from infra.store.statement import Insert, Update
from infra.tables import Application, Case, Document, Event, Task


def table(model: type[SQLModel]) -> Table:
    """Return the table behind a model."""
    return model.__table__  # type: ignore[attr-defined,no-any-return]


CASES, TASKS, APPLICATIONS = table(Case), table(Task), table(Application)
CASE_COLUMNS = [CASES.c[f.name] for f in fields(CaseRow) if f.name != "as_read"]
TASK_COLUMNS = [TASKS.c[f.name] for f in fields(TaskRow) if f.name != "as_read"]

_OF_CASE = (
    f"SELECT {', '.join(c.name for c in CASE_COLUMNS)} FROM cases"
    " WHERE application_id = (SELECT application_id FROM cases WHERE no = $1) ORDER BY no"
)
_OF_APPLICATION = f"SELECT {', '.join(c.name for c in CASE_COLUMNS)} FROM cases WHERE application_id = $1 ORDER BY no"
_LOCK_OF_CASE = f"{_OF_CASE} FOR NO KEY UPDATE"  # a key never changes: whoever only points at a case need not wait
_LOCK_APPLICATION = f"{_OF_APPLICATION} FOR NO KEY UPDATE"
_TRY_LOCK_APPLICATION = f"{_OF_APPLICATION} FOR NO KEY UPDATE SKIP LOCKED"
_TASKS_OF_NO = (
    f"SELECT {', '.join(c.name for c in TASK_COLUMNS)} FROM tasks"
    " WHERE case_id = (SELECT id FROM cases WHERE no = $1) ORDER BY position"
)
_TASKS_OF = f"SELECT {', '.join(c.name for c in TASK_COLUMNS)} FROM tasks WHERE case_id = $1 ORDER BY position"


def take(conn: Connection, case_no: str) -> tuple[list[CaseRow], list[TaskRow]]:
    """Lock the case and its siblings in the order of their numbers; return them all, and the case's tasks.

    Empty where there is no such case. One order for everybody: two officers who conclude sibling cases in the same
    instant wait, they never deadlock. The tasks are read after the lock, in the same journey.
    """
    cases, tasks = run_all(conn, (_LOCK_OF_CASE, [case_no]), (_TASKS_OF_NO, [case_no]))
    return [_case(row) for row in cases], [_task(row) for row in tasks]


def _case(row: tuple[Any, ...]) -> CaseRow:
    case = CaseRow(*row)
    case.as_read = row
    return case


def _task(row: tuple[Any, ...]) -> TaskRow:
    task = TaskRow(*row)
    task.as_read = row
    return task


def lock_application(conn: Connection, application_id: int, *, wait: bool = True) -> list[CaseRow]:
    """Lock all cases of an application; without `wait` those that somebody works on are left out."""
    query = _LOCK_APPLICATION if wait else _TRY_LOCK_APPLICATION
    return [_case(row) for row in run(conn, query, [str(application_id)])]


def cases_of(conn: Connection, application_id: int) -> list[CaseRow]:
    """Return the cases of an application without a lock."""
    return [_case(row) for row in run(conn, _OF_APPLICATION, [str(application_id)])]


def count_cases(conn: Connection, application_id: int) -> int:
    """Return how many cases an application has, locked or not."""
    query = select(func.count()).select_from(CASES).where(CASES.c.application_id == application_id)
    return int(conn.execute(query).scalar_one())


def tasks_of(conn: Connection, case_id: int) -> list[TaskRow]:
    """Return the tasks of a case in the order of its plan; whoever writes them holds the case's lock."""
    return [_task(row) for row in run(conn, _TASKS_OF, [str(case_id)])]


def case_no_of(task_no: str) -> str:
    """Return the number of a task's case, with which the task's own begins: tasks are found by both."""
    return task_no.rpartition("-")[0]


_ENDED = (
    f"SELECT {', '.join(c.name for c in TASK_COLUMNS)} FROM tasks WHERE case_id = (SELECT id FROM cases WHERE no = $1)"
    " AND no = $2 AND status = 'not_applicable' AND opened_at IS NOT NULL"
)


def ended_without_work(conn: Connection, task_no: str) -> TaskRow | None:
    """Return a task that had been in an inbox and needs no work any more (不涉及); None where it never was, or is."""
    found = run(conn, _ENDED, [case_no_of(task_no), task_no])
    return TaskRow(*found[0]) if found else None


_NEXT_CASE = "SELECT nextval('cases_id_seq')"


def next_case_key(conn: Connection) -> int:
    """Draw the key of one more case."""
    return int(run(conn, _NEXT_CASE, [])[0][0])


EVENTS, DOCUMENTS = table(Event), table(Document)
_CASE_NAMES = tuple(column.name for column in CASE_COLUMNS)
_TASK_NAMES = tuple(column.name for column in TASK_COLUMNS if column.name != "id")


def new_cases(rows: Sequence[CaseRow]) -> Insert:
    """Have new cases inserted, in one order for everybody: two intakes for one person wait in turn, not in a ring."""
    return Insert(CASES, _CASE_NAMES, sorted(rows, key=lambda row: (row.matter, row.id)))


def new_tasks(rows: Sequence[TaskRow]) -> Insert:
    """Have new tasks inserted; the database gives them their keys."""
    return Insert(TASKS, _TASK_NAMES, rows)


def changed_cases(rows: Iterable[CaseRow], forms: Container[int]) -> list[Update]:
    """Have changed cases written back; those whose keys are in `forms` with their forms."""
    return [Update(CASES, _CASE_PARTS.changed(row, CASE_FORM if row.id in forms else ()), [row]) for row in rows]


def changed_tasks(rows: Iterable[TaskRow]) -> list[Update]:
    """Have changed tasks written back."""
    return [Update(TASKS, _TASK_PARTS.changed(row), [row]) for row in rows]


class _Parts:
    """Which columns of a row are written: some always, groups of plain values only where they are not as read."""

    def __init__(self, names: Sequence[str], always: tuple[str, ...], *groups: tuple[str, ...]) -> None:
        """Look up once where in the row each group's values stand."""
        self._always = always
        self._groups = [(group, attrgetter(*group), itemgetter(*map(names.index, group))) for group in groups]

    def changed(self, row: CaseRow | TaskRow, also: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the names of what is to be written."""
        names, before = (*self._always, *also), row.as_read
        for group, now, then in self._groups:
            if before is None or now(row) != then(before):
                names += group
        return names


_CASE_PARTS = _Parts(_CASE_NAMES, CASE_ALWAYS, CASE_LIFE, CLOCK)
_TASK_PARTS = _Parts([column.name for column in TASK_COLUMNS], TASK_ALWAYS, TASK_CLOCK, TASK_WAY)


def derived_applications(derived: Mapping[int, tuple[str, str | None]]) -> Update:
    """Have the derived status and outcome of applications written."""
    rows = [{"id": key, "status": status, "outcome": outcome} for key, (status, outcome) in derived.items()]
    return Update(APPLICATIONS, ("status", "outcome"), rows, also="version = version + 1")


def added(into: Table, rows: Sequence[dict[str, Any]]) -> Insert:
    """Have rows added to a table: the first names the columns of all."""
    return Insert(into, tuple(rows[0]) if rows else (), rows)
