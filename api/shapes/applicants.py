"""Drafts, ratings, the applicant's own acts (暂存、评价、申请人办理)."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel

from forms.vocabulary import CaseStatus, Department, RatingState


class DraftOut(BaseModel):
    """A draft as a row (暂存)."""

    id: str
    title: str
    region: str
    matters: list[str]
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    kept_until: AwareDatetime


class DraftWhole(DraftOut):
    """A draft with everything that was filled in."""

    body: dict[str, Any]


class ApplicantDone(BaseModel):
    """One of the applicant's own cases after an act."""

    application: str
    case: str
    status: CaseStatus
    status_label: str


class RatingOut(BaseModel):
    """A rating (好差评); `case`, `application` and `history` only for who follows it up, `may` are the next acts."""

    id: int
    event: str
    grade: int
    grade_label: str
    bad: bool
    comment: str | None
    state: RatingState
    state_label: str
    matter: str
    title: str
    region: str
    department: Department
    department_label: str
    case: str | None
    application: str | None
    rated_at: AwareDatetime
    contact_due: AwareDatetime | None
    contacted_at: AwareDatetime | None
    fix_due: date | None
    fixed_at: AwareDatetime | None
    called_back_at: AwareDatetime | None
    satisfied: bool | None
    closed_at: AwareDatetime | None
    reply: str | None
    overdue: bool
    history: list[dict[str, Any]]
    may: list[str]


class PublishedRating(BaseModel):
    """What a bad rating was replied (评价回复公示)."""

    matter: str
    title: str
    region: str
    grade: int
    grade_label: str
    reply: str
    closed_on: date
