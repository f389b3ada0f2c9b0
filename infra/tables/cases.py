"""Applications, cases, tasks and what hangs on them (申请、办件、部门任务)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import SQLModel

from infra.tables import columns as c

SHOWN_TAIL = "\"right\"(head ->> 'id_number', 4)"
"""The last four of the applicant's number, which its mask shows: what people remember of a number."""
AT_THE_COUNTER = (
    "status IN ('submitted', 'supplement', 'closed_ok', 'closed_refused', 'closed_no_supplement', 'closed_forwarded')"
)
"""What waits for the window: to be checked, to be supplemented, to be handed over."""
TO_DELIVER = (
    "status IN ('closed_ok', 'closed_refused', 'closed_no_supplement', 'closed_forwarded') AND delivered_at IS NULL"
)
OPEN_CASE = "status IN ('submitted', 'supplement', 'in_progress')"
INVOLVED = "status <> 'not_applicable'"
IN_HAND = "status IN ('pending', 'returned', 'received', 'reviewing')"
NOT_IN_HAND = "status NOT IN ('pending', 'returned', 'received', 'reviewing')"
PAUSED = f"paused AND {IN_HAND}"

_LIT = ("red_on", "yellow_on", "amber_on", "due_on", "stopped")
_INBOX = (
    "department", "region", "due_on", "id", "office", "matter", "step", "status", "officer_id", "red_on", "yellow_on",
    "amber_on", "stopped",
)  # fmt: skip


class Application(SQLModel, table=True):
    """One intake of one applicant for several matters (申请、总件); status and outcome are derived from its cases."""

    __tablename__ = "applications"
    __table_args__ = (
        Index("applications_person", "person_key"),
        Index("applications_region", "region", "id"),
        Index("applications_name", "name"),
        Index("applications_tail", text(SHOWN_TAIL)),
        Index("applications_filed_by", "created_by", "id"),
    )

    id: int | None = c.key()
    no: str = c.Field(unique=True)
    region: str = c.text()
    channel: str = c.text()
    kind: str = c.text()
    name: str = c.text()
    status: str = c.text()
    outcome: str | None = c.text(None, null=True)
    head: dict[str, Any] = c.json()
    mandate: dict[str, Any] | None = c.json(null=True)
    overrides: list[Any] = c.json()
    person_key: bytes = c.blob(null=False)
    code_hash: bytes = c.blob(null=False)
    received_at: datetime = c.moment(null=False)
    created_by: int | None = c.big(null=True, foreign_key="officers.id")
    rating: int | None = None
    archived_on: date | None = None
    version: int = 1


class Secret(SQLModel, table=True):
    """A sensitive value of an application, encrypted (身份证号、银行账号); the JSON beside holds only its mask."""

    __tablename__ = "secrets"
    __table_args__ = (Index("secrets_blind", "blind"),)

    application_id: int = c.Field(primary_key=True, sa_type=c.BigInteger, foreign_key="applications.id")
    case_position: int = c.Field(primary_key=True)
    pointer: str = c.Field(primary_key=True)
    kind: str = c.text()
    mask: str = c.text()
    sealed: bytes = c.blob(null=False)
    blind: bytes = c.blob(null=False)


class Consent(SQLModel, table=True):
    """What the applicant agreed to, with the text shown (同意书), 个人信息保护法 第14条、第29条、第31条."""

    __tablename__ = "consents"
    __table_args__ = (Index("consents_application", "application_id"),)

    id: int | None = c.key()
    application_id: int = c.big(foreign_key="applications.id")
    code: str = c.text()
    version: str = c.text("")
    content: str = c.text()
    at: datetime = c.moment(null=False)


