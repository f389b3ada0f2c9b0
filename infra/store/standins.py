"""Who stands in for whom (代理): named for some days, taken back, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, text, update

from infra.store.work import table
from infra.tables import StandIn

STANDINS = table(StandIn)
_ROWS = """
SELECT s.*, a.username AS absent_username, a.name AS absent_name, o.username AS officer_username,
       o.name AS officer_name, n.name AS named_by_name, r.name AS revoked_by_name
FROM standins s JOIN officers a ON a.id = s.absent_id JOIN officers o ON o.id = s.officer_id
JOIN officers n ON n.id = s.named_by LEFT JOIN officers r ON r.id = s.revoked_by
"""
_LISTED = text(
    f"{_ROWS} WHERE s.id < :before"
    " AND (CAST(:officer_id AS bigint) IS NULL OR :officer_id IN (s.absent_id, s.officer_id)"
    " OR EXISTS (SELECT 1 FROM memberships m JOIN unnest(CAST(:departments AS text[]), CAST(:regions AS text[]))"
    " seat(department, region) ON m.department = seat.department AND seat.region IN ('*', m.region)"
    " WHERE m.officer_id = s.absent_id AND m.department = s.department))"
    " AND (CAST(:today AS date) IS NULL OR (s.revoked_at IS NULL AND s.until_on >= :today))"
    " ORDER BY s.id DESC LIMIT :limit"
)
_ONE = text(f"{_ROWS} WHERE s.id = :id FOR UPDATE OF s")
_CLASH = text(
    f"{_ROWS} WHERE s.revoked_at IS NULL AND s.from_on <= :until AND s.until_on >= :since"
    " AND (s.absent_id = :absent_id AND s.department = :department OR s.absent_id = :officer_id) ORDER BY s.id LIMIT 1"
)
_LOCK = text("SELECT id FROM officers WHERE id IN (:absent_id, :officer_id) ORDER BY id FOR NO KEY UPDATE")


def listed(
    conn: Connection,
    *,
    officer_id: int | None,
    seats: Sequence[tuple[str, str]] = (),
    today: date | None = None,
    before: int = 2**62,
    limit: int = 50,
) -> Sequence[RowMapping]:
    """Return who stands in for whom, the newest first; of one officer, and not over on a day, where given.

    With the officer's own come those of whoever sits at one of `seats` (department, region, "*" every one).
    """
    values: dict[str, Any] = {"officer_id": officer_id, "today": today, "before": before, "limit": limit}
    values |= {"departments": [seat[0] for seat in seats], "regions": [seat[1] for seat in seats]}
    return conn.execute(_LISTED, values).mappings().all()


def one(conn: Connection, key: int) -> RowMapping | None:
    """Lock one and return it."""
    return conn.execute(_ONE, {"id": key}).mappings().first()


def clash(
    conn: Connection, *, absent_id: int, officer_id: int, department: str, since: date, until: date
) -> RowMapping | None:
    """Return what stands in the way: somebody named already, or the stand-in absent too; both officers are locked."""
    conn.execute(_LOCK, {"absent_id": absent_id, "officer_id": officer_id})
    values = {"absent_id": absent_id, "officer_id": officer_id, "department": department}
    return conn.execute(_CLASH, {**values, "since": since, "until": until}).mappings().first()


def add(conn: Connection, **values: Any) -> int:
    """Add one and return its key."""
    return int(conn.execute(insert(STANDINS).values(**values).returning(STANDINS.c.id)).scalar_one())


def revoke(conn: Connection, key: int, *, by: int, at: datetime) -> None:
    """Note that it is taken back."""
    conn.execute(update(STANDINS).where(STANDINS.c.id == key).values(revoked_by=by, revoked_at=at))
