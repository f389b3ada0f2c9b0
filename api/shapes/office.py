"""The board, progress, people, offices and operations (看板、进度、人员、机构、运维)."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from forms.vocabulary import CaseStatus, Department, Outcome, TaskStatus


class CaseCount(BaseModel):
    """Cases of a matter in a status."""

    matter: str
    title: str
    status: CaseStatus
    status_label: str
    count: int


class TaskCount(BaseModel):
    """Tasks of a department in a status."""

    department: Department
    department_label: str
    status: TaskStatus
    status_label: str
    count: int


class ApplicationCount(BaseModel):
    """Applications in a status."""

    status: CaseStatus
    status_label: str
    outcome: Outcome | None
    outcome_label: str | None
    count: int


class BoardOut(BaseModel):
    """The board (看板)."""

    cases: list[CaseCount]
    tasks: list[TaskCount]
    applications: list[ApplicationCount]
    totals: dict[str, int]
    at: AwareDatetime


class ProgressOut(BaseModel):
    """Progress for the applicant (办理进度); no officer is named."""

    no: str
    status: CaseStatus
    status_label: str
    outcome: Outcome | None
    outcome_label: str | None
    received_at: AwareDatetime
    documents: list[dict[str, Any]]
    cases: list[dict[str, Any]]


class MemberOut(BaseModel):
    """A role at a seat (角色)."""

    role: str
    department: str
    region: str
    office: str | None
    stands_for: str | None = None


class OfficerOut(BaseModel):
    """An officer (人员)."""

    username: str
    name: str
    active: bool
    members: list[MemberOut]


class MeOut(BaseModel):
    """Who the token belongs to."""

    username: str
    name: str
    members: list[MemberOut]


class PersonOut(BaseModel):
    """Somebody by account and name."""

    username: str
    name: str


class StandInOut(BaseModel):
    """Who stands in for whom, from when until when (代理)."""

    model_config = ConfigDict(serialize_by_alias=True)

    id: int
    absent: PersonOut
    officer: PersonOut
    department: Department
    department_label: str
    since: str = Field(alias="from")
    until: str
    reason: str
    state: str
    state_label: str
    named_by: str
    named_at: AwareDatetime
    revoked_by: str | None
    revoked_at: AwareDatetime | None


class OfficeOut(BaseModel):
    """Who stands for a department in a region (机构)."""

    department: Department
    region: str
    code: str
    name: str
    phone: str
    active: bool


class RegionOut(BaseModel):
    """A district (区划)."""

    code: str
    name: str
    active: bool


class ChangeOut(BaseModel):
    """What an administrator changed (变更记录)."""

    subject: str
    version: int
    value: dict[str, Any]
    by: str
    at: AwareDatetime
    reason: str
    basis: str


class TraceOut(BaseModel):
    """Who read or revealed what (查阅留痕)."""

    at: AwareDatetime
    officer: str
    act: str
    application: str
    subject: str
    reason: str
    terminal: str


class ClockOut(BaseModel):
    """The time of the business."""

    now: AwareDatetime
    movable: bool


class LiveOut(BaseModel):
    """The process answers."""

    status: str


class ReadyOut(BaseModel):
    """Database, worker and engine as they are found."""

    status: str
    database: str
    engine: dict[str, Any]
    worker: dict[str, Any]
