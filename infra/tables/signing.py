"""Who is signed in (登录会话) and who tried in vain (登录失败)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from infra.tables import columns as c


class Session(SQLModel, table=True):
    """A browser that is signed in (会话): an officer's, or an applicant's who typed the code on the receipt.

    Only the hash of the cookie is stored; it ends by the machine's clock, when it idles, or when somebody ends it.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index("sessions_officer", "officer_id"), Index("sessions_seen", "seen_at"))

    hash: bytes = c.Field(primary_key=True)
    officer_id: int | None = c.big(null=True, foreign_key="officers.id")
    application_id: int | None = c.big(null=True, foreign_key="applications.id")
    terminal: str = c.text()
    created_at: datetime = c.moment(null=False)
    seen_at: datetime = c.moment(null=False)
    expires_at: datetime = c.moment(null=False)
    ended_at: datetime | None = c.moment()


class SignInFailure(SQLModel, table=True):
    """One attempt to sign in that failed (登录失败); pruned after a day."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (
        Index("sign_in_failures_username", "username", "at"),
        Index("sign_in_failures_host", "host", "at"),
        Index("sign_in_failures_at", "at"),
    )

    id: int | None = c.key()
    username: str = c.text()
    host: str = c.text()
    at: datetime = c.moment(null=False)
