"""Cards, orders, notices and measures (督办、通知、指标)."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from flows.sla import Clock, Light
from forms.supervision import CardState, OrderState
from forms.vocabulary import Department


class _About(BaseModel):
    case: str
    application: str
    matter: str
    title: str
    step: str | None
    region: str
    department: Department
    department_label: str


class CardOut(_About):
    """A warning or a card (预警、黄牌、红牌): `no` is the case or task it is about."""

    id: int
    no: str
    rung: Light
    rung_label: str
    card: bool
    applicants: bool
    clock: Clock
    clock_label: str
    what: str
    days: int
    span: str | None
    basis: str | None
    due: date | None
    due_at: AwareDatetime | None
    reached_on: date
    fired_at: AwareDatetime
    state: CardState
    state_label: str
    appeal_until: date | None
    appeal: dict[str, Any] | None
    order: str | None


class OrderOut(_About):
    """An order of supervision (督办单): `subject` is the case or task it is about."""

    no: str
    subject: str
    content: str
    rule: str
    state: OrderState
    state_label: str
    sent_at: AwareDatetime
    reply_due: date
    overdue: bool
    reply: str | None
    replied_by: str | None
    replied_at: AwareDatetime | None
    result: str | None
    closed_by: str | None
    closed_at: AwareDatetime | None


class MeasuresOut(BaseModel):
    """Rates of a period for each value of a cut (效能指标); a rate of nothing is null."""

    model_config = ConfigDict(populate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    by: str | None
    at: AwareDatetime
    items: list[dict[str, Any]]
    steps: list[dict[str, Any]]


class NoticeOut(BaseModel):
    """Something told to a seat or to an officer (通知)."""

    id: int
    title: str
    text: str
    content: dict[str, Any]
    case: str | None
    addressee: str
    created_at: AwareDatetime
    read_at: AwareDatetime | None
