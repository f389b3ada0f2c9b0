"""Regions, offices, officers and what each officer may be (区划、机构、人员、角色)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import SQLModel

from infra.tables import columns as c


class Region(SQLModel, table=True):
    """A district (行政区划) by its six-digit code."""

    __tablename__ = "regions"

    code: str = c.Field(primary_key=True)
    name: str = c.text()
    active: bool = True


class Office(SQLModel, table=True):
    """Who stands for a department code in a region (机构): the police station, the school, the hospital.

    `code` is empty for the one office that takes whatever names no office.
    """

    __tablename__ = "offices"
    __table_args__ = (UniqueConstraint("department", "region", "code"),)

    id: int | None = c.key()
    department: str = c.text()
    region: str = c.text()
    code: str = c.text("")
    name: str = c.text()
    phone: str = c.text("")
    active: bool = True


class Officer(SQLModel, table=True):
    """Somebody who signs in (人员); a person leaves by being made inactive, never by deletion."""

    __tablename__ = "officers"

    id: int | None = c.key()
    username: str = c.Field(unique=True)
    name: str = c.text()
    active: bool = True
    password_hash: str | None = c.text(None, null=True)
    password_temporary: bool = c.Field(False, sa_column_kwargs={"server_default": "false"})
    created_at: datetime = c.moment(null=False)


class Membership(SQLModel, table=True):
    """One role of an officer in one department of one region ("*" every region), perhaps of one office only."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("officer_id", "role", "department", "region", "office"),
        # nulls are distinct before PostgreSQL 15, so that the seat without an office needs an index of its own
        Index(
            "memberships_whole",
            "officer_id",
            "role",
            "department",
            "region",
            unique=True,
            postgresql_where=text("office IS NULL"),
        ),
        Index("memberships_officer", "officer_id"),
        Index("memberships_seat", "department", "region", "role"),
    )

    id: int | None = c.key()
    officer_id: int = c.big(foreign_key="officers.id")
    role: str = c.text()
    department: str = c.text()
    region: str = c.text()
    office: str | None = c.text(None, null=True)


class StandIn(SQLModel, table=True):
    """Who stands in for an absent colleague in a department, and for which days (代理); taken back, never deleted."""

    __tablename__ = "standins"
    __table_args__ = (
        Index("standins_officer", "officer_id", "until_on", postgresql_where=text("revoked_at IS NULL")),
        Index("standins_absent", "absent_id"),
    )

    id: int | None = c.key()
    absent_id: int = c.big(foreign_key="officers.id")
    officer_id: int = c.big(foreign_key="officers.id")
    department: str = c.text()
    from_on: date
    until_on: date
    reason: str = c.text()
    named_by: int = c.big(foreign_key="officers.id")
    named_at: datetime = c.moment(null=False)
    revoked_by: int | None = c.big(null=True, foreign_key="officers.id")
    revoked_at: datetime | None = c.moment()


class Token(SQLModel, table=True):
    """A bearer token (令牌): only its hash is stored; it expires by the machine's clock."""

    __tablename__ = "tokens"
    __table_args__ = (Index("tokens_officer", "officer_id"),)

    hash: bytes = c.Field(primary_key=True)
    officer_id: int = c.big(foreign_key="officers.id")
    created_at: datetime = c.moment(null=False)
    expires_at: datetime = c.moment(null=False)
    revoked_at: datetime | None = c.moment()
