"""What is only ever added (记录): events, documents, traces; and the small tables of the engine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from infra.tables import columns as c


class Event(SQLModel, table=True):
    """One act on a case (过程): who, when, from where, before and after, why; chained by hash within the case."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("case_id", "seq"), Index("events_at", "at"))

    id: int | None = c.key()
    case_id: int = c.big(foreign_key="cases.id")
    seq: int
    at: datetime = c.moment(null=False)
    actor_kind: str = c.text()
    actor_id: int | None = c.big(null=True)
    actor_name: str = c.text()
    department: str | None = c.text(None, null=True)
    act: str = c.text()
    subject: str = c.text()
    step: str | None = c.text(None, null=True)
    before: str | None = c.text(None, null=True)
    after: str | None = c.text(None, null=True)
    detail: dict[str, Any] = c.json()
    terminal: str = c.text("")
    hash: bytes = c.blob(null=False)


class Document(SQLModel, table=True):
    """A document (文书) as data: kind, number, date, content, hash. Printing reads this row."""

    __tablename__ = "documents"
    __table_args__ = (Index("documents_case", "case_id"), Index("documents_application", "application_id"))

    id: int | None = c.key()
    no: str = c.Field(unique=True)
    kind: str = c.text()
    application_id: int = c.big(foreign_key="applications.id")
    case_id: int | None = c.big(null=True, foreign_key="cases.id")
    at: datetime = c.moment(null=False)
    content: dict[str, Any] = c.json()
    hash: bytes = c.blob(null=False)


class Trace(SQLModel, table=True):
    """Who read or revealed what (查阅留痕), 个人信息保护法 第51条; added, never changed."""

    __tablename__ = "traces"
    __table_args__ = (Index("traces_application", "application_id"), Index("traces_at", "at"))

    id: int | None = c.key()
    at: datetime = c.moment(null=False)
    officer_id: int | None = c.big(null=True)
    officer_name: str = c.text("")
    application_id: int = c.big(foreign_key="applications.id")
    act: str = c.text()
    subject: str = c.text()
    reason: str = c.text("")
    terminal: str = c.text("")


class StoredFile(SQLModel, table=True):
    """An uploaded paper (附件): the bytes lie in the file store under their SHA-256."""

    __tablename__ = "files"
    __table_args__ = (Index("files_application", "application_id"), Index("files_sha256", "sha256"))

    id: str = c.Field(primary_key=True)
    name: str = c.text()
    sha256: str = c.text()
    size: int = c.big()
    content_type: str = c.text()
    region: str = c.text("")
    uploaded_by: int | None = c.big(null=True)
    uploaded_at: datetime = c.moment(null=False)
    application_id: int | None = c.big(null=True, foreign_key="applications.id")


class Nudge(SQLModel, table=True):
    """At most one waiting run of a matter's flow (催动)."""

    __tablename__ = "nudges"

    matter: str = c.Field(primary_key=True)
    wanted_at: datetime | None = c.moment()
    run_id: str | None = c.text(None, null=True)
    run_created_at: datetime | None = c.moment()


class Idempotency(SQLModel, table=True):
    """The first answer to an Idempotency-Key; the same key with another body is a conflict."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("idempotency_at", "at"),)

    officer_id: int = c.Field(primary_key=True, sa_type=c.BigInteger)
    key: str = c.Field(primary_key=True)
    body_hash: bytes = c.blob(null=False)
    at: datetime = c.moment(null=False)
    status: int = 0
    answer: dict[str, Any] | None = c.json(null=True)


class Override(SQLModel, table=True):
    """What an office changed at run time (调整): versioned, with who, since when, why and by which document."""

    __tablename__ = "overrides"
    __table_args__ = (UniqueConstraint("subject", "version"),)

    id: int | None = c.key()
    subject: str = c.text()
    version: int
    value: dict[str, Any] = c.json()
    by: int = c.big(foreign_key="officers.id")
    at: datetime = c.moment(null=False)
    reason: str = c.text()
    basis: str = c.text("")


class Clock(SQLModel, table=True):
    """How far the business clock stands from the machine's (演示时钟), in seconds; one row, demo and test mode only."""

    __tablename__ = "clock"

    id: int = c.Field(primary_key=True)
    offset_seconds: float = 0.0