class Case(SQLModel, table=True):
    """One matter of an application (办件): its lifecycle, its pinned plan, the head of its chain of events."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("application_id", "position"),
        Index("cases_subject", "matter", "subject_key", unique=True, postgresql_where=text(OPEN_CASE)),
        Index("cases_list", "region", "id"),
        Index("cases_open", "matter", "id", postgresql_where=text(OPEN_CASE)),
        Index("cases_lead", "lead", "region", "id"),
        Index("cases_status", "status", "region", "matter"),
        Index("cases_counter", "region", "status", "due_on", "id", postgresql_where=text(AT_THE_COUNTER)),
        # what a manager lists: open cases by due day, closed and received ones by moment
        Index("cases_due", "due_on", "id", postgresql_where=text(OPEN_CASE)),
        Index("cases_closed", "closed_at", "id", postgresql_where=text("closed_at IS NOT NULL")),
        Index("cases_received", "received_at", "id"),
        # a number is looked for by how it begins, whatever the database's collation
        Index("cases_beginnings", "no", "id", "application_id", "region", postgresql_ops={"no": "text_pattern_ops"}),
        # what still shows a light, and the few that stand still: who finds nothing must not have looked at everything
        Index("cases_undelivered", "id", postgresql_where=text("delivered_at IS NULL")),
        Index("cases_stopped", "id", postgresql_where=text("stopped AND delivered_at IS NULL")),
        Index("cases_of_lead", "lead", "matter", "id"),
        # what lights are counted from, without a look at the rows
        Index("cases_lights", "region", "lead", "matter", *_LIT, postgresql_where=text(OPEN_CASE)),
        Index("cases_waiting", "due_on", "id", "region", "lead", "matter", postgresql_where=text(TO_DELIVER)),
    )

    id: int | None = c.key()
    no: str = c.Field(unique=True)
    application_id: int = c.big(foreign_key="applications.id")
    position: int
    matter: str = c.text()
    title: str = c.text()
    region: str = c.text()
    lead: str = c.text()
    kind: str = c.text()
    status: str = c.text()
    outcome: str | None = c.text(None, null=True)
    reason_code: str | None = c.text(None, null=True)
    paused: bool = False
    form: dict[str, Any] = c.json()
    computed: dict[str, Any] = c.json()
    plan: dict[str, Any] = c.json()
    fate: str = c.text()
    edges: list[Any] = c.json()
    routes: dict[str, Any] = c.json()
    gap: dict[str, Any] | None = c.json(null=True)
    subject_key: bytes | None = c.blob()
    received_at: datetime = c.moment(null=False)
    accepted_at: datetime | None = c.moment()
    closed_at: datetime | None = c.moment()
    delivered_at: datetime | None = c.moment()
    reopens: int | None = c.big(null=True, foreign_key="cases.id")
    due_on: date | None = None
    amber_on: date | None = None
    yellow_on: date | None = None
    red_on: date | None = None
    stopped: bool = False
    chain_seq: int = 0
    chain_hash: bytes = c.blob(null=False)
    version: int = 1


class Task(SQLModel, table=True):
    """One step of a case in one department (部门任务); all of them exist from acceptance on."""

    __tablename__ = "tasks"
    __table_args__ = (
        # a task's number begins with its case's and tells its position: unique within the case, it is unique
        UniqueConstraint("case_id", "no"),
        # the inbox in its order, and all that it is filtered by and lights are counted from, without a look at the rows
        Index("tasks_in_hand", *_INBOX, postgresql_where=text(IN_HAND)),
        Index("tasks_past", "department", "region", "id", "matter", postgresql_where=text(NOT_IN_HAND)),
        # the cases a department has to do with, matter by matter, in the order of the lists
        Index("tasks_involved", "department", "matter", "case_id", "region", "office", postgresql_where=text(INVOLVED)),
        Index("tasks_officer", "officer_id", "id", postgresql_where=text("officer_id IS NOT NULL")),
        Index("tasks_returned", "due_on", "id", postgresql_where=text("status = 'returned'")),
        Index("tasks_paused", "due_on", "id", postgresql_where=text(PAUSED)),
        Index("tasks_decided", "decided_at", "id", postgresql_where=text("decided_at IS NOT NULL")),
        Index("tasks_machine", "matter", "department", "check_next_at", postgresql_where=text("check_state = 'due'")),
    )

    id: int | None = c.key()
    no: str
    case_id: int = c.big(foreign_key="cases.id")
    position: int
    matter: str = c.text()
    step: str = c.text()
    title: str = c.text()
    department: str = c.text()
    region: str = c.text()
    office: str | None = c.text(None, null=True)
    status: str = c.text()
    outcome: str | None = c.text(None, null=True)
    paused: bool = False
    level: int = 1
    levels: int = 1
    single_basis: str | None = c.text(None, null=True)
    officer_id: int | None = c.big(null=True, foreign_key="officers.id")
    officer_name: str | None = c.text(None, null=True)
    signers: list[int] = c.integers()
    after: list[str] = c.texts()
    join_policy: dict[str, Any] = c.json()
    route: str | None = c.text(None, null=True)
    mandatory: bool = True
    blocking: bool = True
    decides: bool = False
    ad_hoc: bool = False
    days: int | None = None
    sees: list[str] | None = c.json(null=True)
    wants: dict[str, Any] = c.json()
    verdict: dict[str, Any] | None = c.json(null=True)
    check_code: str | None = c.text(None, null=True)
    check_auto: bool = False
    check_state: str | None = c.text(None, null=True)
    check_tries: int = 0
    check_next_at: datetime | None = c.moment()
    opened_at: datetime | None = c.moment()
    claimed_at: datetime | None = c.moment()
    decided_at: datetime | None = c.moment()
    due_on: date | None = None
    amber_on: date | None = None
    yellow_on: date | None = None
    red_on: date | None = None
    stopped: bool = False
    version: int = 1


class Material(SQLModel, table=True):
    """One paper of an application, taken once for all its matters (材料)."""

    __tablename__ = "materials"
    __table_args__ = (UniqueConstraint("application_id", "code"),)

    id: int | None = c.key()
    application_id: int = c.big(foreign_key="applications.id")
    code: str = c.text()
    title: str = c.text()
    state: str = c.text()
    matters: list[str] = c.texts()
    required_by: list[str] = c.texts()
    file_id: str | None = c.text(None, null=True)
    deadline: date | None = None
    grade: str | None = c.text(None, null=True)
    updated_at: datetime = c.moment(null=False)


class Supplement(SQLModel, table=True):
    """A one-time list of what is missing (一次性告知补正); at most one open per case, 行政许可法 第32条."""

    __tablename__ = "supplements"
    __table_args__ = (
        Index("supplements_one_open", "case_id", unique=True, postgresql_where=text("status = 'open'")),
        Index("supplements_case", "case_id"),
    )

    id: int | None = c.key()
    case_id: int = c.big(foreign_key="cases.id")
    task_ids: list[int] = c.integers()
    after_acceptance: bool = False
    items: list[Any] = c.json()
    deadline: date
    status: str = c.text()
    opened_at: datetime = c.moment(null=False)
    opened_by: int | None = c.big(null=True)
    closed_at: datetime | None = c.moment()


class Pause(SQLModel, table=True):
    """A stop of a case or of one task (暂停), with its kind and its ground; the clocks read this ledger."""

    __tablename__ = "pauses"
    __table_args__ = (
        # nulls are distinct before PostgreSQL 15, so that pauses of a case and of a task have an index each
        Index(
            "pauses_one_open",
            "case_id",
            "kind",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND task_id IS NULL"),
        ),
        Index(
            "pauses_one_open_task",
            "task_id",
            "kind",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND task_id IS NOT NULL"),
        ),
        Index("pauses_case", "case_id"),
    )

    id: int | None = c.key()
    case_id: int = c.big(foreign_key="cases.id")
    task_id: int | None = c.big(null=True, foreign_key="tasks.id")
    kind: str = c.text()
    ground: str = c.text()
    reason: str = c.text("")
    begun_at: datetime = c.moment(null=False)
    planned_end: date | None = None
    ended_at: datetime | None = c.moment()
    begun_by: int | None = c.big(null=True)
    ended_by: int | None = c.big(null=True)


class Evidence(SQLModel, table=True):
    """What a registry answered for a task (共享数据核验结果)."""

    __tablename__ = "evidence"
    __table_args__ = (Index("evidence_task", "task_id"),)

    id: int | None = c.key()
    task_id: int = c.big(foreign_key="tasks.id")
    code: str = c.text()
    result: str = c.text()
    source: str = c.text()
    facts: dict[str, Any] = c.json()
    asked_at: datetime = c.moment(null=False)
    ms: int = 0
