"""Cases and tasks as casework holds them in hand (在办行): plain objects, read under a lock, written back in one go.

What changes together is written together: always what nearly every act changes and what is no plain value, the rest
only where it differs from `as_read`, the row as it was read, in the order of the fields.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

CLOCK = ("due_on", "amber_on", "yellow_on", "red_on", "stopped")
CASE_ALWAYS = ("edges", "routes", "gap", "chain_seq", "chain_hash", "version")
CASE_LIFE = ("status", "outcome", "reason_code", "paused", "accepted_at", "closed_at", "delivered_at")
CASE_FORM = ("form", "computed", "subject_key", "plan")
TASK_ALWAYS = (
    "status",
    "outcome",
    "level",
    "officer_id",
    "officer_name",
    "signers",
    "after",
    "join_policy",
    "verdict",
    "decided_at",
    "version",
)
TASK_CLOCK = (*CLOCK, "paused")
TASK_WAY = ("department", "office", "check_state", "check_tries", "check_next_at", "opened_at", "claimed_at")


@dataclass(slots=True)
class CaseRow:
    """A case in hand (办件); `id` is given before it is inserted, so that everything refers to it at once."""

    id: int
    no: str
    application_id: int
    position: int
    matter: str
    title: str
    region: str
    lead: str
    kind: str
    status: str
    received_at: datetime
    fate: str = "cancel"
    outcome: str | None = None
    reason_code: str | None = None
    paused: bool = False
    edges: list[Any] = field(default_factory=list)
    routes: dict[str, Any] = field(default_factory=dict)
    gap: dict[str, Any] | None = None
    form: dict[str, Any] = field(default_factory=dict)
    computed: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    subject_key: bytes | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    delivered_at: datetime | None = None
    reopens: int | None = None
    due_on: date | None = None
    amber_on: date | None = None
    yellow_on: date | None = None
    red_on: date | None = None
    stopped: bool = False
    chain_seq: int = 0
    chain_hash: bytes = b""
    version: int = 1
    as_read: tuple[Any, ...] | None = field(default=None, repr=False, compare=False)

    @property
    def application_no(self) -> str:
        """Return the number of the application, which the case's number contains."""
        return self.no.rpartition("-")[0]


@dataclass(slots=True)
class TaskRow:
    """A task in hand (部门任务); `id` is None until the database gave it one."""

    id: int | None
    no: str
    case_id: int
    position: int
    matter: str
    step: str
    title: str
    department: str
    region: str
    status: str
    office: str | None = None
    outcome: str | None = None
    paused: bool = False
    level: int = 1
    levels: int = 1
    single_basis: str | None = None
    officer_id: int | None = None
    officer_name: str | None = None
    signers: list[int] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    join_policy: dict[str, Any] = field(default_factory=dict)
    route: str | None = None
    mandatory: bool = True
    blocking: bool = True
    decides: bool = False
    ad_hoc: bool = False
    days: int | None = None
    sees: list[str] | None = None
    wants: dict[str, Any] = field(default_factory=dict)
    verdict: dict[str, Any] | None = None
    check_code: str | None = None
    check_auto: bool = False
    check_state: str | None = None
    check_tries: int = 0
    check_next_at: datetime | None = None
    opened_at: datetime | None = None
    claimed_at: datetime | None = None
    decided_at: datetime | None = None
    due_on: date | None = None
    amber_on: date | None = None
    yellow_on: date | None = None
    red_on: date | None = None
    stopped: bool = False
    version: int = 1
    as_read: tuple[Any, ...] | None = field(default=None, repr=False, compare=False)

    @property
    def case_no(self) -> str:
        """Return the number of the case, which the task's number contains."""
        return self.no.rpartition("-")[0]
