"""The record (过程记录): the one place that changes a status, and it writes the event in the same breath.

`record` takes one row or a set. Events are chained by hash per case; the chain's head stands on the case, whose lock
every writer holds. What a transaction did is written at its end in one statement (`Sheet.write`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from flows.access import Actor
from flows.lifecycle import OUTCOMES, derive, follow_case, follow_task, standing
from forms.vocabulary import CASE_OPEN, DocumentKind
from forms.workdays import Workdays
from infra.numbers import document_number
from infra.store import statement, work
from infra.store.issued import Offices
from infra.store.notices import NOTICES
from infra.store.rows import CaseRow, TaskRow
from infra.store.statement import Change, Insert

_OPEN = frozenset(status.value for status in CASE_OPEN)
GENESIS = b"\x00" * 32
DOCUMENT_VERSION = 1
"""The version of the documents' form (版本): what a document's content holds; it stands on every document."""
CHAINED = (
    "case_id",
    "seq",
    "actor_kind",
    "actor_id",
    "actor_name",
    "department",
    "act",
    "subject",
    "step",
    "before",
    "after",
    "detail",
    "terminal",
)


def canonical(value: Any) -> bytes:
    """Write data so that the same data always gives the same bytes: UTF-8 JSON, keys sorted, no blanks."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def digest(previous: bytes, event: Mapping[str, Any]) -> bytes:
    """Return the hash of an event: SHA-256 over the hash before it, its moment (UTC, microseconds) and its content."""
    at: datetime = event["at"]
    content = [f"{at.timestamp():.6f}", *(event[name] for name in CHAINED)]
    return hashlib.sha256(previous + canonical(content)).digest()


@dataclass(frozen=True, slots=True)
class Moved:
    """One act as it moved a case or a task, for the clocks."""

    case: CaseRow
    task: TaskRow | None
    act: str
    before: str
    after: str


@dataclass(slots=True)
class Sheet:
    """What one transaction will write (办理记录单); `families` and `tasks_of` are the rows in hand, by key.

    `changed` are the numbers of cases that acts of the transaction with a sheet of their own have changed, and whom
    something concerns that is no case's (`flows.telling.addressees`).
    """

    moved: list[Moved] = field(default_factory=list)
    families: dict[int, list[CaseRow]] = field(default_factory=dict)
    tasks_of: dict[int, list[TaskRow]] = field(default_factory=dict)

    filed: list[Insert] = field(default_factory=list)
    clocks: list[Change] = field(default_factory=list)
    new_cases: list[CaseRow] = field(default_factory=list)
    new_tasks: list[TaskRow] = field(default_factory=list)
    cases: dict[int, CaseRow] = field(default_factory=dict)
    with_form: set[int] = field(default_factory=set)
    tasks: dict[int, TaskRow] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    derived: dict[int, list[CaseRow]] = field(default_factory=dict)
    nudges: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def is_new(self, case: CaseRow) -> bool:
        """Whether a case is still to be inserted."""
        return any(case is new for new in self.new_cases)

    def touched(self) -> set[str]:
        """Return the numbers of the cases that what is on the sheet changes, and who else is to be told."""
        cases = {case.no for case in (*self.cases.values(), *self.new_cases)}
        return self.changed | cases | {task.case_no for task in (*self.tasks.values(), *self.new_tasks)}

    def write(self, conn: Connection, *, commit: bool = False) -> None:
        """Write everything, with `commit` for good; after it the sheet is empty again."""
        derived = {key: derive((c.status, c.outcome) for c in standing(cases)) for key, cases in self.derived.items()}
        statement.write(
            conn,
            [
                *self.filed,
                work.new_cases(self.new_cases),
                work.new_tasks(self.new_tasks),
                *self.clocks,
                *work.changed_cases(self.cases.values(), self.with_form),
                *work.changed_tasks(self.tasks.values()),
                work.added(work.EVENTS, self.events),
                work.added(work.DOCUMENTS, self.documents),
                work.added(NOTICES, self.notices),
                work.derived_applications(derived),
            ],
            commit=commit,
        )
        for case in self.cases.values():
            case.as_read = None  # should it change again, it is written whole
        for task in self.tasks.values():
            task.as_read = None
        for part in (
            self.filed,
            self.clocks,
            self.new_cases,
            self.new_tasks,
            self.cases,
            self.with_form,
            self.tasks,
            self.events,
            self.documents,
            self.notices,
            self.derived,
            self.moved,
        ):
            part.clear()


@dataclass(slots=True)
class Desk:
    """A desk (办理席位): a transaction, who sits at it, the time told to it, and from where.

    What was asked for once stays at hand: the working days by region, the offices, applicants' names by application.
    """

    conn: Connection
    actor: Actor
    now: datetime
    terminal: str = ""
    sheet: Sheet = field(default_factory=Sheet)
    workdays: dict[str, Workdays] = field(default_factory=dict)
    offices: Offices = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    projected: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)

    def touch(self, row: CaseRow | TaskRow) -> None:
        """Note that a row changed; new rows are inserted as they stand at the end."""
        if isinstance(row, CaseRow):
            if not self.sheet.is_new(row):
                if row.id not in self.sheet.cases:
                    row.version += 1
                self.sheet.cases[row.id] = row
        elif row.id is not None:
            if row.id not in self.sheet.tasks:
                row.version += 1
            self.sheet.tasks[row.id] = row


