"""Applications, cases, tasks and what hangs on them (申请、办件、部门任务)."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel

from api.shapes.guide import FieldProblem
from forms.vocabulary import CaseStatus, Department, Outcome, TaskStatus


class ReceivedCase(BaseModel):
    """A case of an application just received; `missing` are the papers that hold it back."""

    no: str
    matter: str
    title: str
    status: CaseStatus
    missing: list[str]


class ReceivedOut(BaseModel):
    """What the applicant takes home (收件凭证): the code for progress is given this once."""

    no: str
    code: str
    status: CaseStatus
    cases: list[ReceivedCase]
    warnings: list[FieldProblem]


class CaseOut(BaseModel):
    """A case as a row (办件)."""

    no: str
    case: str
    application: str
    matter: str
    title: str
    region: str
    step: None = None
    department: Department
    department_label: str
    office: str | None
    status: CaseStatus
    status_label: str
    outcome: Outcome | None
    outcome_label: str | None
    reason_code: str | None
    level: int | None
    levels: int | None
    paused: bool
    gap: dict[str, Any] | None
    light: str | None
    due: str | None
    received_at: AwareDatetime
    accepted_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    version: int
    officer: str | None


class TaskOut(BaseModel):
    """A task as a row (部门任务)."""

    no: str
    case: str
    application: str
    matter: str
    title: str
    region: str
    step: str
    department: Department
    department_label: str
    office: str | None
    status: TaskStatus
    status_label: str
    outcome: str | None
    level: int
    levels: int
    paused: bool
    light: str | None
    due: str | None
    opened_at: AwareDatetime | None
    claimed_at: AwareDatetime | None
    decided_at: AwareDatetime | None
    mandatory: bool
    blocking: bool
    decides: bool
    ad_hoc: bool
    after: list[str]
    days: int | None
    results: dict[str, str]
    verdict: dict[str, Any] | None
    check: str | None
    checking: bool
    version: int
    officer: str | None


class EvidenceOut(BaseModel):
    """What a registry answered (核验结果)."""

    check: str
    result: str
    result_label: str
    source: str
    facts: dict[str, Any]
    asked_at: AwareDatetime
    ms: int


class TaskDossier(TaskOut):
    """A task with its evidence and its case's row."""

    evidence: list[EvidenceOut]
    case_row: CaseOut


class TaskDone(TaskOut):
    """A task after an act, with its case's row."""

    case_row: CaseOut


class InboxItem(TaskOut):
    """A task in the inbox (收件箱)."""

    applicant: str
    matter_title: str
    case_paused: bool


class CaseItem(CaseOut):
    """A case in a list."""

    applicant: str


class CaseDone(CaseOut):
    """A case after an act; with add-task the new task, with reopen the new case."""

    task: TaskOut | None = None
    new_case: CaseOut | None = None


class ResultOut(BaseModel):
    """How one of several acts went (逐项结果): a status as for a request of its own, and the row as it is now.

    `title` is the task's, or the case's where the act is on the case; with `applicant`, `matter` and `matter_title` it
    is null where the officer may not see what the number names.
    """

    no: str
    act: str
    status: int
    code: str | None
    detail: str | None
    applicant: str | None
    matter: str | None
    matter_title: str | None
    title: str | None
    row: TaskDone | CaseOut | None = None
    errors: list[FieldProblem] | None = None
    meanwhile: dict[str, Any] | None = None
    by: str | None = None


class ResultsOut(BaseModel):
    """How several acts went, in the order they were asked for."""

    items: list[ResultOut]
    next: None = None


class PaperOut(BaseModel):
    """A paper of an application (材料)."""

    code: str
    title: str
    state: str
    state_label: str
    matters: list[str]
    required_by: list[str]
    file: str | None
    deadline: str | None
    grade: str | None


class TaskOfCase(TaskOut):
    """A task in its case's dossier."""

    evidence: list[EvidenceOut]


class CaseDossier(CaseOut):
    """The dossier of a case (卷宗), sensitive values masked."""

    applicant: dict[str, Any]
    mandate: dict[str, Any] | None
    channel: str | None
    form: dict[str, Any]
    computed: dict[str, Any]
    plan: dict[str, Any]
    routes: dict[str, Any]
    tasks: list[TaskOfCase]
    materials: list[PaperOut]
    supplements: list[dict[str, Any]]
    pauses: list[dict[str, Any]]
    siblings: list[dict[str, Any]]


class ApplicationOut(BaseModel):
    """An application as a row (申请)."""

    no: str
    region: str
    channel: str
    kind: str
    name: str
    status: CaseStatus
    status_label: str
    outcome: Outcome | None
    outcome_label: str | None
    received_at: AwareDatetime
    version: int


class ApplicationDossier(ApplicationOut):
    """An application with those of its cases that the reader may see."""

    applicant: dict[str, Any]
    mandate: dict[str, Any] | None
    cases: list[CaseOut]
    materials: list[PaperOut]


class EventOut(BaseModel):
    """One act on the record (过程)."""

    seq: int
    at: AwareDatetime
    actor: str
    actor_kind: str
    department: str | None
    act: str
    subject: str
    step: str | None
    before: str | None
    after: str | None
    detail: dict[str, Any]
    terminal: str
    hash: str


class DocumentOut(BaseModel):
    """A document as data (文书)."""

    no: str
    kind: str
    title: str
    at: AwareDatetime
    content: dict[str, Any]
    hash: str


class RevealedOut(BaseModel):
    """Plain values by JSON Pointer (明文)."""

    no: str
    values: dict[str, str]


class FileOut(BaseModel):
    """An uploaded file (附件)."""

    id: str
    name: str
    size: int
    content_type: str
    sha256: str
