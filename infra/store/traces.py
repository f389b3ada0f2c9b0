"""Traces (查阅留痕): who read or revealed what, 个人信息保护法 第51条; the table takes no update and no delete."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from infra.store.work import APPLICATIONS, table
from infra.tables import Trace

TRACES = table(Trace)
_INSERT = insert(TRACES)


def leave(
    conn: Connection,
    *,
    at: datetime,
    officer_id: int | None,
    officer_name: str,
    application_id: int,
    act: str,
    subject: str,
    reason: str = "",
    terminal: str = "",
) -> None:
    """Leave a trace."""
    values: dict[str, Any] = {
        "at": at,
        "officer_id": officer_id,
        "officer_name": officer_name,
        "application_id": application_id,
        "act": act,
        "subject": subject,
        "reason": reason,
        "terminal": terminal,
    }
    conn.execute(_INSERT, values)


def of_regions(
    conn: Connection,
    regions: Collection[str],
    *,
    application: str | None = None,
    officer: str | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[RowMapping]:
    """Return the traces on applications of some regions ("*" all), the newest first."""
    query = select(TRACES, APPLICATIONS.c.no.label("application")).join(
        APPLICATIONS, APPLICATIONS.c.id == TRACES.c.application_id
    )
    if "*" not in regions:
        query = query.where(APPLICATIONS.c.region.in_(sorted(regions)))
    if application is not None:
        query = query.where(APPLICATIONS.c.no == application)
    if officer is not None:
        query = query.where(TRACES.c.officer_name == officer)
    if after is not None:
        query = query.where(TRACES.c.id < after)
    return list(conn.execute(query.order_by(TRACES.c.id.desc()).limit(limit)).mappings())