def record(
    desk: Desk,
    case: CaseRow,
    act: str,
    *,
    task: TaskRow | None = None,
    department: str | None = None,
    actor: Actor | None = None,
    **detail: Any,
) -> None:
    """Let `act` happen: the row has its new status and the event of it is in the record, or Conflict and nothing is.

    With `task` the act is on that task, else on the case. `detail` says why and what, as plain data without
    identity numbers; `actor` is given where the system acts on an officer's behalf.
    """
    if task is None:
        before, after = case.status, follow_case(case.status, act).value
        case.status = after
        _settle(desk, case)
    else:
        before, after = task.status, follow_task(task.status, act).value
        task.status = after
        desk.touch(task)
    who = actor or desk.actor
    desk.touch(case)
    desk.sheet.moved.append(Moved(case, task, act, before, after))
    case.chain_seq += 1
    event = {
        "case_id": case.id,
        "seq": case.chain_seq,
        "at": desk.now,
        "actor_kind": who.kind,
        "actor_id": who.id,
        "actor_name": who.name,
        "department": department or (task.department if task is not None else None),
        "act": act,
        "subject": task.no if task is not None else case.no,
        "step": task.step if task is not None else None,
        "before": before,
        "after": after,
        "detail": {key: value for key, value in detail.items() if value is not None}
        | ({"stands_for": who.absent_name} if who.absent_name else {}),
        "terminal": desk.terminal,
    }
    event["hash"] = case.chain_hash = digest(case.chain_hash or GENESIS, event)
    desk.sheet.events.append(event)


def record_set(desk: Desk, case: CaseRow, act: str, tasks: Iterable[TaskRow], **detail: Any) -> None:
    """Let `act` happen to a set of a case's tasks, one event each, all written together."""
    for task in tasks:
        record(desk, case, act, task=task, **detail)


def _settle(desk: Desk, case: CaseRow) -> None:
    """Stamp what hangs on a status: the outcome and the end of a case."""
    outcome = OUTCOMES.get(case.status)  # type: ignore[call-overload]
    if outcome is not None:
        case.outcome = outcome.value
    if case.status not in _OPEN and case.closed_at is None:
        case.closed_at = desk.now
    if case.status == "delivered" and case.delivered_at is None:
        case.delivered_at = desk.now


def issue(desk: Desk, case: CaseRow, kind: DocumentKind, /, **content: Any) -> str:
    """Issue a document on a case and return its number: the case's number and the place of its act in the record."""
    no = document_number(kind, case.no, case.chain_seq)
    content = {key: value for key, value in content.items() if value is not None}
    content |= {"case": case.no, "matter": case.matter, "title": case.title}
    desk.sheet.documents.append(_document(no, kind, case.application_id, case.id, desk.now, content))
    return no


def issue_receipt(desk: Desk, application_id: int, application_no: str, /, **content: Any) -> str:
    """Issue the receipt of an application (收件凭证) and return its number."""
    return _of_application(desk, DocumentKind.RECEIPT, application_id, application_no, content)


def issue_commitment(desk: Desk, application_id: int, application_no: str, /, **content: Any) -> str:
    """Issue what an applicant was told and promised at intake (告知承诺书) and return its number."""
    return _of_application(desk, DocumentKind.COMMITMENT, application_id, application_no, content)


def _of_application(
    desk: Desk, kind: DocumentKind, application_id: int, application_no: str, content: dict[str, Any]
) -> str:
    no = document_number(kind, application_no)
    content = {**content, "application": application_no}
    desk.sheet.documents.append(_document(no, kind, application_id, None, desk.now, content))
    return no


def _document(
    no: str, kind: DocumentKind, application_id: int, case_id: int | None, at: datetime, content: dict[str, Any]
) -> dict[str, Any]:
    row = {"no": no, "kind": kind.value, "application_id": application_id, "case_id": case_id, "at": at}
    seal(row, {**content, "version": DOCUMENT_VERSION})
    return row


def seal(document: dict[str, Any], content: Mapping[str, Any]) -> None:
    """Give a document its final content and the hash over it; nothing empty stands in it."""
    document["content"] = {key: value for key, value in content.items() if value is not None}
    document["hash"] = document_hash(document["no"], document["kind"], document["at"], document["content"])


def document_hash(no: str, kind: str, at: datetime, content: Mapping[str, Any]) -> bytes:
    """Return the hash that goes with a document: over number, kind, moment and content."""
    return hashlib.sha256(canonical([no, kind, f"{at.timestamp():.6f}", content])).digest()
