"""Drafts (暂存): each the officer's own who saved it; no query without that officer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, exists, func, insert, select, tuple_, update

from infra.store.work import table
from infra.tables import Draft

DRAFTS = table(Draft)
_LISTED = [column for column in DRAFTS.c if column.name != "sealed"]


def add(conn: Connection, values: dict[str, Any]) -> None:
    """Keep a new draft."""
    conn.execute(insert(DRAFTS), values)


def change(conn: Connection, officer_id: int, key: str, **values: Any) -> bool:
    """Put other content in place of a draft's; False where the officer has no such draft."""
    query = update(DRAFTS).where(DRAFTS.c.id == key, DRAFTS.c.officer_id == officer_id)
    return conn.execute(query.values(version=DRAFTS.c.version + 1, **values)).rowcount == 1


def one(conn: Connection, officer_id: int, key: str, *, lock: bool = False) -> RowMapping | None:
    """Return an officer's draft, sealed body and all; None where the officer has none of that name."""
    query = select(DRAFTS).where(DRAFTS.c.id == key, DRAFTS.c.officer_id == officer_id)
    return conn.execute(query.with_for_update() if lock else query).mappings().first()


def of_officer(
    conn: Connection, officer_id: int, *, after: Sequence[Any] | None = None, limit: int = 50
) -> list[RowMapping]:
    """Return an officer's drafts without their bodies, the last saved first."""
    query = select(*_LISTED).where(DRAFTS.c.officer_id == officer_id)
    if after is not None:
        query = query.where(tuple_(DRAFTS.c.updated_at, DRAFTS.c.id) < tuple(after))
    query = query.order_by(DRAFTS.c.updated_at.desc(), DRAFTS.c.id.desc()).limit(limit)
    return list(conn.execute(query).mappings())


def count(conn: Connection, officer_id: int) -> int:
    """Return how many drafts an officer keeps."""
    query = select(func.count()).select_from(DRAFTS).where(DRAFTS.c.officer_id == officer_id)
    return int(conn.execute(query).scalar_one())


def remove(conn: Connection, officer_id: int, key: str) -> bool:
    """Take a draft away; False where the officer has none of that name (any more)."""
    return conn.execute(delete(DRAFTS).where(DRAFTS.c.id == key, DRAFTS.c.officer_id == officer_id)).rowcount == 1


def stale(conn: Connection, before: datetime) -> bool:
    """Whether there is a draft that nobody saved since `before`."""
    return bool(conn.execute(select(exists().where(DRAFTS.c.updated_at < before))).scalar_one())


def prune(conn: Connection, before: datetime) -> int:
    """Take away what nobody saved since `before`, and return how many drafts that were."""
    return conn.execute(delete(DRAFTS).where(DRAFTS.c.updated_at < before)).rowcount
