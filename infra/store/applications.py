"""Applications: the head, who filed it, the numbers (申请)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from infra.store.work import APPLICATIONS

_CREATOR = select(APPLICATIONS.c.created_by).where(APPLICATIONS.c.id == bindparam("id"))
_BY_ID = select(APPLICATIONS).where(APPLICATIONS.c.id == bindparam("id"))
_BY_NO = select(APPLICATIONS).where(APPLICATIONS.c.no == bindparam("no"))


def creator(conn: Connection, application_id: int) -> int | None:
    """Return who filed an application."""
    return conn.execute(_CREATOR, {"id": application_id}).scalar()


def by_id(conn: Connection, application_id: int) -> RowMapping:
    """Return an application."""
    return conn.execute(_BY_ID, {"id": application_id}).mappings().one()


def by_no(conn: Connection, no: str) -> RowMapping | None:
    """Return an application by its number; None where there is none."""
    return conn.execute(_BY_NO, {"no": no}).mappings().first()


def change(conn: Connection, application_id: int, **values: Any) -> None:
    """Write corrected facts of an application."""
    conn.execute(
        update(APPLICATIONS)
        .where(APPLICATIONS.c.id == application_id)
        .values(version=APPLICATIONS.c.version + 1, **values)
    )
