"""What the applicant's side needs (申请人侧): drafts at the window, wrong codes, ratings after a case has ended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from infra.tables import columns as c


class Draft(SQLModel, table=True):
    """An intake that is not finished (暂存): the officer's own, the body sealed, since it holds identity numbers."""

    __tablename__ = "drafts"
    __table_args__ = (Index("drafts_mine", "officer_id", "updated_at", "id"), Index("drafts_updated", "updated_at"))

    id: str = c.Field(primary_key=True)
    officer_id: int = c.big(foreign_key="officers.id")
    region: str = c.text("")
    title: str = c.text("")
    matters: list[str] = c.texts()
    sealed: bytes = c.blob(null=False)
    created_at: datetime = c.moment(null=False)
    updated_at: datetime = c.moment(null=False)
    version: int = 1


class CodeTries(SQLModel, table=True):
    """Wrong codes for an application's number (查询码试错), by the machine's clock; the right code forgets them."""

    __tablename__ = "code_tries"
    __table_args__ = (Index("code_tries_last", "last_at"),)

    application_no: str = c.Field(primary_key=True)
    wrong: int
    last_at: datetime = c.moment(null=False)
    locked_until: datetime | None = c.moment()


class Rating(SQLModel, table=True):
    """What the applicant thought of how a case was handled (好差评), GB/T 39046—2020 附录 A.8: 1 best, 5 worst.

    `event` is what was rated, each once; the days and moments are those of the follow-up of a bad rating, `history`
    what was said at each of its acts. Until when it is to be contacted is its limit's to say.
    """

    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint("case_id", "event"),
        Index("ratings_list", "region", "id"),
        Index("ratings_lead", "lead", "region", "id"),
        Index("ratings_state", "state", "id"),
        Index("ratings_rated", "rated_at"),
    )

    id: int | None = c.key()
    application_id: int = c.big(foreign_key="applications.id")
    case_id: int = c.big(foreign_key="cases.id")
    event: str = c.text()
    matter: str = c.text()
    lead: str = c.text()
    region: str = c.text()
    grade: int
    comment: str | None = c.text(None, null=True)
    state: str = c.text()
    rated_at: datetime = c.moment(null=False)
    contacted_at: datetime | None = c.moment()
    fix_due: date | None = None
    fixed_at: datetime | None = c.moment()
    called_back_at: datetime | None = c.moment()
    satisfied: bool | None = None
    closed_at: datetime | None = c.moment()
    reply: str | None = c.text(None, null=True)
    history: list[Any] = c.json()
    version: int = 1
